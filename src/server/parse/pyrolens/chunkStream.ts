/**
 * The bundled sampler's chunk stream: `src/collectors/FORMAT.md`. Several files are several processes of one run;
 * they share the machine's monotonic clock, so their samples go into one profile on one axis.
 */

import { crc32 } from '../../../shared/crc32';
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import { ByteReader, DamagedBytes } from '../bytes/byteReader';
import { type ByteSource, wholeOf } from '../bytes/byteSource';
import type { Format, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import type { SampleColumns } from '../model/sampleColumns';
import { pauseAndShow } from '../preview';
import { chunkHeaderSize, headerSize, jsonObject, numberOf, textOf } from './chunkJson';
import { RecordReader } from './chunkRecords';
import { isCut, keptWindowNs, lastSecondsLimits } from './lastSeconds';
import { ProcessStreams } from './processStreams';

const magic = 'PYROLENS';
/** Whose stream stands beside the observer's and has no samples of threads. */
const hooksEngine = 'hooks';
const maxChunkSize = 64 * 1024 * 1024;

export const chunkStream: Format = {
  name: 'chunk-stream',
  detect: ({ bytes }) => String.fromCharCode(...bytes.subarray(0, magic.length)) === magic,
  parse: parseChunkStreams,
};

/** What one file said about its process. */
interface ProcessFacts {
  readonly part: ByteSource;
  readonly meta: Record<string, unknown>;
  readonly end: Record<string, unknown> | undefined;
  readonly records: RecordReader;
}

async function parseChunkStreams(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const processes: ProcessFacts[] = [];
  const totalBytes = parts.reduce((sum, part) => sum + part.size, 0);
  const forecast = new SampleForecast(totalBytes);
  const windowNs = keptWindowNs(parts);
  let doneBytes = 0;
  const streams = new Map(hookedPids(parts).map(pid => [pid, new ProcessStreams(builder)]));
  for (const part of readable(parts)) {
    const reader = new FileReader(part, { builder, problems, windowNs, streams });
    while (reader.next()) {
      const share = (0.9 * (doneBytes + reader.offset)) / totalBytes;
      if (context.slicer.isDue()) forecast.makeRoom(builder.samples, doneBytes + reader.offset);
      await pauseAndShow(context, builder, () => infoOf([...processes, ...reader.facts]), share);
    }
    reader.finish();
    doneBytes += part.size;
    processes.push(...reader.facts);
  }
  for (const one of streams.values()) one.finish();
  problems.push(...missingEnds(processes));
  const info = infoOf(processes);
  const profile = await builder.finish({ info, endNs: info.startNs + info.durationNs }, context.slicer);
  return { profile, problems };
}

/**
 * Makes room for all samples at once, supposed that the rest is like what was read last: columns that grow bit by bit are
 * copied again and again. A sample takes four bytes at least, so no file makes room for more than it could hold.
 */
class SampleForecast {
  private readBytes = 0;
  private readCount = 0;

  constructor(private readonly totalBytes: number) {}

  makeRoom(samples: SampleColumns, readBytes: number): void {
    const perByte = (samples.length - this.readCount) / (readBytes - this.readBytes);
    const expected = samples.length + perByte * (this.totalBytes - readBytes);
    if (expected > samples.room) samples.reserve(Math.ceil(expected * 1.05));
    this.readBytes = readBytes;
    this.readCount = samples.length;
  }
}

/** `samples-<pid>-<start>.chunks` and `hooks-…`: `start` is the process's first stamp in hexadecimal. */
function nameFacts({ name }: ByteSource) {
  const [, kind = 'samples', pid = '', start = '0'] =
    /^(samples|hooks)-(\d+)-([0-9a-f]+)\.chunks$/i.exec(name) ?? [];
  return { isInside: kind === 'hooks', pid: Number(pid), startNs: Number.parseInt(start, 16) };
}

/**
 * The parts in the order in which they can be read: what the hooks measured needs the lanes of the process that was looked
 * at. Of processes that nobody looked at it says nothing that could be shown.
 */
function readable(parts: readonly ByteSource[]): readonly ByteSource[] {
  const facts = new Map(parts.map(part => [part, nameFacts(part)]));
  const of = (part: ByteSource) => facts.get(part) ?? nameFacts(part);
  const observed = new Set(parts.filter(part => !of(part).isInside).map(part => of(part).pid));
  return parts
    .filter(part => !of(part).isInside || observed.has(of(part).pid))
    .sort(
      (a, b) =>
        Number(of(a).isInside) - Number(of(b).isInside) ||
        of(a).startNs - of(b).startNs ||
        a.name.localeCompare(b.name),
    );
}

function hookedPids(parts: readonly ByteSource[]): readonly number[] {
  return parts.map(nameFacts).flatMap(({ isInside, pid }) => (isInside ? [pid] : []));
}

/** What the files of a run are read into, and from when on. */
interface RunReading {
  readonly streams: ReadonlyMap<number, ProcessStreams>;
  readonly builder: ProfileBuilder;
  readonly problems: Problem[];
  readonly windowNs: number;
}

/** Walks the chunks of one file. A bad chunk becomes a problem with its offset, and the next one is tried. */
class FileReader {
  offset = headerSize;
  meta: Record<string, unknown> = {};
  end: Record<string, unknown> | undefined;
  records: RecordReader | undefined;
  private readonly bytes: Uint8Array;

  constructor(
    private readonly part: ByteSource,
    private readonly run: RunReading,
  ) {
    this.bytes = wholeOf(part);
    const version = this.bytes.length < headerSize ? 0 : new ByteReader(this.bytes, 8).u32() & 0xffff;
    if (version === 1) return;
    this.report(say('unreadableHeader'), 0);
    this.offset = this.bytes.length;
  }

  /** What is known of the process so far: nothing before its first chunk. */
  get facts(): ProcessFacts[] {
    const { part, meta, end, records } = this;
    return records ? [{ part, meta, end, records }] : [];
  }

  /** Reads the next chunk; false at the end of what can be read. */
  next(): boolean {
    const { offset, bytes } = this;
    if (offset >= bytes.length) return false;
    if (offset + chunkHeaderSize > bytes.length) return this.stop(say('truncated'));
    const header = new ByteReader(bytes, offset);
    const [length, kind, checksum] = [header.u32(), header.u32() & 0xff, header.u32()];
    if (length > maxChunkSize) return this.stop(say('damagedRest'));
    const start = offset + chunkHeaderSize;
    if (start + length > bytes.length) return this.stop(say('truncated'));
    this.offset = start + length;
    const payload = bytes.subarray(start, this.offset);
    if (crc32(payload) !== checksum) this.report(say('damagedChunk'), offset);
    else this.readChunk(kind, payload, offset);
    return true;
  }

  /** Call it when there is no next chunk. */
  finish(): void {
    this.records?.finish(numberOf(this.end?.['monotonicNs']));
  }

  private readChunk(kind: number, payload: Uint8Array, offset: number): void {
    try {
      if (kind === 1) this.meta = jsonObject(payload);
      if (kind === 2) this.dataRecords().readChunk(new ByteReader(payload));
      if (kind === 3) this.end = jsonObject(payload);
      if (kind === 1 || kind === 3) this.dataRecords();
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error;
      this.report(say('damagedChunk'), offset);
    }
  }

  private dataRecords(): RecordReader {
    const pid = numberOf(this.meta['pid']) || new ByteReader(this.bytes, 12).u32();
    this.records ??= new RecordReader(this.run.builder, {
      pid,
      isInside: this.meta['engine'] === hooksEngine,
      streams: this.run.streams.get(pid),
      mainThreadIdent: numberOf(this.meta['mainThreadIdent']),
      hasThreadCpu: this.meta['hasThreadCpu'] === true,
      windowNs: this.run.windowNs,
      maxId: this.bytes.length,
    });
    return this.records;
  }

  private stop(message: string): false {
    this.report(message, this.offset);
    this.offset = this.bytes.length;
    return false;
  }

  private report(message: string, offset: number): void {
    this.run.problems.push({ message, part: this.part.name, offset });
  }
}

/** The main process answers for the rate and the interpreter, all of them for the extent. */
function infoOf(processes: readonly ProcessFacts[]): ProfileInfo {
  const main = processes[0];
  const meta = main?.meta ?? {};
  const [startNs, endNs] = extent(processes.filter(isLookedAt));
  const mainNs = main ? main.records.lastTimeNs - main.records.firstTimeNs : 0;
  const metaNs = numberOf(meta['monotonicNs']);
  const epochNs = numberOf(meta['epochNs']);
  const isTraced = meta['engine'] === 'tracer';
  return profileInfo({
    format: 'Pyrolens',
    engine: textOf(meta['engine']) || 'bundled-sampler',
    engineVersion: textOf(meta['engineVersion']),
    startNs,
    startEpochNs: epochNs > 0 ? epochNs - (metaNs - startNs) : 0,
    durationNs: endNs - startNs,
    hasTimeAxis: true,
    lineMeaning: isTraced ? 'definition' : 'executing',
    isTraced,
    hasColumns: processes.some(process => process.records.hasColumns),
    hasCpu: processes.some(process => process.meta['hasThreadCpu'] === true),
    rateHzAsked: numberOf(meta['rateHzAsked']),
    rateHzReached: mainNs > 0 && main ? lookCount(main) / (mainNs / 1e9) : 0,
    python: textOf(meta['python']),
    limits: [
      ...testLimits(processes),
      ...lastSecondsLimits(processes, { startNs, endNs }),
      ...traceLimits(processes),
    ],
    startsMidway: isCut(processes, startNs),
    samplerCpuNs: processes.reduce((sum, process) => sum + numberOf(process.end?.['samplerCpuNs']), 0),
  });
}

function isLookedAt({ meta }: ProcessFacts): boolean {
  return meta['engine'] !== hooksEngine;
}

/** Where only the bodies of tests were recorded: how many, and how often. */
function testLimits(processes: readonly ProcessFacts[]): string[] {
  const sum = (fact: string) => processes.reduce((total, { end }) => total + numberOf(end?.[fact]), 0);
  const [testCount, bodyCount] = [sum('testCount'), sum('bodyCount')];
  if (testCount === 0) return [];
  if (testCount > 1) return [say('testBodies', testCount, bodyCount)];
  return [bodyCount > 1 ? say('testBodyRepeated', bodyCount) : say('testBody')];
}

/** What a trace leaves out on purpose. */
function traceLimits(processes: readonly ProcessFacts[]): string[] {
  const foldedCount = new Set(processes.flatMap(({ records }) => records.calls.folded)).size;
  return foldedCount > 0 ? [say('traceFolded', foldedCount)] : [];
}

/** How often the sampler looked; a killed process left only its ticks, of which one look may make several. */
function lookCount({ end, records }: ProcessFacts): number {
  return numberOf(end?.['lookCount']) || records.tickCount;
}

/** First and last moment on the monotonic clock: ticks, and the ends that the processes wrote themselves. */
function extent(processes: readonly ProcessFacts[]): readonly [number, number] {
  let startNs = Number.POSITIVE_INFINITY;
  let endNs = 0;
  for (const { meta, end, records } of processes) {
    const metaNs = Math.max(numberOf(meta['monotonicNs']), records.windowNs);
    startNs = Math.min(startNs, records.firstTimeNs, metaNs > 0 ? metaNs : records.firstTimeNs);
    endNs = Math.max(endNs, records.lastTimeNs, numberOf(end?.['monotonicNs']));
  }
  if (!Number.isFinite(startNs)) return [0, 0];
  return [startNs, Math.max(startNs, endNs)];
}

/** What the processes said about their own end, as sentences. */
function missingEnds(processes: readonly ProcessFacts[]): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string, part: ByteSource) => problems.push({ message, part: part.name, offset: -1 });
  processes.forEach(({ part, meta, end }, index) => {
    const pid = String(numberOf(meta['pid']));
    if (end === undefined && index === 0) add(say('noEnd', pid), part);
    if (end?.['reason'] === 'refused') add(say('refused', pid, textOf(end['message'])), part);
    else if (textOf(end?.['message']) !== '') add(textOf(end?.['message']), part);
    const failure = textOf(end?.['hookFailure']);
    if (failure !== '') add(say('hookFailure', pid, failure), part);
    const left = numberOf(end?.['tasksLeftOut']);
    if (left > 0) add(say('tasksLeftOut', left), part);
  });
  const silent = processes.slice(1).filter(process => process.end === undefined && isLookedAt(process));
  const first = silent[0];
  if (first) add(say('childrenWithoutEnd', silent.length), first.part);
  return problems;
}
