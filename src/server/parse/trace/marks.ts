import { ChunkedFloat64, ChunkedInt32 } from '../../columns/chunkedColumn';
import { mergeOrder } from './mergeOrder';
import type { Slices } from './slices';

/** Codes that are no name's. */
const anyName = -1;
const everything = -2;

/** Begins and ends of a lane's calls, before they are matched. Names are ids, `anyName` ends whatever is innermost. */
export class Marks {
  private timeNs = new ChunkedFloat64();
  private code = new ChunkedInt32();
  /** The latest mark. */
  lastNs = Number.NEGATIVE_INFINITY;
  private previousNs = Number.NEGATIVE_INFINITY;
  private isInOrder = true;

  get length(): number {
    return this.code.length;
  }

  begin(timeNs: number, name: number): void {
    this.push(timeNs, name * 2);
  }

  /** `name` below 0: the event has none. */
  end(timeNs: number, name: number): void {
    this.push(timeNs, name < 0 ? anyName : name * 2 + 1);
  }

  /** Whatever is open ends here. */
  endAll(timeNs: number): void {
    this.push(timeNs, everything);
  }

  private push(timeNs: number, code: number): void {
    if (timeNs < this.previousNs) this.isInOrder = false;
    this.previousNs = timeNs;
    if (timeNs > this.lastNs) this.lastNs = timeNs;
    this.timeNs.push(timeNs);
    this.code.push(code);
  }

  /** Until when all marks are known while more are to come: they are as long as they come in order. */
  get knownUntilNs(): number {
    if (this.length === 0) return Number.POSITIVE_INFINITY;
    return this.isInOrder ? this.lastNs : Number.NEGATIVE_INFINITY;
  }

  /** Frees the marks. */
  clear(): void {
    this.timeNs = new ChunkedFloat64();
    this.code = new ChunkedInt32();
  }

  /**
   * Makes calls of the marks and returns how many ends had no beginning. What never ended lasts until `endNs`, or the lane's
   * last mark when that is later.
   */
  match(slices: Slices, endNs: number): number {
    const { timeNs, code } = this;
    const order = this.isInOrder ? undefined : mergeOrder(code.length, (a, b) => timeNs.at(a) > timeNs.at(b));
    const open = new OpenCalls(slices);
    for (let i = 0; i < code.length; i++) {
      const at = order === undefined ? i : (order[i] as number);
      const [now, value] = [timeNs.at(at), code.at(at)];
      if (value === everything) open.closeAll(now);
      else if (value >= 0 && value % 2 === 0) open.begin(value / 2, now);
      else open.end(value < 0 ? anyName : (value - 1) / 2, now);
    }
    open.closeAll(Math.max(endNs, this.lastNs));
    return open.strayCount;
  }
}

/** The calls that have begun and not ended yet, outermost first. */
export class OpenCalls {
  strayCount = 0;
  private readonly names: number[] = [];
  private readonly startsNs: number[] = [];
  /** How often each name is open, so that an end without a beginning costs no search. */
  private readonly openCount = new Map<number, number>();

  constructor(private readonly slices: Slices) {}

  get isEmpty(): boolean {
    return this.names.length === 0;
  }

  begin(name: number, timeNs: number): void {
    this.names.push(name);
    this.startsNs.push(timeNs);
    this.openCount.set(name, (this.openCount.get(name) ?? 0) + 1);
  }

  /** Ends the innermost call of that name and what it called; below 0 the innermost of all. */
  end(name: number, timeNs: number): void {
    const isOpen = name < 0 ? !this.isEmpty : (this.openCount.get(name) ?? 0) > 0;
    if (!isOpen) {
      this.strayCount++;
      return;
    }
    while (this.closeInnermost(timeNs) !== name && name >= 0);
  }

  closeAll(timeNs: number): void {
    while (!this.isEmpty) this.closeInnermost(timeNs);
  }

  private closeInnermost(timeNs: number): number {
    const name = this.names.pop() ?? -1;
    this.slices.add(this.startsNs.pop() ?? timeNs, timeNs, name);
    this.openCount.set(name, (this.openCount.get(name) ?? 1) - 1);
    return name;
  }
}
