/** A canvas's size in device pixels, and how many of them make a CSS pixel. */
export interface CanvasSize {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** The browser's exact size in device pixels; the rounded product where it reports another (emulated screens). */
export function deviceSizeOf(layers: HTMLElement, entry: ResizeObserverEntry | undefined): CanvasSize {
  const ratio = window.devicePixelRatio || 1;
  const exact = entry?.devicePixelContentBoxSize?.[0];
  const pick = (exactPx: number | undefined, cssPx: number): number => {
    const rounded = Math.round(cssPx * ratio);
    return exactPx !== undefined && Math.abs(exactPx - rounded) <= 2 ? exactPx : rounded;
  };
  return {
    width: pick(exact?.inlineSize, layers.clientWidth),
    height: pick(exact?.blockSize, layers.clientHeight),
    ratio,
  };
}
