/** Drawings of lanes for tests of the gap classifier, and what it tells of them. */
import { findGaps } from '../../../../../src/server/analyze/gaps/findGaps';
import type { Gap } from '../../../../../src/server/analyze/gaps/gap';
import {
  type HandoffTable,
  type LoopTables,
  type Profile,
  type UsageTable,
  type WaitKind,
  type WaitTable,
  waitKinds,
} from '../../../../../src/shared/profile';
import { textProfile } from '../../../../helpers/textProfile';

export const lib = '/usr/lib/python3.12';
export const round = `_run_once[file:${lib}/asyncio/base_events.py]`;
export const step = `Handle._run[file:${lib}/asyncio/events.py]`;
export const poll = `EpollSelector.select[file:${lib}/selectors.py]`;
export const idle = ['main', round, poll];

/** One column of a drawing: how long, the CPU time used, and the stack. */
export interface Column {
  readonly ms: number;
  readonly cpu: number;
  readonly stack: readonly string[];
  readonly isSuspended?: boolean;
}

export const waits = (ms: number, ...stack: string[]): Column => ({ ms, cpu: 0, stack });
export const runs = (ms: number, ...stack: string[]): Column => ({ ms, cpu: ms, stack });
export const suspended = (ms: number, ...stack: string[]): Column => ({
  ms,
  cpu: 0,
  stack,
  isSuspended: true,
});

/** A lane as text. */
export function lane(head: string, columns: readonly Column[]): string {
  const depth = Math.max(...columns.map(({ stack }) => stack.length));
  const state = ({ ms, cpu, isSuspended }: Column) => (isSuspended ? 'susp' : cpu * 2 < ms ? 'wait' : 'run');
  const rows = Array.from({ length: depth }, (_, at) =>
    columns.map(({ stack }) => stack[at] ?? '-').join(' '),
  );
  return [
    head,
    `time ${columns.map(({ ms }) => ms).join(' ')}`,
    `cpu ${columns.map(({ cpu }) => cpu).join(' ')}`,
    `state ${columns.map(state).join(' ')}`,
    ...rows,
  ].join('\n');
}

/** The first lane, which is the main thread's. */
export const main = (...columns: Column[]): string => lane('lane MainThread', columns);

/** A pause of the garbage collector in the first lane, in milliseconds. */
export interface DrawnPause {
  readonly startMs: number;
  readonly ms: number;
}

/** What the first lane's loop measured of itself, in milliseconds; a task is the number of its lane. */
export interface DrawnLoop {
  /** While it was measured. */
  readonly span: readonly [number, number];
  readonly rounds?: readonly { at: number; ms: number; cpu: number; steps?: number; delayed?: number }[];
  readonly steps?: readonly { at: number; ms: number; cpu: number; task?: number }[];
  /** `at` is when it was run. */
  readonly delays?: readonly { at: number; ms: number; task?: number }[];
  /** Callbacks that another lane put without waking the loop. */
  readonly missed?: readonly { at: number; ms: number; holderLane: number }[];
}

/** A drawing with what was measured in it. */
export interface Measured {
  readonly source?: readonly string[];
  readonly pauses?: readonly DrawnPause[];
  readonly loop?: DrawnLoop;
  readonly jobs?: readonly DrawnJob[];
  readonly waits?: readonly DrawnWait[];
  readonly usages?: readonly DrawnUsage[];
}

/** A wait whose object was read, in milliseconds. */
export interface DrawnWait {
  readonly kind: WaitKind;
  readonly at: number;
  readonly ms: number;
  readonly name?: string;
  readonly lane?: number;
  /** -1 unknown. */
  readonly holder?: number;
}

/** What the kernel counted of the first lane's process, in milliseconds. */
export interface DrawnUsage {
  readonly at: number;
  readonly ms: number;
  readonly kernel?: number;
  readonly minor?: number;
  readonly major?: number;
  readonly throttled?: number;
}

