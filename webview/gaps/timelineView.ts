import type { Range } from '../canvas/range';
import { Ruler } from '../canvas/ruler';
import { scrollTo, scrollToShow } from '../canvas/viewport';
import { element } from '../elements';
import { onNextFrame } from '../frameScheduler';
import { hasTimeline, type PanelState } from '../state';
import type { Theme } from '../theme';
import { type GapPalette, gapPaletteOf } from './gapPalette';
import type { GapsController } from './gapsController';
import { GapTooltip } from './gapTooltip';
import { LabelWriter } from './labelWriter';
import { LaneFrame } from './laneFrame';
import { paintLanes } from './lanePainter';
import { drawOverlay } from './overlayPainter';
import { selectOnRuler } from './rulerSelection';
import { rectOf, type Scene, trackHeightPx } from './scene';
import { TimelineGutter } from './timelineGutter';
import { TimelineHead } from './timelineHead';
import {
  type Hovered,
  type HoveredSlice,
  hitAt,
  isSameThing,
  type Point,
  rectOfHovered,
  sliceUnder,
} from './timelineHits';
import { TimelineInput } from './timelineInput';
import { TimelineMinimap } from './timelineMinimap';
import { TimelineNote } from './timelineNote';
import { TrackArranger } from './trackArranger';
import { type Track, trackOfLane } from './tracks';

/** The timeline: head, strip of the whole run, ruler, and the lanes; or why there is none. */
export class TimelineView {
  readonly element: HTMLElement;
  private readonly body = element('div', { class: 'timeline-body' });
  private readonly frame: LaneFrame;
  private readonly head: TimelineHead;
  private readonly note: TimelineNote;
  private readonly minimap: TimelineMinimap;
  private readonly ruler: Ruler;
  private readonly gutter: TimelineGutter;
  private readonly tooltip: GapTooltip;
  private palette: GapPalette;
  private labels: LabelWriter;
  private readonly arranger = new TrackArranger();
  private hovered: Hovered | undefined;
  private draft: Range | null = null;
  private readonly requestDraw = onNextFrame(() => this.draw());
  private readonly requestOverlay = onNextFrame(() => this.paintOverlay());

  constructor(
    readonly controller: GapsController,
    private theme: Theme,
  ) {
    const { strings } = controller.state;
    this.palette = gapPaletteOf(theme);
    this.labels = new LabelWriter(theme.uiFont);
    this.head = new TimelineHead(controller, theme);
    this.note = new TimelineNote(controller.panel);
    this.minimap = new TimelineMinimap(controller, theme);
    this.ruler = new Ruler(theme);
    this.gutter = new TimelineGutter(controller.panel);
    this.tooltip = new GapTooltip(controller);
    const texts = { label: strings.timelineLabel, fallback: strings.timelineFallback };
    this.frame = new LaneFrame(this.gutter.element, texts);
    this.element = this.assemble();
    new TimelineInput(this, this.frame.canvas, this.frame.element);
    for (const event of ['focus', 'blur']) this.frame.canvas.addEventListener(event, this.requestOverlay);
    selectOnRuler(this.ruler.element, controller, range => {
      this.draft = range;
      this.requestOverlay();
    });
    this.frame.watchSize(() => this.resized());
    controller.panel.store.subscribe((state, previous) => this.follow(state, previous));
    this.showParts(controller.state);
  }

  get tracks(): readonly Track[] {
    return this.arranger.arranged.tracks;
  }

  get widthPx(): number {
    return this.frame.widthPx;
  }

  get heightPx(): number {
    return this.frame.heightPx;
  }

  /** Repaints in new colours. */
  setTheme(theme: Theme): void {
    this.theme = theme;
    this.palette = gapPaletteOf(theme);
    this.labels = new LabelWriter(theme.uiFont);
    this.head.setTheme(theme);
    this.minimap.setTheme(theme);
    this.ruler.setTheme(theme);
    this.requestDraw();
  }

  /** The gap, else the slice, under a point. */
  hitAt(point: Point): Hovered | undefined {
    const scene = this.scene();
    return scene && hitAt(scene, point);
  }

  /** The slice under a point, whatever gap lies over it. */
  sliceUnder(point: Point): HoveredSlice | undefined {
    const scene = this.scene();
    return scene && sliceUnder(scene, point);
  }

  /** Marks what is under a point and shows what is known of it; undefined unmarks. */
  hover(point: Point | undefined): void {
    this.showHovered(point && this.hitAt(point), point?.xPx ?? 0);
  }

  /** Shows the tooltip at the gap that the keyboard is on. */
  hoverChosen(): void {
    const { gap } = this.controller;
    const scene = this.scene();
    if (!gap || !scene) return;
    const track = trackOfLane(this.tracks, gap.lane);
    this.showHovered({ kind: 'gap', gap }, rectOf(scene, track, gap).x / scene.size.ratio);
  }

  /** Follows the scroll bar. */
  scrolled(): void {
    const { viewport } = this.controller;
    const { scrollTop } = this.frame.element;
    if (Math.abs(scrollTop - viewport.scrollTopPx) < 1) return;
    this.hover(undefined);
    this.controller.lookAt({ ...viewport, scrollTopPx: scrollTop });
  }

