import type { TimelineQuery } from '../../shared/api';
import { type TimelineView, timelineLaneKinds } from '../../shared/views';
import { rangeOf } from '../analyze/selection';
import { cpuCores, laneSlices, type Slice } from '../analyze/timelineSlices';
import type { OpenRun } from '../loadedRun';
import { FunctionCollector } from './functionFacts';
import { gapsOf } from './gapsOf';

const cpuBinCount = 800;
/** More slices are no picture any more. */
const maxSlices = 200_000;

/** Lanes below each other: event loops and the main thread first, tasks below the loop that runs them. */
export function timelineView(open: OpenRun, query: TimelineQuery): TimelineView {
  const { profile } = open.run;
  const { lanes, frames, gcPauses } = profile;
  const { loopLanes, reader } = gapsOf(open);
  const order = laneOrder(open);
  const [rangeStartNs, rangeEndNs] = rangeOf(profile, query);
  const collector = new FunctionCollector(profile);
  const rows: { row: number; slice: Slice }[] = [];
  order.forEach((lane, row) => {
    if (rows.length >= maxSlices) return;
    const slices = laneSlices(profile, {
      lane,
      rangeStartNs,
      rangeEndNs,
      minWidthNs: Math.max(0, query.minWidthNs),
      frameOf: node =>
        reader.ownFrame(node) >= 0 ? reader.ownFrame(node) : (profile.nodes.frame[node] ?? -1),
      isIdle: node => reader.isIdle(node),
    });
    for (const slice of slices) rows.push({ row, slice });
  });
  return {
    kind: 'timeline',
    totalNs: profile.info.durationNs,
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
    slices: {
      length: rows.length,
      row: Int32Array.from(rows, ({ row }) => row),
      startNs: Float64Array.from(rows, ({ slice }) => slice.startNs),
      endNs: Float64Array.from(rows, ({ slice }) => slice.endNs),
      state: Uint8Array.from(rows, ({ slice }) => slice.state),
      func: Int32Array.from(rows, ({ slice }) => collector.add(frames.func[slice.frame] ?? -1)),
      line: Int32Array.from(rows, ({ slice }) => frames.line[slice.frame] ?? 0),
    },
    functions: collector.strings(),
    cpuCores: cpuCores(profile, cpuBinCount),
    gcPauses: { startNs: gcPauses.startNs, durationNs: gcPauses.durationNs },
  };
}

/** Processes in the order of their first lanes; in each, loops, then the main thread, then the others as recorded. */
function laneOrder(open: OpenRun): number[] {
  const { lanes } = open.run.profile;
  const { loopLanes } = gapsOf(open);
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
