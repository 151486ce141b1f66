import type { SampleTable } from '../../../shared/profile';
import { firstRoom } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import { boundedAmount, boundedTime, maxAmount } from './bounds';

/** One sample on its way into the columns. Times are absolute nanoseconds. */
export interface SampleRow {
  lane: number;
  endNs: number;
  weightNs: number;
  node: number;
  cpuNs: number;
  state: number;
  task: number;
  /** Index into `waitReasons`; none when left out. */
  reason?: number;
}

/** Recorded times are rounded. */
const sameMomentNs = 1;

/** True when a sample that ends at `endNs` begins where the one before ended. */
export function follows(endNs: number, weightNs: number, endBeforeNs: number): boolean {
  return weightNs > 0 && Math.abs(endNs - weightNs - endBeforeNs) < sameMomentNs;
}

/**
 * Samples in the order in which they were read, of all lanes; `groupByLane` sorts them into their lanes. A column that
 * no sample has a value for takes no memory.
 */
export class SampleColumns {
  length = 0;
  lane = new Int32Array(firstRoom);
  node = new Int32Array(firstRoom);
  state = new Uint8Array(firstRoom);
  endNs = new Float64Array(firstRoom);
  weightNs = new Float64Array(firstRoom);
  cpuNs = new Float64Array(0);
  task = new Int32Array(0);
  count = new Float64Array(0);
  reason = new Uint8Array(0);

  /** Copies the row into the columns; the caller may reuse the object. */
  push(row: SampleRow): void {
    const index = this.add(row.lane, row.node, row.endNs, row.weightNs);
    if (row.state !== 0) this.state[index] = row.state;
    if (!Number.isNaN(row.cpuNs)) this.setCpu(index, row.cpuNs);
    if (row.task >= 0) this.setTask(index, row.task);
    if (row.reason) this.setReason(index, row.reason);
  }

  /** Adds a sample of which nothing else is known, and returns its index. Times are absolute. */
  add(lane: number, node: number, endNs: number, weightNs: number): number {
    if (this.length === this.lane.length) this.grow(this.length + Math.max(firstRoom, this.length >>> 1));
    const index = this.length++;
    this.lane[index] = lane;
    this.node[index] = node;
    this.endNs[index] = endNs;
    this.weightNs[index] = weightNs;
    return index;
  }

  /**
   * Lets the last row stand for one more sample, when that follows it in the same lane, with the same stack and state, and no CPU
   * time is known; else adds a row. A thread that stays where it is then costs nothing, and a row says how many samples it is.
   */
  addSame(row: SampleRow): void {
    if (!this.isLikeLast(row) || !this.prolong(row.endNs, row.weightNs)) this.push(row);
  }

  private isLikeLast({ lane, node, state, cpuNs, task, reason }: SampleRow): boolean {
    const last = this.length - 1;
    if (last < 0 || this.lane[last] !== lane || this.node[last] !== node || this.state[last] !== state)
      return false;
    if ((this.reason[last] ?? 0) !== (reason ?? 0)) return false;
    return task < 0 && Number.isNaN(cpuNs) && Number.isNaN(this.cpuNs[last] ?? Number.NaN);
  }

  /**
   * Lets the last row stand for one more sample that has all but its times in common with it. False, and nothing is done, when
   * that does not follow it.
   */
  prolong(endNs: number, weightNs: number): boolean {
    const last = this.length - 1;
    const lastEndNs = this.endNs[last] as number;
    if (!follows(endNs, weightNs, lastEndNs)) return false;
    this.prolongTo({ endNs, weightNs: endNs - lastEndNs + (this.weightNs[last] as number), more: 1 });
    return true;
  }

  /** End and weight of the last row; there is one. */
  lastRow(): { endNs: number; weightNs: number } {
    const last = this.length - 1;
    return { endNs: this.endNs[last] as number, weightNs: this.weightNs[last] as number };
  }

  /** Lets the last row stand for so many `more` samples, with the end and the weight that it has then. */
  prolongTo({ endNs, weightNs, more }: { endNs: number; weightNs: number; more: number }): void {
    if (more === 0) return;
    const last = this.length - 1;
    this.endNs[last] = endNs;
    this.weightNs[last] = weightNs;
    this.setCount(last, (this.count[last] ?? 1) + more);
  }

  /** So many samples have room. */
  get room(): number {
    return this.lane.length;
  }

  /** Makes room for so many samples in all, so that adding them copies nothing. */
  reserve(length: number): void {
    if (length > this.lane.length) this.grow(length);
  }

  setState(index: number, state: number): void {
    this.state[index] = state;
  }

  setCpu(index: number, cpuNs: number): void {
    if (index >= this.cpuNs.length) this.cpuNs = widened(this.cpuNs, this.lane.length, Number.NaN);
    this.cpuNs[index] = cpuNs;
  }

  setTask(index: number, task: number): void {
    if (index >= this.task.length) this.task = widened(this.task, this.lane.length, -1);
    this.task[index] = task;
  }

