/**
 * The calls of a lane as a viewer of traces draws them: samples that follow each other without a gap and share the
 * beginning of their stacks are one slice per shared function.
 *
 *     samples   a;b  a;b  a;c  (gap)  a
 *     slices    [a          ]         [a]
 *               [b     ][c  ]
 */
import { type Lane, type Profile, sampleState } from '../../../shared/profile';
import type { FunctionTree } from '../../analyze/functionTree';
import { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import type { StackSums } from './stackSums';

/** Slices by their start, callers before callees. */
export interface Slices {
  readonly length: number;
  /** Node of the function tree. */
  readonly node: Int32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  /** The part of the duration in which the lane waited. */
  readonly waitNs: Float64Array;
  /** CPU time of the lane when the slice began, and in the slice. */
  readonly cpuStartNs: Float64Array;
  readonly cpuNs: Float64Array;
}

/** Times are sums of fractions: a gap must be longer than this to part two slices. */
const toleranceNs = 0.5;

/** A stretch of a lane. */
interface Row {
  /** Node of the function tree, -1 for the empty stack. */
  readonly stack: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly isWaiting: boolean;
  readonly cpuNs: number;
}

/** The samples of a lane as they follow each other. */
export function timedSlices(profile: Profile, tree: FunctionTree, lane: Lane): Slices {
  return merged(tree, timedRows(profile, tree, lane));
}

/**
 * The sums of a lane without a time axis, side by side in the order of the tree: a slice is as long as its stack
 * weighs, and where it stands says nothing. `sums` sums by nodes of the tree.
 */
export function summedSlices(sums: StackSums, tree: FunctionTree, lane: Lane): Slices {
  return merged(tree, summedRows(sums, lane));
}

function merged(tree: FunctionTree, rows: Iterable<Row>): Slices {
  const open = new OpenSlices(tree);
  for (const row of rows) {
    if (row.startNs - open.untilNs > toleranceNs) open.closeAll(row.startNs);
    open.enter(row.stack);
    open.advance(row);
  }
  open.closeAll(open.untilNs);
  return open.finish();
}

function* timedRows({ samples }: Profile, tree: FunctionTree, lane: Lane): Generator<Row> {
  for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
    const node = samples.node[i] ?? -1;
    const endNs = samples.endNs[i] ?? 0;
    yield {
      stack: node < 0 ? -1 : (tree.ofNode[node] ?? -1),
      startNs: endNs - (samples.weightNs[i] ?? 0),
      endNs,
      isWaiting: ((samples.state[i] ?? 0) & sampleState.waiting) !== 0,
      cpuNs: samples.cpuNs[i] || 0,
    };
  }
}

function* summedRows(sums: StackSums, lane: Lane): Generator<Row> {
  let endNs = 0;
  for (const { stack, weight, cpuNs } of sums.ofLane(lane)) {
    const startNs = endNs;
    endNs += weight;
    yield { stack, startNs, endNs, isWaiting: false, cpuNs };
  }
}

/** The stack of slices that have begun and not ended, and the lane's clocks. */
class OpenSlices {
  untilNs = Number.NEGATIVE_INFINITY;
  private waitedNs = 0;
  private usedCpuNs = 0;
  private readonly open: number[] = [];
  private readonly node = new GrowingInt32();
  private readonly startNs = new GrowingFloat64();
  private readonly durationNs = new GrowingFloat64();
  private readonly waitNs = new GrowingFloat64();
  private readonly cpuStartNs = new GrowingFloat64();
  private readonly cpuNs = new GrowingFloat64();

  constructor(private readonly tree: FunctionTree) {}

  /** Ends what the stack at `leaf` does not share with the one before, and begins the rest of it. */
  enter(leaf: number): void {
    const fresh: number[] = [];
    let at = leaf;
    while (at >= 0 && !this.isOpen(at)) {
      fresh.push(at);
      at = this.tree.parent[at] ?? -1;
    }
    this.closeTo(at);
    for (const node of fresh.reverse()) {
      this.startNs.push(this.untilNs);
      this.durationNs.push(0);
      this.waitNs.push(this.waitedNs);
      this.cpuStartNs.push(this.usedCpuNs);
      this.cpuNs.push(0);
      this.open.push(this.node.push(node));
    }
  }

  /** Lets the lane's clocks run on to the end of a sample. */
  advance({ endNs, isWaiting, cpuNs }: Row): void {
    const untilNs = Math.max(this.untilNs, endNs);
    if (isWaiting) this.waitedNs += untilNs - this.untilNs;
    this.usedCpuNs += cpuNs;
    this.untilNs = untilNs;
  }

  /** Ends every slice; the next ones begin at `nextNs`. */
  closeAll(nextNs: number): void {
    this.closeTo(-1);
    this.untilNs = nextNs;
  }

  /** Ends every slice inside the tree's node; -1 ends all. */
  private closeTo(node: number): void {
    const depth = node < 0 ? 0 : (this.tree.depth[node] ?? 0) + 1;
    while (this.open.length > depth) {
      const slice = this.open.pop() ?? 0;
      this.durationNs.set(slice, this.untilNs - this.startNs.at(slice, 0), 0);
      this.waitNs.set(slice, this.waitedNs - this.waitNs.at(slice, 0), 0);
      this.cpuNs.set(slice, this.usedCpuNs - this.cpuStartNs.at(slice, 0), 0);
    }
  }

  finish(): Slices {
    return {
      length: this.node.length,
      node: this.node.toArray(),
      startNs: this.startNs.toArray(),
      durationNs: this.durationNs.toArray(),
      waitNs: this.waitNs.toArray(),
      cpuStartNs: this.cpuStartNs.toArray(),
      cpuNs: this.cpuNs.toArray(),
    };
  }

  private isOpen(node: number): boolean {
    const slice = this.open[this.tree.depth[node] ?? 0];
    return slice !== undefined && this.node.at(slice) === node;
  }
}
