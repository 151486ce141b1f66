/** The profile of a trace's calls: of all of them, or of those that were read so far. */
import type { Profile, ProfileInfo } from '../../../shared/profile';
import type { Slicer } from '../../slicer';
import { say } from '../../strings';
import type { ParseContext } from '../format';
import type { CodeOrigins } from '../model/functionKind';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { SelfTimes, SliceChain } from './slices';
import { isMainLane, type TraceLane } from './traceLanes';
import { lanesSoFar } from './traceMarks';
import { TraceFrames, writtenPlace } from './traceNames';
import type { TraceReader } from './traceReader';

/** What the format is called. */
export const traceName = 'Chrome trace';

const callsPerLook = 8192;

/** A profile, and how many calls had to be cut for it. */
export interface TraceProfile {
  readonly profile: Profile;
  readonly cutCount: number;
}

/** The profile of all that was read, whose calls are freed on the way. Marks are matched by then. */
export function wholeTrace(trace: TraceReader, { origins, slicer }: ParseContext): Promise<TraceProfile> {
  const free = (lane: TraceLane) => lane.slices.clear();
  return profileOf(trace, { lanes: trace.lanes.inOrder(), origins, slicer, done: free });
}

/**
 * The profile of the part read so far, in a builder of its own: which function comes first depends on the whole. Undefined
 * as long as no call is known.
 */
export async function traceSoFar(
  trace: TraceReader,
  origins: CodeOrigins,
  slicer: Slicer,
): Promise<Profile | undefined> {
  const lanes = lanesSoFar(trace);
  if (lanes.length === 0) return undefined;
  return (await profileOf(trace, { lanes, origins, slicer, done: () => undefined })).profile;
}

interface Wanted {
  readonly lanes: readonly TraceLane[];
  readonly origins: CodeOrigins;
  readonly slicer: Slicer;
  /** Told of each lane whose calls are no longer needed. */
  readonly done: (lane: TraceLane) => void;
}

async function profileOf(trace: TraceReader, wanted: Wanted): Promise<TraceProfile> {
  const { lanes, slicer } = wanted;
  const builder = new ProfileBuilder(wanted.origins);
  const frames = framesOf(trace, builder);
  const span = spanOf(lanes);
  const cutCount = await addSamples(trace, wanted, { builder, frames });
  if (!trace.isPySpy) frames.countCalls();
  const info = infoOf(trace, lanes, { ...span, hasLines: frames.hasLines });
  return { profile: await builder.finish({ info, endNs: span.endNs }, slicer), cutCount };
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

/** Makes samples of all calls, lane by lane. Returns how many calls had to be cut. */
async function addSamples(
  trace: TraceReader,
  { lanes, slicer, done }: Wanted,
  { builder, frames }: { builder: ProfileBuilder; frames: TraceFrames },
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
    done(lane);
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
  if (!trace.isVizTracer) return { format: traceName, engine: '', engineVersion: '' };
  return { format: 'VizTracer', engine: 'VizTracer', engineVersion: trace.version };
}
