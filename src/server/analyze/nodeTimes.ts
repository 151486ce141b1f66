import { type NodeTable, type Profile, sampleState } from '../../shared/profile';
import { effectiveCount } from './certainty';
import { firstSampleAfter, includesNode, laneEnd, type Subset } from './selection';
import type { Steps } from './steps';

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

/** Sums by node, in nanoseconds, of the samples whose stacks end there. */
export interface NodeSums {
  readonly wallNs: Float64Array;
  readonly waitNs: Float64Array;
  readonly cpuNs: Float64Array;
  readonly sampleCount: Int32Array;
}

/** The lane of a node that no sample is at. */
export const noLane = -1;
/** The lane of a node that samples of more than one are at. */
export const severalLanes = -2;

/** Adds up the samples of a subset by node, each clipped to the range. Linear in samples and nodes. */
export function nodeTimes(profile: Profile, subset: Subset): NodeTimes {
  const lanes = subset.lanes.map(lane => laneSums(profile, subset, lane));
  const [only] = lanes.length === 1 ? lanes : [];
  const sums = only ?? mergedLanes(profile, lanes);
  let longest = -1;
  for (const [at, { wallNs }] of lanes.entries()) {
    if (wallNs > (lanes[longest]?.wallNs ?? -1)) longest = at;
  }
  const { wallNs = 0, squaredNs = 0 } = lanes[longest] ?? {};
  return new SummedTimes(profile, sums, {
    effectiveCount: effectiveCount(wallNs, squaredNs),
    sampleCount: lanes.reduce((sum, lane) => sum + lane.sampleCount, 0),
    cpuNs: lanes.reduce((sum, lane) => sum + lane.cpuNs, 0),
    laneNs: Float64Array.from(lanes, lane => lane.wallNs),
  });
}

type WholeSums = Pick<NodeTimes, 'effectiveCount' | 'sampleCount' | 'cpuNs' | 'laneNs'>;

/** Adds up over descendants when that is first asked for: flame graphs do not. */
class SummedTimes implements NodeTimes {
  readonly self: NodeSums;
  readonly selfLane: Int32Array;
  readonly isSuspended: Uint8Array;
  readonly effectiveCount: number;
  readonly sampleCount: number;
  readonly cpuNs: number;
  readonly laneNs: Float64Array;
  private madeTotal: NodeSums | undefined;
  private madeTotalLane: Int32Array | undefined;

  constructor(
    private readonly profile: Profile,
    { self, selfLane, isSuspended }: SelfSums,
    { effectiveCount, sampleCount, cpuNs, laneNs }: WholeSums,
  ) {
    this.self = self;
    this.selfLane = selfLane;
    this.isSuspended = isSuspended;
    this.effectiveCount = effectiveCount;
    this.sampleCount = sampleCount;
    this.cpuNs = cpuNs;
    this.laneNs = laneNs;
  }

  get total(): NodeSums {
    const { nodes } = this.profile;
    const { wallNs, waitNs, cpuNs, sampleCount } = this.self;
    this.madeTotal ??= {
      wallNs: withDescendants(nodes, wallNs),
      waitNs: withDescendants(nodes, waitNs),
      cpuNs: withDescendants(nodes, cpuNs),
      sampleCount: withDescendants(nodes, sampleCount),
    };
    return this.madeTotal;
  }

  get totalLane(): Int32Array {
    this.madeTotalLane ??= lanesBelow(this.profile.nodes, this.selfLane);
    return this.madeTotalLane;
  }
}

/** Does the most of what `nodeTimes` does beforehand, lane by lane. */
export function* preparingNodes(profile: Profile, subset: Subset): Steps<void> {
  for (const lane of subset.lanes) {
    laneSums(profile, subset, lane);
    yield;
  }
}

/** By node what its samples sum up to, and whose they are. */
interface SelfSums {
  readonly self: NodeSums;
  readonly selfLane: Int32Array;
  readonly isSuspended: Uint8Array;
}

/** One lane's. */
interface LaneSums extends SelfSums {
  readonly wallNs: number;
  readonly squaredNs: number;
  readonly sampleCount: number;
  readonly cpuNs: number;
}

function emptySelf(length: number): SelfSums {
  return {
    self: {
      wallNs: new Float64Array(length),
      waitNs: new Float64Array(length),
      cpuNs: new Float64Array(length),
      sampleCount: new Int32Array(length),
    },
    selfLane: new Int32Array(length).fill(noLane),
    isSuspended: new Uint8Array(length),
  };
}

/** The lanes' sums over the range that was asked for last: all pictures of one range rest on them. */
interface KnownLanes {
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  readonly byLane: Map<number, LaneSums>;
}

const lastRange = new WeakMap<Profile, KnownLanes>();
/** Lanes times nodes that are kept, 33 bytes each. */
const maxKept = 1_000_000;

function laneSums(profile: Profile, subset: Subset, lane: number): LaneSums {
  if (!subset.isWhole || profile.lanes.length * profile.nodes.length > maxKept) {
    return addLane(profile, subset, lane);
  }
  const { rangeStartNs, rangeEndNs } = subset;
  let known = lastRange.get(profile);
  if (known?.rangeStartNs !== rangeStartNs || known.rangeEndNs !== rangeEndNs) {
    known = { rangeStartNs, rangeEndNs, byLane: new Map() };
    lastRange.set(profile, known);
  }
  const sums = known.byLane.get(lane) ?? addLane(profile, subset, lane);
  known.byLane.set(lane, sums);
  return sums;
}

