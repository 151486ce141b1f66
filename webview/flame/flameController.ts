import { allThreads } from '../../src/shared/api';
import { busiestLane } from '../busiestLane';
import { ViewportMotion } from '../canvas/motion';
import { fitRange, isWhole, scrollToShow, type Viewport, wholeOf } from '../canvas/viewport';
import type { PanelController } from '../controller';
import { nameOf, shareSentence, spokenBox } from '../frameTexts';
import { type PanelState, totalNsOf } from '../state';
import { type Box, type BoxIndex, type FrameRef, findBox, hasFlag, readBox, refOf, widestBox } from './boxes';
import { type FlameAnswer, type FlameSource, layoutKey } from './flameSource';
import { rowHeightPx } from './renderer';

/** What the user can do with the flame graph, and which pictures it needs. */
export class FlameController {
  private readonly motion: ViewportMotion;
  /** Set by the view, in CSS and device pixels. */
  private size = { heightPx: 0, widthDevicePx: 1 };
  private isFirstPicture = true;
  /** Where the first look went. */
  private ownViewport: Viewport | undefined;
  /** Puts the keyboard into the flame graph; set by the view. */
  focus: () => void = () => undefined;

  constructor(
    readonly panel: PanelController,
    private readonly source: FlameSource,
  ) {
    this.motion = new ViewportMotion(viewport => panel.store.patch({ viewport }));
    panel.store.subscribe((state, previous) => this.follow(state, previous));
  }

  get state(): PanelState {
    return this.panel.state;
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
  setSize(size: { heightPx: number; widthDevicePx: number }): void {
    this.size = size;
    this.fetchPictures();
  }

  /** Shows this part at once. */
  lookAt(viewport: Viewport): void {
    this.motion.stop();
    this.panel.store.patch({ viewport });
  }

  /** Moves to this part, smoothly where motion is welcome. */
  moveTo(viewport: Viewport): void {
    this.motion.go(this.viewport, viewport, this.panel.hasReducedMotion);
  }

  /** Shows the whole axis again. */
  fitOut(): void {
    this.moveTo({ ...wholeOf(totalNsOf(this.state)), scrollTopPx: this.viewport.scrollTopPx });
  }

  /** Puts the keyboard on a box, says it aloud and scrolls it into view. */
  pointAt(box: Box): void {
    const { index } = this;
    if (!index) return;
    this.panel.store.patch({
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
    this.panel.store.patch({ cursor: ref, announcement: spokenBox(this.state, index, box) });
    if (box.isHidden) {
      this.zoomTo(box);
      return;
    }
    this.revealBox(box, takeFocus);
    if (box.isLane || takeFocus) return;
    const range = this.state.order === 'timeOrder' ? { startNs: box.startNs, endNs: box.endNs } : null;
    const name = nameOf(this.state, index.view, box);
    const selected = { ref, name, durationNs: box.durationNs, range };
    this.panel.store.patch({ selected, functionId: box.functionId });
    this.panel.postSelection();
  }

  /** Takes a picture from the source. A whole one replaces what was shown, a finer one joins it. */
  takePicture(picture: FlameAnswer): void {
    const { index, startNs, endNs } = picture;
    const { pictures } = this.state;
    if (!picture.isWhole) {
      this.panel.store.patch({ pictures: { ...pictures, detail: { index, startNs, endNs } } });
      return;
    }
    const { viewport } = this.state;
    const isInside = viewport && viewport.endNs <= index.view.totalNs * 1.0001;
    const isKept = isInside && !this.isOwnChoice(viewport);
    this.panel.store.patch({
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
    this.panel.store.patch({ cursor: ref });
    const { startNs, endNs } = ref;
    const scrollTopPx = this.scrollFor(ref);
    this.moveTo({ ...fitRange(this.viewport, { startNs, endNs }, totalNsOf(this.state)), scrollTopPx });
  }

  /** Opens a box's line in the source. */
  revealBox(box: Box, takeFocus: boolean): void {
    const functions = this.index?.view.functions;
    if (!functions || box.func < 0) return;
    this.panel.reveal(
      functions.file[box.func] ?? -1,
      box.line || (functions.firstLine[box.func] ?? 0),
      takeFocus,
    );
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
    return scrollToShow(row, this.viewport.scrollTopPx, this.size.heightPx);
  }

  private fetchPictures(): void {
    const { summary, order, lane, ownCodeOnly, range, viewport, phase } = this.state;
    if (!summary?.hasStacks || phase.kind !== 'ready' || this.size.heightPx === 0) return;
    const { widthDevicePx } = this.size;
    this.source.want({ summary, order, lane, ownCodeOnly, range, viewport, widthDevicePx });
  }

  /** Another lane, order or stretch of time is another axis: nothing moves on along the old one. */
  private follow(state: PanelState, previous: PanelState): void {
    const isMoved =
      state.range !== previous.range || state.order !== previous.order || state.lane !== previous.lane;
    if (isMoved) this.motion.stop();
    if (state.range !== previous.range) this.isFirstPicture = true;
    this.fetchPictures();
  }
}

function widened(box: Box): { startNs: number; endNs: number } {
  return { startNs: box.startNs - box.durationNs, endNs: box.endNs + box.durationNs };
}
