import type { LaneSummary } from '../src/shared/api';

/** A thread did most of the work when it used at least this part of all CPU time. */
const leastShare = 0.5;

/** The thread that used most of the CPU time, when there are several and one did; -1 otherwise. */
export function busiestLane(lanes: readonly LaneSummary[]): number {
  const threads = lanes.filter(lane => lane.kind === 'thread' && lane.sampleCount > 0);
  const totalNs = threads.reduce((sum, lane) => sum + (lane.cpuNs ?? 0), 0);
  const busiest = threads.find(lane => (lane.cpuNs ?? 0) >= totalNs * leastShare);
  return threads.length > 1 && totalNs > 0 && busiest ? busiest.index : -1;
}