/** A job of an executor, in milliseconds; `task` is the number of the lane of the task that submitted it. */
export interface DrawnJob {
  readonly at: number;
  readonly task?: number;
  /** Queued, pickled, sent, unpickled, run, pickled, sent, unpickled; a pool of threads has queued and run. */
  readonly stages: readonly number[];
  readonly bytes?: number;
}

/** The gaps of a drawing as `class role line start-end`, in milliseconds; benign ones left out. */
export async function told(
  drawing: string,
  source: readonly string[] = [],
  pauses: readonly DrawnPause[] = [],
): Promise<string[]> {
  return toldOf(drawing, { source, pauses });
}

/** The same, with what the loop measured. */
export async function toldOf(drawing: string, measured: Measured): Promise<string[]> {
  const { profile, gaps } = await found(drawing, measured);
  return gaps
    .filter(({ role }) => role !== 'benign')
    .map(gap => {
      const isBlocking = gap.isLoopBlocked && gap.gapClass !== 'loop.busy';
      const gapClass = isBlocking ? `loop.blocked(${gap.gapClass})` : gap.gapClass;
      const line = profile.frames.line[gap.victimFrame] ?? '?';
      return `${gapClass} ${gap.role} line ${line} ${gap.startNs / 1e6}-${gap.endNs / 1e6}`;
    });
}

/** Each gap of the main thread with the line of its holder, undefined when it has none. */
export async function holderLines(drawing: string, source: readonly string[]): Promise<unknown[][]> {
  const { profile, gaps } = await found(drawing, { source });
  return gaps
    .filter(gap => gap.lane === 0)
    .map(({ gapClass, holder }) => [gapClass, holder && profile.frames.line[holder.frame]]);
}

/** The gaps of a drawing, with its profile. */
export async function found(
  drawing: string,
  { source = [], pauses = [], loop, jobs, waits: known = [], usages = [] }: Measured,
): Promise<{ profile: Profile; gaps: readonly Gap[] }> {
  const drawn = await textProfile(drawing);
  const gcPauses = {
    length: pauses.length,
    startNs: Float64Array.from(pauses, ({ startMs }) => startMs * 1e6),
    durationNs: Float64Array.from(pauses, ({ ms }) => ms * 1e6),
    generation: new Uint8Array(pauses.length).fill(2),
    lane: new Int32Array(pauses.length),
  };
  const tables = { loops: loop && loopTables(loop), handoffs: jobs && handoffTable(jobs) };
  const strings = [...drawn.strings, ...known.map(({ name = '' }) => name)];
  const inside = {
    waits: waitTable(known, drawn.strings.length),
    usages: usageTable(usages),
    strings,
  };
  const profile = { ...drawn, gcPauses, ...tables, ...inside };
  return { profile, gaps: findGaps(profile, () => source).gaps };
}

function loopTables({
  span: [start, end],
  rounds = [],
  steps = [],
  delays = [],
  missed = [],
}: DrawnLoop): LoopTables {
  const ns = <T>(rows: readonly T[], ms: (row: T) => number) => Float64Array.from(rows, row => ms(row) * 1e6);
  const lanes = (rows: readonly unknown[]) => new Int32Array(rows.length);
  const none = (rows: readonly unknown[]) => new Int32Array(rows.length).fill(-1);
  const task = (row: { task?: number }) => row.task ?? -1;
  const one = new Float64Array(1);
  return {
    steps: {
      length: steps.length,
      lane: lanes(steps),
      startNs: ns(steps, ({ at }) => at),
      durationNs: ns(steps, ({ ms }) => ms),
      cpuNs: ns(steps, ({ cpu }) => cpu),
      delayNs: new Float64Array(steps.length),
      readyCount: lanes(steps),
      task: Int32Array.from(steps, task),
      frame: none(steps),
    },
    delays: {
      length: delays.length,
      lane: lanes(delays),
      startNs: ns(delays, ({ at }) => at),
      delayNs: ns(delays, ({ ms }) => ms),
      task: Int32Array.from(delays, task),
      frame: none(delays),
    },
    rounds: {
      length: rounds.length,
      lane: lanes(rounds),
      startNs: ns(rounds, ({ at }) => at),
      durationNs: ns(rounds, ({ ms }) => ms),
      cpuNs: ns(rounds, ({ cpu }) => cpu),
      stepCount: Int32Array.from(rounds, round => round.steps ?? 1),
      delayedCount: Int32Array.from(rounds, round => round.delayed ?? 0),
      readyCount: lanes(rounds),
    },
    missedWakes: missedWakeTable(missed),
    seconds: {
      length: 1,
      lane: new Int32Array(1),
      startNs: Float64Array.of(start * 1e6),
      durationNs: Float64Array.of((end - start) * 1e6),
      roundCount: new Int32Array(1),
      stepCount: new Int32Array(1),
      busyNs: one,
      pollNs: one,
      cpuNs: one,
      longestNs: one,
      longestDelayNs: one,
      readyCount: new Int32Array(1),
    },
  };
}

