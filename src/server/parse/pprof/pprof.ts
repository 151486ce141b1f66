/**
 * pprof profiles: one protobuf message without a magic number, its fields in any order. The file is read twice: first
 * everything but the samples, whose ids can then be resolved while they are read.
 */
import type { ParseResult, Problem, Profile, ProfileInfo } from '../../../shared/profile';
import type { Slicer } from '../../slicer';
import { say } from '../../strings';
import { DamagedBytes } from '../bytes/byteReader';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStream, RangePieces } from '../bytes/byteStream';
import type { Format, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { type Picture, pauseAndOffer } from '../preview';
import { framePruning } from './pprofPruning';
import { PprofSamples } from './pprofSamples';
import { isPprof, profileField } from './pprofShape';
import { type PprofLines, PprofTables } from './pprofTables';
import { chooseValue, type PprofValue, pprofValue, type ValueChoice } from './pprofValues';
import { ProtoReader, wireType } from './protobuf';

export const pprof: Format = {
  name: 'pprof',
  detect: ({ bytes, size }) => isPprof(bytes, size <= bytes.length),
  parse: parsePprof,
};

/** A message of a profile is small; what is larger is no profile's. */
const maxMessageBytes = 64 * 1024 * 1024;
const fieldsPerLook = 4096;

async function parsePprof(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const results: PartResult[] = [];
  for (const part of parts) results.push(await parsePart(part, { builder, problems, context, results }));
  return { profile: await finished(builder, results, context.slicer), problems };
}

interface PartTarget {
  readonly builder: ProfileBuilder;
  readonly problems: Problem[];
  readonly context: ParseContext;
  /** Of the parts before. */
  readonly results: readonly PartResult[];
}

interface PartResult {
  readonly header: PprofHeader;
  readonly choice: ValueChoice | undefined;
  readonly lines: PprofLines;
  readonly time: { readonly hasTimeAxis: boolean; readonly startNs: number; readonly endNs: number };
}

async function parsePart(part: ByteSource, target: PartTarget): Promise<PartResult> {
  const { builder, problems, context } = target;
  const complain = (message: string, offset = -1) => problems.push({ message, part: part.name, offset });
  const header = new PprofHeader();
  const cutAt = await eachField(part, (field, bytes) => header.addOrCount(field, bytes), {
    pause: share => context.slicer.pauseIfDue(share * 0.45),
    onNumber: (field, reader) => header.addNumber(field, reader),
  });
  if (cutAt >= 0) complain(say('cutOffAt'), cutAt);
  if (header.damagedCount > 0) complain(say('damagedMessages', header.damagedCount));
  const choice = header.choice(context.valueType);
  const { tables } = header;
  const lines = tables.lines;
  const untimed = { header, choice, lines, time: { hasTimeAxis: false, startNs: 0, endNs: 0 } };
  if (choice === undefined) {
    complain(say('noSampleTypes'));
    return untimed;
  }
  const pruning = framePruning(tables.text(header.dropFrames), tables.text(header.keepFrames));
  if (pruning.isRefused) complain(say('unsafePattern'));
  builder.samples.reserve(builder.samples.length + header.sampleCount);
  const samples = new PprofSamples({
    builder,
    locations: tables.resolve(builder, pruning),
    choice,
    strings: tables.strings,
    began: header.began,
    period: header.periodOf(choice.shown),
  });
  const onSample = (field: number, bytes: Uint8Array) => {
    if (field === profileField.sample) unlessDamaged(() => samples.add(bytes));
  };
  const picture = pictureOf(samples, [...target.results, untimed]);
  const pause = (share: number) => pauseAndOffer(context, 0.45 + share * 0.45, picture);
  await eachField(part, onSample, { pause, onNumber: () => undefined });
  if (samples.negativeCount > 0) complain(say('negativeValues', samples.negativeCount));
  if (samples.lostCount > 0) complain(say('lostLocations', samples.lostCount));
  return { ...untimed, time: samples.finish() };
}

function pictureOf(samples: PprofSamples, results: readonly PartResult[]): Picture {
  return async slicer => {
    const fork = samples.soFar();
    return fork && finished(fork, results, slicer);
  };
}

function finished(builder: ProfileBuilder, results: readonly PartResult[], slicer: Slicer): Promise<Profile> {
  const info = infoOf(results, builder);
  return builder.finish({ info, endNs: info.startNs + info.durationNs }, slicer);
}

interface FieldWalk {
  /** Called with the share of the part that was walked wherever that may pause. */
  readonly pause: (share: number) => Promise<void>;
  readonly onNumber: (field: number, reader: ProtoReader) => void;
}

/** Calls back for each field of the profile. Returns where it breaks off, -1 when it is whole. */
async function eachField(
  part: ByteSource,
  onBytes: (field: number, bytes: Uint8Array) => void,
  { pause, onNumber }: FieldWalk,
): Promise<number> {
  const stream = new ByteStream(new RangePieces(part));
  const reader = new ProtoReader();
  let offset = 0;
  try {
    for (let count = 0; !stream.isAtEnd(); count++) {
      offset = stream.offset;
      const tag = stream.varint();
      const field = Math.floor(tag / 8);
      const wire = tag % 8;
      if (wire === wireType.varint) onNumber(field, numberOf(stream, reader));
      else if (wire === wireType.bytes) {
        const size = stream.varint();
        if (size > Math.min(part.size - stream.offset, maxMessageBytes)) return offset;
        onBytes(field, stream.slice(size));
      } else if (wire === wireType.eight) stream.skip(8);
      else if (wire === wireType.four) stream.skip(4);
      else return offset;
      if (count % fieldsPerLook === 0) await pause(stream.share);
    }
    return -1;
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    return offset;
  }
}

/** False when the message is damaged: it is left out, and the next ones are read all the same. */
function unlessDamaged(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    return false;
  }
}

