import { listedGapNs } from '../../../shared/gaps';
import { sampleState } from '../../../shared/profile';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { gapsOfStretch } from './loopGaps';
import { loopPlace } from './loopPlaces';
import {
  isWithin,
  type MeasuredDelay,
  type MeasuredLoop,
  type MeasuredRound,
  type MeasuredStep,
  type Span,
  Timeline,
  without,
} from './measuredLoops';
import type { ReasonReader } from './offCpu';

/** Many short steps in one round are worth telling from here on. */
const busyNs = 2 * listedGapNs;
/** The samples place an edge of a poll to this many of their intervals. */
const edgeIntervals = 2.5;
/** A wait for less than this of a step was not for it. */
const minDelayNs = 1e6;

/** The stretches in which a loop did not poll, as it measured them itself; the samples say what it did meanwhile. */
export function measuredGaps(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  loop: MeasuredLoop,
): Gap[] {
  return loop.rounds.all.flatMap(round => {
    const found = gapsOfRound(search, reasons, lane, round);
    return found.map(gap => withDelays(loop, round, gap));
  });
}

function gapsOfRound(search: HolderSearch, reasons: ReasonReader, lane: number, round: MeasuredRound): Gap[] {
  const told = round.steps.map(step => ({ step, gaps: gapsOfStep(search, reasons, lane, step) }));
  const shortNs = without(round, round.steps).reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
  // Among many short steps one was long only because it was kept from running.
  const isOneOfMany = (gaps: readonly Gap[]) =>
    shortNs >= busyNs && gaps.every(({ gapClass }) => gapClass === 'sched.runq' || gapClass === 'rt.gil');
  const long = told.filter(({ gaps }) => !isOneOfMany(gaps));
  const alone = long.map(({ step }) => step);
  const busy = without(round, alone).filter(({ startNs, endNs }) => endNs - startNs >= busyNs);
  return [
    ...long.flatMap(({ gaps }) => gaps),
    ...busy.map(span => busyGap(search, reasons, lane, { ...round, ...span })),
  ];
}

/** A step may compute, wait for a lock and then sleep: the samples divide it. */
function gapsOfStep(search: HolderSearch, reasons: ReasonReader, lane: number, step: MeasuredStep): Gap[] {
  const samples = samplesOf(search, lane, step);
  const gaps = gapsOfStretch(search, reasons, lane, { ...step, samples });
  const whole = gaps.length === 1 ? gaps[0] : undefined;
  if (whole === undefined) return samples.length > 0 ? gaps : [unseenGap(lane, step)];
  const isComputing = step.cpuNs * 2 >= step.endNs - step.startNs;
  if (whole.gapClass === 'run.python' && step.cpuNs < listedGapNs) return [heldUpGap(whole, step)];
  const isAgreed = whole.confidence === 'strong' && isComputing === whole.gapClass.startsWith('run.');
  return [{ ...whole, cpuNs: step.cpuNs, confidence: isAgreed ? 'exact' : whole.confidence }];
}

/** By itself it would not have been long: somebody else had the processor. */
function heldUpGap(gap: Gap, { cpuNs }: MeasuredStep): Gap {
  return { ...gap, gapClass: 'sched.runq', role: 'victim', confidence: 'likely', cpuNs };
}

/**
 * The samples of a step: those whose look fell into it. A call that keeps the GIL lets nobody look before it is over; then
 * those that reach into it.
 */
function samplesOf({ clock, profile, reader }: HolderSearch, lane: number, step: MeasuredStep): number[] {
  const { samples } = profile;
  const seen: number[] = [];
  const reaching: number[] = [];
  clock.eachOverlap(lane, step.startNs, step.endNs, sample => {
    if (reader.place[samples.node[sample] ?? -1] !== loopPlace.step) return;
    const task = samples.task[sample] ?? -1;
    if (task >= 0 && step.task >= 0 && task !== step.task) return;
    ((samples.endNs[sample] ?? 0) <= step.endNs ? seen : reaching).push(sample);
  });
  return seen.length > 0 ? seen : reaching;
}

/** No sample fell into it: the CPU time tells computing, and the function is known. */
function unseenGap(lane: number, step: MeasuredStep): Gap {
  const isComputing = step.cpuNs * 2 >= step.endNs - step.startNs && step.cpuNs >= listedGapNs;
  return {
    lane,
    startNs: step.startNs,
    endNs: step.endNs,
    gapClass: isComputing ? 'run.python' : 'unknown.offcpu',
    isLoopBlocked: true,
    role: isComputing ? 'culprit' : 'victim',
    confidence: isComputing ? 'likely' : 'unknown',
    victimFrame: step.frame,
    holder: undefined,
    cpuNs: step.cpuNs,
    sampleCount: 0,
    task: step.task,
    delayedTasks: 0,
    generation: -1,
  };
}

function busyGap(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  { startNs, endNs, cpuNs, stepCount }: MeasuredRound,
): Gap {
  const span = { startNs, endNs, cpuNs, task: -1, frame: -1 };
  const parts = gapsOfStep(search, reasons, lane, span);
  const [main] = parts.sort((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs));
  const gap = main ?? unseenGap(lane, span);
  return {
    ...gap,
    startNs,
    endNs,
    gapClass: 'loop.busy',
    role: 'culprit',
    confidence: 'exact',
    stepCount,
    holder: undefined,
  };
}

