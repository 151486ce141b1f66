import { allThreads, type FlameOrder } from '../src/shared/api';
import { commands } from '../src/shared/contributions';
import { formatRange } from '../src/shared/formatting';
import { busiestLane } from './busiestLane';
import { ViewportMotion } from './canvas/motion';
import type { Range } from './canvas/range';
import { fitRange, isWhole, scrollToShow, type Viewport, wholeOf } from './canvas/viewport';
import { fill } from './elements';
import {
  type Box,
  type BoxIndex,
  type FrameRef,
  findBox,
  hasFlag,
  readBox,
  refOf,
  widestBox,
} from './flame/boxes';
import { type FlameAnswer, type FlameSource, layoutKey } from './flame/flameSource';
import { rowHeightPx } from './flame/renderer';
import { nameOf, shareSentence, spokenBox } from './frameTexts';
import type { HostChannel } from './hostChannel';
import { selectionOf } from './selection';
import { noGap, type PanelState, type Phase, type TabId, totalNsOf } from './state';
import type { Store } from './store';
import { type ColumnId, nextSort } from './tables/columns';

/** What the user can do, in one place: views call these and never write the state themselves. */
export class PanelController {
  private readonly motion: ViewportMotion;
  /** Set by the flame view, in CSS and device pixels. */
  private flameSize = { heightPx: 0, widthDevicePx: 1 };
  private isFirstPicture = true;
  /** Where the first look went. */
  private ownViewport: Viewport | undefined;
  hasReducedMotion = false;
  /** Puts the keyboard into the flame graph; set by the flame view. */
  focusFlame: () => void = () => undefined;

  constructor(
    readonly store: Store<PanelState>,
    private readonly channel: HostChannel,
    private readonly source: FlameSource,
  ) {
    this.motion = new ViewportMotion(viewport => store.patch({ viewport }));
    store.subscribe(() => this.fetchPictures());
  }

  get state(): PanelState {
    return this.store.state;
  }

  /** The finest picture of the part in view. */
  get index(): BoxIndex | null {
    const { overview, detail } = this.state.pictures;
    const { viewport } = this.state;
    const isDetailed =
      detail && viewport && viewport.startNs >= detail.startNs - 1 && viewport.endNs <= detail.endNs + 1;
    return isDetailed ? detail.index : overview;
  }

  /** Whether the pictures show the order, lane and filter of code that the state says. */
  get isPictureCurrent(): boolean {
    const { summary, order, lane, ownCodeOnly, range, pictures } = this.state;
    return summary !== null && pictures.layoutKey === layoutKey({ summary, order, lane, ownCodeOnly, range });
  }

  get viewport(): Viewport {
    return this.state.viewport ?? wholeOf(totalNsOf(this.state));
  }

  get isZoomed(): boolean {
    return !isWhole(this.viewport, totalNsOf(this.state));
  }

  /** Says how large the picture is, so that it is fetched in the right resolution. */
  setFlameSize(size: { heightPx: number; widthDevicePx: number }): void {
    this.flameSize = size;
    this.fetchPictures();
  }

  /** Shows this part at once. */
  lookAt(viewport: Viewport): void {
    this.motion.stop();
    this.store.patch({ viewport });
  }

  /** Moves to this part, smoothly where motion is welcome. */
  moveTo(viewport: Viewport): void {
    this.motion.go(this.viewport, viewport, this.hasReducedMotion);
  }

  /** Shows the whole axis again. */
  fitOut(): void {
    this.moveTo({ ...wholeOf(totalNsOf(this.state)), scrollTopPx: this.viewport.scrollTopPx });
  }

  /** Puts the keyboard on a box, says it aloud and scrolls it into view. */
  pointAt(box: Box): void {
    const { index } = this;
    if (!index) return;
    this.store.patch({
      cursor: refOf(index.view, box),
      announcement: spokenBox(this.state, index, box),
    });
    this.showBox(box);
  }

  /** A click on a frame: opens its line, and narrows every number to its subtree. */
  selectBox(box: Box, takeFocus = false): void {
    const { index } = this;
    if (!index) return;
    const ref = refOf(index.view, box);
    this.store.patch({ cursor: ref, announcement: spokenBox(this.state, index, box) });
    if (box.isHidden) {
      this.zoomTo(box);
      return;
    }
    this.revealBox(box, takeFocus);
    if (box.isLane || takeFocus) return;
    const range = this.state.order === 'timeOrder' ? { startNs: box.startNs, endNs: box.endNs } : null;
    const name = nameOf(this.state, index.view, box);
    const selected = { ref, name, durationNs: box.durationNs, range };
    this.store.patch({ selected, functionId: box.functionId });
    this.postSelection();
  }

