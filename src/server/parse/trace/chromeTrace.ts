/**
 * Chrome's trace events: what VizTracer writes, py-spy's `chrometrace`, and any other file of that kind. Calls become
 * samples of self time, so that each moment of a lane belongs to the innermost call.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { type ServerStringKey, say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import type { Format, Head, ParseContext } from '../format';
import { JsonDamaged } from '../json/jsonDamaged';
import { jsonProblem } from '../json/jsonProblem';
import { JsonReader } from '../json/jsonReader';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { restOfTrace } from './restOfTrace';
import { SelfTimes, SliceChain } from './slices';
import { isMainLane, type TraceLane } from './traceLanes';
import { matchMarks } from './traceMarks';
import { TraceFrames, writtenPlace } from './traceNames';
import { TraceReader } from './traceReader';

export const chromeTrace: Format = { name: 'Chrome trace', detect, parse };

const callsPerLook = 8192;
/** Damaged places after which reading goes on. */
const maxDamages = 100;

function detect({ json }: Head): boolean {
  if (json === undefined) return false;
  if (json.isArray) return json.keys.has('ph') && (json.keys.has('ts') || json.keys.has('pid'));
  return json.keys.has('traceEvents') || json.keys.has('viztracer_metadata');
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const trace = new TraceReader();
  const problems: Problem[] = [];
  for (const part of parts) problems.push(...(await readPart(trace, part, context)));
  const note = (key: ServerStringKey, count: number) => {
    if (count > 0) problems.push({ message: say(key, count), part: parts[0]?.name ?? '', offset: -1 });
  };
  note('traceStray', matchMarks(trace));
  note('traceTimeless', trace.timelessCount);
  note('traceLanes', trace.lanes.refusedCount);
  note('traceOverflow', trace.hasOverflown ? 1 : 0);
  const builder = new ProfileBuilder(context.origins);
  const frames = framesOf(trace, builder);
  const lanes = trace.lanes.inOrder();
  const span = spanOf(lanes);
  note('traceCut', await addSamples(trace, { lanes, builder, frames }, context));
  if (!trace.isPySpy) frames.countCalls();
  const info = infoOf(trace, lanes, { ...span, hasLines: frames.hasLines });
  return { profile: await builder.finish({ info, endNs: span.endNs }, context.slicer), problems };
}

/** Reads a file to its end, also beyond places that are damaged. */
async function readPart(trace: TraceReader, part: ByteSource, { slicer }: ParseContext): Promise<Problem[]> {
  let reader = new JsonReader(part);
  const isArray = reader.isArray();
  const damages: number[] = [];
  let shift = 0;
  for (;;) {
    try {
      await trace.read(reader, slicer);
      return skipped(part, damages);
    } catch (error) {
      if (!(error instanceof JsonDamaged)) throw error;
      // The closing bracket of an array of events may be missing.
      if (isArray && error.isCutOff && !trace.isInEvent) return skipped(part, damages);
      const offset = error.offset + shift;
      const mayGoOn = !error.isCutOff && damages.length < maxDamages;
      const rest = mayGoOn ? restOfTrace(part, offset, isArray) : undefined;
      if (rest === undefined) {
        const last = jsonProblem(new JsonDamaged(offset, error.isCutOff), part.name);
        return [...skipped(part, damages), last];
      }
      damages.push(offset);
      shift = rest.shift;
      reader = new JsonReader(rest.source);
    }
  }
}

function skipped(part: ByteSource, damages: readonly number[]): Problem[] {
  const [first] = damages;
  if (first === undefined) return [];
  return [{ message: say('traceDamaged', damages.length), part: part.name, offset: first }];
}

function framesOf(trace: TraceReader, builder: ProfileBuilder): TraceFrames {
  const { names } = trace.event;
  return new TraceFrames(builder, {
    isExecuting: trace.isPySpy,
    place: name =>
      trace.isPySpy ? trace.placed.at(name) : (trace.functions.get(name) ?? writtenPlace(names.text(name))),
  });
}

function spanOf(lanes: readonly TraceLane[]): { startNs: number; endNs: number } {
  if (lanes.length === 0) return { startNs: 0, endNs: 0 };
  let startNs = Number.POSITIVE_INFINITY;
  let endNs = Number.NEGATIVE_INFINITY;
  for (const { slices } of lanes) {
    startNs = Math.min(startNs, slices.firstNs);
    endNs = Math.max(endNs, slices.lastNs);
  }
  return { startNs, endNs };
}

