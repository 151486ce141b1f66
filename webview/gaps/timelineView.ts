import { cssOf, mixColors } from '../../src/shared/colors';
import { type CanvasSize, deviceSizeOf } from '../canvas/deviceSize';
import type { Range } from '../canvas/range';
import { Ruler } from '../canvas/ruler';
import { scrollTo, scrollToShow } from '../canvas/viewport';
import { element } from '../elements';
import { onNextFrame } from '../frameScheduler';
import { hasTimeline, type PanelState } from '../state';
import type { Theme } from '../theme';
import { gapAt, readGap } from './gapIndex';
import { drawGaps, drawGround, drawPauses } from './gapPainter';
import { type GapPalette, gapPaletteOf } from './gapPalette';
import type { GapsController } from './gapsController';
import { GapTooltip, type Hovered } from './gapTooltip';
import { LabelWriter } from './labelWriter';
import { drawOverlay } from './overlayPainter';
import { dragRange } from './rangeDrag';
import { rectOf, type Scene, trackHeightPx } from './scene';
import { sliceAt } from './sliceIndex';
import { drawSlices } from './slicePainter';
import { TimelineGutter } from './timelineGutter';
import { TimelineHead } from './timelineHead';
import { TimelineInput } from './timelineInput';
import { TimelineMinimap } from './timelineMinimap';
import { TrackArranger } from './trackArranger';
import { type Track, trackOfLane } from './tracks';

/** A point of the lanes in CSS pixels from their corner. */
interface Point {
  readonly xPx: number;
  readonly yPx: number;
}

