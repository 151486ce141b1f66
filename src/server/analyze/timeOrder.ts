import type { FlameQuery } from '../../shared/api';
import { type Profile, sampleState } from '../../shared/profile';
import { boxFlag } from '../../shared/views';
import { type Box, waitFlag } from './flameBoxes';
import { type FunctionTree, functionTree } from './functionTree';
import type { Layout } from './leftHeavy';
import { clippedNs, cpuShare } from './nodeTimes';
import { firstSampleAfter, laneEnd, rangeOf, selectedLanes } from './selection';

/** The last row that fits the slab's 16 bits. Lanes that would lie deeper are left out. */
const maxRow = 65_000;

/**
 * Lays out stacks in the order of time. Lanes stand below each other, each with a root row of its own; neighbouring
 * samples with the same function at the same depth are one box. Boxes narrower than `minWidthNs` become fillers.
 */
export function timeOrder(profile: Profile, query: FlameQuery): Layout {
  const tree = functionTree(profile, query.ownCodeOnly);
  const boxes: Box[] = [];
  let row = 0;
  for (const lane of selectedLanes(profile, query.lane)) {
    const deepest = deepestRow(profile, tree, lane);
    if ((profile.lanes[lane]?.sampleCount ?? 0) === 0) continue;
    if (row + deepest + 2 > maxRow) break;
    new LaneTimeline({ profile, tree, query, lane, row, boxes }).run();
    row += deepest + 2;
  }
  return { boxes, totalNs: profile.info.durationNs };
}

/** Depth of a lane's deepest stack over the whole run, -1 without frames: rows must not jump while panning. */
function deepestRow(profile: Profile, tree: FunctionTree, lane: number): number {
  let deepest = -1;
  const end = laneEnd(profile, lane);
  for (let i = profile.lanes[lane]?.firstSample ?? 0; i < end; i++) {
    const at = tree.ofNode[profile.samples.node[i] ?? -1] ?? -1;
    if (at >= 0) deepest = Math.max(deepest, tree.depth[at] ?? 0);
  }
  return deepest;
}

interface TimelineJob {
  readonly profile: Profile;
  readonly tree: FunctionTree;
  readonly query: FlameQuery;
  readonly lane: number;
  readonly row: number;
  readonly boxes: Box[];
}

/** The boxes that the last sample left open, by depth: columns, because millions of them open and close. */
class OpenBoxes {
  count = 0;
  node = new Int32Array(256);
  /** Index among the boxes that was reserved for it, -1 while nothing of it is drawn. */
  index = new Int32Array(256);
  line = new Int32Array(256);
  sampleCount = new Int32Array(256);
  startNs = new Float64Array(256);
  selfNs = new Float64Array(256);
  cpuNs = new Float64Array(256);
  waitNs = new Float64Array(256);
  voteNs = new Float64Array(256);

  open(node: number, startNs: number): void {
    const level = this.count++;
    if (level === this.node.length) this.grow();
    this.node[level] = node;
    this.index[level] = -1;
    this.startNs[level] = startNs;
    this.line[level] = this.sampleCount[level] = 0;
    this.selfNs[level] = this.cpuNs[level] = this.waitNs[level] = this.voteNs[level] = 0;
  }

  /** Adds samples to a box. Its line is found by majority vote: exact when one line holds more than half of it. */
  add(level: number, stay: Stay, line: number): void {
    this.sampleCount[level] = (this.sampleCount[level] ?? 0) + stay.sampleCount;
    this.cpuNs[level] = (this.cpuNs[level] ?? 0) + stay.cpuNs;
    this.waitNs[level] = (this.waitNs[level] ?? 0) + stay.waitNs;
    const voteNs = this.voteNs[level] ?? 0;
    if (this.line[level] === line) this.voteNs[level] = voteNs + stay.wallNs;
    else if (voteNs >= stay.wallNs) this.voteNs[level] = voteNs - stay.wallNs;
    else {
      this.line[level] = line;
      this.voteNs[level] = stay.wallNs - voteNs;
    }
  }

