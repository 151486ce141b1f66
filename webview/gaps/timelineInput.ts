import { gapsIn } from './gapIndex';
import type { TimelineView } from './timelineView';

/** A press that moves further than this is a drag, not a click. */
const dragThresholdPx = 4;

/** Mouse, wheel and keys of the lanes. Keys that work everywhere in the panel are in `panelKeys.ts`. */
export class TimelineInput {
  private drag: { xPx: number; yPx: number; isMoving: boolean } | undefined;

  constructor(
    private readonly view: TimelineView,
    private readonly canvas: HTMLCanvasElement,
    scroller: HTMLElement,
  ) {
    canvas.addEventListener('pointerdown', event => this.pressed(event));
    canvas.addEventListener('pointermove', event => this.moved(event));
    canvas.addEventListener('pointerup', event => this.released(event));
    canvas.addEventListener('pointerleave', () => view.hover(undefined));
    canvas.addEventListener('dblclick', event => this.doubleClicked(event));
    canvas.addEventListener('keydown', event => this.keyPressed(event));
    canvas.addEventListener('blur', () => view.hover(undefined));
    scroller.addEventListener('wheel', event => this.wheeled(event), { passive: false });
    scroller.addEventListener('scroll', () => view.scrolled());
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.drag = { xPx: event.clientX, yPx: event.clientY, isMoving: false };
  }

  private moved(event: PointerEvent): void {
    const { drag, view } = this;
    if (!drag) {
      view.hover({ xPx: event.offsetX, yPx: event.offsetY });
      return;
    }
    const isFar = Math.hypot(event.clientX - drag.xPx, event.clientY - drag.yPx) > dragThresholdPx;
    if (!drag.isMoving && !isFar) return;
    if (!drag.isMoving) this.canvas.setPointerCapture(event.pointerId);
    view.hover(undefined);
    this.canvas.style.cursor = 'grabbing';
    view.controller.panBy((drag.xPx - event.clientX) / Math.max(1, view.widthPx));
    view.scrollBy(drag.yPx - event.clientY);
    this.drag = { xPx: event.clientX, yPx: event.clientY, isMoving: true };
  }

  private released(event: PointerEvent): void {
    const wasDragging = this.drag?.isMoving ?? true;
    this.drag = undefined;
    this.canvas.style.cursor = 'default';
    if (wasDragging || event.button !== 0) return;
    const hit = this.view.hitAt({ xPx: event.offsetX, yPx: event.offsetY });
    const takeFocus = event.ctrlKey || event.metaKey;
    const { controller } = this.view;
    if (hit?.kind === 'gap') controller.open(hit.gap.index, takeFocus);
    else if (hit) controller.revealSlice(hit.slice, takeFocus);
    else controller.clearGap();
  }

  private doubleClicked(event: MouseEvent): void {
    const hit = this.view.hitAt({ xPx: event.offsetX, yPx: event.offsetY });
    if (hit?.kind === 'gap') this.view.controller.fit(hit.gap);
    else if (!hit) this.view.controller.fitOut();
  }

