import type { FlameQuery } from '../../shared/api';
import type { Profile } from '../../shared/profile';
import { boxFlag } from '../../shared/views';
import { type Box, waitFlag } from './flameBoxes';
import { type FunctionTree, functionTree } from './functionTree';
import { nodeTimes, withDescendants } from './nodeTimes';
import { resolveFilter, wholeRun } from './selection';

/** Boxes with the extent of the x axis, which is accumulated time: the sum of the lanes' times. */
export interface Layout {
  readonly boxes: Box[];
  readonly totalNs: number;
}

/**
 * Lays out merged stacks, heaviest child first, each lane with a root of its own (all suspended tasks together have
 * one). Only boxes in the window and at least `minWidthNs` wide are made; narrower siblings become one filler.
 */
export function leftHeavy(profile: Profile, query: FlameQuery): Layout {
  const tree = functionTree(profile, query.ownCodeOnly);
  const boxes: Box[] = [];
  let x = 0;
  for (const lane of rootLanes(profile, query.lane)) {
    const weights = treeWeights(profile, tree, { ...query, lane });
    if (weights.laneNs <= 0) continue;
    new LaneLayout({ profile, tree, weights, query, boxes, lane }).run(x);
    x += weights.laneNs;
  }
  return { boxes, totalNs: x };
}

function rootLanes(profile: Profile, lane: number): number[] {
  if (lane !== -1) return [lane];
  return profile.lanes.flatMap((candidate, index) => (candidate.kind === 'thread' ? [index] : []));
}

/** Sums by function tree node of one lane, with the places where each node's lines come from. */
interface TreeWeights {
  readonly laneNs: number;
  readonly laneWaitNs: number;
  readonly rootSelfNs: number;
  readonly cpuNs: number;
  readonly sampleCount: number;
  readonly totalNs: Float64Array;
  readonly selfNs: Float64Array;
  readonly waitNs: Float64Array;
  readonly nodeCpuNs: Float64Array;
  readonly nodeSampleCount: Int32Array;
  readonly nodeTotalNs: Float64Array;
}

