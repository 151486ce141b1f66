import type { FlameQuery, FrameQuery, FunctionsQuery } from '../src/shared/api';
import type { FlameView } from '../src/shared/views';
import { matchFunctions, parseFilter } from './filter';
import { coveredNs } from './flame/coverage';
import { afterNextFrame } from './frameScheduler';
import type { HostChannel } from './hostChannel';
import { latestOnly, reportFailure } from './latestOnly';
import { type PanelState, rangeInForce } from './state';
import type { Store } from './store';

/**
 * Keeps the tables' views up to date: asks when what they depend on has changed, and drops answers that were
 * overtaken by a newer question.
 */
export function keepTablesFresh(store: Store<PanelState>, channel: HostChannel): void {
  const functions = latestOnly(
    // The picture is asked for as soon as its size is known, and what is asked first is answered first.
    (query: FunctionsQuery) => afterNextFrame().then(() => channel.request(query)),
    view => store.patch({ functions: view, viewFailure: '' }),
    error => reportFailure(store, error),
  );
  const frame = latestOnly(
    (query: FrameQuery) => channel.request(query),
    view => store.patch({ frame: view }),
    error => reportFailure(store, error),
  );
  const coverage = new FilterCoverage(store, channel);
  store.subscribe((state, previous) => {
    if (!state.summary || state.phase.kind !== 'ready') return;
    if (state.summary !== previous.summary) {
      // The run was read anew: the same question may have another answer.
      functions(null);
      frame(null);
    }
    functions(functionsQuery(state));
    frame(state.functionId < 0 ? null : frameQuery(state));
  });
  store.subscribe((state, previous) => coverage.follow(state, previous));
}

/**
 * How long the filter's functions were on any stack. Needs one fine picture in time order per lane; after that every
 * keystroke is answered from it.
 */
class FilterCoverage {
  private view: FlameView | null = null;
  private readonly ask: (query: FlameQuery | null) => void;

  constructor(
    private readonly store: Store<PanelState>,
    channel: HostChannel,
  ) {
    this.ask = latestOnly(
      query => channel.request(query),
      view => this.take(view),
      () => this.take(null),
    );
  }

  /** Measures anew when the filter changed, and asks for another picture when lane or run did. */
  follow(state: PanelState, previous: PanelState): void {
    const isSameLayout =
      state.lane === previous.lane &&
      state.summary === previous.summary &&
      state.ownCodeOnly === previous.ownCodeOnly;
    if (isSameLayout && state.filter === previous.filter) return;
    if (!isSameLayout) {
      this.view = null;
      this.ask(null);
    }
    const hasTime = state.summary?.hasTimeAxis && state.summary.hasStacks;
    const isWanted = hasTime && parseFilter(state.filter).kind === 'match';
    if (isWanted && !this.view) this.ask(coverageQuery(state));
    this.measure();
  }

  private take(view: FlameView | null): void {
    this.view = view;
    this.measure();
  }

  private measure(): void {
    const { filter } = this.store.state;
    this.store.patch({ matchedShare: this.view && shareOfMatches(this.view, filter) });
  }
}

function shareOfMatches(view: FlameView, filterText: string): number | null {
  const matches = matchFunctions(parseFilter(filterText), view.functions);
  return matches && view.scaleNs > 0 ? coveredNs(view, matches) / view.scaleNs : null;
}

function functionsQuery(state: PanelState): FunctionsQuery {
  return { kind: 'functions', ...scopeOf(state), ownCodeOnly: state.ownCodeOnly };
}

function frameQuery(state: PanelState): FrameQuery {
  return { kind: 'frame', func: state.functionId, ...scopeOf(state) };
}

/** What the tables are about: the selected frame's subtree, else the lane, in the selected range. */
function scopeOf(state: PanelState): Pick<FunctionsQuery, 'lane' | 'path' | 'rangeStartNs' | 'rangeEndNs'> {
  const { selected, lane, summary } = state;
  const range = rangeInForce(state);
  return {
    lane: selected ? selected.ref.lane : lane,
    rangeStartNs: range?.startNs ?? 0,
    rangeEndNs: range?.endNs ?? summary?.durationNs ?? 0,
    path: selected?.ref.path ?? [],
  };
}

/** Time order in fine resolution, in which overlapping calls and threads can be counted once. */
function coverageQuery(state: PanelState): FlameQuery {
  const durationNs = state.summary?.durationNs ?? 0;
  return {
    kind: 'flame',
    order: 'timeOrder',
    lane: state.lane,
    rangeStartNs: 0,
    rangeEndNs: durationNs,
    minWidthNs: (state.summary?.sampleCount ?? 0) < 20_000 ? 0 : durationNs / 50_000,
    windowStartNs: 0,
    windowEndNs: durationNs,
    ownCodeOnly: state.ownCodeOnly,
  };
}