/** The timeline: head, strip of the whole run, ruler, and the lanes on two canvases in a scrolling frame. */
export class TimelineView {
  readonly element: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly overlay = element('canvas', {
    class: 'flame-overlay',
    attributes: { 'aria-hidden': 'true' },
  });
  private readonly layers = element('div', { class: 'timeline-canvas' });
  private readonly spacer = element('div', { class: 'flame-spacer' });
  private readonly scroller = element('div', { class: 'timeline-scroller' });
  private readonly body = element('div', { class: 'timeline-body' });
  private readonly head: TimelineHead;
  private readonly minimap: TimelineMinimap;
  private readonly ruler: Ruler;
  private readonly gutter: TimelineGutter;
  private readonly tooltip: GapTooltip;
  private palette: GapPalette;
  private labels: LabelWriter;
  private size: CanvasSize = { width: 0, height: 0, ratio: 1 };
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
    this.minimap = new TimelineMinimap(controller, theme);
    this.ruler = new Ruler(theme);
    this.gutter = new TimelineGutter(controller.panel);
    this.tooltip = new GapTooltip(controller);
    this.canvas = element('canvas', {
      class: 'timeline-lanes',
      attributes: { tabindex: '0', role: 'application', 'aria-label': strings.timelineLabel },
      children: [element('p', { text: strings.timelineFallback })],
    });
    this.element = this.assemble();
    new TimelineInput(this, this.canvas, this.scroller);
    for (const event of ['focus', 'blur']) this.canvas.addEventListener(event, this.requestOverlay);
    this.selectOnRuler();
    this.watchSize();
    controller.panel.store.subscribe((state, previous) => this.follow(state, previous));
    this.showParts(controller.state);
  }

  get tracks(): readonly Track[] {
    return this.arranger.arranged.tracks;
  }

  get widthPx(): number {
    return this.size.width / this.size.ratio;
  }

  get heightPx(): number {
    return this.size.height / this.size.ratio;
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
  hitAt({ xPx, yPx }: Point): Hovered | undefined {
    const { index, viewport, state } = this.controller;
    const track = this.tracks[Math.floor((yPx + viewport.scrollTopPx) / trackHeightPx)];
    if (!index || track?.kind !== 'lane' || this.widthPx === 0) return undefined;
    const nsPerPx = (viewport.endNs - viewport.startNs) / this.widthPx;
    const at = { ns: viewport.startNs + xPx * nsPerPx, toleranceNs: nsPerPx * 2 };
    const found = state.gaps ? gapAt(state.gaps, track.lane, at) : -1;
    const gap = state.gaps ? readGap(state.gaps, found) : undefined;
    if (gap) return { kind: 'gap', gap };
    const slice = sliceAt(index, track.row, at);
    return slice < 0 ? undefined : { kind: 'slice', index, slice, lane: track.lane };
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
    this.showHovered({ kind: 'gap', gap }, rectOf(scene, track, gap).x / this.size.ratio);
  }

  /** Follows the scroll bar. */
  scrolled(): void {
    const { viewport } = this.controller;
    const { scrollTop } = this.scroller;
    if (Math.abs(scrollTop - viewport.scrollTopPx) < 1) return;
    this.hover(undefined);
    this.controller.lookAt({ ...viewport, scrollTopPx: scrollTop });
  }

  scrollBy(deltaPx: number): void {
    const { viewport } = this.controller;
    const height = { contentPx: this.contentPx, viewPx: this.heightPx };
    const scrolled = scrollTo(viewport, viewport.scrollTopPx + deltaPx, height);
    if (scrolled.scrollTopPx !== viewport.scrollTopPx) this.controller.lookAt(scrolled);
  }

  private get contentPx(): number {
    return this.tracks.length * trackHeightPx;
  }

  private assemble(): HTMLElement {
    const { strings } = this.controller.state;
    const line = (name: string, content: HTMLElement): HTMLElement =>
      element('div', {
        class: 'timeline-line',
        children: [element('div', { class: 'timeline-gutter', text: name }), content],
      });
    this.layers.append(this.canvas, this.overlay);
    const sticky = element('div', { class: 'timeline-layers', children: [this.gutter.element, this.layers] });
    this.scroller.append(sticky, this.spacer);
    this.body.append(
      line(strings.wholeRun, this.minimap.element),
      line('', this.ruler.element),
      this.scroller,
    );
    return element('section', {
      class: 'timeline',
      attributes: { 'aria-label': strings.timeline },
      children: [this.head.element, this.body, this.tooltip.element],
    });
  }

  private selectOnRuler(): void {
    dragRange(this.ruler.element, {
      start: () => true,
      nsAt: event => {
        const { viewport } = this.controller;
        const bounds = this.ruler.element.getBoundingClientRect();
        const part = Math.min(1, Math.max(0, (event.clientX - bounds.left) / Math.max(1, bounds.width)));
        return viewport.startNs + part * (viewport.endNs - viewport.startNs);
      },
      onDraft: range => {
        this.draft = range;
        this.requestOverlay();
      },
      onDone: range => this.controller.setRange(range),
    });
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
    this.element.hidden = !hasTimeline(state.summary);
    this.body.hidden = !state.isTimelineOpen;
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
    this.fitScroller();
    this.gutter.draw(tracks, this.controller.viewport.scrollTopPx, this.heightPx);
    const scene = this.scene();
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context || this.size.width === 0) return;
    context.fillStyle = this.palette.background;
    context.fillRect(0, 0, this.size.width, this.size.height);
    if (scene) {
      this.labels.begin(context, this.size);
      drawGround(context, scene, cssOf(mixColors(this.theme.background, this.theme.foreground, 0.07)));
      drawSlices(context, scene, this.labels);
      drawGaps(context, scene, this.labels);
      drawPauses(context, scene);
    }
    this.paintOverlay();
    this.minimap.draw();
    this.ruler.draw(this.controller.viewport, 'nanoseconds');
  }

  private paintOverlay(): void {
    const scene = this.scene();
    const context = this.overlay.getContext('2d');
    if (!context || !scene || this.size.width === 0) return;
    const { state, gap } = this.controller;
    drawOverlay(context, scene, {
      theme: this.theme,
      marks: {
        range: this.draft ?? state.range,
        chosenGroup: state.chosenGap.group,
        chosen: gap,
        hovered: this.hovered && this.rectOfHovered(scene, this.hovered),
        hasFocus: document.activeElement === this.canvas,
      },
    });
  }

  private scene(): Scene | undefined {
    const { index, viewport, state } = this.controller;
    if (!index) return undefined;
    const { tracks, size, palette } = this;
    const { gaps, strings } = state;
    return { index, gaps, tracks, viewport, size, frames: this.theme.frames, palette, strings };
  }

  private showHovered(hovered: Hovered | undefined, xPx: number): void {
    const isSame =
      this.hovered === hovered || (hovered && this.hovered && isSameThing(hovered, this.hovered));
    this.hovered = hovered;
    this.canvas.style.cursor = hovered ? 'pointer' : 'default';
    if (!isSame) this.requestOverlay();
    const scene = this.scene();
    if (!hovered || !scene) {
      this.tooltip.hide();
      return;
    }
    const rect = this.rectOfHovered(scene, hovered);
    const corner = this.layers.getBoundingClientRect();
    const home = this.element.getBoundingClientRect();
    const topPx = corner.top - home.top + rect.y / this.size.ratio;
    this.tooltip.show(hovered, {
      xPx: corner.left - home.left + xPx,
      frameTopPx: topPx,
      frameBottomPx: topPx + rect.height / this.size.ratio,
    });
  }

  private rectOfHovered(scene: Scene, hovered: Hovered): ReturnType<typeof rectOf> {
    if (hovered.kind === 'gap') return rectOf(scene, trackOfLane(this.tracks, hovered.gap.lane), hovered.gap);
    const { slices } = hovered.index.view;
    const span = { startNs: slices.startNs[hovered.slice] ?? 0, endNs: slices.endNs[hovered.slice] ?? 0 };
    return rectOf(scene, trackOfLane(this.tracks, hovered.lane), span);
  }

  /** Makes room for the lanes, and the scroll bar stand where the viewport stands. */
  private fitScroller(): void {
    const height = `${this.contentPx}px`;
    if (this.scroller.style.getPropertyValue('--lanes') !== height)
      this.scroller.style.setProperty('--lanes', height);
    const spare = `${Math.max(0, this.contentPx - this.heightPx)}px`;
    if (this.spacer.style.height !== spare) this.spacer.style.height = spare;
    const { scrollTopPx } = this.controller.viewport;
    if (Math.abs(this.scroller.scrollTop - scrollTopPx) >= 1) this.scroller.scrollTop = scrollTopPx;
  }

  private watchSize(): void {
    new ResizeObserver(entries => {
      this.size = deviceSizeOf(this.layers, entries[0]);
      const { width, height } = this.size;
      for (const canvas of [this.canvas, this.overlay]) Object.assign(canvas, { width, height });
      this.body.style.setProperty('--bar', `${this.scroller.offsetWidth - this.scroller.clientWidth}px`);
      this.controller.setWidth(width);
      this.draw();
    }).observe(this.layers, { box: 'device-pixel-content-box' });
  }
}

function isSameThing(one: Hovered, other: Hovered): boolean {
  if (one.kind === 'gap') return other.kind === 'gap' && one.gap.index === other.gap.index;
  return other.kind === 'slice' && one.slice === other.slice && one.index === other.index;
}
