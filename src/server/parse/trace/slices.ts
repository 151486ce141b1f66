/**
 * The calls of one lane of a trace, in whatever order they were written, and the way from there to samples:
 *
 *     f ├────────────────┤          f f g g g f h h f     the innermost call owns the time:
 *     g    ├─────┤                                        consecutive samples of self time
 *     h             ├──┤
 *
 * VizTracer writes a call when it ends, so a lane is sorted by end; other traces are sorted by start or not at all.
 */
import { ChunkedFloat64, ChunkedInt32 } from '../../columns/chunkedColumn';
import { firstRoom, grown } from '../../columns/growingColumn';
import { mergeOrder } from './mergeOrder';

/** Times are printed in microseconds: that much two calls may overlap by rounding. */
const roundingNs = 1000;

/** Calls with absolute times in nanoseconds. `name` is whatever id the reader gave them. */
export class Slices {
  startNs = new ChunkedFloat64();
  endNs = new ChunkedFloat64();
  name = new ChunkedInt32();
  /** Start of the earliest call and end of the latest. */
  firstNs = Number.POSITIVE_INFINITY;
  lastNs = Number.NEGATIVE_INFINITY;
  private previousStartNs = Number.NEGATIVE_INFINITY;
  private previousEndNs = Number.NEGATIVE_INFINITY;
  private isByEnd = true;
  private isByStart = true;

  get length(): number {
    return this.name.length;
  }

  add(startNs: number, endNs: number, name: number): void {
    // Of calls that end together, the inner one is written first.
    if (
      endNs < this.previousEndNs ||
      (endNs === this.previousEndNs && startNs > this.previousStartNs && startNs < endNs)
    ) {
      this.isByEnd = false;
    }
    if (startNs < this.previousStartNs) this.isByStart = false;
    this.previousStartNs = startNs;
    this.previousEndNs = endNs;
    if (startNs < this.firstNs) this.firstNs = startNs;
    if (endNs > this.lastNs) this.lastNs = endNs;
    this.startNs.push(startNs);
    this.endNs.push(endNs);
    this.name.push(name);
  }

  /**
   * Until when it is known which call was innermost, while more are to come. In the order of starts, calls inside the last ones
   * may still follow. In the order of ends, all that a call contains stands before it.
   */
  get knownUntilNs(): number {
    if (this.length === 0) return Number.POSITIVE_INFINITY;
    if (this.isByStart) return this.previousStartNs;
    return this.isByEnd ? this.lastNs : Number.NEGATIVE_INFINITY;
  }

  /** A copy of what was before a moment. */
  until(timeNs: number): Slices {
    const copy = new Slices();
    for (let i = 0; i < this.length; i++) {
      const startNs = this.startNs.at(i);
      if (startNs < timeNs) copy.add(startNs, Math.min(this.endNs.at(i), timeNs), this.name.at(i));
    }
    return copy;
  }

  /** Frees the calls. */
  clear(): void {
    this.startNs = new ChunkedFloat64();
    this.endNs = new ChunkedFloat64();
    this.name = new ChunkedInt32();
  }

  /** The indexes sorted by end, inner calls first; undefined when they are so as they stand. */
  byEnd(): Int32Array | undefined {
    if (this.isByEnd) return undefined;
    const { startNs, endNs } = this;
    return mergeOrder(this.length, (a, b) => {
      const [endA, endB] = [endNs.at(a), endNs.at(b)];
      return endA > endB || (endA === endB && startNs.at(a) < startNs.at(b));
    });
  }
}

/**
 * Chains the calls of a lane by start, outer calls first, without comparing more than neighbours: in the order of ends, what
 * a call contains stands directly before it.
 */
export class SliceChain {
  /** The call that comes after a call, -1 after the last. */
  readonly next: Int32Array;
  first = -1;
  /** Samples that the lane will have, when its calls are properly nested. */
  sampleCount = 0;
  private readonly order: Int32Array | undefined;
  private at = 0;
  /** Calls that no later one has contained so far, with their times and the last call of each one's chain. */
  private root = new Int32Array(firstRoom);
  private tail = new Int32Array(firstRoom);
  private rootStartNs = new Float64Array(firstRoom);
  private rootEndNs = new Float64Array(firstRoom);
  private depth = 0;

  constructor(private readonly slices: Slices) {
    this.order = slices.byEnd();
    this.next = new Int32Array(slices.length).fill(-1);
  }

  /** Chains up to `count` more calls; false when all are chained. */
  advance(count: number): boolean {
    const end = Math.min(this.at + count, this.slices.length);
    for (; this.at < end; this.at++)
      this.chain(this.order === undefined ? this.at : (this.order[this.at] as number));
    this.first = this.depth === 0 ? -1 : (this.root[0] as number);
    return this.at < this.slices.length;
  }

