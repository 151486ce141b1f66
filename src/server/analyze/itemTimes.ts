/**
 * The one truth behind lines, functions, callers and callees: given which item each stack node belongs to, how long
 * each item was on any stack. A sample counts once for an item however often the item is on its stack (recursion,
 * comprehensions), and a moment counts once however many lanes show the item. CPU time adds up over lanes.
 *
 * An item that only one lane shows is a plain sum over the tree. For the others the stays of all lanes at their stacks
 * are walked by their start, and each item remembers until when it is covered:
 *
 *     lane 1   [=====]      [====]
 *     lane 2      [=====]
 *     item     [========]   [====]        covered once
 */
import type { Profile } from '../../shared/profile';
import { mergeLanes, type NodeTimes, noLane, severalLanes } from './nodeTimes';
import { includesNode, type Subset } from './selection';
import { staysByStart, staysPerBlock } from './stays';
import type { Steps } from './steps';
import { UnionBlocks, unionBlockBounds } from './unionBlocks';

/** Numbers by item. `waitNs` is the part of `totalNs` in which no lane computed on it. */
export interface ItemTimes {
  readonly totalNs: Float64Array;
  readonly waitNs: Float64Array;
  readonly cpuNs: Float64Array;
  readonly sampleCount: Int32Array;
}

export interface ItemQuery {
  readonly profile: Profile;
  readonly subset: Subset;
  readonly times: NodeTimes;
  /** Item by stack node, -1 none. */
  readonly itemOfNode: Int32Array;
  readonly itemCount: number;
  /** `self` counts only the innermost frame of a stack. */
  readonly part: 'total' | 'self';
}

/**
 * Measures items. Linear in nodes, and in stays times their depth for items that several lanes show; with blocks made by
 * `makeUnionBlocks` only in the stays at the range's edges.
 */
export function itemTimes(query: ItemQuery): ItemTimes {
  const { result, lane } = laneSums(query);
  uniteLanes(query, result, lane);
  return result;
}

/** The items' sums over lanes, and the only lane that shows each item, `noLane` or `severalLanes`. */
function laneSums(query: ItemQuery): { result: ItemTimes; lane: Int32Array } {
  const result = {
    totalNs: new Float64Array(query.itemCount),
    waitNs: new Float64Array(query.itemCount),
    cpuNs: new Float64Array(query.itemCount),
    sampleCount: new Int32Array(query.itemCount),
  };
  const lane = new Int32Array(query.itemCount).fill(noLane);
  const isOutermost = query.part === 'total' ? outermostNodes(query) : undefined;
  const sums = query.part === 'total' ? query.times.total : query.times.self;
  const lanes = query.part === 'total' ? query.times.totalLane : query.times.selfLane;
  for (let node = 0; node < query.itemOfNode.length; node++) {
    const item = query.itemOfNode[node] ?? -1;
    if (item < 0 || lanes[node] === noLane || !includesNode(query.subset, node)) continue;
    if (isOutermost !== undefined && isOutermost[node] === 0) continue;
    result.totalNs[item] = (result.totalNs[item] ?? 0) + (sums.wallNs[node] ?? 0);
    result.waitNs[item] = (result.waitNs[item] ?? 0) + (sums.waitNs[node] ?? 0);
    result.cpuNs[item] = (result.cpuNs[item] ?? 0) + (sums.cpuNs[node] ?? 0);
    result.sampleCount[item] = (result.sampleCount[item] ?? 0) + (sums.sampleCount[node] ?? 0);
    lane[item] = mergeLanes(lane[item] ?? noLane, lanes[node] ?? noLane);
  }
  return { result, lane };
}