/** Reads a number with all of its 64 bits. */
function numberOf(stream: ByteStream, reader: ProtoReader): ProtoReader {
  const bytes = [8];
  do bytes.push(stream.u8());
  while ((bytes.at(-1) ?? 0) >= 0x80 && bytes.length < 12);
  reader.reset(Uint8Array.from(bytes)).next();
  return reader;
}

/** Everything of a profile but its samples. */
class PprofHeader {
  readonly tables = new PprofTables();
  damagedCount = 0;
  /** Samples that are not zero throughout: others take no room. */
  sampleCount = 0;
  dropFrames = 0;
  keepFrames = 0;
  began = { low: 0, high: 0 };
  timeNanos = 0;
  durationNanos = 0;
  private period = 0;
  private periodType: readonly [number, number] = [0, 0];
  private defaultType = 0;
  private readonly types: (readonly [number, number])[] = [];
  private readonly isUsed: boolean[] = [];
  private column = 0;
  private hasValue = false;
  private readonly reader = new ProtoReader();

  addOrCount(field: number, bytes: Uint8Array): void {
    if (!unlessDamaged(() => this.add(field, bytes))) this.damagedCount++;
  }

  private add(field: number, bytes: Uint8Array): void {
    if (field === profileField.sample) this.lookAtValues(bytes);
    else if (field === profileField.location) this.tables.addLocation(bytes);
    else if (field === profileField.function) this.tables.addFunction(bytes);
    else if (field === profileField.string) this.tables.addString(bytes);
    else if (field === profileField.mapping) this.tables.addMapping(bytes);
    else if (field === profileField.sampleType) this.types.push(this.type(bytes));
    else if (field === profileField.periodType) this.periodType = this.type(bytes);
  }

  addNumber(field: number, { int, low, high }: ProtoReader): void {
    if (field === profileField.dropFrames) this.dropFrames = int;
    else if (field === profileField.keepFrames) this.keepFrames = int;
    else if (field === profileField.durationNanos) this.durationNanos = Math.max(int, 0);
    else if (field === profileField.period) this.period = int;
    else if (field === profileField.defaultSampleType) this.defaultType = int;
    else if (field === profileField.timeNanos) {
      this.timeNanos = int;
      this.began = { low, high };
    }
  }

  choice(asked: number | undefined): ValueChoice | undefined {
    const values = this.types.map((_, column) => this.value(column));
    return chooseValue(values, {
      asked,
      defaultName: this.tables.text(this.defaultType),
      isUsed: this.isUsed,
    });
  }

  /** What one sample of the shown measurement is worth, 0 unknown. Datadog writes a period of 1 ns. */
  periodOf(shown: PprofValue): number {
    const [name, unit] = this.periodType;
    const value = pprofValue(this.tables.text(name), this.tables.text(unit), 0);
    return value.unit === shown.unit && this.period > 1 ? this.period * value.scale : 0;
  }

  private value(column: number): PprofValue {
    const [name, unit] = this.types[column] ?? [0, 0];
    return pprofValue(this.tables.text(name), this.tables.text(unit), column);
  }

  private type(bytes: Uint8Array): readonly [number, number] {
    const reader = this.reader.reset(bytes);
    let [name, unit] = [0, 0];
    while (reader.next()) {
      if (reader.field === 1) name = reader.int;
      else if (reader.field === 2) unit = reader.int;
    }
    return [name, unit];
  }

  /** Remembers which of the sample types are not zero throughout. */
  private lookAtValues(bytes: Uint8Array): void {
    const reader = this.reader.reset(bytes);
    this.column = 0;
    this.hasValue = false;
    while (reader.next()) if (reader.field === 2) reader.eachNumber(this.onValue);
    if (this.hasValue) this.sampleCount++;
  }

  private readonly onValue = () => {
    if ((this.reader.low | this.reader.high) !== 0) {
      this.isUsed[this.column] = true;
      this.hasValue = true;
    }
    this.column++;
  };
}

function infoOf(results: readonly PartResult[], builder: ProfileBuilder): ProfileInfo {
  const first = results[0];
  const choice = first?.choice;
  const hasTimeAxis = results.length === 1 && first?.time.hasTimeAxis === true;
  const startNs = hasTimeAxis ? Math.min(first.time.startNs, 0) : 0;
  const period = choice && first ? first.header.periodOf(choice.shown) : 0;
  const endNs = first === undefined ? 0 : Math.max(first.time.endNs, first.header.durationNanos);
  return profileInfo({
    format: 'pprof',
    startNs,
    startEpochNs: epochNs(first?.header.timeNanos ?? 0),
    durationNs: hasTimeAxis ? endNs - startNs : builder.aggregateTotal,
    hasTimeAxis,
    lineMeaning: first?.lines ?? 'none',
    hasCpu: hasTimeAxis && (choice?.cpuColumn ?? -1) >= 0,
    rateHzAsked: choice?.shown.unit === 'nanoseconds' && period > 0 ? 1e9 / period : 0,
    unit: choice?.shown.unit ?? 'count',
    valueTypes: choice?.valueTypes ?? [],
    valueType: choice?.valueType ?? 0,
    limits: hasTimeAxis ? [] : [say('pprofWithoutTime')],
  });
}

const [year1990Ns, year2200Ns] = [631e15, 7258e15];

/** The beginning since the epoch: old agents wrote microseconds; what is no sane year is unknown. */
function epochNs(timeNanos: number): number {
  for (const scale of [1, 1e3, 1e6, 1e9]) {
    const scaled = timeNanos * scale;
    if (scaled > year1990Ns && scaled < year2200Ns) return scaled;
  }
  return 0;
}
