import { functionKinds, type Profile } from '../../../shared/profile';
import { functionTree } from '../../analyze/functionTree';
import { recordedFunction } from '../functionFacts';
import { jsonText } from './inertText';
import { type Slices, summedSlices, timedSlices } from './laneSlices';
import { type ExportSource, trackName } from './source';
import { StackSums } from './stackSums';
import { type TraceIds, traceIds } from './traceIds';

/**
 * The profile in the Trace Event Format, which Perfetto and chrome://tracing open: complete events («X») by lane,
 * callers before callees, with CPU time as thread time and waiting in `args`; garbage collections as asynchronous
 * events, since they need not nest. Times are microseconds from the start of the run. Without a time axis slices are
 * as long as their stacks weigh, one microsecond for a byte or a count.
 */
export function* chromeTraceFile({ profile, name }: ExportSource): Generator<string> {
  yield `{"otherData":${jsonText(facts(profile, name))},"displayTimeUnit":"ms","traceEvents":[`;
  let separator = '\n';
  for (const event of events(profile, name)) {
    yield separator + event;
    separator = ',\n';
  }
  yield '\n]}\n';
}

function* events(profile: Profile, name: string): Generator<string> {
  const ids = traceIds(profile);
  yield* nameEvents(profile, ids, name);
  const tree = functionTree(profile);
  const sums = new StackSums(profile, { map: tree.ofNode, length: tree.length });
  const functions = Array.from({ length: profile.functions.length }, (_, func) =>
    functionParts(profile, func),
  );
  for (const [index, lane] of profile.lanes.entries()) {
    const slices = profile.info.hasTimeAxis
      ? timedSlices(profile, tree, lane)
      : summedSlices(sums, tree, lane);
    yield* sliceEvents(slices, {
      ids: ids[index] ?? { pid: 1, tid: 1 },
      functionOf: node => functions[tree.func[node] ?? 0] ?? { head: '', args: '' },
      unitsPerMicrosecond: profile.info.unit === 'nanoseconds' ? 1000 : 1,
      isWhole: !profile.info.isTraced,
      hasCpu: profile.info.hasCpu && lane.kind === 'thread',
    });
  }
  yield* gcEvents(profile, ids);
}

function facts({ info }: Profile, name: string): object {
  return {
    name,
    exporter: 'pyrolens',
    engine: info.engine,
    unit: info.unit,
    ...(info.hasTimeAxis ? {} : { axis: 'accumulated weight, not time' }),
  };
}

/** Metadata: what processes and threads are called, and in which order they stand. */
function* nameEvents(profile: Profile, ids: readonly TraceIds[], name: string): Generator<string> {
  const event = (kind: string, { pid, tid }: TraceIds, args: object): string =>
    jsonText({ ph: 'M', name: kind, pid, tid, args });
  const named = new Set<number>();
  for (const [index, lane] of profile.lanes.entries()) {
    const at = ids[index] ?? { pid: 1, tid: 1 };
    if (!named.has(at.pid)) yield event('process_name', at, { name });
    named.add(at.pid);
    yield event('thread_name', at, { name: trackName(lane) });
    yield event('thread_sort_index', at, { sort_index: index });
  }
}

/** The parts of an event that are the same for every slice of a function. */
interface FunctionParts {
  readonly head: string;
  readonly args: string;
}

function functionParts(profile: Profile, func: number): FunctionParts {
  const { name, file, firstLine } = recordedFunction(profile, func);
  const kind = functionKinds[profile.functions.kind[func] ?? 0];
  const place = { ...(file === '' ? {} : { file }), ...(firstLine > 0 ? { line: firstLine } : {}) };
  return {
    head: `{"ph":"X","name":${jsonText(name)},"cat":${jsonText(kind)}`,
    args: jsonText(place).slice(1, -1),
  };
}

interface SliceContext {
  readonly ids: TraceIds;
  readonly functionOf: (node: number) => FunctionParts;
  readonly unitsPerMicrosecond: number;
  /**
   * Only whole microseconds. Readers add `ts` and `dur` as doubles, and a fraction may then end a callee after its
   * caller; samples lose nothing by it, traced calls would.
   */
  readonly isWhole: boolean;
  readonly hasCpu: boolean;
}

function* sliceEvents(slices: Slices, context: SliceContext): Generator<string> {
  const { ids, functionOf, unitsPerMicrosecond, hasCpu } = context;
  const steps = context.isWhole ? 1 : unitsPerMicrosecond;
  // Ends are rounded like beginnings, so that callees stay within their callers.
  const stepsOf = (value: number): number => Math.round((value * steps) / unitsPerMicrosecond);
  const micros = (value: number): number => stepsOf(value) / steps;
  for (let i = 0; i < slices.length; i++) {
    const startNs = slices.startNs[i] ?? 0;
    const cpuStartNs = slices.cpuStartNs[i] ?? 0;
    const { head, args } = functionOf(slices.node[i] ?? 0);
    const dur = (stepsOf(startNs + (slices.durationNs[i] ?? 0)) - stepsOf(startNs)) / steps;
    const cpu = hasCpu ? `,"tts":${micros(cpuStartNs)},"tdur":${micros(slices.cpuNs[i] ?? 0)}` : '';
    const waitNs = slices.waitNs[i] ?? 0;
    const wait = waitNs > 0 ? `${args === '' ? '' : ','}"waiting ms":${Math.round(waitNs) / 1e6}` : '';
    yield `${head},"pid":${ids.pid},"tid":${ids.tid},"ts":${micros(startNs)},"dur":${dur}${cpu},"args":{${args}${wait}}}`;
  }
}

function* gcEvents({ gcPauses, lanes }: Profile, ids: readonly TraceIds[]): Generator<string> {
  for (let i = 0; i < gcPauses.length; i++) {
    const lane = gcPauses.lane[i] ?? -1;
    const startNs = gcPauses.startNs[i] ?? 0;
    const event = {
      name: `GC, generation ${gcPauses.generation[i] ?? 0}`,
      cat: 'gc',
      id: `0x${(i + 1).toString(16)}`,
      ...(ids[lane] ?? ids[0] ?? { pid: 1, tid: 1 }),
    };
    const args = { thread: lanes[lane]?.name ?? '' };
    const endNs = startNs + (gcPauses.durationNs[i] ?? 0);
    yield jsonText({ ph: 'b', ...event, ts: Math.round(startNs) / 1000, args });
    yield jsonText({ ph: 'e', ...event, ts: Math.round(endNs) / 1000, args: {} });
  }
}
