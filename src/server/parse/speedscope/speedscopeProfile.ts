/**
 * One profile in a speedscope file: `sampled` has stacks and their weights in two arrays, `evented` has opened and
 * closed frames with their moments. Keys come in any order, so values are kept in the file's unit until the end.
 */

import { firstRoom, GrowingFloat64, GrowingInt32, grown } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import type { ByteSource } from '../bytes/byteSource';
import { IntegerList } from '../json/integerList';
import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import { NumbersAhead } from '../json/numbersAhead';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { SpeedscopeFrames } from './speedscopeFrames';
import type { SpeedscopeRows } from './speedscopeLanes';

const profileKeys = new JsonKeys([
  'type',
  'name',
  'unit',
  'startValue',
  'endValue',
  'samples',
  'weights',
  'events',
]);
/** The first of them tell what the rows mean. */
const meaningKeys = 4;
const samplesKey = profileKeys.names.indexOf('samples');
const weightsKey = profileKeys.names.indexOf('weights');
const eventKeys = new JsonKeys(['type', 'at', 'frame']);
const open = 0x4f;
const close = 0x43;
/** So many samples are read between looks at the clock. */
const batch = 1024;
/** Filled and emptied without a pause between, so all readers can share it. */
const weightChunk = new Float64Array(batch);

/** What the reader of profiles shares between them. */
export interface SpeedscopeInput {
  readonly reader: JsonReader;
  readonly frames: SpeedscopeFrames;
  readonly builder: ProfileBuilder;
  readonly source: ByteSource;
  /** Called with the share done wherever reading may pause. */
  readonly pause: (share: number) => Promise<void>;
  /** Told of each call that an evented profile opens, with the frame's number. */
  readonly onCall: (frame: number) => void;
}

/** One profile as far as it was read. Values are in the file's unit. */
export class SpeedscopeProfile implements SpeedscopeRows {
  name = '';
  unit = '';
  startValue = 0;
  endValue = Number.NaN;
  isEvented = false;
  /** Closes without an open, and steps back in time. */
  unmatchedCount = 0;
  unorderedCount = 0;
  readonly nodes = new GrowingInt32();
  readonly weights = new GrowingFloat64();
  readonly ends = new GrowingFloat64();
  readonly states = new GrowingInt32();
  private readonly stacks = new IntegerList();
  private stackNodes = new Int32Array(firstRoom);
  private readonly openFrames: number[] = [];
  private readonly openNodes: number[] = [];
  private readonly openCounts = new Map<number, number>();
  private now = Number.NaN;
  /** Which of the keys that tell what the rows mean have come. */
  private readonly told = new Set<number>();
  private weightsAhead: NumbersAhead | undefined;

  constructor(private readonly input: SpeedscopeInput) {}

  get length(): number {
    return this.nodes.length;
  }

  /** Reads the object that comes next. What was read before damage stays. */
  async read(): Promise<void> {
    const { reader } = this.input;
    reader.beginObject();
    for (let key = reader.nextKey(profileKeys); key !== JsonReader.end; key = reader.nextKey(profileKeys)) {
      if (key === 0) this.isEvented = reader.string() === 'evented';
      else if (key === 1) this.name = reader.string();
      else if (key === 2) this.unit = reader.string();
      else if (key === 3) this.startValue = finite(reader.number(0), 0);
      else if (key === 4) this.endValue = finite(reader.number(), Number.NaN);
      else if (key >= samplesKey && reader.isArray()) await this.readRows(key);
      else reader.skip();
      if (key >= 0 && key < meaningKeys) this.told.add(key);
    }
  }

  /**
   * The rows that are certain while more is to come: a frame that is still open lasts until the last event, and nothing is
   * assumed of samples whose weight is not known. Undefined when there are none.
   */
  async soFar(slicer: Slicer): Promise<SpeedscopeRows | undefined> {
    if (this.told.size < meaningKeys || this.length === 0) return undefined;
    const weights = await this.weightsSoFar(slicer);
    const length = Math.min(this.length, weights.length);
    const { name, unit, startValue, isEvented, nodes, ends, states } = this;
    const rows = {
      name,
      unit,
      startValue,
      endValue: Number.NaN,
      isEvented,
      length,
      nodes,
      weights,
      ends,
      states,
    };
    return length === 0 ? undefined : rows;
  }

  /** Mostly the weights stand behind the samples. */
  private async weightsSoFar(slicer: Slicer): Promise<GrowingFloat64> {
    const { source, reader } = this.input;
    if (this.isEvented || (this.weightsAhead === undefined && this.weights.length > 0)) return this.weights;
    this.weightsAhead ??= await NumbersAhead.behind(source, reader.offset, 'weights', slicer);
    await this.weightsAhead.readTo(this.length, 0, slicer);
    const { values } = this.weightsAhead;
    return values.length > this.weights.length ? values : this.weights;
  }

