/**
 * V8's CPU profiles (`.cpuprofile`, Chrome DevTools protocol `Profiler.Profile`): a call tree, the node of each sample
 * and the microseconds between samples, which may be negative: samples are put in the order of their time.
 */
import {
  type ParseResult,
  type Problem,
  type Profile,
  type ProfileInfo,
  sampleState,
} from '../../../shared/profile';
import { GrowingFloat64 } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStrings } from '../bytes/byteStrings';
import type { Format, Head, ParseContext } from '../format';
import { JsonKeys } from '../json/jsonKeys';
import { jsonProblem } from '../json/jsonProblem';
import { JsonReader } from '../json/jsonReader';
import { NumbersAhead } from '../json/numbersAhead';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { timeOrder } from '../model/timeOrder';
import { type Picture, pauseAndOffer } from '../preview';
import { CpuProfileNodes } from './cpuProfileNodes';
import { CpuProfileStacks, cpuNodeKinds } from './cpuProfileStacks';

export const cpuProfile: Format = { name: 'V8 CPU profile', detect, parse };

const fileKeys = new JsonKeys([
  'nodes',
  'head',
  'samples',
  'timeDeltas',
  'timestamps',
  'startTime',
  'endTime',
]);
/** V8 does not say which generation was collected. */
const unknownGeneration = 255;
/** Filled and emptied without a pause between, so all readers can share it. */
const chunk = new Float64Array(1024);

function detect({ json }: Head): boolean {
  if (json === undefined || json.isArray) return false;
  const head = json.inner.get('head');
  if (head?.has('functionName') && !head.has('selfSize')) return true;
  // The samples may stand before the tree and fill the head of the file.
  return (
    json.inner.get('nodes')?.has('callFrame') === true ||
    (json.keys.has('samples') && json.keys.has('timeDeltas'))
  );
}

/** One file's columns. */
interface CpuProfileColumns {
  readonly nodes: CpuProfileNodes;
  readonly samples: GrowingFloat64;
  readonly deltas: GrowingFloat64;
  readonly timestamps: GrowingFloat64;
  startTimeUs: number;
  isOld: boolean;
  /** The call tree was read to its end. */
  hasTree: boolean;
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const to = { builder: new ProfileBuilder(context.origins), extent: new Extent(), slicer: context.slicer };
  const problems: Problem[] = [];
  for (const part of parts) {
    // A picture is of one file: that of a later one would take away what is shown of those before.
    const file = new CpuProfileFile(part, part === parts[0] ? context : { ...context, preview: undefined });
    try {
      await file.read();
    } catch (error) {
      problems.push(jsonProblem(error, part.name));
    }
    const missing = await addSamples(file.columns, file.strings, to);
    if (missing > 0 && problems.every(problem => problem.part !== part.name)) {
      problems.push({ message: say('stacksMissing', missing), part: part.name, offset: -1 });
    }
  }
  return { profile: await finished(to), problems };
}

interface Target {
  readonly builder: ProfileBuilder;
  readonly extent: Extent;
  readonly slicer: Slicer;
}

/** Adds a file's samples and returns how many have no stack. */
async function addSamples(columns: CpuProfileColumns, strings: ByteStrings, to: Target): Promise<number> {
  const { builder, extent, slicer } = to;
  const stacks = new CpuProfileStacks(columns.nodes, strings, builder);
  const place = { kind: 'thread', parent: -1, pid: 0, tid: 0 } as const;
  const lane = builder.lane({ ...place, name: 'JavaScript', isMain: true });
  const writer = new CpuSampleWriter(columns, { stacks, builder, lane, extent });
  await writer.write(slicer);
  extent.hasLines ||= stacks.hasLines;
  return writer.missing;
}

function finished({ builder, extent, slicer }: Target): Promise<Profile> {
  const info = infoOf(extent, builder);
  return builder.finish({ info, endNs: info.startNs + info.durationNs }, slicer);
}

/** Reads one file into columns, and shows them on the way when the tree stands before the samples, as V8 has it. */
class CpuProfileFile {
  readonly strings = new ByteStrings();
  readonly columns: CpuProfileColumns;
  private readonly reader: JsonReader;
  private deltasAhead: NumbersAhead | undefined;

  constructor(
    private readonly part: ByteSource,
    private readonly context: ParseContext,
  ) {
    this.reader = new JsonReader(part);
    this.columns = newColumns(new CpuProfileNodes(this.reader, this.strings, context.slicer));
  }

