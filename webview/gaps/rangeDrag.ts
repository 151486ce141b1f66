import type { Range } from '../canvas/range';

/** A press that moves less than this is no selection. */
const leastDragPx = 4;

/**
 * Lets a stretch of time be dragged out on an element. `start` may refuse a press by answering false; `onDraft` follows
 * the pointer, `onDone` gets the stretch when it is let go. A drag that is broken off ends with a draft of null.
 */
export function dragRange(
  target: HTMLElement,
  on: {
    start(event: PointerEvent): boolean;
    nsAt(event: PointerEvent): number;
    onDraft(range: Range | null): void;
    onDone(range: Range): void;
  },
): void {
  let grip: { readonly atNs: number; readonly xPx: number } | undefined;
  let draft: Range | null = null;
  const end = (): void => {
    grip = undefined;
    draft = null;
    on.onDraft(null);
  };
  target.addEventListener('pointerdown', event => {
    if (event.button !== 0 || !on.start(event)) return;
    target.setPointerCapture(event.pointerId);
    grip = { atNs: on.nsAt(event), xPx: event.clientX };
  });
  target.addEventListener('pointermove', event => {
    if (!grip || (draft === null && Math.abs(event.clientX - grip.xPx) < leastDragPx)) return;
    const atNs = on.nsAt(event);
    draft = { startNs: Math.min(atNs, grip.atNs), endNs: Math.max(atNs, grip.atNs) };
    on.onDraft(draft);
  });
  target.addEventListener('pointerup', () => {
    const done = draft;
    end();
    if (done && done.endNs > done.startNs) on.onDone(done);
  });
  target.addEventListener('pointercancel', end);
}