  /** Ends what is still open, at the profile's end. */
  closeAll(): void {
    if (this.openFrames.length > 0 && this.endValue > this.now) this.advance(this.endValue);
    this.openFrames.length = 0;
  }

  private async readRows(key: number): Promise<void> {
    const { reader, pause } = this.input;
    reader.beginArray();
    while (key === weightsKey ? this.readWeights() : this.readBatch(key)) await pause(reader.share * 0.9);
  }

  /** Reads some samples or events; false at the end of the array. */
  private readBatch(key: number): boolean {
    const { reader } = this.input;
    for (let count = 0; count < batch; count++) {
      if (!reader.nextElement()) return false;
      if (key === samplesKey) this.readSample();
      else this.readEvent();
    }
    return true;
  }

  private readWeights(): boolean {
    const count = this.input.reader.numbers(weightChunk, 0);
    for (let i = 0; i < count; i++) weightChunk[i] = finite(weightChunk[i] as number, 0);
    this.weights.append(weightChunk.subarray(0, count));
    return count === weightChunk.length;
  }

  private readSample(): void {
    const { reader } = this.input;
    if (!reader.isArray()) {
      reader.skip();
      this.nodes.push(-1);
      return;
    }
    reader.integers(this.stacks);
    this.nodes.push(this.nodeOfStack());
    if (this.stacks.length === 0) return;
    const leaf = this.stacks.values[this.stacks.length - 1] ?? -1;
    this.addState(this.nodes.length - 1, this.input.frames.state(leaf));
  }

  /** The node of the present stack; nodes of what begins like the stack before are known. */
  private nodeOfStack(): number {
    const { builder, frames } = this.input;
    const { values, length, sameCount } = this.stacks;
    if (length > this.stackNodes.length) this.stackNodes = grown(this.stackNodes, length, Int32Array);
    let node = sameCount === 0 ? -1 : (this.stackNodes[sameCount - 1] as number);
    for (let i = sameCount; i < length; i++) {
      const frame = frames.frame(values[i] as number);
      if (frame >= 0) node = builder.node(node, frame);
      this.stackNodes[i] = node;
    }
    return node;
  }

  private addState(row: number, state: number): void {
    if (state === 0) return;
    this.states.push(row);
    this.states.push(state);
  }

  private readEvent(): void {
    const { reader } = this.input;
    if (!reader.isObject()) {
      reader.skip();
      return;
    }
    let [type, at, frame] = [0, Number.NaN, -1];
    reader.beginObject();
    for (let key = reader.nextKey(eventKeys); key !== JsonReader.end; key = reader.nextKey(eventKeys)) {
      if (key === 0) type = reader.string().charCodeAt(0);
      else if (key === 1) at = finite(reader.number(), Number.NaN);
      else if (key === 2) frame = reader.number(-1);
      else reader.skip();
    }
    if (Number.isNaN(at) || !(Number.isInteger(frame) && frame >= 0)) return;
    this.advance(at);
    if (type === open) this.open(frame);
    else if (type === close) this.close(frame);
  }

  /** The stretch up to `at` belongs to what is on top. */
  private advance(at: number): void {
    // Rounding puts some events a little before the one in front of them.
    if (at < this.now) {
      if (this.now - at > Math.abs(this.now) * 1e-6) this.unorderedCount++;
      return;
    }
    if (this.openFrames.length > 0 && at > this.now) {
      const row = this.nodes.push(this.openNodes[this.openNodes.length - 1] ?? -1);
      this.ends.push(at);
      this.weights.push(at - this.now);
      this.addState(row, this.input.frames.state(this.openFrames[this.openFrames.length - 1] ?? -1));
    }
    this.now = at;
  }

  private open(index: number): void {
    const { builder, frames } = this.input;
    const parent = this.openNodes[this.openFrames.length - 1] ?? -1;
    const frame = frames.frame(index);
    this.openNodes.length = this.openFrames.length;
    this.openFrames.push(index);
    this.openNodes.push(frame < 0 ? parent : builder.node(parent, frame));
    this.openCounts.set(index, (this.openCounts.get(index) ?? 0) + 1);
    this.input.onCall(index);
  }

  /** Closes the innermost open frame of this number, and whatever was left open in it. */
  private close(index: number): void {
    if ((this.openCounts.get(index) ?? 0) === 0) {
      this.unmatchedCount++;
      return;
    }
    for (;;) {
      const top = this.openFrames.pop() ?? -1;
      this.openNodes.pop();
      this.openCounts.set(top, (this.openCounts.get(top) ?? 1) - 1);
      if (top === index) return;
      this.unmatchedCount++;
    }
  }
}

function finite(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