  /** Throws `JsonDamaged`; what was read until then is in the columns. */
  async read(): Promise<void> {
    const { reader, columns } = this;
    reader.beginObject();
    for (let key = reader.nextKey(fileKeys); key !== JsonReader.end; key = reader.nextKey(fileKeys)) {
      const name = fileKeys.names[key];
      if (name === 'nodes' || name === 'head') await this.readTree(name);
      else if (name === 'samples') await this.readNumbers(columns.samples);
      else if (name === 'timeDeltas') await this.readNumbers(columns.deltas);
      else if (name === 'timestamps') await this.readNumbers(columns.timestamps);
      else if (name === 'startTime') columns.startTimeUs = reader.number();
      else reader.skip();
    }
  }

  private async readTree(name: 'nodes' | 'head'): Promise<void> {
    const { columns } = this;
    columns.hasTree = false;
    if (name === 'head') columns.isOld = true;
    await (name === 'head' ? columns.nodes.readTree() : columns.nodes.readList());
    columns.hasTree = true;
  }

  private async readNumbers(column: GrowingFloat64): Promise<void> {
    const { reader, context } = this;
    if (!reader.isArray()) {
      reader.skip();
      return;
    }
    reader.beginArray();
    const picture: Picture = slicer => this.picture(slicer);
    while (readBatch(reader, column)) await pauseAndOffer(context, reader.share * 0.9, picture);
  }

  /** In a builder of its own: which function comes first depends on the order of all samples. */
  private async picture(slicer: Slicer): Promise<Profile | undefined> {
    const { columns, strings, context } = this;
    if (!columns.hasTree || columns.samples.length === 0) return undefined;
    const deltas = await this.deltasSoFar(slicer);
    if (deltas.length === 0 && columns.timestamps.length === 0) return undefined;
    const to = { builder: new ProfileBuilder(context.origins), extent: new Extent(), slicer };
    await addSamples({ ...columns, deltas }, strings, to);
    return to.builder.samples.length === 0 ? undefined : finished(to);
  }

  /** V8 writes the times behind the samples. */
  private async deltasSoFar(slicer: Slicer): Promise<GrowingFloat64> {
    const { samples, deltas, timestamps } = this.columns;
    if (timestamps.length > 0 || (this.deltasAhead === undefined && deltas.length > 0)) return deltas;
    this.deltasAhead ??= await NumbersAhead.behind(this.part, this.reader.offset, 'timeDeltas', slicer);
    await this.deltasAhead.readTo(samples.length, Number.NaN, slicer);
    const { values } = this.deltasAhead;
    return values.length > deltas.length ? values : deltas;
  }
}

function newColumns(nodes: CpuProfileNodes): CpuProfileColumns {
  return {
    nodes,
    samples: new GrowingFloat64(),
    deltas: new GrowingFloat64(),
    timestamps: new GrowingFloat64(),
    startTimeUs: Number.NaN,
    isOld: false,
    hasTree: false,
  };
}

function readBatch(reader: JsonReader, column: GrowingFloat64): boolean {
  const count = reader.numbers(chunk);
  column.append(chunk.subarray(0, count));
  return count === chunk.length;
}

/** From when to when the files of a run reach. */
class Extent {
  startNs = Number.POSITIVE_INFINITY;
  endNs = Number.NEGATIVE_INFINITY;
  sampleCount = 0;
  hasLines = false;

  get hasTime(): boolean {
    return this.endNs >= this.startNs;
  }
}

interface WriterContext {
  readonly stacks: CpuProfileStacks;
  readonly builder: ProfileBuilder;
  readonly lane: number;
  readonly extent: Extent;
}

/** Puts one file's samples on the time axis; a file without times is added up by node. */
class CpuSampleWriter {
  missing = 0;
  private lastStack = -1;
  private pauseStartUs = Number.NaN;

  constructor(
    private readonly columns: CpuProfileColumns,
    private readonly to: WriterContext,
  ) {}

