import { ViewportMotion } from '../canvas/motion';
import { cutTo, type Range } from '../canvas/range';
import { fitRange, isWhole, panBy, type Viewport, wholeOf, zoomAt } from '../canvas/viewport';
import type { PanelController } from '../controller';
import { laneName } from '../frameTexts';
import { hasTimeline, isFirstServed, noGap, type PanelState } from '../state';
import { type Gap, groupOf, listedFrom, longestOf, readGap } from './gapIndex';
import { spokenGap, spokenGroup } from './gapTexts';
import type { SliceIndex } from './sliceIndex';
import type { TimelinePicture, TimelineSource } from './timelineSource';

/** A gap that is looked at takes about this part of the timeline when it was too narrow to be seen. */
const gapPart = 1 / 6;
/** Narrower than this part, a gap cannot be seen. */
const visiblePart = 1 / 120;

/** What the user can do with the timeline and the gaps. */
export class GapsController {
  private readonly motion: ViewportMotion;
  private widthDevicePx = 0;
  /** A group that is to be shown when the gaps are here, -1 none. */
  private wantedGroup = -1;

  constructor(
    readonly panel: PanelController,
    private readonly source: TimelineSource,
  ) {
    this.motion = new ViewportMotion(timelineViewport => panel.store.patch({ timelineViewport }));
    panel.store.subscribe((state, previous) => {
      if (state.summary?.runId !== previous.summary?.runId)
        panel.store.patch({ timeline: { overview: null, detail: null } });
      if (state.gaps !== previous.gaps) this.showWanted();
      this.fetchPictures();
    });
  }

  get state(): PanelState {
    return this.panel.state;
  }

  get totalNs(): number {
    return this.state.timeline.overview?.view.totalNs ?? this.state.summary?.durationNs ?? 0;
  }

  get viewport(): Viewport {
    return this.state.timelineViewport ?? wholeOf(this.totalNs);
  }

  get isZoomed(): boolean {
    return !isWhole(this.viewport, this.totalNs);
  }

  /** The finest picture of the part in view. */
  get index(): SliceIndex | null {
    const { overview, detail } = this.state.timeline;
    const { startNs, endNs } = this.viewport;
    const isDetailed = detail && startNs >= detail.startNs - 1 && endNs <= detail.endNs + 1;
    return isDetailed ? detail.index : overview;
  }

  /** The gap that is chosen. */
  get gap(): Gap | undefined {
    const { gaps, chosenGap } = this.state;
    return gaps ? readGap(gaps, chosenGap.gap) : undefined;
  }

  /** Takes a picture from the source. */
  takePicture({ isWhole: isOverview, index, startNs, endNs }: TimelinePicture): void {
    const { timeline } = this.state;
    const detail = isOverview ? null : { index, startNs, endNs };
    this.panel.store.patch({ timeline: { overview: isOverview ? index : timeline.overview, detail } });
  }

  /** Says how wide the picture is, so that it is fetched in the right resolution. */
  setWidth(widthDevicePx: number): void {
    this.widthDevicePx = widthDevicePx;
    this.fetchPictures();
  }

  /** Shows this part at once. */
  lookAt(viewport: Viewport): void {
    this.motion.stop();
    this.panel.store.patch({ timelineViewport: viewport });
  }

  /** Moves to this part, smoothly where motion is welcome. */
  moveTo(viewport: Viewport): void {
    this.motion.go(this.viewport, viewport, this.panel.hasReducedMotion);
  }

  zoom(factor: number, anchor: number): void {
    this.lookAt(zoomAt(this.viewport, factor, { anchor, totalNs: this.totalNs }));
  }

  /** Moves sideways by a part of what is in view. */
  panBy(part: number): void {
    const { startNs, endNs } = this.viewport;
    this.lookAt(panBy(this.viewport, part * (endNs - startNs), this.totalNs));
  }

  fitOut(): void {
    this.moveTo({ ...wholeOf(this.totalNs), scrollTopPx: this.viewport.scrollTopPx });
  }

  /** Zooms to a stretch of time, with some room around it. */
  fit({ startNs, endNs }: Range): void {
    const roomNs = (endNs - startNs) * 0.08;
    const range = { startNs: startNs - roomNs, endNs: endNs + roomNs };
    this.moveTo(fitRange(this.viewport, range, this.totalNs));
  }

  /** Narrows everything to a stretch of time; null undoes that. */
  setRange(range: Range | null): void {
    this.panel.setRange(range && (cutTo(range, this.totalNs) ?? null));
  }

  /** Chooses a gap and its group, and says it aloud. */
  mark(index: number): Gap | undefined {
    const { gaps, strings } = this.state;
    const gap = gaps ? readGap(gaps, index) : undefined;
    if (!gaps || !gap) return undefined;
    const group = groupOf(gaps, gap);
    const announcement = spokenGap(strings, gap, { group, lane: laneName(this.state, gap.lane) });
    this.panel.store.patch({ chosenGap: { gap: index, group: gap.group }, announcement });
    return gap;
  }

