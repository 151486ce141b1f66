import { dragPan } from '../canvas/dragPan';
import { moveByKey } from '../canvas/moveKeys';
import { wheelZoom } from '../canvas/wheelZoom';
import { gapsIn } from './gapIndex';
import type { TimelineView } from './timelineView';

/** Mouse, wheel and keys of the lanes. Keys that work everywhere in the panel are in `panelKeys.ts`. */
export class TimelineInput {
  constructor(
    private readonly view: TimelineView,
    canvas: HTMLCanvasElement,
    scroller: HTMLElement,
  ) {
    dragPan(canvas, {
      hover: event => view.hover(event && pointOf(event)),
      panBy: (xPx, yPx) => this.panBy(xPx, yPx),
      click: event => this.clicked(event),
    });
    wheelZoom(scroller, canvas, {
      zoom: (factor, anchor) => view.controller.zoom(factor, anchor),
      panBy: xPx => this.panBy(xPx, 0),
      turned: () => view.hover(undefined),
    });
    canvas.addEventListener('dblclick', event => this.doubleClicked(event));
    canvas.addEventListener('keydown', event => this.keyPressed(event));
    canvas.addEventListener('blur', () => view.hover(undefined));
    scroller.addEventListener('scroll', () => view.scrolled());
  }

  private panBy(xPx: number, yPx: number): void {
    const { view } = this;
    if (xPx !== 0) view.controller.panBy(xPx / Math.max(1, view.widthPx));
    if (yPx !== 0) view.scrollBy(yPx);
  }

  private clicked(event: PointerEvent): void {
    const point = pointOf(event);
    const hit = this.view.hitAt(point);
    const takeFocus = event.ctrlKey || event.metaKey;
    const { controller } = this.view;
    if (!hit) controller.clearGap();
    if (hit?.kind === 'gap' && controller.open(hit.gap.index, takeFocus)) return;
    const slice = this.view.sliceUnder(point);
    if (slice) controller.revealSlice(slice.slice, takeFocus);
  }

  private doubleClicked(event: MouseEvent): void {
    const hit = this.view.hitAt(pointOf(event));
    if (hit?.kind === 'gap') this.view.controller.fit(hit.gap);
    else if (!hit) this.view.controller.fitOut();
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
    return key === ' ' && controller.narrow();
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
    const { widthPx, heightPx, controller } = this.view;
    return moveByKey(key, {
      widthPx,
      heightPx,
      zoom: factor => controller.zoom(factor, this.keyAnchor()),
      fitOut: () => controller.fitOut(),
      panBy: (xPx, yPx) => this.panBy(xPx, yPx),
    });
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

function pointOf({ offsetX, offsetY }: MouseEvent): { xPx: number; yPx: number } {
  return { xPx: offsetX, yPx: offsetY };
}