  /** Takes a picture from the source. A whole one replaces what was shown, a finer one joins it. */
  takePicture(picture: FlameAnswer): void {
    const { index, startNs, endNs } = picture;
    const { pictures } = this.state;
    if (!picture.isWhole) {
      this.store.patch({ pictures: { ...pictures, detail: { index, startNs, endNs } } });
      return;
    }
    const { viewport } = this.state;
    const isInside = viewport && viewport.endNs <= index.view.totalNs * 1.0001;
    const isKept = isInside && !this.isOwnChoice(viewport);
    this.store.patch({
      pictures: { layoutKey: picture.layoutKey, overview: index, detail: null },
      viewport: isKept ? viewport : null,
      viewFailure: '',
    });
    if (this.isFirstPicture && !isKept) this.startAtBusiestLane(index);
    // While it is recorded each picture is a first one, until the user looks elsewhere.
    this.isFirstPicture = this.state.live === 'following' && !isKept;
  }

  /** The part in view is where we put it, or the whole of the picture before: a longer one is looked at anew. */
  private isOwnChoice(viewport: Viewport): boolean {
    const shown = this.state.pictures.overview?.view.totalNs ?? 0;
    return viewport === this.ownViewport || (this.isFirstPicture && shown > 0 && isWhole(viewport, shown));
  }

  /** A new run was shown: its first picture may choose where to look. */
  expectFirstPicture(): void {
    this.isFirstPicture = true;
  }

  /** Beside idle threads the one that did the work would be a sliver: the first look is at that one. */
  private startAtBusiestLane(index: BoxIndex): void {
    const { summary, lane, order } = this.state;
    if (!summary || lane !== allThreads || order !== 'leftHeavy') return;
    const busiest = busiestLane(summary.lanes);
    const { view } = index;
    const root = readBox(
      view,
      widestBox(view, box => view.boxes.lane[box] === busiest && hasFlag(view, box, 'lane')),
    );
    if (!root) return;
    this.ownViewport = fitRange(this.viewport, root, view.totalNs);
    this.lookAt(this.ownViewport);
  }

  /** Marks a frame of the present picture and zooms to it. */
  showFrame(ref: FrameRef): void {
    this.store.patch({ cursor: ref });
    const { startNs, endNs } = ref;
    const scrollTopPx = this.scrollFor(ref);
    this.moveTo({ ...fitRange(this.viewport, { startNs, endNs }, totalNsOf(this.state)), scrollTopPx });
  }

  /** Tells the host what is selected, again after a reload. */
  postSelection(): void {
    if (this.state.summary) this.channel.post({ type: 'select', selection: selectionOf(this.state) });
  }

  /** Narrows flame graph, tables and inline numbers to a stretch of time; null shows the whole run again. */
  setRange(range: Range | null): void {
    const { order, strings } = this.state;
    this.motion.stop();
    this.isFirstPicture = true;
    const viewport = order === 'timeOrder' && range ? { ...range, scrollTopPx: 0 } : null;
    const announcement = range
      ? fill(strings.rangeSelected, formatRange(range.startNs, range.endNs))
      : strings.unwound;
    this.store.patch({ range, viewport, selected: null, cursor: null, announcement });
    this.postSelection();
  }

  /** Opens a box's line in the source. */
  revealBox(box: Box, takeFocus: boolean): void {
    const functions = this.index?.view.functions;
    if (!functions || box.func < 0) return;
    this.reveal(functions.file[box.func] ?? -1, box.line || (functions.firstLine[box.func] ?? 0), takeFocus);
  }

  /** Opens a line of a recorded file; nothing happens for code without a file. */
  reveal(file: number, line: number, takeFocus: boolean): void {
    if (file >= 0 && line > 0) this.channel.post({ type: 'reveal', file, line, takeFocus });
  }

  /** Zooms to a box, or out again when it fills the view already. */
  zoomTo(box: Box): void {
    const { startNs, endNs } = this.viewport;
    const slackNs = (endNs - startNs) * 0.002;
    const isFitted = Math.abs(box.startNs - startNs) <= slackNs && Math.abs(box.endNs - endNs) <= slackNs;
    if (isFitted) {
      this.fitOut();
      return;
    }
    const range = fitRange(this.viewport, box, totalNsOf(this.state));
    this.moveTo({ ...range, scrollTopPx: this.scrollFor(box) });
  }

  /** Undoes one step: what narrows, then the zoom. Answers whether there was one. */
  unwind(): boolean {
    if (this.unwindNarrowing()) return true;
    if (!this.isZoomed) return false;
    this.fitOut();
    this.announce(this.state.strings.unwound);
    return true;
  }

  /** Undoes one step of what narrows: filter, selection, gap, range. Answers whether there was one. */
  unwindNarrowing(): boolean {
    const { filter, selected, functionId, chosenGap, range } = this.state;
    if (filter !== '') this.setFilter('');
    else if (selected || functionId >= 0) this.clearSelection();
    else if (chosenGap.gap >= 0 || chosenGap.group >= 0) this.store.patch({ chosenGap: noGap });
    else if (range) this.setRange(null);
    else return false;
    const isWholeRun = !this.state.selected && !this.state.range;
    if (isWholeRun) this.store.patch({ announcement: this.state.strings.unwound });
    return true;
  }

