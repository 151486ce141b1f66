import { type Profile, sampleState } from '../../shared/profile';
import { effectiveCount } from './certainty';
import { firstSampleAfter, includesNode, laneEnd, type Subset } from './selection';

/** Sums over the samples of a subset by stack node. */
export interface NodeTimes {
  readonly self: NodeSums;
  /** With all descendants. */
  readonly total: NodeSums;
  /** The only lane below a node, `noLane`, or `severalLanes`. */
  readonly selfLane: Int32Array;
  /** 1 for nodes in which tasks were suspended. */
  readonly isSuspended: Uint8Array;
  readonly totalLane: Int32Array;
  /** Number of independent observations that the shares rest on: of the lane seen longest. */
  readonly effectiveCount: number;
  readonly sampleCount: number;
  readonly cpuNs: number;
  /** Sum of weights, by position in `subset.lanes`. */
  readonly laneNs: Float64Array;
}

export interface NodeSums {
  readonly wallNs: Float64Array;
  readonly waitNs: Float64Array;
  readonly cpuNs: Float64Array;
  readonly sampleCount: Int32Array;
}

export const noLane = -1;
export const severalLanes = -2;

/** Adds up the samples of a subset by node, each clipped to the range. Linear in samples and nodes. */
export function nodeTimes(profile: Profile, subset: Subset): NodeTimes {
  const self = emptySums(profile.nodes.length);
  const selfLane = new Int32Array(profile.nodes.length).fill(noLane);
  const isSuspended = new Uint8Array(profile.nodes.length);
  const laneNs = new Float64Array(subset.lanes.length);
  const facts = { effectiveCount: 0, longestNs: -1, sampleCount: 0, cpuNs: 0 };
  subset.lanes.forEach((lane, position) => {
    const sums = addLane(profile, subset, { lane, self, selfLane, isSuspended });
    laneNs[position] = sums.wallNs;
    facts.sampleCount += sums.sampleCount;
    facts.cpuNs += sums.cpuNs;
    if (sums.wallNs <= facts.longestNs) return;
    facts.longestNs = sums.wallNs;
    facts.effectiveCount = effectiveCount(sums.wallNs, sums.squaredNs);
  });
  const totals = addUp(profile, self, selfLane);
  const { sampleCount, cpuNs } = facts;
  return {
    self,
    selfLane,
    isSuspended,
    ...totals,
    effectiveCount: facts.effectiveCount,
    sampleCount,
    cpuNs,
    laneNs,
  };
}

function emptySums(length: number): NodeSums {
  return {
    wallNs: new Float64Array(length),
    waitNs: new Float64Array(length),
    cpuNs: new Float64Array(length),
    sampleCount: new Int32Array(length),
  };
}

interface LaneTarget {
  readonly lane: number;
  readonly self: NodeSums;
  readonly selfLane: Int32Array;
  readonly isSuspended: Uint8Array;
}

function addLane(profile: Profile, subset: Subset, target: LaneTarget) {
  const { samples } = profile;
  const { self, selfLane, lane } = target;
  const sums = { wallNs: 0, squaredNs: 0, sampleCount: 0, cpuNs: 0 };
  const end = laneEnd(profile, lane);
  for (let i = firstSampleAfter(profile, lane, subset.rangeStartNs); i < end; i++) {
    const node = samples.node[i] ?? -1;
    const weightNs = samples.weightNs[i] ?? 0;
    const wallNs = clippedNs(samples.endNs[i] ?? 0, weightNs, subset);
    if (wallNs < 0) break;
    if (!includesNode(subset, node)) continue;
    const cpuNs = cpuShare(samples.cpuNs[i] ?? Number.NaN, wallNs, weightNs);
    sums.wallNs += wallNs;
    const count = countShare(samples.count[i] ?? 1, wallNs, weightNs);
    // As many equal samples of a part of the weight each.
    sums.squaredNs += (wallNs * wallNs) / Math.max(1, count);
    sums.sampleCount += count;
    sums.cpuNs += cpuNs;
    if (node < 0) continue;
    self.wallNs[node] = (self.wallNs[node] ?? 0) + wallNs;
    self.cpuNs[node] = (self.cpuNs[node] ?? 0) + cpuNs;
    self.sampleCount[node] = (self.sampleCount[node] ?? 0) + count;
    const state = samples.state[i] ?? 0;
    if ((state & sampleState.suspended) !== 0) target.isSuspended[node] = 1;
    if ((state & sampleState.waiting) !== 0) self.waitNs[node] = (self.waitNs[node] ?? 0) + wallNs;
    selfLane[node] = mergeLanes(selfLane[node] ?? noLane, lane);
  }
  return sums;
}

/** The part of a sample's interval inside the range; negative when it begins after the range's end. */
export function clippedNs(
  endNs: number,
  weightNs: number,
  range: { rangeStartNs: number; rangeEndNs: number },
): number {
  const startNs = endNs - weightNs;
  if (startNs >= range.rangeEndNs && weightNs > 0) return -1;
  if (startNs >= range.rangeStartNs && endNs <= range.rangeEndNs) return weightNs;
  return Math.max(0, Math.min(endNs, range.rangeEndNs) - Math.max(startNs, range.rangeStartNs));
}

/** CPU time of the clipped part of a sample; unknown counts as none. */
export function cpuShare(cpuNs: number, wallNs: number, weightNs: number): number {
  if (Number.isNaN(cpuNs)) return 0;
  return wallNs === weightNs || weightNs <= 0 ? cpuNs : (cpuNs * wallNs) / weightNs;
}

/** How many of a row's samples lie in the clipped part of it: at least one that is cut by the range's end. */
function countShare(count: number, wallNs: number, weightNs: number): number {
  return wallNs === weightNs || weightNs <= 0 || count <= 1 ? count : Math.ceil((count * wallNs) / weightNs);
}

/** The one lane that both are, or `severalLanes`. */
export function mergeLanes(a: number, b: number): number {
  if (a === noLane || a === b) return b;
  return b === noLane ? a : severalLanes;
}

function addUp(
  profile: Profile,
  self: NodeSums,
  selfLane: Int32Array,
): { total: NodeSums; totalLane: Int32Array } {
  const { parent, length } = profile.nodes;
  const total = {
    wallNs: self.wallNs.slice(),
    waitNs: self.waitNs.slice(),
    cpuNs: self.cpuNs.slice(),
    sampleCount: self.sampleCount.slice(),
  };
  const totalLane = selfLane.slice();
  for (let node = length - 1; node >= 0; node--) {
    const up = parent[node] ?? -1;
    if (up < 0) continue;
    total.wallNs[up] = (total.wallNs[up] ?? 0) + (total.wallNs[node] ?? 0);
    total.waitNs[up] = (total.waitNs[up] ?? 0) + (total.waitNs[node] ?? 0);
    total.cpuNs[up] = (total.cpuNs[up] ?? 0) + (total.cpuNs[node] ?? 0);
    total.sampleCount[up] = (total.sampleCount[up] ?? 0) + (total.sampleCount[node] ?? 0);
    totalLane[up] = mergeLanes(totalLane[up] ?? noLane, totalLane[node] ?? noLane);
  }
  return { total, totalLane };
}
