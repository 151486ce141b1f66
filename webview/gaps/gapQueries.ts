import type { GapsQuery } from '../../src/shared/api';
import { afterNextFrame } from '../frameScheduler';
import type { HostChannel } from '../hostChannel';
import { latestOnly, reportFailure } from '../latestOnly';
import { hasTimeline, isFirstServed, noGap, type PanelState } from '../state';
import type { Store } from '../store';
import { findAgain, type GapIndex, indexGaps, readGap } from './gapIndex';

/** Asks for the gaps of each run that is shown, and again when it was read anew. */
export function keepGapsFresh(store: Store<PanelState>, channel: HostChannel): void {
  const gaps = latestOnly(
    (query: GapsQuery) => afterNextFrame().then(() => channel.request(query)),
    view => takeGaps(store, indexGaps(view)),
    error => reportFailure(store, error),
  );
  store.subscribe((state, previous) => {
    if (!state.summary || state.phase.kind !== 'ready') return;
    if (state.summary !== previous.summary) gaps(null);
    if (state.summary.runId !== previous.summary?.runId) store.patch({ gaps: null, chosenGap: noGap });
    if (hasTimeline(state.summary) && isFirstServed(state)) gaps({ kind: 'gaps' });
  });
}

/** What is chosen stays chosen, and a list that names something is shown unless the user chose another tab. */
function takeGaps(store: Store<PanelState>, gaps: GapIndex): void {
  const { state } = store;
  const isNamed = gaps.view.groups.length > 0 && !state.isTabChosen;
  store.patch({ gaps, chosenGap: chosenIn(state, gaps), ...(isNamed ? { tab: 'gaps' } : {}) });
}

function chosenIn({ gaps: before, chosenGap }: PanelState, gaps: GapIndex): PanelState['chosenGap'] {
  const chosen = before ? readGap(before, chosenGap.gap) : undefined;
  const gap = chosen ? findAgain(gaps, chosen) : -1;
  return gap < 0 ? noGap : { gap, group: readGap(gaps, gap)?.group ?? -1 };
}