  async write(slicer: Slicer): Promise<void> {
    const { samples } = this.columns;
    const timesUs = this.timesUs();
    if (timesUs.length === 0) {
      this.aggregate();
      return;
    }
    const added = this.to.builder.samples;
    added.reserve(added.length + timesUs.length);
    const order = timeOrder(timesUs);
    const startUs = this.columns.startTimeUs;
    let beforeUs = timesUs[order?.[0] ?? 0] as number;
    // Old files count their start in seconds on another clock.
    if (!this.columns.isOld && startUs < beforeUs) beforeUs = startUs;
    this.to.extent.startNs = Math.min(this.to.extent.startNs, beforeUs * 1000);
    for (let i = 0; i < timesUs.length; i++) {
      const at = order === undefined ? i : (order[i] as number);
      const timeUs = timesUs[at] as number;
      this.addSample(samples.at(at, -1), beforeUs, timeUs);
      beforeUs = timeUs;
      if (i % 4096 === 0) await slicer.pauseIfDue(0.9);
    }
    this.endPause(beforeUs);
    this.to.extent.endNs = Math.max(this.to.extent.endNs, beforeUs * 1000);
    this.to.extent.sampleCount += timesUs.length;
  }

  /** A time for each sample, empty when the file has none. */
  private timesUs(): Float64Array {
    const { samples, deltas, timestamps, startTimeUs } = this.columns;
    const known = timestamps.length > 0 ? timestamps : deltas;
    const times = new Float64Array(Math.min(samples.length, known.length));
    let time = Number.isNaN(startTimeUs) ? 0 : startTimeUs;
    for (let i = 0; i < times.length; i++) {
      const value = known.at(i, Number.NaN);
      time = Number.isNaN(value) ? time : timestamps.length > 0 ? value : time + value;
      times[i] = time;
    }
    return times;
  }

  private addSample(id: number, fromUs: number, toUs: number): void {
    const { stacks, builder, lane } = this.to;
    const node = this.columns.nodes.indexOf(id);
    if (node < 0) {
      this.missing++;
      return;
    }
    const kind = stacks.kind(node);
    const weightNs = (toUs - fromUs) * 1000;
    if (kind === cpuNodeKinds.collecting) {
      // V8 gives collections no stack: they interrupt whatever ran before.
      if (Number.isNaN(this.pauseStartUs)) this.pauseStartUs = fromUs;
      builder.samples.add(lane, builder.node(this.lastStack, stacks.frameOf(node)), toUs * 1000, weightNs);
      return;
    }
    this.endPause(fromUs);
    const isIdle = kind === cpuNodeKinds.idle;
    const stack = isIdle ? -1 : stacks.sampleNode(node);
    const index = builder.samples.add(lane, stack, toUs * 1000, weightNs);
    if (isIdle) builder.samples.setState(index, sampleState.waiting);
    this.lastStack = stack;
  }

  private endPause(endUs: number): void {
    if (Number.isNaN(this.pauseStartUs)) return;
    const { builder, lane } = this.to;
    const startNs = this.pauseStartUs * 1000;
    builder.gcPause({ startNs, durationNs: endUs * 1000 - startNs, generation: unknownGeneration, lane });
    this.pauseStartUs = Number.NaN;
  }

  /** Without times: samples by node, or where the file has only those, the nodes' hit counts. */
  private aggregate(): void {
    const { samples, nodes } = this.columns;
    const { stacks, builder, lane } = this.to;
    const add = (node: number) => builder.aggregate(lane, stacks.sampleNode(node), 1);
    for (let i = 0; i < samples.length; i++) {
      const node = nodes.indexOf(samples.at(i, -1));
      if (node < 0) this.missing++;
      else add(node);
    }
    if (samples.length > 0) return;
    for (let node = 0; node < nodes.length; node++) {
      const hits = nodes.hitCount.at(node, 0);
      if (hits > 0) builder.aggregate(lane, stacks.nodeOf(node), hits, hits);
    }
  }
}

function infoOf(extent: Extent, builder: ProfileBuilder): ProfileInfo {
  const { hasTime, sampleCount } = extent;
  const startNs = hasTime ? extent.startNs : 0;
  const durationNs = hasTime ? extent.endNs - extent.startNs : builder.aggregateTotal;
  return profileInfo({
    format: 'V8 CPU profile',
    engine: 'V8',
    startNs,
    durationNs,
    hasTimeAxis: hasTime,
    lineMeaning: extent.hasLines ? 'executing' : 'definition',
    rateHzReached: hasTime && durationNs > 0 ? sampleCount / (durationNs / 1e9) : 0,
    unit: hasTime ? 'nanoseconds' : 'count',
    limits: [say('innermostLinesOnly')],
  });
}