function waitTable(waits: readonly DrawnWait[], firstName: number): WaitTable {
  return {
    length: waits.length,
    lane: Int32Array.from(waits, ({ lane: index = 0 }) => index),
    kind: Uint8Array.from(waits, ({ kind }) => waitKinds.indexOf(kind)),
    startNs: Float64Array.from(waits, ({ at }) => at * 1e6),
    durationNs: Float64Array.from(waits, ({ ms }) => ms * 1e6),
    object: new Float64Array(waits.length),
    name: Int32Array.from(waits, (_, index) => firstName + index),
    holderLane: Int32Array.from(waits, ({ holder = -1 }) => holder),
    frame: new Int32Array(waits.length).fill(-1),
  };
}

function usageTable(usages: readonly DrawnUsage[]): UsageTable {
  const column = (of: (usage: DrawnUsage) => number) => Float64Array.from(usages, of);
  return {
    length: usages.length,
    lane: new Int32Array(usages.length),
    startNs: column(({ at }) => at * 1e6),
    durationNs: column(({ ms }) => ms * 1e6),
    kernelNs: column(({ kernel = 0 }) => kernel * 1e6),
    minorFaults: column(({ minor = 0 }) => minor),
    majorFaults: column(({ major = 0 }) => major),
    throttledNs: column(({ throttled = 0 }) => throttled * 1e6),
  };
}

function missedWakeTable(missed: NonNullable<DrawnLoop['missed']>): LoopTables['missedWakes'] {
  return {
    length: missed.length,
    lane: new Int32Array(missed.length),
    startNs: Float64Array.from(missed, ({ at }) => at * 1e6),
    durationNs: Float64Array.from(missed, ({ ms }) => ms * 1e6),
    holderLane: Int32Array.from(missed, ({ holderLane }) => holderLane),
    frame: new Int32Array(missed.length).fill(-1),
  };
}

function handoffTable(jobs: readonly DrawnJob[]): HandoffTable {
  const stage = (ofThreads: number, ofProcesses: number) =>
    Float64Array.from(
      jobs,
      ({ stages }) => (stages[stages.length === 2 ? ofThreads : ofProcesses] ?? 0) * 1e6,
    );
  const none = new Int32Array(jobs.length).fill(-1);
  return {
    length: jobs.length,
    lane: new Int32Array(jobs.length),
    task: Int32Array.from(jobs, ({ task = -1 }) => task),
    frame: none,
    workerLane: none,
    workerPid: none,
    startNs: Float64Array.from(jobs, ({ at }) => at * 1e6),
    queueNs: stage(0, 0),
    requestPickleNs: stage(9, 1),
    requestSendNs: stage(9, 2),
    requestUnpickleNs: stage(9, 3),
    runNs: stage(1, 4),
    resultPickleNs: stage(9, 5),
    resultSendNs: stage(9, 6),
    resultUnpickleNs: stage(9, 7),
    requestBytes: Float64Array.from(jobs, ({ bytes = 0 }) => bytes),
    resultBytes: new Float64Array(jobs.length),
  };
}
