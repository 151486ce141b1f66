import type { Range } from '../canvas/range';
import type { GapsController } from './gapsController';
import { dragRange } from './rangeDrag';

/** Lets a stretch of time be dragged out on the ruler; `onDraft` hears of it on the way. */
export function selectOnRuler(
  ruler: HTMLElement,
  controller: GapsController,
  onDraft: (range: Range | null) => void,
): void {
  dragRange(ruler, {
    start: () => true,
    nsAt: event => {
      const { viewport } = controller;
      const bounds = ruler.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (event.clientX - bounds.left) / Math.max(1, bounds.width)));
      return viewport.startNs + part * (viewport.endNs - viewport.startNs);
    },
    onDraft,
    onDone: range => controller.setRange(range),
  });
}