/** Who waited for it, as far as the loop saw. */
function withDelays({ delays }: MeasuredLoop, round: MeasuredRound, gap: Gap): Gap {
  const waited = delays
    .overlapping(gap)
    .filter(delay => delay.task < 0 || delay.task !== gap.task || gap.gapClass === 'loop.busy');
  const longest = waited.reduce((most, delay) => Math.max(most, overlapNs(delay, gap)), 0);
  const isLast = waited.length > 0 && round.delayedCount > waited.length;
  return {
    ...gap,
    delayedTasks: isLast
      ? round.delayedCount
      : waited.filter(one => overlapNs(one, gap) >= minDelayNs).length,
    longestDelayNs: longest,
  };
}

function overlapNs(a: Span, b: Span): number {
  return Math.min(a.endNs, b.endNs) - Math.max(a.startNs, b.startNs);
}

/** Of the gaps that the samples tell of a measured loop's lane, those that it did not measure itself. */
export function besideMeasured({ spans }: MeasuredLoop, gaps: readonly Gap[]): Gap[] {
  return gaps.filter(({ startNs, endNs }) => !isWithin(spans, (startNs + endNs) / 2));
}

/** A loop's polls last from round to round: the samples know their edges less exactly. */
export function idleBetweenRounds(
  { profile }: HolderSearch,
  loop: MeasuredLoop,
  gaps: readonly Gap[],
): Gap[] {
  const reachNs = (edgeIntervals * 1e9) / (profile.info.rateHzReached || profile.info.rateHzAsked || 100);
  return gaps.flatMap(gap => {
    if (gap.gapClass !== 'loop.idle') return [gap];
    return without(gap, loop.rounds.overlapping(gap))
      .map(piece => ({ ...gap, ...upToRounds(loop, piece, reachNs) }))
      .filter(({ startNs, endNs }) => endNs - startNs >= minDelayNs);
  });
}

function upToRounds({ rounds }: MeasuredLoop, piece: Span, reachNs: number): Span {
  const before = rounds.lastBefore(piece.startNs)?.endNs ?? Number.NEGATIVE_INFINITY;
  const after = rounds.firstFrom(piece.endNs)?.startNs ?? Number.POSITIVE_INFINITY;
  return {
    startNs: piece.startNs - before <= reachNs ? before : piece.startNs,
    endNs: after - piece.endNs <= reachNs ? after : piece.endNs,
  };
}

/**
 * The delays of tasks that were ready, or due, while their loop was at something else, each with the gap that it waited
 * through for longest; and the gaps of those tasks without that time.
 */
export function withReadyDelays(
  search: HolderSearch,
  gaps: readonly Gap[],
  loops: ReadonlyMap<number, MeasuredLoop>,
): Gap[] {
  const late = new Map<number, Gap[]>();
  for (const [lane, loop] of loops) {
    const blocking = new Timeline(gaps.filter(gap => gap.lane === lane && gap.isLoopBlocked));
    for (const delay of loop.delays.all) {
      if (delay.task < 0) continue;
      const gap = delayGap(search, delay, blocking);
      const ofTask = late.get(delay.task);
      if (ofTask) ofTask.push(gap);
      else late.set(delay.task, [gap]);
    }
  }
  if (late.size === 0) return [...gaps];
  const kept = gaps.flatMap(gap => {
    const ofLane = late.get(gap.lane);
    return ofLane ? without(gap, ofLane).map(span => ({ ...gap, ...span })) : [gap];
  });
  return [...kept, ...[...late.values()].flat()];
}

function delayGap(search: HolderSearch, delay: MeasuredDelay, blocking: Timeline<Gap>): Gap {
  const [cause] = blocking.overlapping(delay).sort((a, b) => overlapNs(b, delay) - overlapNs(a, delay));
  const share = cause ? overlapNs(cause, delay) / (delay.endNs - delay.startNs) : 0;
  return {
    lane: delay.task,
    startNs: delay.startNs,
    endNs: delay.endNs,
    gapClass: 'task.ready_delay',
    isLoopBlocked: false,
    role: 'victim',
    confidence: 'exact',
    victimFrame: awaitingFrame(search, delay),
    holder: cause && { lane: cause.lane, frame: cause.victimFrame, share, isKnown: true },
    cpuNs: Number.NaN,
    sampleCount: 0,
    task: delay.task,
    delayedTasks: 0,
    generation: -1,
  };
}

/** Where the task stood at its `await`; else the function that it runs. */
function awaitingFrame({ clock, profile, reader }: HolderSearch, delay: MeasuredDelay): number {
  const { samples } = profile;
  let frame = delay.frame;
  clock.eachOverlap(delay.task, delay.startNs, delay.endNs, sample => {
    const isSuspended = ((samples.state[sample] ?? 0) & sampleState.suspended) !== 0;
    const own = isSuspended ? reader.ownFrame(samples.node[sample] ?? -1) : -1;
    if (own >= 0) frame = own;
  });
  return frame;
}
