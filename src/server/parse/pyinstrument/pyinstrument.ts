/**
 * pyinstrument's files: the session (`-r session`, `Session.save`) with every sample in order, and the tree of
 * `-r json`, whose repeated calls are merged.
 */
import type { ParseResult, Problem } from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import type { Format, ParseContext } from '../format';
import { JsonKeys } from '../json/jsonKeys';
import { jsonProblem } from '../json/jsonProblem';
import { JsonReader } from '../json/jsonReader';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { SessionStacks } from './pyinstrumentStacks';
import { PyinstrumentTree } from './pyinstrumentTree';

export const pyinstrument: Format = {
  name: 'pyinstrument',
  detect: ({ json }) =>
    json !== undefined &&
    !json.isArray &&
    (json.keys.has('start_call_stack') ||
      json.keys.has('frame_records') ||
      (json.keys.has('root_frame') && json.keys.has('sample_count'))),
  parse: parsePyinstrument,
};

const batch = 256;
const keys = new JsonKeys([
  'start_time',
  'duration',
  'min_interval',
  'sample_count',
  'frame_records',
  'root_frame',
]);

/** What the file says beside its stacks. Times in seconds. */
interface Facts {
  startTime: number;
  duration: number;
  interval: number;
  sampleCount: number;
}

async function parsePyinstrument(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const facts: Facts = { startTime: 0, duration: 0, interval: 0, sampleCount: 0 };
  const stacks = new SessionStacks(builder);
  const tree = new PyinstrumentTree();
  for (const part of parts) {
    try {
      await readPart(new JsonReader(part), { facts, stacks, tree, context });
    } catch (error) {
      problems.push(jsonProblem(error, part.name));
    }
  }
  const isTree = tree.length > 0;
  if (isTree) tree.addTo(builder, facts.duration > 0 ? facts.sampleCount / facts.duration : 0);
  // Samples of several sessions have no common clock, and merged calls have no moments.
  const hasTimeAxis = !isTree && parts.length === 1;
  const measuredNs = isTree ? builder.aggregateTotal : stacks.endNs;
  const info = profileInfo({
    format: 'pyinstrument',
    startEpochNs: hasTimeAxis ? facts.startTime * 1e9 : 0,
    durationNs: hasTimeAxis ? Math.max(measuredNs, facts.duration * 1e9) : measuredNs,
    hasTimeAxis,
    lineMeaning: isTree ? 'definition' : 'executing',
    rateHzAsked: facts.interval > 0 ? Math.round(1 / facts.interval) : 0,
    rateHzReached: facts.duration > 0 ? facts.sampleCount / facts.duration : 0,
    limits: isTree
      ? [say('limitSums'), say('limitDefinitions')]
      : [...(hasTimeAxis ? [] : [say('limitClocks')]), say('limitPyinstrument')],
  });
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}

interface Target {
  readonly facts: Facts;
  readonly stacks: SessionStacks;
  readonly tree: PyinstrumentTree;
  readonly context: ParseContext;
}

async function readPart(reader: JsonReader, target: Target): Promise<void> {
  const { facts, tree } = target;
  reader.beginObject();
  for (let key = reader.nextKey(keys); key !== JsonReader.end; key = reader.nextKey(keys)) {
    if (key === 0) facts.startTime = positive(reader);
    else if (key === 1) facts.duration += positive(reader);
    else if (key === 2) facts.interval = positive(reader);
    else if (key === 3) facts.sampleCount += positive(reader);
    else if (key === 4 && reader.isArray()) await readRecords(reader, target);
    else if (key === 5 && reader.isObject()) tree.read(reader);
    else reader.skip();
  }
}

async function readRecords(reader: JsonReader, { stacks, context }: Target): Promise<void> {
  reader.beginArray();
  for (let count = 1; reader.nextElement(); count++) {
    stacks.readRecord(reader);
    if (count % batch === 0 && context.slicer.isDue()) await context.slicer.pause(reader.share * 0.9);
  }
}

function positive(reader: JsonReader): number {
  const value = reader.number(0);
  return value > 0 && Number.isFinite(value) ? value : 0;
}
