import { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import type { ProfileBuilder } from '../model/profileBuilder';
import { PprofStack } from './pprofStack';
import type { PprofLocations } from './pprofTables';
import type { ValueChoice } from './pprofValues';
import { ProtoReader } from './protobuf';

/** Labels by which agents name threads and processes: Datadog with spaces, Pyroscope with underscores. */
const labelRoles: Readonly<Record<string, LabelRole>> = {
  'thread id': 'thread',
  thread_id: 'thread',
  tid: 'thread',
  'thread native id': 'native',
  'thread name': 'name',
  thread_name: 'name',
  thread: 'name',
  pid: 'process',
  process_id: 'process',
  'process id': 'process',
  end_timestamp_ns: 'end',
};
type LabelRole = 'thread' | 'native' | 'name' | 'process' | 'end';

/** What the samples are resolved with. */
export interface SampleTarget {
  readonly builder: ProfileBuilder;
  readonly locations: PprofLocations;
  readonly choice: ValueChoice;
  readonly strings: readonly string[];
  /** The profile's beginning, as the halves of nanoseconds since the epoch. */
  readonly began: { readonly low: number; readonly high: number };
  /** What one sample is worth, 0 unknown. */
  readonly period: number;
}

/** Samples of a pprof profile on their way into the builder. */
export class PprofSamples {
  negativeCount = 0;
  private readonly roles = new Map<number, LabelRole>();
  private readonly lanes = new Map<string, number>();
  private readonly rows = {
    lane: new GrowingInt32(),
    node: new GrowingInt32(),
    end: new GrowingFloat64(),
    weight: new GrowingFloat64(),
    cpu: new GrowingFloat64(),
    count: new GrowingFloat64(),
  };
  private isTimed = true;
  private readonly reader = new ProtoReader();
  private readonly labelReader = new ProtoReader();
  private readonly packed = new Int32Array(1024);
  /** The sample's locations, leaf first, -1 for those that are not in the file. */
  private readonly leafFirst = new GrowingInt32();
  private readonly stack: PprofStack;
  private values: number[] = [];
  private readonly label = { thread: '', native: 0, name: '', process: 0, end: Number.NaN };

  constructor(private readonly target: SampleTarget) {
    this.stack = new PprofStack(target.builder, target.locations);
    target.strings.forEach((text, index) => {
      const role = Object.hasOwn(labelRoles, text) ? labelRoles[text] : undefined;
      if (role !== undefined) this.roles.set(index, role);
    });
  }

  /** References to locations that are not in the file. */
  get lostCount(): number {
    return this.stack.lostCount;
  }

  /** Reads one sample message. */
  add(bytes: Uint8Array): void {
    this.read(bytes);
    const { choice, period } = this.target;
    const weight = (this.values[choice.shown.column] ?? 0) * choice.shown.scale;
    if (weight < 0) this.negativeCount++;
    if (!(weight > 0)) return;
    const { rows, label } = this;
    rows.lane.push(this.lane());
    rows.node.push(this.stack.node(this.leafFirst));
    rows.end.push(label.end);
    rows.weight.push(weight);
    rows.cpu.push(choice.cpuColumn < 0 ? Number.NaN : (this.values[choice.cpuColumn] ?? Number.NaN));
    const counted = choice.countColumn < 0 ? 0 : (this.values[choice.countColumn] ?? 0);
    const estimated = period > 0 ? Math.max(1, Math.round(weight / period)) : 1;
    rows.count.push(counted > 0 ? counted : estimated);
    if (Number.isNaN(label.end) || choice.shown.unit !== 'nanoseconds') this.isTimed = false;
  }

  /** Hands the rows to the builder, on a time axis where every one has its time. Returns whether there is one. */
  finish(): { readonly hasTimeAxis: boolean; readonly startNs: number; readonly endNs: number } {
    const order = this.isTimed && this.rows.lane.length > 0 ? this.timeOrder() : undefined;
    if (order === undefined) {
      this.aggregate();
      return { hasTimeAxis: false, startNs: 0, endNs: this.target.builder.aggregateTotal };
    }
    let [startNs, endNs] = [Number.POSITIVE_INFINITY, 0];
    const { rows } = this;
    const lastNs = new Map<number, number>();
    for (const row of order) {
      const [lane, end] = [rows.lane.at(row), rows.end.at(row, 0)];
      const weight = Math.min(rows.weight.at(row, 0), end - (lastNs.get(lane) ?? Number.NEGATIVE_INFINITY));
      lastNs.set(lane, end);
      if (weight <= 0) continue;
      this.put(row, { lane, end, weight });
      startNs = Math.min(startNs, end - weight);
      endNs = Math.max(endNs, end);
    }
    return { hasTimeAxis: true, startNs, endNs };
  }

  private put(row: number, { lane, end, weight }: { lane: number; end: number; weight: number }): void {
    const { samples } = this.target.builder;
    const index = samples.add(lane, this.rows.node.at(row), end, weight);
    const cpuNs = this.rows.cpu.at(row, Number.NaN);
    if (!Number.isNaN(cpuNs)) samples.setCpu(index, Math.max(0, Math.min(cpuNs, weight)));
    const count = this.rows.count.at(row, 1);
    if (count !== 1) samples.setCount(index, count);
  }

  /** Rows by time, or undefined when rows of a lane overlap: then they are not one thread's. */
  private timeOrder(): Int32Array | undefined {
    const { rows } = this;
    const order = Int32Array.from({ length: rows.lane.length }, (_, row) => row);
    order.sort((a, b) => rows.end.at(a, 0) - rows.end.at(b, 0) || a - b);
    const lastNs = new Map<number, number>();
    let [overlapNs, totalNs] = [0, 0];
    for (const row of order) {
      const [lane, end, weight] = [rows.lane.at(row), rows.end.at(row, 0), rows.weight.at(row, 0)];
      const beganNs = end - weight;
      overlapNs += Math.max(0, Math.min((lastNs.get(lane) ?? beganNs) - beganNs, weight));
      totalNs += weight;
      lastNs.set(lane, end);
    }
    return overlapNs <= totalNs * maxOverlap ? order : undefined;
  }

  private aggregate(): void {
    const { rows } = this;
    for (let row = 0; row < rows.lane.length; row++) {
      const [lane, node] = [rows.lane.at(row), rows.node.at(row)];
      this.target.builder.aggregate(lane, node, rows.weight.at(row, 0), rows.count.at(row, 1));
    }
  }

  private read(bytes: Uint8Array): void {
    const { reader, label } = this;
    this.leafFirst.length = 0;
    this.values.length = 0;
    label.thread = label.name = '';
    label.native = label.process = 0;
    label.end = Number.NaN;
    reader.reset(bytes);
    while (reader.next()) {
      if (reader.field === 1) this.readLocations();
      else if (reader.field === 2) reader.eachNumber(this.onValue);
      else if (reader.field === 3) this.readLabel(bytes, reader.start, reader.end);
    }
  }

  private readLocations(): void {
    const { reader, packed, leafFirst } = this;
    const { locations } = this.target;
    const count = reader.packed(packed);
    if (count < 0) reader.eachNumber(this.onLocation);
    for (let i = 0; i < count; i++) leafFirst.push(locations.indexOf(packed[i] as number));
  }

  private readonly onLocation = () => {
    this.leafFirst.push(this.target.locations.indexOf(this.reader.key));
  };

  private readonly onValue = () => {
    this.values.push(this.reader.int);
  };

  private readLabel(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.labelReader.reset(bytes, start, end);
    let role: LabelRole | undefined;
    let [text, low, high] = [0, 0, 0];
    while (reader.next()) {
      if (reader.field === 1) role = this.roles.get(reader.int);
      else if (reader.field === 2) text = reader.int;
      else if (reader.field === 3) [low, high] = [reader.low, reader.high];
    }
    if (role === undefined) return;
    const number = (high | 0) * 0x100000000 + low;
    const shown = text === 0 ? `${number}` : (this.target.strings[text] ?? '');
    const { label } = this;
    if (role === 'end') label.end = this.sinceBeginning(low, high);
    else if (role === 'name') label.name = shown;
    else if (role === 'thread') label.thread = shown;
    else if (role === 'native') label.native = number;
    else label.process = text === 0 ? number : wholeNumber(shown);
  }

  /** Nanoseconds since the epoch do not fit a double; their distance does. */
  private sinceBeginning(low: number, high: number): number {
    const { began } = this.target;
    return (high - began.high) * 0x100000000 + (low - began.low);
  }

  private lane(): number {
    const { thread, native, name, process } = this.label;
    const key = thread === '' && native === 0 ? `${process},${name}` : `${process},${thread},${native}`;
    const known = this.lanes.get(key);
    if (known !== undefined) return known;
    const isNamed = name !== '' && name !== thread;
    const lane = this.target.builder.lane({
      kind: 'thread',
      parent: -1,
      pid: process,
      tid: native > 0 ? native : wholeNumber(thread),
      name: isNamed ? name : '',
      isMain: name === 'MainThread',
    });
    this.lanes.set(key, lane);
    return lane;
  }
}

/** Rounding and late samplers make neighbours overlap a little. */
const maxOverlap = 0.02;

function wholeNumber(text: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return number;
}
