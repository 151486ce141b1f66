import type { TimelineQuery } from '../../shared/api';
import { type TimelineView, timelineLaneKinds } from '../../shared/views';
import { CpuCores } from '../analyze/cpuCores';
import { loopPlace } from '../analyze/gaps/loopPlaces';
import { StackReader } from '../analyze/gaps/stackReader';
import { mostReady, readyBins } from '../analyze/readyQueue';
import { laneEnd, rangeOf } from '../analyze/selection';
import type { SliceColumns } from '../analyze/sliceColumns';
import { finished, type Steps } from '../analyze/steps';
import { TimelineSlices } from '../analyze/timelineSlices';
import type { OpenRun } from '../loadedRun';
import { FunctionCollector } from './functionFacts';

const cpuBinCount = 800;
/** A part is three screens wide. */
const counterBinCount = 2400;
/** More slices are no picture any more: of hundreds of lanes each is drawn coarser. */
const maxSlices = 200_000;

/** What does not depend on the part in view. */
interface Lanes {
  readonly order: readonly number[];
  readonly rows: TimelineView['rows'];
  readonly slices: TimelineSlices;
  readonly cpu: CpuCores;
  readonly cpuCores: Float32Array;
}

const known = new WeakMap<OpenRun, Lanes>();

/** Lanes below each other: event loops and the main thread first, tasks below the loop that runs them. */
export function timelineView(open: OpenRun, query: TimelineQuery): TimelineView {
  const { profile } = open.run;
  const lanes = known.get(open) ?? finished(readingLanes(open));
  const [rangeStartNs, rangeEndNs] = rangeOf(profile, query);
  // In the worst case wide and narrow slices take turns.
  const leastNs = ((rangeEndNs - rangeStartNs) * lanes.order.length * 2) / maxSlices;
  const minWidthNs = Math.max(leastNs, query.minWidthNs);
  const slices = lanes.order.map(lane => lanes.slices.of({ lane, rangeStartNs, rangeEndNs, minWidthNs }));
  const { gcPauses, info } = profile;
  return {
    kind: 'timeline',
    totalNs: info.durationNs,
    rows: lanes.rows,
    ...sliceTable(open, slices),
    cpuCores: lanes.cpuCores,
    mostReady: mostReady(profile),
    counters: {
      startNs: rangeStartNs,
      endNs: rangeEndNs,
      cpuCores: lanes.cpu.bins(rangeStartNs, rangeEndNs, counterBinCount),
      readyCount: readyBins(profile, { startNs: rangeStartNs, endNs: rangeEndNs }, counterBinCount),
    },
    gcPauses: { startNs: gcPauses.startNs, durationNs: gcPauses.durationNs },
  };
}

/** What all timelines of a run need, step by step: of a large one it takes seconds. */
export function* preparingTimeline(open: OpenRun): Steps<void> {
  if (!known.has(open)) yield* readingLanes(open);
}

function* readingLanes(open: OpenRun): Steps<Lanes> {
  const { profile } = open.run;
  const { lanes } = profile;
  // The gaps of a large run take longer than its picture may: what is needed of them is asked of the stacks.
  const reader = new StackReader(profile, file => open.recordedLines(file));
  const loopLanes = lanesWithLoop(open, reader);
  const order = laneOrder(open, loopLanes);
  const cpu = new CpuCores(profile);
  yield* cpu.prepare();
  const frameOf = (node: number): number => {
    const own = reader.ownFrame(node);
    return own >= 0 ? own : (profile.nodes.frame[node] ?? -1);
  };
  const slices = new TimelineSlices(profile, { frameOf, isIdle: node => reader.isIdle(node) });
  yield* slices.prepare();
  const read: Lanes = {
    order,
    rows: {
      length: order.length,
      lane: Int32Array.from(order),
      laneKind: Uint8Array.from(order, lane =>
        timelineLaneKinds.indexOf(loopLanes.has(lane) ? 'loop' : (lanes[lane]?.kind ?? 'thread')),
      ),
      pid: Int32Array.from(order, lane => lanes[lane]?.pid ?? 0),
      startNs: Float64Array.from(order, lane => lanes[lane]?.startNs ?? 0),
      endNs: Float64Array.from(order, lane => lanes[lane]?.endNs ?? 0),
    },
    slices,
    cpu,
    cpuCores: cpu.bins(0, profile.info.durationNs, cpuBinCount),
  };
  known.set(open, read);
  return read;
}

/** Threads that were seen in an event loop. */
function lanesWithLoop({ run: { profile } }: OpenRun, { place }: StackReader): Set<number> {
  const found = new Set<number>();
  if (!place.some(at => at !== loopPlace.outside)) return found;
  profile.lanes.forEach(({ kind, firstSample }, lane) => {
    const nodes = profile.samples.node.subarray(firstSample, laneEnd(profile, lane));
    const isLoop = kind === 'thread' && nodes.some(node => (place[node] ?? 0) !== loopPlace.outside);
    if (isLoop) found.add(lane);
  });
  return found;
}

/** The rows' slices behind one another. */
function sliceTable(
  open: OpenRun,
  rows: readonly SliceColumns[],
): Pick<TimelineView, 'slices' | 'functions'> {
  const { profile } = open.run;
  const collector = new FunctionCollector(profile);
  const length = rows.reduce((sum, row) => sum + row.length, 0);
  const slices = {
    length,
    row: new Int32Array(length),
    startNs: new Float64Array(length),
    endNs: new Float64Array(length),
    state: new Uint8Array(length),
    func: new Int32Array(length),
    line: new Int32Array(length),
  };
  let at = 0;
  for (const [row, { length: count, startNs, endNs, state, frame }] of rows.entries()) {
    slices.row.fill(row, at, at + count);
    slices.startNs.set(startNs.subarray(0, count), at);
    slices.endNs.set(endNs.subarray(0, count), at);
    slices.state.set(state.subarray(0, count), at);
    for (let slice = 0; slice < count; slice++, at++) {
      const shown = frame[slice] ?? -1;
      slices.func[at] = collector.add(profile.frames.func[shown] ?? -1);
      slices.line[at] = profile.frames.line[shown] ?? 0;
    }
  }
  return { slices, functions: collector.strings() };
}

/** Processes in the order of their first lanes; in each, loops, then the main thread, then the others as recorded. */
function laneOrder(open: OpenRun, loopLanes: ReadonlySet<number>): number[] {
  const { lanes } = open.run.profile;
  const processes = [...new Set(lanes.map(lane => lane.pid))];
  const rank = (lane: number): number => (loopLanes.has(lane) ? 0 : lanes[lane]?.isMain ? 1 : 2);
  return processes.flatMap(pid => {
    const threads = lanes
      .flatMap((lane, index) =>
        lane.pid === pid && lane.kind === 'thread' && lane.sampleCount > 0 ? [index] : [],
      )
      .sort((a, b) => rank(a) - rank(b) || a - b);
    const tasksOf = (thread: number) =>
      lanes.flatMap((lane, index) => (lane.kind === 'task' && lane.parent === thread ? [index] : []));
    return threads.flatMap(thread => [thread, ...tasksOf(thread)]);
  });
}