  private chain(slice: number): void {
    const { root, rootStartNs, rootEndNs } = this;
    const start = this.slices.startNs.at(slice);
    const end = this.slices.endNs.at(slice);
    let samples = 0;
    let until = end;
    let { depth } = this;
    const last = depth - 1;
    while (depth > 0) {
      const childStart = rootStartNs[depth - 1] as number;
      if (childStart < start) break;
      if ((rootEndNs[depth - 1] as number) < until) samples++;
      until = childStart;
      depth--;
    }
    if (start < until) samples++;
    this.sampleCount += samples;
    const hasInner = depth <= last;
    const tail = hasInner ? (this.tail[last] as number) : slice;
    if (hasInner) this.next[slice] = root[depth] as number;
    if (depth > 0) this.next[this.tail[depth - 1] as number] = slice;
    this.push({ depth, slice, tail, start, end });
  }

  private push(top: { depth: number; slice: number; tail: number; start: number; end: number }): void {
    const { depth } = top;
    if (depth === this.root.length) this.grow(depth + 1);
    this.root[depth] = top.slice;
    this.tail[depth] = top.tail;
    this.rootStartNs[depth] = top.start;
    this.rootEndNs[depth] = top.end;
    this.depth = depth + 1;
  }

  private grow(length: number): void {
    this.root = grown(this.root, length, Int32Array);
    this.tail = grown(this.tail, length, Int32Array);
    this.rootStartNs = grown(this.rootStartNs, length, Float64Array);
    this.rootEndNs = grown(this.rootEndNs, length, Float64Array);
  }
}

/** What becomes of the self time of calls. */
export interface SelfTimeTarget {
  /** The stack «`parent`, then the call's function»; -1 is the empty stack. */
  node(parent: number, name: number): number;
  /** A stretch of time in which the stack was `node`. */
  add(node: number, endNs: number, weightNs: number): void;
}

/** Walks a lane's calls by time and hands out the time of whatever is innermost. */
export class SelfTimes {
  /** Calls that reached beyond the call in which they began, and were cut there. */
  cutCount = 0;
  private slice: number;
  private cursorNs = Number.NEGATIVE_INFINITY;
  /** Of the open calls, outermost first. */
  private node = new Int32Array(firstRoom);
  private endNs = new Float64Array(firstRoom);
  private depth = 0;

  constructor(
    private readonly slices: Slices,
    private readonly chain: SliceChain,
    private readonly target: SelfTimeTarget,
  ) {
    this.slice = chain.first;
  }

  /** Walks up to `count` more calls; false when all time is handed out. */
  advance(count: number): boolean {
    const { next } = this.chain;
    for (let left = count; left > 0 && this.slice >= 0; left--) {
      this.enter(this.slice);
      this.slice = next[this.slice] as number;
    }
    if (this.slice >= 0) return true;
    this.leaveUntil(Number.POSITIVE_INFINITY);
    return false;
  }

  private enter(slice: number): void {
    const beganNs = this.slices.startNs.at(slice);
    // Where calls cross instead of lying in each other, the chain of a later one can lead back in time.
    const startNs = Math.max(beganNs, this.cursorNs);
    if (startNs > beganNs + roundingNs) this.cutCount++;
    let endNs = this.slices.endNs.at(slice);
    this.leaveUntil(startNs);
    const { depth } = this;
    let parent = -1;
    if (depth > 0) {
      parent = this.node[depth - 1] as number;
      this.spend(parent, startNs);
      const limitNs = this.endNs[depth - 1] as number;
      if (endNs > limitNs) {
        if (endNs > limitNs + roundingNs) this.cutCount++;
        endNs = limitNs;
      }
    }
    this.cursorNs = startNs;
    if (depth === this.node.length) this.grow(depth + 1);
    this.node[depth] = this.target.node(parent, this.slices.name.at(slice));
    this.endNs[depth] = endNs;
    this.depth = depth + 1;
  }

  private grow(length: number): void {
    this.node = grown(this.node, length, Int32Array);
    this.endNs = grown(this.endNs, length, Float64Array);
  }

  private leaveUntil(timeNs: number): void {
    while (this.depth > 0) {
      const endNs = this.endNs[this.depth - 1] as number;
      if (endNs > timeNs) return;
      this.depth--;
      this.spend(this.node[this.depth] as number, endNs);
    }
  }

  private spend(node: number, untilNs: number): void {
    if (untilNs <= this.cursorNs) return;
    this.target.add(node, untilNs, untilNs - this.cursorNs);
    this.cursorNs = untilNs;
  }
}