  /** Unmarks the frame and the function, and tells the host. */
  clearSelection(): void {
    const hadSelection = this.state.selected !== null;
    this.store.patch({ selected: null, functionId: -1, frame: null });
    if (hadSelection) this.postSelection();
  }

  /** Unmarks everything that narrows the numbers: the host undid it already. */
  forgetSelection(): void {
    const viewport = this.state.range ? null : this.state.viewport;
    this.store.patch({ selected: null, functionId: -1, frame: null, range: null, viewport });
  }

  /** Marks a function everywhere and shows its details; its definition opens when asked. */
  chooseFunction(functionId: number, place?: { file: number; line: number; takeFocus: boolean }): void {
    this.store.patch({ functionId });
    if (place) this.reveal(place.file, place.line, place.takeFocus);
  }

  setFilter(filter: string): void {
    this.store.patch({ filter });
  }

  setOrder(order: FlameOrder): void {
    const { summary, strings } = this.state;
    if (order === 'timeOrder' && summary?.hasTimeAxis === false) {
      this.announce(fill(strings.noTimeAxis, summary.engine));
      return;
    }
    if (order === this.state.order) return;
    this.motion.stop();
    // One stretch of time has no place in left-heavy order, where its calls are merged with all others.
    if (this.state.selected?.range) this.clearSelection();
    const { range } = this.state;
    const viewport = order === 'timeOrder' && range ? { ...range, scrollTopPx: 0 } : null;
    this.store.patch({ order, viewport, cursor: null });
  }

  setLane(lane: number): void {
    if (lane === this.state.lane) return;
    this.motion.stop();
    const hadSelection = this.state.selected !== null;
    this.store.patch({ lane, viewport: null, cursor: null, selected: null });
    if (hadSelection) this.postSelection();
  }

  setOwnCodeOnly(ownCodeOnly: boolean): void {
    this.store.patch({ ownCodeOnly, viewport: null, cursor: null });
  }

  setPhase(phase: Phase): void {
    this.store.patch({ phase });
  }

  /** The user chose a tab, which is not changed for him any more. */
  setTab(tab: TabId): void {
    this.store.patch({ tab, isTabChosen: true });
  }

  toggleTimeline(): void {
    this.store.patch({ isTimelineOpen: !this.state.isTimelineOpen });
  }

  sortBy(column: ColumnId): void {
    this.store.patch({ sort: nextSort(this.state.sort, column) });
  }

  setSplit(split: number): void {
    this.store.patch({ split: Math.min(0.85, Math.max(0.2, split)) });
  }

  toggleCards(): void {
    this.store.patch({ areCardsOpen: !this.state.areCardsOpen });
  }

  announce(announcement: string): void {
    this.store.patch({ announcement });
  }

  runCommand(command: string): void {
    this.channel.post({ type: 'command', command });
  }

  exportRun(): void {
    this.runCommand(commands.exportRun);
  }

  /** Holds the picture of a running program still, or lets it follow again. */
  toggleLive(): void {
    this.runCommand(commands.toggleLive);
  }

  stopRecording(): void {
    this.runCommand(commands.stop);
  }

  profileWithSampling(): void {
    this.runCommand(commands.profileFile);
  }

  /** Shows another of the measurements that the file holds. */
  setValueType(valueType: number): void {
    if (valueType !== this.state.summary?.valueType) this.channel.post({ type: 'valueType', valueType });
  }

  cancelLoading(): void {
    this.channel.post({ type: 'cancel' });
  }

  /** The box that the keyboard is on, in the picture shown. */
  cursorBox(): Box | undefined {
    const { index } = this;
    const { cursor } = this.state;
    return index && cursor ? readBox(index.view, findBox(index, cursor)) : undefined;
  }

  /** Shares of a box in words, for tooltips. */
  shareSentence(box: Box): string {
    return this.index ? shareSentence(this.state, this.index.view, box) : '';
  }

  private showBox(box: Box): void {
    const { viewport } = this;
    const isOutside = box.endNs <= viewport.startNs || box.startNs >= viewport.endNs;
    const scrollTopPx = this.scrollFor(box);
    const total = totalNsOf(this.state);
    if (isOutside) this.moveTo({ ...fitRange(viewport, widened(box), total), scrollTopPx });
    else if (scrollTopPx !== viewport.scrollTopPx) this.lookAt({ ...viewport, scrollTopPx });
  }

  private scrollFor(box: { row: number }): number {
    const row = { topPx: box.row * rowHeightPx, heightPx: rowHeightPx };
    return scrollToShow(row, this.viewport.scrollTopPx, this.flameSize.heightPx);
  }

  private fetchPictures(): void {
    const { summary, order, lane, ownCodeOnly, range, viewport, phase } = this.state;
    if (!summary?.hasStacks || phase.kind !== 'ready' || this.flameSize.heightPx === 0) return;
    const { widthDevicePx } = this.flameSize;
    this.source.want({ summary, order, lane, ownCodeOnly, range, viewport, widthDevicePx });
  }
}

function widened(box: Box): { startNs: number; endNs: number } {
  return { startNs: box.startNs - box.durationNs, endNs: box.endNs + box.durationNs };
}