  private grow(): void {
    const length = this.node.length * 2;
    this.node = copied(this.node, new Int32Array(length));
    this.index = copied(this.index, new Int32Array(length));
    this.line = copied(this.line, new Int32Array(length));
    this.sampleCount = copied(this.sampleCount, new Int32Array(length));
    this.startNs = copied(this.startNs, new Float64Array(length));
    this.selfNs = copied(this.selfNs, new Float64Array(length));
    this.cpuNs = copied(this.cpuNs, new Float64Array(length));
    this.waitNs = copied(this.waitNs, new Float64Array(length));
    this.voteNs = copied(this.voteNs, new Float64Array(length));
  }
}

function copied<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Neighbouring samples of one stack. */
interface Stay {
  node: number;
  startNs: number;
  endNs: number;
  wallNs: number;
  cpuNs: number;
  waitNs: number;
  sampleCount: number;
}

const noStay: Stay = {
  node: -2,
  startNs: 0,
  endNs: Number.NEGATIVE_INFINITY,
  wallNs: 0,
  cpuNs: 0,
  waitNs: 0,
  sampleCount: 0,
};

/** Builds the boxes of one lane from its samples. */
class LaneTimeline {
  private readonly open = new OpenBoxes();
  private readonly path: number[] = [];
  private readonly lines: number[] = [];
  private readonly fillers = new Map<number, Box>();
  private readonly root: Box;
  private readonly rootIndex: number;
  private readonly range: { rangeStartNs: number; rangeEndNs: number };
  private readonly stay: Stay = { ...noStay };

  constructor(private readonly job: TimelineJob) {
    const [rangeStartNs, rangeEndNs] = rangeOf(job.profile, job.query);
    this.range = { rangeStartNs, rangeEndNs };
    const life = job.profile.lanes[job.lane];
    this.root = newBox({ startNs: life?.startNs ?? 0, row: job.row, lane: job.lane, parent: -1, func: -1 });
    this.root.endNs = Math.max(life?.endNs ?? 0, this.root.startNs);
    this.root.flags = boxFlag.lane;
    this.rootIndex = job.boxes.push(this.root) - 1;
  }

  run(): void {
    const { profile, lane } = this.job;
    const { samples } = profile;
    const end = laneEnd(profile, lane);
    for (let i = firstSampleAfter(profile, lane, this.range.rangeStartNs); i < end; i++) {
      const [endNs, weightNs] = [samples.endNs[i] ?? 0, samples.weightNs[i] ?? 0];
      const wallNs = clippedNs(endNs, weightNs, this.range);
      if (wallNs < 0) break;
      if (wallNs === 0) continue;
      const startNs = Math.max(endNs - weightNs, this.range.rangeStartNs);
      const node = samples.node[i] ?? -1;
      if (node !== this.stay.node || startNs > this.stay.endNs) this.startStay(node, startNs);
      this.stay.endNs = startNs + wallNs;
      this.stay.wallNs += wallNs;
      this.stay.cpuNs += cpuShare(samples.cpuNs[i] ?? Number.NaN, wallNs, weightNs);
      this.stay.waitNs += ((samples.state[i] ?? 0) & sampleState.waiting) === 0 ? 0 : wallNs;
      this.stay.sampleCount++;
    }
    this.endStay();
    this.closeFrom(0, this.stay.endNs);
    this.root.flags |= waitFlag(this.root.waitNs, this.root.endNs - this.root.startNs);
  }

  private startStay(node: number, startNs: number): void {
    const { stay } = this;
    this.endStay();
    if (startNs > stay.endNs) this.closeFrom(0, stay.endNs);
    stay.node = node;
    stay.startNs = startNs;
    stay.wallNs = stay.cpuNs = stay.waitNs = stay.sampleCount = 0;
  }

  /** Adds neighbouring samples of one stack to its boxes, together. */
  private endStay(): void {
    const { open, root, stay } = this;
    if (stay.sampleCount === 0) return;
    const depth = this.readPath(stay.node);
    let same = 0;
    while (same < depth && same < open.count && open.node[same] === this.path[same]) same++;
    this.closeFrom(same, stay.startNs);
    for (let level = same; level < depth; level++) open.open(this.path[level] ?? -1, stay.startNs);
    for (let level = 0; level < depth; level++) open.add(level, stay, this.lines[level] ?? 0);
    if (depth > 0) open.selfNs[depth - 1] = (open.selfNs[depth - 1] ?? 0) + stay.wallNs;
    else root.selfNs += stay.wallNs;
    root.sampleCount += stay.sampleCount;
    root.cpuNs += stay.cpuNs;
    root.waitNs += stay.waitNs;
  }

