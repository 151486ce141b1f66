import { gapRoles } from '../../src/shared/gaps';
import type { GapGroup, GapsView } from '../../src/shared/views';
import { firstEndingAfter } from '../canvas/rows';

/** The gaps of a lane, ordered by start. `reachNs` is the latest end so far: it never falls, though gaps overlap. */
interface LaneGaps {
  readonly gaps: Int32Array;
  readonly reachNs: Float64Array;
}

/** A gaps view with what looking things up needs. */
export interface GapIndex {
  readonly view: GapsView;
  readonly byLane: ReadonlyMap<number, LaneGaps>;
  /** The gaps that belong to a group, ordered by start. */
  readonly listed: Int32Array;
}

/** Everything about one gap by name. */
export interface Gap {
  readonly index: number;
  readonly group: number;
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly durationNs: number;
  readonly family: number;
  readonly isBenign: boolean;
  readonly holderLane: number;
}

const benign = gapRoles.indexOf('benign');

/** Sorts the gaps into their lanes. */
export function indexGaps(view: GapsView): GapIndex {
  const byLane = new Map<number, number[]>();
  const listed: number[] = [];
  for (let gap = 0; gap < view.gaps.length; gap++) {
    const lane = view.gaps.lane[gap] ?? -1;
    const known = byLane.get(lane);
    if (known) known.push(gap);
    else byLane.set(lane, [gap]);
    if ((view.gaps.group[gap] ?? -1) >= 0) listed.push(gap);
  }
  const lanes = [...byLane].map(([lane, gaps]) => [lane, laneGaps(view, gaps)] as const);
  return { view, byLane: new Map(lanes), listed: Int32Array.from(listed) };
}

function laneGaps(view: GapsView, gaps: readonly number[]): LaneGaps {
  let reached = Number.NEGATIVE_INFINITY;
  const reachNs = Float64Array.from(gaps, gap => {
    reached = Math.max(reached, view.gaps.endNs[gap] ?? 0);
    return reached;
  });
  return { gaps: Int32Array.from(gaps), reachNs };
}

/** Reads one gap, or answers undefined when there is no such gap. */
export function readGap({ view: { gaps } }: GapIndex, gap: number): Gap | undefined {
  if (gap < 0 || gap >= gaps.length) return undefined;
  const startNs = gaps.startNs[gap] ?? 0;
  const endNs = gaps.endNs[gap] ?? 0;
  return {
    index: gap,
    group: gaps.group[gap] ?? -1,
    lane: gaps.lane[gap] ?? -1,
    startNs,
    endNs,
    durationNs: endNs - startNs,
    family: gaps.family[gap] ?? 0,
    isBenign: gaps.role[gap] === benign,
    holderLane: gaps.holderLane[gap] ?? -1,
  };
}

/** The group that a gap is listed in. */
export function groupOf(index: GapIndex, gap: Gap): GapGroup | undefined {
  return index.view.groups[gap.group];
}

/** The gaps of a lane that are seen between two moments, ordered by start. */
export function* gapsIn(
  index: GapIndex,
  lane: number,
  range: { startNs: number; endNs: number },
): Generator<number> {
  const found = index.byLane.get(lane);
  if (!found) return;
  const { startNs, endNs } = index.view.gaps;
  const { gaps, reachNs } = found;
  for (
    let at = firstEndingAfter(reachNs, range.startNs, { from: 0, to: gaps.length });
    at < gaps.length;
    at++
  ) {
    const gap = gaps[at] ?? 0;
    if ((startNs[gap] ?? 0) >= range.endNs) return;
    if ((endNs[gap] ?? 0) > range.startNs) yield gap;
  }
}

/** The gap of a lane at a moment, or the nearest within `toleranceNs`: the shortest where several lie there. -1 none. */
export function gapAt(index: GapIndex, lane: number, at: { ns: number; toleranceNs: number }): number {
  const { startNs, endNs } = index.view.gaps;
  let best = -1;
  let bestNs = Number.POSITIVE_INFINITY;
  const around = { startNs: at.ns - at.toleranceNs, endNs: at.ns + at.toleranceNs };
  for (const gap of gapsIn(index, lane, around)) {
    const durationNs = (endNs[gap] ?? 0) - (startNs[gap] ?? 0);
    if (durationNs >= bestNs) continue;
    best = gap;
    bestNs = durationNs;
  }
  return best;
}

/** The longest gap of a group, -1 when it has none. */
export function longestOf({ view: { gaps }, listed }: GapIndex, group: number): number {
  let longest = -1;
  let longestNs = -1;
  for (const gap of listed) {
    const durationNs = (gaps.endNs[gap] ?? 0) - (gaps.startNs[gap] ?? 0);
    if (gaps.group[gap] !== group || durationNs <= longestNs) continue;
    longest = gap;
    longestNs = durationNs;
  }
  return longest;
}

/** The next (1) or previous (-1) listed gap after a gap, or after a moment when none is chosen; -1 at the end. */
export function listedFrom(
  { view: { gaps }, listed }: GapIndex,
  from: { readonly gap: number; readonly ns: number },
  direction: 1 | -1,
): number {
  const known = listed.indexOf(from.gap);
  if (known >= 0) return listed[known + direction] ?? -1;
  const after = listed.findIndex(gap => (gaps.startNs[gap] ?? 0) >= from.ns);
  if (direction > 0) return after < 0 ? -1 : (listed[after] ?? -1);
  return (after < 0 ? listed[listed.length - 1] : listed[after - 1]) ?? -1;
}

/** The same gap in a view of the run as it was read later; -1 when it is not there. */
export function findAgain(index: GapIndex, gap: Gap): number {
  const { gaps } = index.view;
  for (const at of gapsIn(index, gap.lane, gap)) if (gaps.startNs[at] === gap.startNs) return at;
  return -1;
}
