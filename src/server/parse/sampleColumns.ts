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

/** Samples in the order in which they were read, of all lanes; `group` sorts them into their lanes. */
export class SampleColumns {
  length = 0;
  lane = new Int32Array(4096);
  node = new Int32Array(4096);
  task = new Int32Array(4096);
  state = new Uint8Array(4096);
  endNs = new Float64Array(4096);
  weightNs = new Float64Array(4096);
  cpuNs = new Float64Array(4096);

  /** Copies the row into the columns; the caller may reuse the object. */
  push(row: SampleRow): void {
    if (this.length === this.lane.length) this.grow();
    const index = this.length++;
    this.lane[index] = row.lane;
    this.node[index] = row.node;
    this.task[index] = row.task;
    this.state[index] = row.state;
    this.endNs[index] = row.endNs;
    this.weightNs[index] = row.weightNs;
    this.cpuNs[index] = row.cpuNs;
  }

  private grow(): void {
    const needed = this.length + 1;
    this.lane = grown(this.lane, needed, Int32Array);
    this.node = grown(this.node, needed, Int32Array);
    this.task = grown(this.task, needed, Int32Array);
    this.state = grown(this.state, needed, Uint8Array);
    this.endNs = grown(this.endNs, needed, Float64Array);
    this.weightNs = grown(this.weightNs, needed, Float64Array);
    this.cpuNs = grown(this.cpuNs, needed, Float64Array);
  }
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
  const keep = (value: number) => value;
  const samples: SampleTable = {
    length,
    endNs: await put(columns.endNs, new Float64Array(length), value => value - startNs),
    weightNs: await put(columns.weightNs, new Float64Array(length), keep),
    cpuNs: await put(columns.cpuNs, new Float64Array(length), keep),
    node: await put(columns.node, new Int32Array(length), value => (value < 0 ? -1 : (newNode[value] ?? -1))),
    state: await put(columns.state, new Uint8Array(length), keep),
    task: await put(columns.task, new Int32Array(length), value => (value < 0 ? -1 : (newLane[value] ?? -1))),
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