/** Marks the nodes that have no ancestor of the same item within the subset: the recursion guard. */
export function outermostNodes(
  query: Pick<ItemQuery, 'profile' | 'subset' | 'itemOfNode' | 'itemCount'>,
): Uint8Array {
  const { subtreeEnd, length } = query.profile.nodes;
  const mark = new Uint8Array(length);
  const active = new Int32Array(query.itemCount);
  const open: number[] = [];
  for (let node = 0; node < length; node++) {
    for (let top = open.at(-1); top !== undefined && (subtreeEnd[top] ?? 0) <= node; top = open.at(-1)) {
      const closed = query.itemOfNode[top] ?? 0;
      active[closed] = (active[closed] ?? 0) - 1;
      open.pop();
    }
    const item = query.itemOfNode[node] ?? -1;
    if (item < 0 || !includesNode(query.subset, node)) continue;
    mark[node] = active[item] === 0 ? 1 : 0;
    active[item] = (active[item] ?? 0) + 1;
    open.push(node);
  }
  return mark;
}

/** Replaces the sums of items that several lanes show by the union of their intervals. */
function uniteLanes(query: ItemQuery, result: ItemTimes, lane: Int32Array): void {
  if (!lane.includes(severalLanes)) return;
  const union = new UnionStamps(sharedChain(query, lane), lane.length);
  const { rangeStartNs, rangeEndNs } = query.subset;
  const blocks = isEverything(query) ? blocksOf(query) : undefined;
  const inside = blocks?.inside(rangeStartNs, rangeEndNs);
  if (blocks === undefined || inside === undefined) coverStays(query, union, query.subset);
  else {
    coverStays(query, union, { rangeStartNs, rangeEndNs: inside.startNs });
    blocks.addTo(union, inside);
    coverStays(query, union, { rangeStartNs: inside.endNs, rangeEndNs });
  }
  for (let item = 0; item < lane.length; item++) {
    if (lane[item] !== severalLanes) continue;
    result.totalNs[item] = union.totalNs[item] ?? 0;
    result.waitNs[item] = (union.totalNs[item] ?? 0) - (union.busyNs[item] ?? 0);
  }
}

type Range = Pick<Subset, 'rangeStartNs' | 'rangeEndNs'>;

/** Covers what the selected lanes' stays show between two moments. Stretches of time that are asked for must follow each other. */
function coverStays(query: ItemQuery, union: UnionStamps, { rangeStartNs, rangeEndNs }: Range): void {
  const isSelected = selectedLanes(query);
  const stays = staysByStart(query.profile);
  for (let i = 0; i < stays.length && (stays.startNs[i] ?? 0) < rangeEndNs; i++) {
    if (i % staysPerBlock === 0 && (stays.blockEndNs[i / staysPerBlock] ?? 0) <= rangeStartNs) {
      i += staysPerBlock - 1;
      continue;
    }
    const leaf = stays.node[i] ?? -1;
    if (leaf < 0 || isSelected[stays.lane[i] ?? 0] === 0 || !includesNode(query.subset, leaf)) continue;
    union.startNs = Math.max(stays.startNs[i] ?? 0, rangeStartNs);
    union.endNs = Math.min(stays.endNs[i] ?? 0, rangeEndNs);
    if (union.endNs > union.startNs) union.cover(leaf, stays.isBusy[i] === 1);
  }
}

/** All lanes and all stacks are meant. */
function isEverything({ profile, subset }: ItemQuery): boolean {
  return subset.isWhole && subset.lanes.length === profile.lanes.length;
}

/** Blocks by the items and the part that they are of. */
const madeBlocks = new WeakMap<Int32Array, Partial<Record<ItemQuery['part'], UnionBlocks>>>();

function blocksOf({ itemOfNode, part }: ItemQuery): UnionBlocks | undefined {
  return madeBlocks.get(itemOfNode)?.[part];
}

/**
 * Works out the unions of items piece by piece over the whole run, so that a range is the sum of the pieces inside of it: time
 * that is covered adds up over time. `query` is of the whole run; `itemOfNode` must be the same object as later.
 */