  /** Fills `path` with the function tree nodes of a stack, root first, and `lines` with their executing lines. */
  private readPath(node: number): number {
    const { profile, tree } = this.job;
    const leaf = tree.ofNode[node] ?? -1;
    for (let at = node; at >= 0; at = profile.nodes.parent[at] ?? -1) {
      const here = tree.ofNode[at] ?? -1;
      const frame = profile.nodes.frame[at] ?? 0;
      if (here < 0 || profile.frames.func[frame] !== tree.func[here]) continue;
      const level = tree.depth[here] ?? 0;
      this.path[level] = here;
      this.lines[level] = profile.frames.line[frame] ?? 0;
    }
    return leaf < 0 ? 0 : (tree.depth[leaf] ?? 0) + 1;
  }

  /** Closes the open boxes from the innermost up to `level`. */
  private closeFrom(level: number, endNs: number): void {
    const { open } = this;
    while (open.count > level) {
      const innermost = open.count - 1;
      if (endNs - (open.startNs[innermost] ?? 0) >= this.job.query.minWidthNs) this.emit(innermost, endNs);
      else this.hide(innermost, endNs);
      open.count--;
    }
  }

  private emit(level: number, endNs: number): void {
    const { open } = this;
    const box = this.job.boxes[this.indexOf(level)] as Box;
    box.endNs = endNs;
    box.selfNs = open.selfNs[level] ?? 0;
    box.cpuNs = open.cpuNs[level] ?? 0;
    box.waitNs = open.waitNs[level] ?? 0;
    box.sampleCount = open.sampleCount[level] ?? 0;
    box.line = open.line[level] ?? 0;
    box.flags = waitFlag(box.waitNs, endNs - box.startNs);
  }

  /** Reserves the box's index, its ancestors' first, so that children know their parent. -1 is the lane's root. */
  private indexOf(level: number): number {
    const { open } = this;
    const { boxes, lane, row, tree } = this.job;
    let parent = this.rootIndex;
    for (let above = 0; above <= level; above++) {
      if ((open.index[above] ?? -1) < 0) {
        const func = tree.func[open.node[above] ?? -1] ?? -1;
        const box = newBox({ startNs: open.startNs[above] ?? 0, row: row + above + 1, lane, parent, func });
        open.index[above] = boxes.push(box) - 1;
      }
      parent = open.index[above] ?? -1;
    }
    return parent;
  }

  /** Merges a narrow box into the filler of its row when that one ends where this begins. */
  private hide(level: number, endNs: number): void {
    const { open } = this;
    const { lane, boxes, query } = this.job;
    const startNs = open.startNs[level] ?? 0;
    const row = this.job.row + level + 1;
    const parent = level === 0 ? this.rootIndex : (open.index[level - 1] ?? -1);
    const last = this.fillers.get(row);
    if (last !== undefined && last.parent === parent && startNs - last.endNs < query.minWidthNs / 2) {
      last.endNs = endNs;
      last.sampleCount++;
      return;
    }
    // Below a parent that is itself still narrow nothing is drawn: the parent's filler will stand for both.
    if (level > 0 && endNs - (open.startNs[level - 1] ?? 0) < query.minWidthNs) return;
    const made = newBox({ startNs, row, lane, parent: this.indexOf(level - 1), func: -1 });
    made.endNs = endNs;
    made.sampleCount = 1;
    made.flags = boxFlag.hidden;
    boxes.push(made);
    this.fillers.set(row, made);
  }
}

function newBox(place: { startNs: number; row: number; lane: number; parent: number; func: number }): Box {
  return {
    ...place,
    endNs: place.startNs,
    selfNs: 0,
    cpuNs: 0,
    waitNs: 0,
    sampleCount: 0,
    line: 0,
    flags: 0,
  };
}
