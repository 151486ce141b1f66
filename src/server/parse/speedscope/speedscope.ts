/**
 * speedscope's file format, which many tools write: shared frames, and profiles that refer to them by number. A
 * profile is a lane; profiles in different units are different measurements (`valueTypes`).
 */
import type { ParseResult, Problem, Profile, ProfileInfo } from '../../../shared/profile';
import type { Slicer } from '../../slicer';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import type { Format, ParseContext } from '../format';
import { JsonKeys } from '../json/jsonKeys';
import { jsonProblem } from '../json/jsonProblem';
import { JsonReader } from '../json/jsonReader';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndOffer } from '../preview';
import { type Exporter, readExporter, SpeedscopeFrames } from './speedscopeFrames';
import { SpeedscopeLanes } from './speedscopeLanes';
import { type SpeedscopeInput, SpeedscopeProfile } from './speedscopeProfile';

export const speedscope: Format = {
  name: 'speedscope',
  detect: ({ json }) => {
    if (json === undefined || json.isArray) return false;
    if (json.texts.get('$schema')?.includes('speedscope') === true) return true;
    // Without the schema's address: both tables, or as much of them as the head shows.
    const profileKeys = json.inner.get('profiles');
    if (['type', 'unit', 'startValue'].every(key => profileKeys?.has(key))) return true;
    return json.inner.get('shared')?.has('frames') === true && !json.keys.has('threads');
  },
  parse: parseSpeedscope,
};

async function parseSpeedscope(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const lanes = new SpeedscopeLanes(builder, context.valueType ?? 0);
  const problems: Problem[] = [];
  let facts: FileFacts | undefined;
  for (const part of parts) {
    const file = new SpeedscopePart(part, { builder, context, lanes, first: facts });
    problems.push(...(await file.read()));
    facts ??= file;
  }
  if (lanes.weightlessCount > 0) {
    const message = say('weightsMissing', lanes.weightlessCount);
    problems.push({ message, part: parts[0]?.name ?? '', offset: -1 });
  }
  const info = infoOf(facts, lanes, context.valueType ?? 0);
  const endNs = info.startNs + info.durationNs;
  return { profile: await builder.finish({ info, endNs }, context.slicer), problems };
}

interface FileFacts {
  readonly exporter: Exporter;
  readonly lineMeaning: ProfileInfo['lineMeaning'];
  readonly isTraced: boolean;
}

const fileKeys = new JsonKeys(['profiles']);
/** Samplers that write events, or tools that pass on what either sort measured: their events are no measured calls. */
const eventedSamplers = ['pyinstrument', 'py-spy', 'speedscope', 'pyrolens'];

/** Where the profiles of a file go. */
interface SpeedscopeTarget {
  readonly builder: ProfileBuilder;
  readonly context: ParseContext;
  readonly lanes: SpeedscopeLanes;
  /** What the first file says, which answers for all; undefined while that is being read. */
  readonly first: FileFacts | undefined;
}

/** One file. */
class SpeedscopePart implements FileFacts {
  readonly exporter: Exporter;
  isTraced: boolean;
  private readonly frames: SpeedscopeFrames;
  private readonly input: SpeedscopeInput;
  private current: SpeedscopeProfile | undefined;
  private unmatchedCount = 0;
  private unorderedCount = 0;

  constructor(
    private readonly part: ByteSource,
    private readonly to: SpeedscopeTarget,
  ) {
    const { builder, context } = to;
    this.exporter = readExporter(part);
    this.frames = new SpeedscopeFrames(part, this.exporter, builder);
    this.isTraced = this.exporter.name === 'memray';
    const countsCalls = !eventedSamplers.includes(this.exporter.name);
    const onCall = (frame: number) => {
      if (!countsCalls) return;
      this.isTraced = true;
      const func = this.frames.functionOf(frame);
      if (func >= 0) builder.countCalls(func, 1);
    };
    const reader = new JsonReader(part);
    const pause = (share: number) => pauseAndOffer(context, share, slicer => this.picture(slicer));
    this.input = { source: part, reader, frames: this.frames, builder, pause, onCall };
  }

  get lineMeaning(): ProfileInfo['lineMeaning'] {
    return this.frames.lineMeaning;
  }

  /** Reads what can be read, and tells what could not. */
  async read(): Promise<Problem[]> {
    const problems: Problem[] = [];
    try {
      await this.readProfiles();
    } catch (error) {
      problems.push(jsonProblem(error, this.part.name));
      this.endProfile();
    }
    const counted = [
      ['framesMissing', this.frames.missingCount],
      ['closesUnmatched', this.unmatchedCount],
      ['eventsUnordered', this.unorderedCount],
    ] as const;
    for (const [key, count] of counted) {
      if (count > 0) problems.push({ message: say(key, count), part: this.part.name, offset: -1 });
    }
    return problems;
  }

  private async readProfiles(): Promise<void> {
    const { reader } = this.input;
    reader.beginObject();
    for (let key = reader.nextKey(fileKeys); key !== JsonReader.end; key = reader.nextKey(fileKeys)) {
      if (key === 0 && reader.isArray()) await this.readList();
      else reader.skip();
    }
  }

  private async readList(): Promise<void> {
    const { reader } = this.input;
    reader.beginArray();
    while (reader.nextElement()) {
      if (!reader.isObject()) {
        reader.skip();
        continue;
      }
      this.current = new SpeedscopeProfile(this.input);
      await this.current.read();
      this.endProfile();
    }
  }

  /** The profiles before, and what is certain of the one that is being read. */
  private async picture(slicer: Slicer): Promise<Profile | undefined> {
    const { context, lanes, first } = this.to;
    const rows = await this.current?.soFar(slicer);
    const builder = this.to.builder.fork(rows?.length ?? 0);
    const forked = lanes.fork(builder);
    if (rows !== undefined) forked.add(rows, this.exporter);
    if (builder.samples.length === 0) return undefined;
    const info = infoOf(first ?? this, forked, context.valueType ?? 0);
    return builder.finish({ info, endNs: info.startNs + info.durationNs }, slicer);
  }

  private endProfile(): void {
    if (this.current === undefined) return;
    this.current.closeAll();
    this.to.lanes.add(this.current, this.exporter);
    this.unmatchedCount += this.current.unmatchedCount;
    this.unorderedCount += this.current.unorderedCount;
    this.current = undefined;
  }
}

function infoOf(facts: FileFacts | undefined, lanes: SpeedscopeLanes, valueType: number): ProfileInfo {
  const { startNs, endNs } = lanes.finish();
  const exporter = facts?.exporter ?? { name: '', version: '' };
  const isPySpy = exporter.name === 'py-spy';
  const rate = isPySpy && lanes.uniformWeight > 0 ? Math.round(1e9 / lanes.uniformWeight) : 0;
  const limits: string[] = [];
  if (lanes.lacksCommonClock) limits.push(say('limitClocks'));
  else if (!lanes.hasTimeAxis) limits.push(say(isPySpy ? 'limitPySpy' : 'limitSums'));
  if (facts?.lineMeaning === 'definition') limits.push(say('limitDefinitions'));
  return profileInfo({
    format: 'speedscope',
    engine: exporter.name === '' ? 'speedscope' : exporter.name,
    engineVersion: exporter.version,
    startNs,
    durationNs: endNs - startNs,
    hasTimeAxis: lanes.hasTimeAxis,
    lineMeaning: facts?.lineMeaning ?? 'none',
    rateHzAsked: rate,
    unit: lanes.unit,
    isTraced: facts?.isTraced ?? false,
    valueTypes: lanes.valueTypes,
    valueType,
    limits,
  });
}
