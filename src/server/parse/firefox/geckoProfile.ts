/**
 * Firefox Profiler's files: the processed format (facts: its CHANGELOG-formats.md, versions up to 70) as CPython's
 * `profiling.sampling --gecko`, samply and importers write it, and the unprocessed one that Firefox itself saves.
 * No picture of a part is shown: tables and strings stand behind the samples, and what a sample weighs depends on the
 * moments at which the other threads were looked at, which may all be still to come.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStrings } from '../bytes/byteStrings';
import type { Format, Head, ParseContext } from '../format';
import { jsonProblem } from '../json/jsonProblem';
import { JsonReader } from '../json/jsonReader';
import type { JsonShape } from '../json/jsonShape';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { GeckoLanes } from './geckoLanes';
import { type GeckoMeta, geckoMeta } from './geckoMeta';
import { GeckoFileReader, type GeckoProcess, maxGeckoThreads } from './geckoProcess';

export const geckoProfile: Format = { name: 'Firefox Profiler', detect, parse };

const threadTables = ['samples', 'stackTable', 'frameTable', 'funcTable', 'stringArray', 'stringTable'];

/** By `meta`, or where that stands far behind, by the tables of the first thread or the shared ones. */
function detect({ json }: Head): boolean {
  if (json === undefined || json.isArray) return false;
  const meta = json.inner.get('meta');
  if (meta?.has('preprocessedProfileVersion')) return true;
  if (meta?.has('version') && meta.has('interval') && (meta.has('startTime') || meta.has('processType')))
    return true;
  return hasTables(json, 'threads') || hasTables(json, 'shared');
}

function hasTables(json: JsonShape, key: string): boolean {
  const keys = json.inner.get(key);
  return (
    keys !== undefined && threadTables.filter(table => keys.has(table)).length >= (key === 'threads' ? 2 : 1)
  );
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const lanes = new GeckoLanes(builder, context.slicer);
  let first: GeckoProcess | undefined;
  for (const part of parts) {
    const strings = new ByteStrings();
    const processes = await readFile(part, { strings, problems, context });
    first ??= processes[0];
    const missing = await lanes.add(processes, strings, first?.meta ?? {});
    const isCut = problems.some(problem => problem.part === part.name);
    if (missing > 0 && !isCut) {
      problems.push({ message: say('stacksMissing', missing), part: part.name, offset: -1 });
    }
  }
  const info = infoOf(lanes, geckoMeta(first?.meta ?? {}), builder);
  const profile = await builder.finish({ info, endNs: info.startNs + info.durationNs }, context.slicer);
  return { profile, problems };
}

async function readFile(
  part: ByteSource,
  to: { strings: ByteStrings; problems: Problem[]; context: ParseContext },
): Promise<readonly GeckoProcess[]> {
  const reader = new JsonReader(part);
  const file = new GeckoFileReader(reader, to.strings, to.context.slicer);
  try {
    await file.readProcess();
  } catch (error) {
    to.problems.push(jsonProblem(error, part.name));
  }
  if (file.refusedCount > 0) {
    const message = say('lanesLeftOut', maxGeckoThreads);
    to.problems.push({ message, part: part.name, offset: -1 });
  }
  return file.processes;
}

/** 1980: an earlier start is no time since the epoch. */
const earliestEpochMs = 315_532_800_000;

function infoOf(lanes: GeckoLanes, meta: GeckoMeta, builder: ProfileBuilder): ProfileInfo {
  const { facts, isBytes } = lanes;
  const startNs = !isBytes && Number.isFinite(lanes.startNs) ? lanes.startNs : 0;
  const rateHz = lanes.intervalMs > 0 && !isBytes ? 1000 / lanes.intervalMs : 0;
  // CPython writes the monotonic clock there, and the interval that it reached.
  const { isTachyon } = meta;
  const hasEpoch = !isTachyon && meta.startTimeMs >= earliestEpochMs;
  return profileInfo({
    format: 'Firefox Profiler',
    engine: meta.producer,
    startNs,
    startEpochNs: hasEpoch ? meta.startTimeMs * 1e6 + startNs : 0,
    durationNs: isBytes ? builder.aggregateTotal : Math.max(0, Math.max(lanes.endNs, startNs) - startNs),
    hasTimeAxis: !isBytes,
    lineMeaning: facts.hasExecutingLines ? 'executing' : facts.hasDefinitionLines ? 'definition' : 'none',
    hasCpu: lanes.hasCpu,
    rateHzAsked: isTachyon ? 0 : rateHz,
    rateHzReached: isTachyon ? rateHz : 0,
    unit: isBytes ? 'bytes' : 'nanoseconds',
    isTraced: lanes.isTraced,
    limits: facts.fileCount > 0 && facts.pathCount === 0 ? [say('fileNamesOnly')] : [],
  });
}