  /** `reason`: an index into `waitReasons`. */
  setReason(index: number, reason: number): void {
    if (index >= this.reason.length) this.reason = widened(this.reason, this.lane.length, 0);
    this.reason[index] = reason;
  }

  /** Says that the row stands for so many samples. */
  setCount(index: number, count: number): void {
    if (!(count >= 0)) return;
    if (index >= this.count.length) this.count = widened(this.count, this.lane.length, 1);
    this.count[index] = Math.min(count, maxAmount);
  }

  /** Puts the samples from `first` on into another order; those that `order` does not name are taken out. */
  reorder(first: number, order: Int32Array): void {
    const { lane, node, state, endNs, weightNs, cpuNs, task, count, reason } = this;
    for (const column of [lane, node, state, endNs, weightNs, reason])
      reorder(column, { first, order, filler: 0 });
    reorder(cpuNs, { first, order, filler: Number.NaN });
    reorder(task, { first, order, filler: -1 });
    reorder(count, { first, order, filler: 1 });
    this.truncate(first + order.length);
  }

  /** Forgets what is known of the CPU time of the samples from `first` on. */
  dropCpu(first: number): void {
    this.cpuNs = first === 0 ? new Float64Array(0) : this.cpuNs.fill(Number.NaN, first);
  }

  /** Takes out the samples whose lane was refused (`ProfileBuilder.lane`). */
  dropRefused(): void {
    const { lane, node, state, endNs, weightNs, cpuNs, task, count, reason } = this;
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      if ((lane[i] ?? -1) < 0) continue;
      for (const column of [lane, node, state, endNs, weightNs, cpuNs, task, count, reason]) {
        if (i < column.length) column[kept] = column[i] ?? 0;
      }
      kept++;
    }
    this.truncate(kept);
  }

  /** A copy of the rows, with room for so many more. */
  copy(spare: number): SampleColumns {
    const { length } = this;
    const copy = new SampleColumns();
    copy.length = length;
    copy.lane = copied(this.lane.subarray(0, length), new Int32Array(length + spare));
    copy.node = copied(this.node.subarray(0, length), new Int32Array(length + spare));
    copy.state = copied(this.state.subarray(0, length), new Uint8Array(length + spare));
    copy.endNs = copied(this.endNs.subarray(0, length), new Float64Array(length + spare));
    copy.weightNs = copied(this.weightNs.subarray(0, length), new Float64Array(length + spare));
    copy.cpuNs = this.cpuNs.slice(0, length);
    copy.task = this.task.slice(0, length);
    copy.count = this.count.slice(0, length);
    copy.reason = this.reason.slice(0, length);
    return copy;
  }

  /** Makes a row to spare in every column: `groupByLane` copies such columns instead of handing them over. */
  keepApart(): void {
    if (this.length === 0) return;
    this.reserve(this.length + 1);
    if (this.cpuNs.length === this.length) this.cpuNs = widened(this.cpuNs, this.lane.length, Number.NaN);
    if (this.task.length === this.length) this.task = widened(this.task, this.lane.length, -1);
    if (this.count.length === this.length) this.count = widened(this.count, this.lane.length, 1);
    if (this.reason.length === this.length) this.reason = widened(this.reason, this.lane.length, 0);
  }

  /** Drops the rows from `length` on: `add` counts on it that nothing is known of a row. */
  private truncate(length: number): void {
    this.state.fill(0, length, this.length);
    this.cpuNs.fill(Number.NaN, length, this.length);
    this.task.fill(-1, length, this.length);
    this.count.fill(1, length, this.length);
    this.reason.fill(0, length, this.length);
    this.length = length;
  }

  private grow(length: number): void {
    this.lane = copied(this.lane, new Int32Array(length));
    this.node = copied(this.node, new Int32Array(length));
    this.state = copied(this.state, new Uint8Array(length));
    this.endNs = copied(this.endNs, new Float64Array(length));
    this.weightNs = copied(this.weightNs, new Float64Array(length));
  }
}

function reorder(
  column: Column,
  { first, order, filler }: { first: number; order: Int32Array; filler: number },
): void {
  const before = column.slice(first);
  for (let index = 0; index < order.length && first + index < column.length; index++) {
    column[first + index] = before[(order[index] as number) - first] ?? filler;
  }
}

function copied<T extends Column>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** A copy as long as the other columns, with `filler` where nothing was set. */
function widened<T extends Column>(column: T, length: number, filler: number): T {
  const wide = new (column.constructor as new (length: number) => T)(length).fill(filler) as T;
  wide.set(column);
  return wide;
}

/** What changes on a sample's way into the profile. `newLane` and `newNode` map old indexes to new ones. */
export interface SampleRenumbering {
  readonly newLane: Int32Array;
  readonly newNode: Int32Array;
  readonly startNs: number;
}

/** The samples grouped by lane, with each lane's place. */
export interface GroupedSamples {
  readonly samples: SampleTable;
  readonly firstSample: Int32Array;
  readonly sampleCount: Int32Array;
}

/**
 * Sorts samples into their lanes, keeping their order within a lane, and renumbers. Pauses between columns. Samples that were
 * added lane by lane stay where they are: the columns then belong to the profile.
 */
