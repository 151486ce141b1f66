import type { LaneKind } from '../../../shared/profile';

/** A lane while it is being read. Times are absolute, NaN unknown. */
export interface LaneDraft {
  readonly kind: LaneKind;
  readonly parent: number;
  readonly pid: number;
  readonly tid: number;
  isMain: boolean;
  name: string;
  startNs: number;
  endNs: number;
}

/** Old index → new index, and the old indexes in their new order. */
export interface LaneOrder {
  readonly newIndex: Int32Array;
  readonly sorted: readonly number[];
}

/**
 * The order in which lanes are shown: processes as first met, in each the main thread first, then the threads
 * as first met, and below each thread its tasks.
 */
export function laneOrder(lanes: readonly LaneDraft[]): LaneOrder {
  const threads = lanes.flatMap((lane, index) => (isRoot(lanes, lane) ? [index] : []));
  const pidOrder = new Map<number, number>();
  for (const lane of lanes) if (!pidOrder.has(lane.pid)) pidOrder.set(lane.pid, pidOrder.size);
  const rank = (index: number) => {
    const lane = lanes[index];
    return (pidOrder.get(lane?.pid ?? 0) ?? 0) * 2 + (lane?.isMain ? 0 : 1);
  };
  threads.sort((a, b) => rank(a) - rank(b) || a - b);
  const tasks = new Map<number, number[]>();
  lanes.forEach((lane, index) => {
    if (isRoot(lanes, lane)) return;
    const siblings = tasks.get(lane.parent);
    if (siblings) siblings.push(index);
    else tasks.set(lane.parent, [index]);
  });
  const sorted = threads.flatMap(thread => [thread, ...(tasks.get(thread) ?? [])]);
  const newIndex = new Int32Array(lanes.length);
  sorted.forEach((old, index) => {
    newIndex[old] = index;
  });
  return { newIndex, sorted };
}

/** A task below another task, or below a lane that was lost, stands on its own. */
function isRoot(lanes: readonly LaneDraft[], lane: LaneDraft): boolean {
  const owner = lane.parent < 0 ? undefined : lanes[lane.parent];
  return owner === undefined || owner.parent >= 0;
}
