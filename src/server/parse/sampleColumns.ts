import type { SampleTable } from '../../shared/profile';
import type { Slicer } from '../slicer';
import { grown } from './growingColumn';

/** One sample on its way into the columns. Times are absolute nanoseconds. */
export interface SampleRow {
  lane: number;
  endNs: number;
  weightNs: number;
  node: number;
  cpuNs: number;
  state: number;
  task: number;
}

/**
 * Samples in the order in which they were read, of all lanes; `groupByLane` sorts them into their lanes. A column that
 * no sample has a value for takes no memory.
 */
export class SampleColumns {
  length = 0;
  lane = new Int32Array(4096);
  node = new Int32Array(4096);
  state = new Uint8Array(4096);
  endNs = new Float64Array(4096);
  weightNs = new Float64Array(4096);
  cpuNs = new Float64Array(0);
  task = new Int32Array(0);
  count = new Float64Array(0);

  /** Copies the row into the columns; the caller may reuse the object. */
  push(row: SampleRow): void {
    const index = this.add(row.lane, row.node, row.endNs, row.weightNs);
    if (row.state !== 0) this.state[index] = row.state;
    if (!Number.isNaN(row.cpuNs)) this.setCpu(index, row.cpuNs);
    if (row.task >= 0) this.setTask(index, row.task);
  }

  /** Adds a sample of which nothing else is known, and returns its index. Times are absolute. */
  add(lane: number, node: number, endNs: number, weightNs: number): number {
    if (this.length === this.lane.length) this.grow();
    const index = this.length++;
    this.lane[index] = lane;
    this.node[index] = node;
    this.endNs[index] = endNs;
    this.weightNs[index] = weightNs;
    return index;
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

  /** Says that the row stands for so many samples. */
  setCount(index: number, count: number): void {
    if (index >= this.count.length) this.count = widened(this.count, this.lane.length, 1);
    this.count[index] = count;
  }

  private grow(): void {
    const needed = this.length + 1;
    this.lane = grown(this.lane, needed, Int32Array);
    this.node = grown(this.node, needed, Int32Array);
    this.state = grown(this.state, needed, Uint8Array);
    this.endNs = grown(this.endNs, needed, Float64Array);
    this.weightNs = grown(this.weightNs, needed, Float64Array);
  }
}

/** A copy as long as the other columns, with `filler` where nothing was set. */
function widened<T extends Int32Array | Float64Array>(column: T, length: number, filler: number): T {
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

/** Sorts samples into their lanes, keeping their order within a lane, and renumbers. Pauses between columns. */
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
  const place = placesOf(columns, newLane, firstSample);
  const { length } = columns;
  const put = async <T extends Column>(from: T, to: T, change: (value: number) => number): Promise<T> => {
    await slicer.pauseIfDue(0.95);
    return scatter({ from, to, place, change });
  };
  const optional = async <T extends Float64Array | Int32Array>(
    column: T,
    filler: number,
    change: (value: number) => number,
  ): Promise<T> => {
    if (column.length === 0) return column;
    const from = column.length < length ? widened(column, length, filler) : column;
    return put(from, new (column.constructor as new (length: number) => T)(length), change);
  };
  const keep = (value: number) => value;
  const samples: SampleTable = {
    length,
    endNs: await put(columns.endNs, new Float64Array(length), value => value - startNs),
    weightNs: await put(columns.weightNs, new Float64Array(length), keep),
    cpuNs: await optional(columns.cpuNs, Number.NaN, keep),
    count: await optional(columns.count, 1, keep),
    node: await put(columns.node, new Int32Array(length), value => (value < 0 ? -1 : (newNode[value] ?? -1))),
    state: await put(columns.state, new Uint8Array(length), keep),
    task: await optional(columns.task, -1, value => (value < 0 ? -1 : (newLane[value] ?? -1))),
  };
  return { samples, firstSample, sampleCount };
}

function laneCounts(columns: SampleColumns, newLane: Int32Array): Int32Array {
  const sampleCount = new Int32Array(newLane.length);
  for (let i = 0; i < columns.length; i++) {
    const lane = newLane[columns.lane[i] ?? 0] ?? 0;
    sampleCount[lane] = (sampleCount[lane] ?? 0) + 1;
  }
  return sampleCount;
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

interface Scatter<T extends Column> {
  readonly from: T;
  readonly to: T;
  readonly place: Int32Array;
  readonly change: (value: number) => number;
}

function scatter<T extends Column>({ from, to, place, change }: Scatter<T>): T {
  for (let i = 0; i < place.length; i++) to[place[i] ?? 0] = change(from[i] ?? 0);
  return to;
}