export async function groupByLane(
  columns: SampleColumns,
  { newLane, newNode, startNs }: SampleRenumbering,
  slicer: Slicer,
): Promise<GroupedSamples> {
  const sampleCount = laneCounts(columns, newLane);
  const firstSample = new Int32Array(newLane.length);
  for (let lane = 1; lane < newLane.length; lane++) {
    firstSample[lane] = (firstSample[lane - 1] ?? 0) + (sampleCount[lane - 1] ?? 0);
  }
  await slicer.pauseIfDue(0.92);
  const { length } = columns;
  const place = isGrouped(columns, newLane) ? undefined : placesOf(columns, newLane, firstSample);
  const paused = async <T>(put: () => T): Promise<T> => {
    await slicer.pauseIfDue(0.95);
    return put();
  };
  const samples: SampleTable = {
    length,
    endNs: await paused(() => putTimes(moveOf(columns.endNs, length, place), startNs)),
    weightNs: await paused(() => putAmounts(moveOf(columns.weightNs, length, place))),
    cpuNs: await paused(() => put(moveOf(filledUp(columns.cpuNs, length, Number.NaN), length, place))),
    count: await paused(() => put(moveOf(filledUp(columns.count, length, 1), length, place))),
    node: await paused(() => putIndexes(moveOf(columns.node, length, place), newNode)),
    state: await paused(() => put(moveOf(columns.state, length, place))),
    reason: await paused(() => put(moveOf(filledUp(columns.reason, length, 0), length, place))),
    task: await paused(() => putIndexes(moveOf(filledUp(columns.task, length, -1), length, place), newLane)),
  };
  return { samples, firstSample, sampleCount };
}

/** As long as the other columns, unless no sample has a value. */
function filledUp<T extends Column>(column: T, length: number, filler: number): T {
  return column.length === 0 || column.length >= length ? column : widened(column, length, filler);
}

function laneCounts(columns: SampleColumns, newLane: Int32Array): Int32Array {
  const sampleCount = new Int32Array(newLane.length);
  for (let i = 0; i < columns.length; i++) {
    const lane = newLane[columns.lane[i] ?? 0] ?? 0;
    sampleCount[lane] = (sampleCount[lane] ?? 0) + 1;
  }
  return sampleCount;
}

/** True when each lane's samples stand together, and the lanes in their final order. */
function isGrouped(columns: SampleColumns, newLane: Int32Array): boolean {
  let last = 0;
  for (let i = 0; i < columns.length; i++) {
    const lane = newLane[columns.lane[i] ?? 0] ?? 0;
    if (lane < last) return false;
    last = lane;
  }
  return true;
}

function placesOf(columns: SampleColumns, newLane: Int32Array, firstSample: Int32Array): Int32Array {
  const cursor = firstSample.slice();
  const place = new Int32Array(columns.length);
  for (let i = 0; i < place.length; i++) {
    const lane = newLane[columns.lane[i] ?? 0] ?? 0;
    const at = cursor[lane] ?? 0;
    place[i] = at;
    cursor[lane] = at + 1;
  }
  return place;
}

type Column = Float64Array | Int32Array | Uint8Array;

/** A column on its way: value `i` goes to `place[i]`, or stays where it is. */
interface Move<T extends Column> {
  readonly from: T;
  readonly to: T;
  readonly place: Int32Array | undefined;
}

function moveOf<T extends Column>(column: T, length: number, place: Int32Array | undefined): Move<T> {
  const isEmpty = column.length === 0;
  if (place !== undefined && !isEmpty) return { from: column, to: emptyLike(column, length), place };
  const own = isEmpty || column.length === length ? column : (column.slice(0, length) as T);
  return { from: own, to: own, place: undefined };
}

function emptyLike<T extends Column>(column: T, length: number): T {
  return new (column.constructor as new (length: number) => T)(length);
}

// One loop for each kind of change: a function for each value would cost more than the rest of the reading.

function put<T extends Column>({ from, to, place }: Move<T>): T {
  if (place === undefined) return to;
  for (let i = 0; i < place.length; i++) to[place[i] ?? 0] = from[i] ?? 0;
  return to;
}

function putTimes({ from, to, place }: Move<Float64Array>, startNs: number): Float64Array {
  for (let i = 0; i < to.length; i++) to[place?.[i] ?? i] = boundedTime((from[i] ?? 0) - startNs);
  return to;
}

function putAmounts({ from, to, place }: Move<Float64Array>): Float64Array {
  for (let i = 0; i < to.length; i++) to[place?.[i] ?? i] = boundedAmount(from[i] ?? 0);
  return to;
}

/** Renumbers; -1 stays. */
function putIndexes({ from, to, place }: Move<Int32Array>, newIndex: Int32Array): Int32Array {
  for (let i = 0; i < to.length; i++) {
    const old = from[i] ?? -1;
    to[place?.[i] ?? i] = old < 0 ? -1 : (newIndex[old] ?? -1);
  }
  return to;
}