function treeWeights(profile: Profile, tree: FunctionTree, query: FlameQuery): TreeWeights {
  const { lane, rangeStartNs, rangeEndNs } = query;
  const subset = resolveFilter(profile, { ...wholeRun, lane, rangeStartNs, rangeEndNs });
  const times = nodeTimes(profile, subset);
  const [selfNs, waitNs, cpuNs] = [0, 0, 0].map(() => new Float64Array(tree.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const sampleCount = new Int32Array(tree.length);
  let [rootSelfNs, rootWaitNs] = [0, 0];
  for (let node = 0; node < profile.nodes.length; node++) {
    const at = tree.ofNode[node] ?? -1;
    if (at < 0) {
      rootSelfNs += times.self.wallNs[node] ?? 0;
      rootWaitNs += times.self.waitNs[node] ?? 0;
      continue;
    }
    selfNs[at] = (selfNs[at] ?? 0) + (times.self.wallNs[node] ?? 0);
    waitNs[at] = (waitNs[at] ?? 0) + (times.self.waitNs[node] ?? 0);
    cpuNs[at] = (cpuNs[at] ?? 0) + (times.self.cpuNs[node] ?? 0);
    sampleCount[at] = (sampleCount[at] ?? 0) + (times.self.sampleCount[node] ?? 0);
  }
  const totalNs = selfNs.slice();
  let [framedNs, framedWaitNs] = [0, 0];
  for (let at = tree.length - 1; at >= 0; at--) {
    const up = tree.parent[at] ?? -1;
    if (up < 0) {
      framedNs += totalNs[at] ?? 0;
      framedWaitNs += waitNs[at] ?? 0;
      continue;
    }
    totalNs[up] = (totalNs[up] ?? 0) + (totalNs[at] ?? 0);
    waitNs[up] = (waitNs[up] ?? 0) + (waitNs[at] ?? 0);
    cpuNs[up] = (cpuNs[up] ?? 0) + (cpuNs[at] ?? 0);
    sampleCount[up] = (sampleCount[up] ?? 0) + (sampleCount[at] ?? 0);
  }
  const laneNs = times.laneNs.reduce((a, b) => a + b, 0);
  return {
    laneNs,
    laneWaitNs: framedWaitNs + rootWaitNs,
    rootSelfNs: Math.max(rootSelfNs, laneNs - framedNs),
    cpuNs: times.cpuNs,
    sampleCount: times.sampleCount,
    totalNs,
    selfNs,
    waitNs,
    nodeCpuNs: cpuNs,
    nodeSampleCount: sampleCount,
    nodeTotalNs: withDescendants(profile.nodes, times.self.wallNs),
  };
}

interface LaneJob {
  readonly profile: Profile;
  readonly tree: FunctionTree;
  readonly weights: TreeWeights;
  readonly query: FlameQuery;
  readonly boxes: Box[];
  readonly lane: number;
}

/** Lays out one lane row by row: `pending` holds boxes whose children are still to be placed. */
class LaneLayout {
  private readonly windowStartNs: number;
  private readonly windowEndNs: number;
  private readonly lines: HottestLines;

  constructor(private readonly job: LaneJob) {
    const { windowStartNs, windowEndNs } = job.query;
    const isWhole = windowEndNs <= windowStartNs;
    this.windowStartNs = isWhole ? Number.NEGATIVE_INFINITY : windowStartNs;
    this.windowEndNs = isWhole ? Number.POSITIVE_INFINITY : windowEndNs;
    this.lines = hottestLines(job.profile, job.tree, job.weights.nodeTotalNs);
  }

  run(startNs: number): void {
    const { weights, boxes, lane } = this.job;
    const root = boxes.push({
      startNs,
      endNs: startNs + weights.laneNs,
      row: 0,
      func: -1,
      selfNs: weights.rootSelfNs,
      cpuNs: weights.cpuNs,
      waitNs: weights.laneWaitNs,
      sampleCount: weights.sampleCount,
      line: 0,
      lane,
      parent: -1,
      flags: boxFlag.lane | waitFlag(weights.laneWaitNs, weights.laneNs),
    });
    const pending: { box: number; node: number }[] = [{ box: root - 1, node: -1 }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      pending.push(...this.placeChildren(next.box, next.node));
    }
  }

  /** Places the children of a node, heaviest first, and answers those that may have children of their own. */
  private placeChildren(parentBox: number, node: number): { box: number; node: number }[] {
    const { weights, boxes } = this.job;
    const { minWidthNs } = this.job.query;
    const parent = boxes[parentBox] as Box;
    const children = this.childrenByWeight(node);
    const placed: { box: number; node: number }[] = [];
    let x = parent.startNs;
    let [hiddenCount, hiddenNs] = [0, 0];
    for (const child of children) {
      const widthNs = weights.totalNs[child] ?? 0;
      if (widthNs < minWidthNs) {
        hiddenCount += this.boxCount(child);
        hiddenNs += widthNs;
        continue;
      }
      const isInWindow = x < this.windowEndNs && x + widthNs > this.windowStartNs;
      if (isInWindow) placed.push({ box: this.addBox(child, x, parentBox) - 1, node: child });
      x += widthNs;
    }
    if (hiddenCount > 0 && x < this.windowEndNs && x + hiddenNs > this.windowStartNs) {
      boxes.push(filler({ parentBox, parent, startNs: x, endNs: x + hiddenNs, count: hiddenCount }));
    }
    return placed;
  }

  private childrenByWeight(node: number): number[] {
    const { tree, weights } = this.job;
    const children: number[] = [];
    const end = node < 0 ? tree.length : (tree.subtreeEnd[node] ?? 0);
    for (let child = node + 1; child < end; child = tree.subtreeEnd[child] ?? end) {
      if ((weights.totalNs[child] ?? 0) > 0) children.push(child);
    }
    return children.sort((a, b) => (weights.totalNs[b] ?? 0) - (weights.totalNs[a] ?? 0) || a - b);
  }

  private boxCount(node: number): number {
    const { tree, weights } = this.job;
    let count = 0;
    for (let at = node; at < (tree.subtreeEnd[node] ?? 0); at++) if ((weights.totalNs[at] ?? 0) > 0) count++;
    return count;
  }

  private addBox(node: number, startNs: number, parentBox: number): number {
    const { tree, weights, boxes, lane } = this.job;
    const totalNs = weights.totalNs[node] ?? 0;
    const waitNs = weights.waitNs[node] ?? 0;
    return boxes.push({
      startNs,
      endNs: startNs + totalNs,
      row: (boxes[parentBox]?.row ?? 0) + 1,
      func: tree.func[node] ?? -1,
      selfNs: weights.selfNs[node] ?? 0,
      cpuNs: weights.nodeCpuNs[node] ?? 0,
      waitNs,
      sampleCount: weights.nodeSampleCount[node] ?? 0,
      line: this.lines(node),
      lane,
      parent: parentBox,
      flags: waitFlag(waitNs, totalNs),
    });
  }
}

/** A box that stands for `count` narrower ones. */
export function filler(place: {
  readonly parentBox: number;
  readonly parent: Box;
  readonly startNs: number;
  readonly endNs: number;
  readonly count: number;
}): Box {
  const { parent, parentBox, startNs, endNs, count } = place;
  return {
    startNs,
    endNs,
    row: parent.row + 1,
    func: -1,
    selfNs: 0,
    cpuNs: 0,
    waitNs: 0,
    sampleCount: count,
    line: 0,
    lane: parent.lane,
    parent: parentBox,
    flags: boxFlag.hidden,
  };
}

type HottestLines = (treeNode: number) => number;

/** Answers the line that weighs most in a function tree node: made for all nodes with time in one pass. */
function hottestLines(profile: Profile, tree: FunctionTree, nodeTotalNs: Float64Array): HottestLines {
  const { ofNode: placeOfNode, count } = linePlaces(profile, tree);
  const sumsNs = new Float64Array(count);
  const bestLine = new Int32Array(tree.length);
  const bestNs = new Float64Array(tree.length);
  for (let node = 0; node < placeOfNode.length; node++) {
    const totalNs = nodeTotalNs[node] ?? 0;
    const place = placeOfNode[node] ?? -1;
    if (totalNs <= 0 || place < 0) continue;
    const sumNs = (sumsNs[place] ?? 0) + totalNs;
    sumsNs[place] = sumNs;
    const at = tree.ofNode[node] ?? -1;
    if (sumNs <= (bestNs[at] ?? 0)) continue;
    bestNs[at] = sumNs;
    bestLine[at] = profile.frames.line[profile.nodes.frame[node] ?? 0] ?? 0;
  }
  return at => bestLine[at] ?? 0;
}

/** Numbers for the lines of each function tree node. */
interface LinePlaces {
  /** By node of the profile, -1 where its line does not count. */
  readonly ofNode: Int32Array;
  readonly count: number;
}

const placesByTree = new WeakMap<FunctionTree, LinePlaces>();

function linePlaces(profile: Profile, tree: FunctionTree): LinePlaces {
  const made = placesByTree.get(tree) ?? numberLines(profile, tree);
  placesByTree.set(tree, made);
  return made;
}

function numberLines({ nodes, frames }: Profile, tree: FunctionTree): LinePlaces {
  const places = new Map<number, number>();
  const ofNode = new Int32Array(nodes.length).fill(-1);
  for (let node = 0; node < nodes.length; node++) {
    const at = tree.ofNode[node] ?? -1;
    const frame = nodes.frame[node] ?? 0;
    // Folded foreign frames share the node of their own caller: only the caller's line counts.
    if (at < 0 || frames.func[frame] !== tree.func[at]) continue;
    const key = at * 0x400000 + (frames.line[frame] ?? 0);
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    ofNode[node] = place;
  }
  return { ofNode, count: places.size };
}
