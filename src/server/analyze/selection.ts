import type { Profile } from '../../shared/profile';
import { type FunctionTree, findPath, functionTree } from './functionTree';
import { inPieces, type Steps } from './steps';

/** Which samples count: a lane, a stretch of time, a subtree. */
export interface SampleFilter {
  /** -1 all lanes, -2 all suspended tasks, else one lane. */
  readonly lane: number;
  readonly rangeStartNs: number;
  /** Not after the start: the whole run. */
  readonly rangeEndNs: number;
  /** Functions from the root to the selected frame; empty = all. */
  readonly path: readonly number[];
  /** The path walks the tree of own code only. */
  readonly ownCodeOnly: boolean;
}

/** All samples of the run. */
export const wholeRun: SampleFilter = {
  lane: -1,
  rangeStartNs: 0,
  rangeEndNs: 0,
  path: [],
  ownCodeOnly: false,
};

/** A filter resolved against a profile. */
export interface Subset {
  readonly tree: FunctionTree;
  readonly lanes: readonly number[];
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  /** Function tree nodes `from … to - 1` belong; with `isWhole` everything does. */
  readonly isWhole: boolean;
  readonly from: number;
  readonly to: number;
}

/** Resolves a filter. A path that leads nowhere in the one tree is tried in the other, else nothing is selected. */
export function resolveFilter(profile: Profile, filter: SampleFilter): Subset {
  const lanes = selectedLanes(profile, filter.lane);
  const [rangeStartNs, rangeEndNs] = rangeOf(profile, filter);
  const tree = functionTree(profile, filter.ownCodeOnly);
  if (filter.path.length === 0) {
    return { tree, lanes, rangeStartNs, rangeEndNs, isWhole: true, from: 0, to: tree.length };
  }
  for (const ownCodeOnly of [filter.ownCodeOnly, !filter.ownCodeOnly]) {
    const candidate = functionTree(profile, ownCodeOnly);
    const from = findPath(candidate, filter.path);
    if (from < 0) continue;
    const to = candidate.subtreeEnd[from] ?? from;
    return { tree: candidate, lanes, rangeStartNs, rangeEndNs, isWhole: false, from, to };
  }
  return { tree, lanes, rangeStartNs, rangeEndNs, isWhole: false, from: 0, to: 0 };
}

/** The lanes behind a lane number of a query. Unknown numbers select nothing. */
export function selectedLanes(profile: Profile, lane: number): number[] {
  const all = profile.lanes.map((_, index) => index);
  if (lane === -1) return all;
  if (lane === -2) return all.filter(index => profile.lanes[index]?.kind === 'task');
  return lane >= 0 && lane < profile.lanes.length ? [lane] : [];
}

/** The filter's range within the run; an empty or unknown one is the whole run. */
export function rangeOf(
  profile: Profile,
  filter: { readonly rangeStartNs: number; readonly rangeEndNs: number },
): readonly [number, number] {
  const { durationNs } = profile.info;
  const start = Math.max(0, filter.rangeStartNs);
  const end = Math.min(durationNs, filter.rangeEndNs);
  return end > start ? [start, end] : [0, durationNs];
}

/** True when the stack node is part of the subset. */
export function includesNode(subset: Subset, node: number): boolean {
  if (subset.isWhole) return true;
  if (node < 0) return false;
  const at = subset.tree.ofNode[node] ?? -1;
  return at >= subset.from && at < subset.to;
}

/** First sample of a lane that ends after `timeNs`: lanes are ordered by time. */
export function firstSampleAfter(profile: Profile, lane: number, timeNs: number): number {
  const place = profile.lanes[lane];
  let low = place?.firstSample ?? 0;
  let high = low + (place?.sampleCount ?? 0);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((profile.samples.endNs[middle] ?? 0) > timeNs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Calls `read` for the lane's samples from one index to another, each time for at most `most` of them. */
export function* readLane(
  profile: Profile,
  { lane, most }: { readonly lane: number; readonly most: number },
  read: (first: number, end: number) => void,
): Steps<void> {
  const from = profile.lanes[lane]?.firstSample ?? 0;
  yield* inPieces({ from, to: laneEnd(profile, lane), most }, read);
}

/** One past the lane's last sample. */
export function laneEnd(profile: Profile, lane: number): number {
  const place = profile.lanes[lane];
  return place === undefined ? 0 : place.firstSample + place.sampleCount;
}