  private wheeled(event: WheelEvent): void {
    const { view } = this;
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const bounds = this.canvas.getBoundingClientRect();
      const anchor = (event.clientX - bounds.left) / Math.max(1, bounds.width);
      const turned = Math.max(-200, Math.min(200, event.deltaY * ([1, 20, 200][event.deltaMode] ?? 1)));
      view.controller.zoom(Math.exp(turned / 300), Math.min(1, Math.max(0, anchor)));
    } else if (isSideways) {
      event.preventDefault();
      view.controller.panBy((event.deltaX || event.deltaY) / Math.max(1, view.widthPx));
    }
    view.hover(undefined);
  }

  private keyPressed(event: KeyboardEvent): void {
    const isWithModifier = event.ctrlKey || event.metaKey;
    if (event.altKey) return;
    const isHandled = isWithModifier
      ? event.key === 'Enter' && this.enter(true)
      : this.walkKey(event.key) || this.actionKey(event.key) || this.moveKey(event.key);
    if (!isHandled) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private enter(takeFocus: boolean): boolean {
    const { gap } = this.view.controller;
    if (!gap) return false;
    this.view.controller.open(gap.index, takeFocus);
    return true;
  }

  private actionKey(key: string): boolean {
    const { controller } = this.view;
    if (key === 'Enter') return this.enter(false);
    if (key === 'Escape') return controller.unwind();
    if (key !== ' ' || !controller.gap) return false;
    controller.narrowToGap();
    return true;
  }

  /** Sideways along the lane, up and down to the nearest gap of the next lane that has one. */
  private walkKey(key: string): boolean {
    const { controller } = this.view;
    const isSideways = key === 'ArrowLeft' || key === 'ArrowRight';
    if (!isSideways && key !== 'ArrowUp' && key !== 'ArrowDown') return false;
    const direction = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1;
    if (!controller.gap) controller.step(1);
    else if (isSideways) this.walkAlong(direction);
    else this.walkAcross(direction);
    this.view.hoverChosen();
    return true;
  }

  private walkAlong(direction: 1 | -1): void {
    const { controller } = this.view;
    const { gaps } = controller.state;
    const { gap } = controller;
    const lane = gap && gaps?.byLane.get(gap.lane)?.gaps;
    const next = lane?.[lane.indexOf(gap?.index ?? -1) + direction];
    if (next !== undefined) controller.choose(next);
    else controller.panel.announce(controller.state.strings.noMoreGaps);
  }

  private walkAcross(direction: 1 | -1): void {
    const { controller, tracks } = this.view;
    const { gap } = controller;
    const { gaps } = controller.state;
    if (!gap || !gaps) return;
    const here = tracks.findIndex(track => track.kind === 'lane' && track.lane === gap.lane);
    for (let at = here + direction; at >= 0 && at < tracks.length; at += direction) {
      const track = tracks[at];
      if (track?.kind !== 'lane') continue;
      const all = [...gapsIn(gaps, track.lane, { startNs: 0, endNs: Number.POSITIVE_INFINITY })];
      const { startNs } = gaps.view.gaps;
      const farOf = (index: number): number => Math.abs((startNs[index] ?? 0) - gap.startNs);
      if (all.length === 0) continue;
      controller.choose(all.reduce((best, index) => (farOf(index) < farOf(best) ? index : best)));
      return;
    }
  }

  private moveKey(key: string): boolean {
    const { view } = this;
    const { controller } = view;
    const actions: Readonly<Record<string, () => void>> = {
      w: () => controller.zoom(0.7, this.keyAnchor()),
      s: () => controller.zoom(1 / 0.7, this.keyAnchor()),
      '+': () => controller.zoom(0.7, this.keyAnchor()),
      '=': () => controller.zoom(0.7, this.keyAnchor()),
      '-': () => controller.zoom(1 / 0.7, this.keyAnchor()),
      '0': () => controller.fitOut(),
      a: () => controller.panBy(-1 / 6),
      d: () => controller.panBy(1 / 6),
      PageDown: () => view.scrollBy(view.heightPx * 0.9),
      PageUp: () => view.scrollBy(-view.heightPx * 0.9),
      Home: () => view.scrollBy(-1e9),
      End: () => view.scrollBy(1e9),
    };
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    action?.();
    return action !== undefined;
  }

  /** Keys zoom at the chosen gap, or in the middle. */
  private keyAnchor(): number {
    const { gap, viewport } = this.view.controller;
    if (!gap) return 0.5;
    const { startNs, endNs } = viewport;
    const anchor = ((gap.startNs + gap.endNs) / 2 - startNs) / (endNs - startNs);
    return anchor >= 0 && anchor <= 1 ? anchor : 0.5;
  }
}