  /** Chooses a gap that may be out of sight. */
  choose(index: number): void {
    const gap = this.mark(index);
    if (gap) this.bringIntoView(gap);
  }

  /**
   * A click on a gap: chooses it where it is, shows why it happened and opens the line that waited. Answers whether one
   * is known: of a gap that is not listed it is not.
   */
  open(index: number, takeFocus: boolean): boolean {
    const gap = this.mark(index);
    if (gap && gap.group >= 0) this.panel.store.patch({ tab: 'gaps' });
    return this.revealVictim(takeFocus);
  }

  /** Chooses a group of the list, with its longest gap. */
  chooseGroup(group: number): void {
    const { gaps, strings } = this.state;
    const facts = gaps?.view.groups[group];
    if (!gaps || !facts) return;
    const gap = longestOf(gaps, group);
    this.panel.store.patch({ chosenGap: { gap, group }, announcement: spokenGroup(strings, facts) });
    const longest = readGap(gaps, gap);
    if (longest) this.bringIntoView(longest);
  }

  /** Chooses a group in its tab, at once or as soon as the gaps are here. */
  showGroup(group: number): void {
    this.wantedGroup = group;
    this.showWanted();
  }

  /** Goes to the next or previous listed gap. */
  step(direction: 1 | -1): void {
    const { gaps, chosenGap, strings } = this.state;
    if (!gaps) return;
    const { startNs, endNs } = this.viewport;
    const from = { gap: chosenGap.gap, ns: direction > 0 ? startNs : endNs };
    const next = listedFrom(gaps, from, direction);
    if (next >= 0) this.choose(next);
    else this.panel.announce(strings.noMoreGaps);
  }

  /** Opens the line that the chosen gap is blamed on. Answers whether there is one. */
  revealVictim(takeFocus: boolean): boolean {
    const { gaps, chosenGap } = this.state;
    const victim = gaps?.view.groups[chosenGap.group]?.victim;
    if (!victim) return false;
    this.panel.reveal(victim.file, victim.line, takeFocus);
    return true;
  }

  /** Opens the line of a slice. */
  revealSlice(slice: number, takeFocus: boolean): void {
    const view = this.index?.view;
    const func = view?.slices.func[slice] ?? -1;
    if (!view || func < 0) return;
    const line = view.slices.line[slice] || (view.functions.firstLine[func] ?? 0);
    this.panel.reveal(view.functions.file[func] ?? -1, line, takeFocus);
  }

  /** Narrows every number to the chosen gap, else to the part in view. Answers whether there was one. */
  narrow(): boolean {
    if (!this.gap && !this.isZoomed) return false;
    this.setRange(this.gap ?? this.viewport);
    return true;
  }

  toggleAllTasks(): void {
    this.panel.store.patch({ areAllTasksShown: !this.state.areAllTasksShown });
  }

  /** Undoes one step: what narrows, then the timeline's zoom, then the flame graph's. */
  unwind(): boolean {
    if (this.panel.unwindNarrowing()) return true;
    if (!this.isZoomed) return this.panel.unwind();
    this.fitOut();
    return true;
  }

  clearGap(): void {
    this.panel.store.patch({ chosenGap: noGap });
  }

  private showWanted(): void {
    const group = this.wantedGroup;
    if (group < 0 || !this.state.gaps) return;
    this.wantedGroup = -1;
    this.panel.store.patch({ tab: 'gaps', isTabChosen: true });
    this.chooseGroup(group);
  }

  private bringIntoView(gap: Gap): void {
    const { startNs, endNs } = this.viewport;
    const spanNs = endNs - startNs;
    const isSeen = gap.endNs > startNs && gap.startNs < endNs && gap.durationNs >= spanNs * visiblePart;
    const isWhole = gap.startNs >= startNs && gap.endNs <= endNs;
    if (isSeen && (isWhole || gap.durationNs > spanNs)) return;
    const wantedNs = isSeen ? spanNs : Math.min(spanNs, gap.durationNs / gapPart);
    const middleNs = (gap.startNs + gap.endNs) / 2;
    const range = { startNs: middleNs - wantedNs / 2, endNs: middleNs + wantedNs / 2 };
    this.moveTo(fitRange(this.viewport, range, this.totalNs));
  }

  private fetchPictures(): void {
    const { state, widthDevicePx } = this;
    const { summary, phase, isTimelineOpen, timelineViewport } = state;
    if (!hasTimeline(summary) || phase.kind !== 'ready' || !isFirstServed(state)) return;
    if (!isTimelineOpen || widthDevicePx === 0) return;
    this.source.want({ totalNs: summary.durationNs, viewport: timelineViewport, widthDevicePx });
  }
}
