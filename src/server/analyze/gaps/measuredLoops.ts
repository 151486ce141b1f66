import type { LoopDelayTable, LoopRoundTable, LoopStepTable, Profile } from '../../../shared/profile';

/** A stretch of time, in nanoseconds from the run's start. */
export interface Span {
  readonly startNs: number;
  readonly endNs: number;
}

/** One long step that a loop measured. Lane and frame are -1 where unknown. */
export interface MeasuredStep extends Span {
  readonly cpuNs: number;
  readonly task: number;
  readonly frame: number;
}

/** The steps between two polls, 5 ms or more together, in the order of time. */
export interface MeasuredRound extends Span {
  readonly cpuNs: number;
  readonly stepCount: number;
  readonly delayedCount: number;
  /** Those of 5 ms and more. */
  readonly steps: readonly MeasuredStep[];
}

/** Somebody who was ready, or due, at `startNs` and was run at `endNs`. */
export interface MeasuredDelay extends Span {
  readonly task: number;
  readonly frame: number;
}

/** What the event loop of one thread measured, each list in the order of time. */
export interface MeasuredLoop {
  /** While these last, the loop was measured: what is not told of then did not happen. */
  readonly spans: readonly Span[];
  readonly rounds: Timeline<MeasuredRound>;
  readonly delays: Timeline<MeasuredDelay>;
}

/** What loops measured of themselves, by their lanes; empty when the recording was not inside of any. */
export function measuredLoops({ loops }: Profile): ReadonlyMap<number, MeasuredLoop> {
  const byLane = new Map<number, MeasuredLoop>();
  if (loops === undefined) return byLane;
  for (const lane of new Set(loops.seconds.lane)) {
    byLane.set(lane, {
      spans: joined(rowsOf(loops.seconds, lane, at => spanAt(loops.seconds, at))),
      rounds: new Timeline(roundsOf(loops.rounds, loops.steps, lane)),
      delays: new Timeline(rowsOf(loops.delays, lane, at => delayAt(loops.delays, at))),
    });
  }
  return byLane;
}

/** True when a moment lies in one of the spans. */
export function isWithin(spans: readonly Span[], timeNs: number): boolean {
  return spans.some(({ startNs, endNs }) => startNs <= timeNs && timeNs <= endNs);
}

/** What is left of a stretch beside others, which are in the order of their starts. */
export function without(whole: Span, others: readonly Span[]): Span[] {
  const rest: Span[] = [];
  let { startNs } = whole;
  for (const other of others) {
    if (other.endNs <= startNs) continue;
    if (other.startNs >= whole.endNs) break;
    if (other.startNs > startNs) rest.push({ startNs, endNs: other.startNs });
    startNs = Math.max(startNs, other.endNs);
  }
  if (startNs < whole.endNs) rest.push({ startNs, endNs: whole.endNs });
  return rest;
}

/** Stretches of time that are looked up by it. */
export class Timeline<T extends Span> {
  /** In the order of their ends. */
  readonly all: readonly T[];
  private readonly longestNs: number;

  constructor(spans: readonly T[]) {
    this.all = [...spans].sort((a, b) => a.endNs - b.endNs);
    this.longestNs = spans.reduce((most, { startNs, endNs }) => Math.max(most, endNs - startNs), 0);
  }

  /** Those that overlap a stretch of time. */
  overlapping({ startNs, endNs }: Span): T[] {
    const found: T[] = [];
    for (let at = this.firstEndingAfter(startNs); at < this.all.length; at++) {
      const one = this.all[at];
      if (one === undefined || one.endNs - this.longestNs >= endNs) break;
      if (one.startNs < endNs) found.push(one);
    }
    return found;
  }

  /** The last that ends before a moment, or then. */
  lastBefore(timeNs: number): T | undefined {
    return this.all[this.firstEndingAfter(timeNs) - 1];
  }

  /** The first that starts after a moment, or then, where none overlaps another. */
  firstFrom(timeNs: number): T | undefined {
    let at = this.firstEndingAfter(timeNs);
    if ((this.all[at]?.startNs ?? timeNs) < timeNs) at++;
    return this.all[at];
  }

  private firstEndingAfter(timeNs: number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.endNs ?? 0) > timeNs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

interface Rows {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
}

function rowsOf<T extends Span>(table: Rows, lane: number, rowAt: (at: number) => T): T[] {
  const rows: T[] = [];
  for (let at = 0; at < table.length; at++) if (table.lane[at] === lane) rows.push(rowAt(at));
  return rows.sort((a, b) => a.startNs - b.startNs);
}

function spanAt({ startNs, durationNs }: Rows & { durationNs: Float64Array }, at: number): Span {
  const start = startNs[at] ?? 0;
  return { startNs: start, endNs: start + (durationNs[at] ?? 0) };
}

function delayAt({ startNs, delayNs, task, frame }: LoopDelayTable, at: number): MeasuredDelay {
  const endNs = startNs[at] ?? 0;
  return { startNs: endNs - (delayNs[at] ?? 0), endNs, task: task[at] ?? -1, frame: frame[at] ?? -1 };
}

function roundsOf(rounds: LoopRoundTable, steps: LoopStepTable, lane: number): MeasuredRound[] {
  const long = rowsOf(steps, lane, at => ({
    ...spanAt(steps, at),
    cpuNs: steps.cpuNs[at] ?? 0,
    task: steps.task[at] ?? -1,
    frame: steps.frame[at] ?? -1,
  }));
  let next = 0;
  return rowsOf(rounds, lane, at => ({ ...spanAt(rounds, at), at })).map(({ at, startNs, endNs }) => {
    while (next < long.length && (long[next]?.startNs ?? 0) < startNs) next++;
    const first = next;
    while (next < long.length && (long[next]?.startNs ?? 0) < endNs) next++;
    return {
      startNs,
      endNs,
      cpuNs: rounds.cpuNs[at] ?? 0,
      stepCount: rounds.stepCount[at] ?? 0,
      delayedCount: rounds.delayedCount[at] ?? 0,
      steps: long.slice(first, next),
    };
  });
}

/** Spans that follow one another become one. */
function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans) {
    const last = whole.at(-1);
    if (last && span.startNs <= last.endNs) {
      whole[whole.length - 1] = { startNs: last.startNs, endNs: Math.max(last.endNs, span.endNs) };
    } else whole.push(span);
  }
  return whole;
}
