/**
 * The vocabulary of gaps: why a thread, an event loop or a task did not get on. Ids are stable: they stand in reports,
 * tests and translations.
 */

/** The family of a class: its colour, hatch and word. */
export const gapFamilies = [
  'running',
  'scheduler',
  'interpreter',
  'sync',
  'ipc',
  'io',
  'child',
  'timer',
  'memory',
  'async',
  'unknown',
] as const;
export type GapFamily = (typeof gapFamilies)[number];

/** Each class with its family. */
export const gapClasses = {
  'run.python': 'running',
  'run.serialize': 'running',
  'run.gc': 'memory',
  'run.import': 'running',
  'run.fault': 'memory',
  'sched.runq': 'scheduler',
  'sched.quota': 'scheduler',
  'sched.frozen': 'scheduler',
  'rt.gil': 'interpreter',
  'sync.lock': 'sync',
  'sync.signal': 'sync',
  'sync.queue.empty': 'sync',
  'sync.queue.full': 'sync',
  'sync.future': 'sync',
  'sync.join': 'sync',
  'sync.mp': 'sync',
  'ipc.pipe.read': 'ipc',
  'ipc.pipe.write': 'ipc',
  'handoff.pickle': 'ipc',
  'handoff.pipe': 'ipc',
  'io.net': 'io',
  'io.dns': 'io',
  'io.disk': 'io',
  'io.tty': 'io',
  'proc.wait': 'child',
  'timer.sleep': 'timer',
  'mem.major': 'memory',
  'loop.idle': 'async',
  'loop.busy': 'async',
  'loop.missed_wake': 'async',
  'task.await.sleep': 'timer',
  'task.await.lock': 'sync',
  'task.await.queue': 'sync',
  'task.await.event': 'sync',
  'task.await.task': 'async',
  'task.await.executor': 'async',
  'task.await.net': 'io',
  'task.await.proc': 'child',
  'task.await.future': 'async',
  'task.ready_delay': 'async',
  'unknown.offcpu': 'unknown',
} as const satisfies Readonly<Record<string, GapFamily>>;
export type GapClass = keyof typeof gapClasses;
/** The classes in their order: tables hold indexes into this list. */
export const gapClassIds = Object.keys(gapClasses) as readonly GapClass[];

/** What the lane is to its gap. `benign`: nobody is delayed. `dependency`: what it waits for is getting on elsewhere. */
export const gapRoles = ['culprit', 'victim', 'dependency', 'benign'] as const;
export type GapRole = (typeof gapRoles)[number];

/** `strong`: two independent sources agree. `likely`: one says so. */
export const gapConfidences = ['exact', 'strong', 'likely', 'unknown'] as const;
export type GapConfidence = (typeof gapConfidences)[number];

/** Shorter gaps are drawn, not listed. */
export const listedGapNs = 5e6;
/** From here on a gap is worth a warning (one usual audio frame), and an error. */
export const warnedGapNs = 20e6;
export const seriousGapNs = 100e6;
