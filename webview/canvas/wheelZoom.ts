/** What the wheel does on a picture. */
export interface WheelTargets {
  /** `anchor` is the part of the picture's width at which the pointer stands. */
  zoom(factor: number, anchor: number): void;
  panBy(xPx: number): void;
  /** Whatever it does, what was under the pointer is there no more. */
  turned(): void;
}

/** With Ctrl or Cmd the wheel zooms at the pointer, with Shift it moves sideways, else the frame scrolls. */
export function wheelZoom(scroller: HTMLElement, canvas: HTMLCanvasElement, on: WheelTargets): void {
  const turned = (event: WheelEvent): void => {
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const bounds = canvas.getBoundingClientRect();
      const anchor = (event.clientX - bounds.left) / Math.max(1, bounds.width);
      on.zoom(Math.exp(clampWheel(event) / 300), Math.min(1, Math.max(0, anchor)));
    } else if (isSideways) {
      event.preventDefault();
      on.panBy(event.deltaX || event.deltaY);
    }
    on.turned();
  };
  scroller.addEventListener('wheel', turned, { passive: false });
}

/** Wheels that count in lines or pages move as far as those that count in pixels. */
function clampWheel(event: WheelEvent): number {
  const unitPx = [1, 20, 200][event.deltaMode] ?? 1;
  return Math.max(-200, Math.min(200, event.deltaY * unitPx));
}
