import { type TraceLane, TraceLanes } from './traceLanes';
import type { TraceReader } from './traceReader';

/**
 * Makes calls of all begins and ends of a trace, those of operations included. Returns how many ends had no beginning: forked
 * processes share thread ids, by which py-spy takes one process's stack for the other's.
 */
export function matchMarks(trace: TraceReader): number {
  const { lanes, operations } = trace;
  let endNs = Number.NEGATIVE_INFINITY;
  for (const { slices, marks } of lanes.all) endNs = Math.max(endNs, slices.lastNs, marks.lastNs);
  endNs = Math.max(endNs, operations.lastNs);
  // py-spy ends everything at the end of a recording: a lane without an end ended earlier.
  const openEndNs = trace.isPySpy ? Number.NEGATIVE_INFINITY : endNs;
  let strayCount = 0;
  for (const { slices, marks } of lanes.all) {
    if (marks.length === 0) continue;
    strayCount += marks.match(slices, openEndNs);
    marks.clear();
  }
  return strayCount + operations.match(lanes, name => trace.event.names.text(name), endNs);
}

/**
 * The lanes with calls, as far as they are known while more is to come, and none of it changed. Of operations those are known
 * that have ended, of VizTracer's lanes those that have their name: it names tasks behind their calls.
 */
export function lanesSoFar({ lanes, operations, event, isVizTracer }: TraceReader): TraceLane[] {
  const ended = new TraceLanes();
  operations.match(ended, name => event.names.text(name));
  const known = lanes.all.filter(lane => !isVizTracer || lane.name !== '' || lane.tid === lane.pid);
  return lanes.inOrder([...known.map(lane => lane.soFar()), ...ended.all]);
}