interface Target {
  readonly lanes: readonly TraceLane[];
  readonly builder: ProfileBuilder;
  readonly frames: TraceFrames;
}

/** Makes samples of all calls, lane by lane, freeing the calls. Returns how many calls had to be cut. */
async function addSamples(
  trace: TraceReader,
  { lanes, builder, frames }: Target,
  { slicer }: ParseContext,
): Promise<number> {
  const chains: (SliceChain | undefined)[] = [];
  let sampleCount = 0;
  for (const lane of lanes) {
    const chain = new SliceChain(lane.slices);
    while (chain.advance(callsPerLook)) await slicer.pauseIfDue(0.72);
    chains.push(chain);
    sampleCount += chain.sampleCount;
  }
  builder.samples.reserve(sampleCount);
  const mains = new Map<number, number>();
  let cutCount = 0;
  for (const [index, lane] of lanes.entries()) {
    const id = addLane(trace, lane, { builder, mains });
    const walk = new SelfTimes(lane.slices, chains[index] as SliceChain, {
      node: (parent, name) => frames.node(parent, name),
      add: (node, endNs, weightNs) => builder.samples.add(id, node, endNs, weightNs),
    });
    while (walk.advance(callsPerLook)) await slicer.pauseIfDue(0.72 + 0.16 * (index / lanes.length));
    cutCount += walk.cutCount;
    chains[index] = undefined;
    lane.slices.clear();
  }
  return cutCount;
}

function addLane(
  trace: TraceReader,
  lane: TraceLane,
  { builder, mains }: { builder: ProfileBuilder; mains: Map<number, number> },
): number {
  const isMain = isMainLane(lane);
  const isVizTracerTask = lane.isTask && lane.tid !== 0;
  const id = builder.lane({
    kind: lane.isTask ? 'task' : 'thread',
    parent: isVizTracerTask ? (mains.get(lane.pid) ?? -1) : -1,
    pid: Math.max(0, lane.pid),
    tid: Math.max(0, trace.isPySpy ? lane.systemTid : lane.tid),
    name: lane.name || nameless(trace, lane),
    isMain,
  });
  if (isMain && !mains.has(lane.pid)) mains.set(lane.pid, id);
  for (const { startNs, durationNs } of lane.pauses) {
    builder.gcPause({ startNs, durationNs, generation: 0, lane: id });
  }
  return id;
}

/** What to call a lane without a name: py-spy's own id only where it does not tell the system's. */
function nameless(trace: TraceReader, { tid, systemTid }: TraceLane): string {
  if (!trace.isPySpy) return trace.event.textOf(tid);
  return systemTid > 0 ? '' : `0x${tid.toString(16)}`;
}

function infoOf(
  trace: TraceReader,
  lanes: readonly TraceLane[],
  { startNs, endNs, hasLines }: { startNs: number; endNs: number; hasLines: boolean },
): ProfileInfo {
  const limits: string[] = [];
  if (trace.isPySpy) limits.push(say('pySpyHoldsIdle'));
  if (trace.isVizTracer && lanes.some(lane => lane.isTask)) limits.push(say('traceTasks'));
  if (trace.momentCount > 0) limits.push(say('traceMoments'));
  const lineMeaning = trace.isPySpy ? 'executing' : 'definition';
  return profileInfo({
    ...producerOf(trace),
    startNs,
    startEpochNs: Number.isNaN(trace.baseNs) ? 0 : trace.baseNs + startNs,
    durationNs: endNs - startNs,
    hasTimeAxis: true,
    lineMeaning: hasLines ? lineMeaning : 'none',
    isTraced: !trace.isPySpy,
    limits,
  });
}

function producerOf(trace: TraceReader): Pick<ProfileInfo, 'format' | 'engine' | 'engineVersion'> {
  if (trace.isPySpy) return { format: 'py-spy chrometrace', engine: 'py-spy', engineVersion: '' };
  if (!trace.isVizTracer) return { format: chromeTrace.name, engine: '', engineVersion: '' };
  return { format: 'VizTracer', engine: 'VizTracer', engineVersion: trace.version };
}
