import type { LaneSummary, RunSummary } from '../../src/shared/api';
import { type TimelineView, timelineLaneKinds } from '../../src/shared/views';

/** One line of the timeline, all of the same height. */
export type Track =
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'lane'; readonly row: number; readonly lane: number; readonly isTask: boolean }
  /** Cores in use and garbage collections. */
  | { readonly kind: 'machine' }
  /** How long the event loops could not get on. */
  | { readonly kind: 'loopLag' }
  /** How many callbacks and tasks were ready in them. */
  | { readonly kind: 'readyQueue' };

export interface Tracks {
  readonly tracks: readonly Track[];
  readonly taskCount: number;
  /** Tasks that are not drawn until all are asked for. */
  readonly hiddenTaskCount: number;
}

/** What decides which lanes stand where. */
export interface TrackWish {
  readonly view: TimelineView;
  readonly summary: RunSummary;
  readonly areAllTasksShown: boolean;
  /** Time that a lane spent in listed gaps: tasks that have some come first. */
  gapNsOf(lane: number): number;
  readonly hasLoopLag: boolean;
  /** Lanes that are shown whatever their rank: those of the chosen gap. */
  readonly pinned: readonly number[];
}

/** More tasks than this would bury the threads. */
export const busiestTaskCount = 12;

interface Row {
  readonly row: number;
  readonly lane: number;
  readonly kind: (typeof timelineLaneKinds)[number];
  readonly facts: LaneSummary | undefined;
}

/**
 * Processes below each other; in each its loops, then its other threads, then its tasks by the loop they run on. Only
 * the busiest tasks, unless all are asked for. What was counted comes last.
 */
export function tracksOf(wish: TrackWish): Tracks {
  const rows = readRows(wish);
  const tasks = rows.filter(({ kind }) => kind === 'task');
  const shown = new Set(wish.areAllTasksShown ? tasks : busiestTasks(wish, tasks));
  const pids = [...new Set(rows.map(({ facts }) => facts?.pid ?? 0))];
  const tracks: Track[] = [];
  for (const pid of pids) {
    if (pids.length > 1) tracks.push({ kind: 'process', pid });
    const own = rows.filter(({ facts }) => (facts?.pid ?? 0) === pid);
    const threads = own.filter(({ kind }) => kind !== 'task').sort(byImportance);
    const ownTasks = own.filter(row => shown.has(row)).sort(byLoop);
    for (const { row, lane, kind } of [...threads, ...ownTasks]) {
      tracks.push({ kind: 'lane', row, lane, isTask: kind === 'task' });
    }
  }
  if (wish.hasLoopLag) tracks.push({ kind: 'loopLag' });
  if (wish.view.mostReady > 0) tracks.push({ kind: 'readyQueue' });
  if (wish.view.cpuCores.length > 0 || wish.view.gcPauses.startNs.length > 0)
    tracks.push({ kind: 'machine' });
  return { tracks, taskCount: tasks.length, hiddenTaskCount: tasks.length - shown.size };
}

/** Which track a lane is drawn in, -1 when it is hidden. */
export function trackOfLane(tracks: readonly Track[], lane: number): number {
  return lane < 0 ? -1 : tracks.findIndex(track => track.kind === 'lane' && track.lane === lane);
}

function readRows({ view, summary }: TrackWish): Row[] {
  const facts = new Map(summary.lanes.map(lane => [lane.index, lane]));
  return Array.from(view.rows.lane, (lane, row) => ({
    row,
    lane,
    kind: timelineLaneKinds[view.rows.laneKind[row] ?? 0] ?? 'thread',
    facts: facts.get(lane),
  }));
}

function busiestTasks(wish: TrackWish, tasks: readonly Row[]): Row[] {
  const ranked = [...tasks].sort(
    (a, b) =>
      Number(wish.pinned.includes(b.lane)) - Number(wish.pinned.includes(a.lane)) ||
      wish.gapNsOf(b.lane) - wish.gapNsOf(a.lane) ||
      (b.facts?.sampleCount ?? 0) - (a.facts?.sampleCount ?? 0),
  );
  return ranked.slice(0, Math.max(busiestTaskCount, wish.pinned.length));
}

function byImportance(a: Row, b: Row): number {
  return (
    Number(b.kind === 'loop') - Number(a.kind === 'loop') ||
    Number(b.facts?.isMain ?? false) - Number(a.facts?.isMain ?? false) ||
    (b.facts?.sampleCount ?? 0) - (a.facts?.sampleCount ?? 0)
  );
}

function byLoop(a: Row, b: Row): number {
  return (a.facts?.parent ?? -1) - (b.facts?.parent ?? -1) || a.row - b.row;
}
