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
  let endNs = 0;
  let hasColumns = false;
  let hasCpu = false;
  for (const part of parts) {
    const layout = readLayout(part);
    if (typeof layout === 'string') {
      problems.push({ message: layout, part: part.name, offset: 0 });
      continue;
    }
    layouts.push(layout);
    const tables = readTables(part, layout, builder);
    const samples = new TachyonSamples(builder, tables, layout);
    const isWhole = await readSamples({ part, layout, samples, context });
    if (layout.isCutOff || !tables.isWhole || !isWhole) {
      problems.push({
        message: say(layout.isCutOff ? 'cutOffAt' : 'damagedAt'),
        part: part.name,
        offset: -1,
      });
    }
    endNs = Math.max(endNs, samples.endNs, layout.startNs + layout.durationNs);
    hasColumns ||= tables.hasColumns;
    hasCpu ||= samples.knowsCpu;
  }
  const info = infoOf(layouts, { endNs, hasColumns, hasCpu });
  return { profile: await builder.finish({ info, endNs }, context.slicer), problems };
}

interface SampleRegion {
  readonly part: ByteSource;
  readonly layout: TachyonLayout;
  readonly samples: TachyonSamples;
  readonly context: ParseContext;
}

/** False when the records break off. */
async function readSamples({ part, layout, samples, context }: SampleRegion): Promise<boolean> {
  const end = Math.min(layout.stringOffset, part.size);
  const pieces = layout.isPacked
    ? new ZstdPieces(part, layout.sampleOffset, end)
    : new RangePieces(part, layout.sampleOffset, end);
  const stream = new ByteStream(pieces);
  try {
    while (samples.readRecords(stream, recordsPerLook)) await context.slicer.pauseIfDue(stream.share * 0.9);
    return true;
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    return false;
  }
}

function infoOf(
  layouts: readonly TachyonLayout[],
  { endNs, hasColumns, hasCpu }: { endNs: number; hasColumns: boolean; hasCpu: boolean },
): ProfileInfo {
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
