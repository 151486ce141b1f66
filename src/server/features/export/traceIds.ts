import type { Profile } from '../../../shared/profile';

/** A process and a thread by number, as trace viewers tell tracks apart. */
export interface TraceIds {
  readonly pid: number;
  readonly tid: number;
}

/** Numbers above every thread id of Linux and Windows, within 31 bits as some readers keep them. */
const firstMadeUp = 2_000_000_000;

/**
 * A pair of numbers for each lane, no two alike: its own where they are known, unique and small enough, else one made
 * up (tasks have no thread id; pthread addresses have 48 bits; forked children may carry their parent's).
 */
export function traceIds({ lanes }: Profile): TraceIds[] {
  const used = new Set<string>();
  return lanes.map((lane, index) => {
    const pid = lane.pid > 0 ? lane.pid : 1;
    const key = `${pid},${lane.tid}`;
    const isOwn = lane.kind === 'thread' && lane.tid > 0 && lane.tid < firstMadeUp && !used.has(key);
    if (isOwn) used.add(key);
    return { pid, tid: isOwn ? lane.tid : firstMadeUp + index };
  });
}
