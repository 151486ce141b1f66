/** A press that moves further than this is a drag, not a click. */
const dragThresholdPx = 4;

/** What the pointer does on a picture. */
export interface PointerTargets {
  /** Undefined: it is on nothing any more. */
  hover(event: PointerEvent | undefined): void;
  panBy(xPx: number, yPx: number): void;
  click(event: PointerEvent): void;
}

/** Lets a picture be moved with the pointer and clicked, and says what the pointer is on. */
export function dragPan(canvas: HTMLCanvasElement, on: PointerTargets): void {
  let drag: { xPx: number; yPx: number; isMoving: boolean } | undefined;
  canvas.addEventListener('pointerdown', event => {
    if (event.button === 0) drag = { xPx: event.clientX, yPx: event.clientY, isMoving: false };
  });
  canvas.addEventListener('pointermove', event => {
    if (!drag) {
      on.hover(event);
      return;
    }
    const isFar = Math.hypot(event.clientX - drag.xPx, event.clientY - drag.yPx) > dragThresholdPx;
    if (!drag.isMoving && !isFar) return;
    if (!drag.isMoving) canvas.setPointerCapture(event.pointerId);
    on.hover(undefined);
    canvas.style.cursor = 'grabbing';
    on.panBy(drag.xPx - event.clientX, drag.yPx - event.clientY);
    drag = { xPx: event.clientX, yPx: event.clientY, isMoving: true };
  });
  canvas.addEventListener('pointerup', event => {
    const wasDragging = drag?.isMoving ?? true;
    drag = undefined;
    canvas.style.cursor = 'default';
    if (!wasDragging && event.button === 0) on.click(event);
  });
  canvas.addEventListener('pointerleave', () => on.hover(undefined));
}