  scrollBy(deltaPx: number): void {
    const { viewport } = this.controller;
    const height = { contentPx: this.tracks.length * trackHeightPx, viewPx: this.heightPx };
    const scrolled = scrollTo(viewport, viewport.scrollTopPx + deltaPx, height);
    if (scrolled.scrollTopPx !== viewport.scrollTopPx) this.controller.lookAt(scrolled);
  }

  private assemble(): HTMLElement {
    const { strings } = this.controller.state;
    const line = (name: string, content: HTMLElement): HTMLElement =>
      element('div', {
        class: 'timeline-line',
        children: [element('div', { class: 'timeline-gutter', text: name }), content],
      });
    this.body.append(
      line(strings.wholeRun, this.minimap.element),
      line('', this.ruler.element),
      this.frame.element,
    );
    return element('section', {
      class: 'timeline',
      attributes: { 'aria-label': strings.timeline },
      children: [this.head.element, this.note.element, this.body, this.tooltip.element],
    });
  }

  private resized(): void {
    this.body.style.setProperty('--bar', `${this.frame.scrollBarPx}px`);
    this.controller.setWidth(this.frame.size.width);
    this.draw();
  }

  private follow(state: PanelState, previous: PanelState): void {
    if (state.summary !== previous.summary || state.isTimelineOpen !== previous.isTimelineOpen)
      this.showParts(state);
    const isPainted =
      state.timeline !== previous.timeline ||
      state.timelineViewport !== previous.timelineViewport ||
      state.gaps !== previous.gaps ||
      state.areAllTasksShown !== previous.areAllTasksShown ||
      state.isTimelineOpen !== previous.isTimelineOpen ||
      state.range !== previous.range;
    if (state.timeline !== previous.timeline || state.gaps !== previous.gaps) this.hover(undefined);
    if (isPainted || state.chosenGap !== previous.chosenGap) this.requestDraw();
    if (state.chosenGap !== previous.chosenGap) this.scrollToChosen();
  }

  private showParts(state: PanelState): void {
    const isThere = hasTimeline(state.summary);
    this.head.element.hidden = !isThere;
    this.body.hidden = !isThere || !state.isTimelineOpen;
    this.element.classList.toggle('is-collapsed', !state.isTimelineOpen);
  }

  private scrollToChosen(): void {
    const { gap, viewport } = this.controller;
    const track = gap ? trackOfLane(this.arrange(), gap.lane) : -1;
    if (track < 0 || this.heightPx === 0) return;
    const row = { topPx: track * trackHeightPx, heightPx: trackHeightPx };
    this.scrollBy(scrollToShow(row, viewport.scrollTopPx, this.heightPx) - viewport.scrollTopPx);
  }

  private arrange(): readonly Track[] {
    const { tracks, taskCount } = this.arranger.arrange(this.controller.state, this.controller.gap);
    this.head.showTasks(taskCount);
    return tracks;
  }

  private draw(): void {
    const tracks = this.arrange();
    const { viewport, state } = this.controller;
    this.frame.fit(tracks.length, viewport.scrollTopPx);
    this.gutter.draw(tracks, { scrollTopPx: viewport.scrollTopPx, heightPx: this.heightPx });
    const context = this.frame.canvas.getContext('2d', { alpha: false });
    if (!context || this.frame.size.width === 0) return;
    paintLanes(context, this.scene(), { theme: this.theme, palette: this.palette, labels: this.labels });
    this.paintOverlay();
    this.minimap.draw();
    if (state.isTimelineOpen) this.ruler.draw(viewport, 'nanoseconds');
  }

  private paintOverlay(): void {
    const scene = this.scene();
    const context = this.frame.overlay.getContext('2d');
    if (!context || !scene || scene.size.width === 0) return;
    const { state, gap } = this.controller;
    drawOverlay(context, scene, {
      theme: this.theme,
      marks: {
        range: this.draft ?? state.range,
        chosenGroup: state.chosenGap.group,
        chosen: gap,
        hovered: this.hovered && rectOfHovered(scene, this.hovered),
        hoveredGap: this.hovered?.kind === 'gap' ? this.hovered.gap : undefined,
        hasFocus: document.activeElement === this.frame.canvas,
      },
    });
  }

  private scene(): Scene | undefined {
    const { index, viewport, state } = this.controller;
    if (!index) return undefined;
    const { tracks, palette } = this;
    const { gaps, strings } = state;
    const { size } = this.frame;
    return { index, gaps, tracks, viewport, size, frames: this.theme.frames, palette, strings };
  }

  private showHovered(hovered: Hovered | undefined, xPx: number): void {
    const isSame = isSameThing(hovered, this.hovered);
    this.hovered = hovered;
    this.frame.canvas.style.cursor = hovered ? 'pointer' : 'default';
    if (!isSame) this.requestOverlay();
    const scene = this.scene();
    if (!hovered || !scene) {
      this.tooltip.hide();
      return;
    }
    const rect = rectOfHovered(scene, hovered);
    const corner = this.frame.layers.getBoundingClientRect();
    const home = this.element.getBoundingClientRect();
    const topPx = corner.top - home.top + rect.y / scene.size.ratio;
    this.tooltip.show(hovered, {
      xPx: corner.left - home.left + xPx,
      frameTopPx: topPx,
      frameBottomPx: topPx + rect.height / scene.size.ratio,
    });
  }
}
