/** A canvas cleared for drawing, in device pixels. */
export interface FittedCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** Gives a canvas the device pixels of its element and clears it; undefined while it has no size. */
export function fitCanvas(canvas: HTMLCanvasElement, element: HTMLElement): FittedCanvas | undefined {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(element.clientWidth * ratio);
  const height = Math.round(element.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context || width === 0) return undefined;
  context.clearRect(0, 0, width, height);
  return { context, width, height, ratio };
}