export function* makeUnionBlocks(query: ItemQuery): Steps<void> {
  const made = madeBlocks.get(query.itemOfNode) ?? {};
  if (made[query.part] !== undefined || !isEverything(query)) return;
  const { lane } = laneSums(query);
  yield;
  const sharedCount = lane.reduce((count, one) => (one === severalLanes ? count + 1 : count), 0);
  const bounds = unionBlockBounds(staysByStart(query.profile), sharedCount);
  const union = new UnionStamps(sharedChain(query, lane), lane.length);
  const blocks = new UnionBlocks(bounds);
  for (let block = 0; block + 1 < bounds.length; block++) {
    coverStays(query, union, { rangeStartNs: bounds[block] ?? 0, rangeEndNs: bounds[block + 1] ?? 0 });
    blocks.take(union);
    yield;
  }
  madeBlocks.set(query.itemOfNode, { ...made, ...madeBlocks.get(query.itemOfNode), [query.part]: blocks });
}

/** 1 for each lane that is selected. */
function selectedLanes(query: ItemQuery): Uint8Array {
  const mark = new Uint8Array(query.profile.lanes.length);
  for (const lane of query.subset.lanes) mark[lane] = 1;
  return mark;
}

/** The shared items of each stack: where they begin, going up, and which they are. Lets the walk skip the others. */
interface SharedChain {
  /** For each node itself or its nearest ancestor whose item is shared, -1 none. */
  readonly first: Int32Array;
  /** The same strictly above the node. */
  readonly next: Int32Array;
  readonly item: Int32Array;
}

function sharedChain(query: ItemQuery, lane: Int32Array): SharedChain {
  const { parent, length } = query.profile.nodes;
  const first = new Int32Array(length).fill(-1);
  const next = new Int32Array(length).fill(-1);
  for (let node = 0; node < length; node++) {
    if (!includesNode(query.subset, node)) continue;
    const up = parent[node] ?? -1;
    if (up >= 0 && query.part === 'total') next[node] = first[up] ?? -1;
    const isShared = lane[query.itemOfNode[node] ?? -1] === severalLanes;
    first[node] = isShared ? node : (next[node] ?? -1);
  }
  return { first, next, item: query.itemOfNode };
}

/** Until when each shared item is covered, by any sample and by computing ones. The hottest loop of the server. */
class UnionStamps {
  startNs = 0;
  endNs = 0;
  readonly totalNs: Float64Array;
  readonly busyNs: Float64Array;
  private readonly coveredUntilNs: Float64Array;
  private readonly busyUntilNs: Float64Array;
  /** Until when a node and everything above it is covered: the walk up can end there. */
  private readonly chainCoveredNs: Float64Array;
  private readonly chainBusyNs: Float64Array;

  constructor(
    private readonly chain: SharedChain,
    itemCount: number,
  ) {
    this.totalNs = new Float64Array(itemCount);
    this.busyNs = new Float64Array(itemCount);
    this.coveredUntilNs = new Float64Array(itemCount);
    this.busyUntilNs = new Float64Array(itemCount);
    this.chainCoveredNs = new Float64Array(chain.first.length);
    this.chainBusyNs = new Float64Array(chain.first.length);
  }

  /**
   * Covers the shared items of a stack with the present interval. What is covered by computing is covered, so where the
   * one walk ends the other has ended too.
   */
  cover(leaf: number, isBusy: boolean): void {
    const { first, next, item } = this.chain;
    const { endNs } = this;
    const chainNs = isBusy ? this.chainBusyNs : this.chainCoveredNs;
    for (let node = first[leaf] ?? -1; node >= 0; node = next[node] ?? -1) {
      if ((chainNs[node] ?? 0) >= endNs) return;
      chainNs[node] = endNs;
      const covered = item[node] ?? 0;
      if (isBusy) this.extend(this.busyUntilNs, this.busyNs, covered);
      if (!isBusy || (this.chainCoveredNs[node] ?? 0) < endNs) {
        this.chainCoveredNs[node] = endNs;
        this.extend(this.coveredUntilNs, this.totalNs, covered);
      }
    }
  }

  private extend(untilNs: Float64Array, sumNs: Float64Array, item: number): void {
    const until = untilNs[item] ?? 0;
    const { startNs, endNs } = this;
    if (endNs <= until) return;
    sumNs[item] = (sumNs[item] ?? 0) + endNs - Math.max(startNs, until);
    untilNs[item] = endNs;
  }
}
