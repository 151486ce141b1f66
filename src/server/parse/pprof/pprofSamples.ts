import { GrowingInt32 } from '../../columns/growingColumn';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { SampleColumns } from '../model/sampleColumns';
import { KnownStacks, notKnown } from './knownStacks';
import { PprofStack } from './pprofStack';
import type { PprofLocations } from './pprofTables';
import type { ValueChoice } from './pprofValues';
import { ProtoReader, wireType } from './protobuf';

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
  private readonly samples: SampleColumns;
  /** The builder's samples from here on are this file's. */
  private readonly first: number;
  private isTimed = true;
  private readonly reader = new ProtoReader();
  private readonly labelReader = new ProtoReader();
  private readonly packed = new Int32Array(1024);
  /** The sample's locations, leaf first, -1 for those that are not in the file. */
  private readonly leafFirst = new GrowingInt32();
  private readonly stack: PprofStack;
  private readonly known = new KnownStacks();
  private values: number[] = [];
  private readonly label = { thread: '', native: 0, name: '', process: 0, end: Number.NaN };

  constructor(private readonly target: SampleTarget) {
    this.samples = target.builder.samples;
    this.first = this.samples.length;
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
    const { samples, label } = this;
    const row = samples.add(this.lane(), this.stackNode(), label.end, weight);
    if (choice.cpuColumn >= 0) samples.setCpu(row, this.values[choice.cpuColumn] ?? Number.NaN);
    const counted = choice.countColumn < 0 ? 0 : (this.values[choice.countColumn] ?? 0);
    const estimated = period > 0 ? Math.max(1, Math.round(weight / period)) : 1;
    const count = counted > 0 ? counted : estimated;
    if (count !== 1) samples.setCount(row, count);
    if (Number.isNaN(label.end) || choice.shown.unit !== 'nanoseconds') this.isTimed = false;
  }

  /** Puts the samples on a time axis where every one has its time. Returns whether there is one. */
  finish(): { readonly hasTimeAxis: boolean; readonly startNs: number; readonly endNs: number } {
    const { builder } = this.target;
    const order = this.isTimed && this.samples.length > this.first ? this.timeOrder() : undefined;
    if (order === undefined) {
      builder.aggregateAdded(this.first);
      return { hasTimeAxis: false, startNs: 0, endNs: builder.aggregateTotal };
    }
    return { hasTimeAxis: true, ...this.putInOrder(order) };
  }

  /**
   * A fork of the builder with the samples so far. Undefined while all of them have a time: nothing says that they are listed
   * in its order, so these could be the whole recording with most of it left out.
   */
  soFar(): ProfileBuilder | undefined {
    if (this.isTimed) return undefined;
    const fork = this.target.builder.fork(0);
    fork.aggregateAdded(this.first);
    return fork;
  }

  /** Neighbours that overlap a little are cut; what nothing is left of is left out. */
  private putInOrder(order: Int32Array): { readonly startNs: number; readonly endNs: number } {
    const { lane, endNs, weightNs, cpuNs } = this.samples;
    let [startNs, lastEndNs] = [Number.POSITIVE_INFINITY, 0];
    const lastNs = new Map<number, number>();
    const kept = order.filter(row => {
      const [laneId, end] = [lane[row] as number, endNs[row] as number];
      const weight = Math.min(
        weightNs[row] as number,
        end - (lastNs.get(laneId) ?? Number.NEGATIVE_INFINITY),
      );
      lastNs.set(laneId, end);
      if (weight <= 0) return false;
      weightNs[row] = weight;
      if (row < cpuNs.length) cpuNs[row] = Math.max(0, Math.min(cpuNs[row] as number, weight));
      startNs = Math.min(startNs, end - weight);
      lastEndNs = Math.max(lastEndNs, end);
      return true;
    });
    this.samples.reorder(this.first, kept);
    return { startNs, endNs: lastEndNs };
  }

  /** Rows by time, or undefined when rows of a lane overlap: then they are not one thread's. */
  private timeOrder(): Int32Array | undefined {
    const { lane, endNs, weightNs, length } = this.samples;
    const order = Int32Array.from({ length: length - this.first }, (_, index) => this.first + index);
    order.sort((a, b) => (endNs[a] as number) - (endNs[b] as number) || a - b);
    const lastNs = new Map<number, number>();
    let [overlapNs, totalNs] = [0, 0];
    for (const row of order) {
      const [laneId, end, weight] = [lane[row] as number, endNs[row] as number, weightNs[row] as number];
      const beganNs = end - weight;
      overlapNs += Math.max(0, Math.min((lastNs.get(laneId) ?? beganNs) - beganNs, weight));
      totalNs += weight;
      lastNs.set(laneId, end);
    }
    return overlapNs <= totalNs * maxOverlap ? order : undefined;
  }

  private read(bytes: Uint8Array): void {
    const { reader, label } = this;
    this.leafFirst.length = 0;
    this.values.length = 0;
    this.known.restart();
    label.thread = label.name = '';
    label.native = label.process = 0;
    label.end = Number.NaN;
    reader.reset(bytes);
    while (reader.next()) {
      if (reader.field === 1) this.readLocations(bytes);
      else if (reader.field === 2) reader.eachNumber(this.onValue);
      else if (reader.field === 3) this.readLabel(bytes, reader.start, reader.end);
    }
  }

  /** Labels multiply samples, not stacks: what was met before to the letter is looked up. */
  private readLocations(bytes: Uint8Array): void {
    const { reader, known } = this;
    const isFirst = this.leafFirst.length === 0 && known.node === notKnown;
    if (isFirst && reader.wire === wireType.bytes) {
      known.find(bytes, reader.start, reader.end);
      if (known.node !== notKnown) return;
    } else known.forget(() => reader.eachNumberOf(known.start, known.end, this.onLocation));
    this.addLocations();
  }

  private addLocations(): void {
    const { reader, packed, leafFirst } = this;
    const { locations } = this.target;
    const count = reader.packed(packed);
    if (count < 0) reader.eachNumber(this.onLocation);
    for (let i = 0; i < count; i++) leafFirst.push(locations.indexOf(packed[i] as number));
  }

  private stackNode(): number {
    const { known, stack } = this;
    if (known.node !== notKnown) return known.node;
    const lostBefore = stack.lostCount;
    const node = stack.node(this.leafFirst);
    if (stack.lostCount === lostBefore) known.learn(node);
    return node;
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
