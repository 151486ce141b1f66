import type { FlameOrder } from '../src/shared/api';
import { formatRange } from '../src/shared/formatting';
import type { Range } from './canvas/range';
import { fill } from './elements';
import { FlameController } from './flame/flameController';
import type { FlameSource } from './flame/flameSource';
import type { HostChannel } from './hostChannel';
import { HostCommands } from './hostCommands';
import { selectionOf } from './selection';
import { noGap, type PanelState, type Phase, type TabId } from './state';
import type { Store } from './store';
import { type ColumnId, nextSort } from './tables/columns';

/** What the user can do, in one place: views call these and never write the state themselves. */
export class PanelController {
  readonly flame: FlameController;
  readonly host: HostCommands;
  hasReducedMotion = false;

  constructor(
    readonly store: Store<PanelState>,
    private readonly channel: HostChannel,
    source: FlameSource,
  ) {
    this.flame = new FlameController(this, source);
    this.host = new HostCommands(channel, this);
  }

  get state(): PanelState {
    return this.store.state;
  }

  /** Tells the host what is selected, again after a reload. */
  postSelection(): void {
    if (this.state.summary) this.channel.post({ type: 'select', selection: selectionOf(this.state) });
  }

  /** Narrows flame graph, tables and inline numbers to a stretch of time; null shows the whole run again. */
  setRange(range: Range | null): void {
    const { order, strings } = this.state;
    const viewport = order === 'timeOrder' && range ? { ...range, scrollTopPx: 0 } : null;
    const announcement = range
      ? fill(strings.rangeSelected, formatRange(range.startNs, range.endNs))
      : strings.unwound;
    this.store.patch({ range, viewport, selected: null, cursor: null, announcement });
    this.postSelection();
  }

  /** Opens a line of a recorded file; nothing happens for code without a file. */
  reveal(file: number, line: number, takeFocus: boolean): void {
    if (file >= 0 && line > 0) this.channel.post({ type: 'reveal', file, line, takeFocus });
  }

  /** Undoes one step: what narrows, then the zoom. Answers whether there was one. */
  unwind(): boolean {
    if (this.unwindNarrowing()) return true;
    if (!this.flame.isZoomed) return false;
    this.flame.fitOut();
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
    // One stretch of time has no place in left-heavy order, where its calls are merged with all others.
    if (this.state.selected?.range) this.clearSelection();
    const { range } = this.state;
    const viewport = order === 'timeOrder' && range ? { ...range, scrollTopPx: 0 } : null;
    this.store.patch({ order, viewport, cursor: null });
  }

  setLane(lane: number): void {
    if (lane === this.state.lane) return;
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
}
