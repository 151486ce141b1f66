/**
 * Binary files of CPython 3.15's `profiling.sampling`: a header, sample records (perhaps packed with zstd), tables of
 * strings and frames, perhaps statistics, a footer. Facts: InternalDocs/profiling_binary_format.md of python/cpython.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import { DamagedBytes } from '../bytes/byteReader';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStream, RangePieces, ZstdPieces } from '../bytes/byteStream';
import type { Format, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';
import { isTachyonHeader, isZeroedHeader, readLayout, type TachyonLayout } from './tachyonLayout';
import { samplingModes, TachyonSamples } from './tachyonSamples';
import { readTables } from './tachyonTables';

export const tachyonBinary: Format = {
  name: 'Tachyon binary',
  detect: ({ bytes }) => isTachyonHeader(bytes) || isZeroedHeader(bytes),
  parse: parseTachyon,
};

const recordsPerLook = 1024;

async function parseTachyon(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const layouts: TachyonLayout[] = [];
  let facts: SampledFacts = { endNs: 0, hasColumns: false, hasCpu: false };
  for (const part of parts) {
    const layout = readLayout(part);
    if (typeof layout === 'string') {
      problems.push({ message: layout, part: part.name, offset: 0 });
      continue;
    }
    layouts.push(layout);
    const tables = readTables(part, layout, builder);
    const samples = new TachyonSamples(builder, tables, layout, pidIn(part.name));
    const before = { ...facts, hasColumns: facts.hasColumns || tables.hasColumns };
    const show = (share: number) =>
      pauseAndShow(context, builder, () => infoOf(layouts, withSamples(before, samples)), share);
    const isWhole = await readSamples({ part, layout, samples, show });
    if (layout.isCutOff || !tables.isWhole || !isWhole) {
      problems.push({
        message: say(layout.isCutOff ? 'cutOffAt' : 'damagedAt'),
        part: part.name,
        offset: -1,
      });
    }
    const read = withSamples(before, samples);
    facts = { ...read, endNs: Math.max(read.endNs, layout.startNs + layout.durationNs) };
  }
  const finish = { info: infoOf(layouts, facts), endNs: facts.endNs };
  return { profile: await builder.finish(finish, context.slicer), problems };
}

/** The process is in the name of a file only: `--subprocesses` writes one beside another, as `name_<pid>.bin`. */
function pidIn(fileName: string): number {
  const digits = /_(\d{1,9})\.[^.]*$/.exec(fileName)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

/** What the tables and samples tell beside the layout. */
interface SampledFacts {
  readonly endNs: number;
  readonly hasColumns: boolean;
  readonly hasCpu: boolean;
}

function withSamples({ endNs, hasColumns, hasCpu }: SampledFacts, samples: TachyonSamples): SampledFacts {
  return { endNs: Math.max(endNs, samples.endNs), hasColumns, hasCpu: hasCpu || samples.knowsCpu };
}

interface SampleRegion {
  readonly part: ByteSource;
  readonly layout: TachyonLayout;
  readonly samples: TachyonSamples;
  /** Called with the share done wherever reading may pause. */
  readonly show: (share: number) => Promise<void>;
}

/** False when the records break off. */
async function readSamples({ part, layout, samples, show }: SampleRegion): Promise<boolean> {
  const end = Math.min(layout.stringOffset, part.size);
  const pieces = layout.isPacked
    ? new ZstdPieces(part, layout.sampleOffset, end)
    : new RangePieces(part, layout.sampleOffset, end);
  const stream = new ByteStream(pieces);
  try {
    while (samples.readRecords(stream, recordsPerLook)) await show(stream.share * 0.9);
    return true;
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    return false;
  }
}

function infoOf(layouts: readonly TachyonLayout[], { endNs, hasColumns, hasCpu }: SampledFacts): ProfileInfo {
  const first = layouts[0];
  const startNs = layouts.reduce((least, { startNs }) => Math.min(least, startNs), first?.startNs ?? 0);
  return profileInfo({
    format: 'Tachyon binary',
    engine: 'tachyon',
    engineVersion: first?.python ?? '',
    python: first?.python ?? '',
    startNs,
    durationNs: Math.max(endNs - startNs, 0),
    hasTimeAxis: first !== undefined,
    lineMeaning: 'executing',
    hasColumns,
    hasCpu,
    rateHzAsked: first && first.intervalNs > 0 ? 1e9 / first.intervalNs : 0,
    rateHzReached: first?.rateHz ?? 0,
    limits: first ? limitsOf(first) : [],
  });
}

function limitsOf({ mode, isOnlyMainThread }: TachyonLayout): string[] {
  const limits: string[] = [];
  if (mode === samplingModes.cpu) limits.push(say('onlyCpuSampled'));
  if (mode === samplingModes.gil) limits.push(say('onlyGilSampled'));
  if (mode === samplingModes.exception) limits.push(say('onlyExceptionsSampled'));
  if (isOnlyMainThread) limits.push(say('onlyMainThread'));
  return limits;
}
