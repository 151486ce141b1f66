import { MadeFrom } from '../canvas/madeFrom';
import type { PanelState } from '../state';
import { type Gap, type GapIndex, gapsIn } from './gapIndex';
import { loopLagOf } from './loopLag';
import { type Tracks, tracksOf } from './tracks';

const noTracks: Tracks = { tracks: [], taskCount: 0, hiddenTaskCount: 0 };

/** Works out which lane stands where, and only when what decides it has changed. */
export class TrackArranger {
  private readonly madeFrom = new MadeFrom();
  private last: Tracks = noTracks;

  /** As it was worked out last. */
  get arranged(): Tracks {
    return this.last;
  }

  arrange(state: PanelState, chosen: Gap | undefined): Tracks {
    const { summary, timeline, gaps, areAllTasksShown } = state;
    const view = timeline.overview?.view;
    if (!summary || !view) return noTracks;
    const pinned = chosen ? [chosen.lane, chosen.holderLane].filter(lane => lane >= 0) : [];
    if (this.madeFrom.isSame([summary, view, gaps, areAllTasksShown, pinned.join()])) return this.last;
    const gapNsOf = (lane: number): number => (gaps ? listedNs(gaps, lane) : 0);
    const hasLoopLag = gaps !== null && loopLagOf(gaps).mostNs > 0;
    this.last = tracksOf({ view, summary, areAllTasksShown, gapNsOf, hasLoopLag, pinned });
    return this.last;
  }
}

function listedNs(gaps: GapIndex, lane: number): number {
  const { startNs, endNs, group } = gaps.view.gaps;
  let total = 0;
  for (const gap of gapsIn(gaps, lane, { startNs: 0, endNs: Number.POSITIVE_INFINITY }))
    if ((group[gap] ?? -1) >= 0) total += (endNs[gap] ?? 0) - (startNs[gap] ?? 0);
  return total;
}