function mergedLanes({ nodes }: Profile, lanes: readonly LaneSums[]): SelfSums {
  const merged = emptySelf(nodes.length);
  for (const lane of lanes) addSelf(merged, lane);
  return merged;
}

function addSelf({ self, selfLane, isSuspended }: SelfSums, added: SelfSums): void {
  for (let node = 0; node < selfLane.length; node++) {
    const lane = added.selfLane[node] ?? noLane;
    if (lane === noLane) continue;
    self.wallNs[node] = (self.wallNs[node] ?? 0) + (added.self.wallNs[node] ?? 0);
    self.waitNs[node] = (self.waitNs[node] ?? 0) + (added.self.waitNs[node] ?? 0);
    self.cpuNs[node] = (self.cpuNs[node] ?? 0) + (added.self.cpuNs[node] ?? 0);
    self.sampleCount[node] = (self.sampleCount[node] ?? 0) + (added.self.sampleCount[node] ?? 0);
    selfLane[node] = mergeLanes(selfLane[node] ?? noLane, lane);
    if (added.isSuspended[node] === 1) isSuspended[node] = 1;
  }
}

/** While samples are added, what belongs to one node stands together: nodes come in any order, and memory is slow to reach. */
const packedWall = 0;
const packedWait = 1;
const packedCpu = 2;
const packedCount = 3;
const packedLength = 4;

function addLane(profile: Profile, subset: Subset, lane: number): LaneSums {
  const { endNs, weightNs, node: nodes, cpuNs: cpusNs, state: states, count: counts } = profile.samples;
  const packed = new Float64Array(profile.nodes.length * packedLength);
  const isSuspended = new Uint8Array(profile.nodes.length);
  const [hasCpu, hasCounts] = [cpusNs.length > 0, counts.length > 0];
  let [laneNs, squaredNs, sampleCount, laneCpuNs] = [0, 0, 0, 0];
  const end = laneEnd(profile, lane);
  const { isWhole, rangeStartNs, rangeEndNs } = subset;
  for (let i = firstSampleAfter(profile, lane, rangeStartNs); i < end; i++) {
    const [sampleEndNs, weight] = [endNs[i] ?? 0, weightNs[i] ?? 0];
    // Almost all samples lie within the range as a whole: for them nothing is called, and nothing is divided.
    const isInside = sampleEndNs - weight >= rangeStartNs && sampleEndNs <= rangeEndNs;
    const wallNs = isInside ? weight : clippedNs(sampleEndNs, weight, subset);
    if (wallNs < 0) break;
    const node = nodes[i] ?? -1;
    if (!isWhole && !includesNode(subset, node)) continue;
    const used = hasCpu ? (cpusNs[i] ?? Number.NaN) : 0;
    const cpuNs = !isInside ? cpuShare(used, wallNs, weight) : Number.isNaN(used) ? 0 : used;
    const count = hasCounts ? countShare(counts[i] ?? 1, wallNs, weight) : 1;
    laneNs += wallNs;
    // As many equal samples of a part of the weight each.
    squaredNs += count > 1 ? (wallNs * wallNs) / count : wallNs * wallNs;
    sampleCount += count;
    laneCpuNs += cpuNs;
    if (node < 0) continue;
    const at = node * packedLength;
    packed[at + packedWall] = (packed[at + packedWall] ?? 0) + wallNs;
    packed[at + packedCpu] = (packed[at + packedCpu] ?? 0) + cpuNs;
    packed[at + packedCount] = (packed[at + packedCount] ?? 0) + count;
    const state = states[i] ?? 0;
    if (state === 0) continue;
    if ((state & sampleState.suspended) !== 0) isSuspended[node] = 1;
    if ((state & sampleState.waiting) === 0) continue;
    packed[at + packedWait] = (packed[at + packedWait] ?? 0) + wallNs;
  }
  const facts = { wallNs: laneNs, squaredNs, sampleCount, cpuNs: laneCpuNs };
  return { ...unpacked(packed, lane), isSuspended, ...facts };
}

function unpacked(packed: Float64Array, lane: number): Pick<SelfSums, 'self' | 'selfLane'> {
  const { self, selfLane } = emptySelf(packed.length / packedLength);
  for (let node = 0, at = 0; node < selfLane.length; node++, at += packedLength) {
    if (packed[at + packedCount] === 0 && packed[at + packedWall] === 0) continue;
    self.wallNs[node] = packed[at + packedWall] ?? 0;
    self.waitNs[node] = packed[at + packedWait] ?? 0;
    self.cpuNs[node] = packed[at + packedCpu] ?? 0;
    self.sampleCount[node] = packed[at + packedCount] ?? 0;
    selfLane[node] = lane;
  }
  return { self, selfLane };
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

/** What nodes have of their own, with what all of their descendants have. */
export function withDescendants<Column extends Float64Array | Int32Array>(
  { parent, length }: NodeTable,
  own: Column,
): Column {
  const sums = own.slice() as Column;
  for (let node = length - 1; node >= 0; node--) {
    const up = parent[node] ?? -1;
    if (up >= 0) sums[up] = (sums[up] ?? 0) + (sums[node] ?? 0);
  }
  return sums;
}

function lanesBelow({ parent, length }: NodeTable, selfLane: Int32Array): Int32Array {
  const lanes = selfLane.slice();
  for (let node = length - 1; node >= 0; node--) {
    const up = parent[node] ?? -1;
    if (up >= 0) lanes[up] = mergeLanes(lanes[up] ?? noLane, lanes[node] ?? noLane);
  }
  return lanes;
}
