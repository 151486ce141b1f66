import { laneEnd } from '../selection';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { loopPlace } from './loopPlaces';
import { type Explanation, explain, explainWork, type ReasonReader, roleOf } from './offCpu';
import type { Reason } from './reason';
import { isAtOneLine } from './waitRules';

/** Shorter than this nothing is drawn. */
const minGapNs = 1e6;
/** Many short steps in one round are worth telling from here on. */
const busyRoundNs = 20e6;
/** A sampler that came this many intervals late was locked out by one long call. */
const lateIntervals = 2.5;

/** What one step was that got little of a processor. */
const heldUp: Explanation = { gapClass: 'sched.runq', confidence: 'likely', holder: undefined };

/** Samples of one step of the loop, as far as can be told: one task, or one callback's function. */
interface Step {
  startNs: number;
  endNs: number;
  readonly key: string;
  readonly task: number;
  readonly samples: number[];
}

/**
 * The stretches in which a thread's event loop did not poll. Neighbouring samples of one task count as one step:
 * a loop that polled in between was not seen to.
 */
export function loopGaps(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
): { isLoop: boolean; gaps: Gap[] } {
  const gaps: Gap[] = [];
  let isLoop = false;
  let round: Step[] = [];
  const endRound = (): void => {
    if (round.length > 0) gaps.push(...gapsOfRound(search, reasons, lane, round));
    round = [];
  };
  const { samples, lanes } = search.profile;
  const end = laneEnd(search.profile, lane);
  for (let i = lanes[lane]?.firstSample ?? 0; i < end; i++) {
    const node = samples.node[i] ?? -1;
    const place = node < 0 ? loopPlace.outside : (search.reader.place[node] ?? 0);
    isLoop ||= place !== loopPlace.outside;
    if (place !== loopPlace.step) {
      endRound();
      continue;
    }
    const startNs = (samples.endNs[i] ?? 0) - (samples.weightNs[i] ?? 0);
    if (startNs > (round.at(-1)?.endNs ?? startNs) + minGapNs) endRound();
    addToRound(search, round, i);
  }
  endRound();
  return { isLoop, gaps };
}

function addToRound({ profile, reader }: HolderSearch, round: Step[], sample: number): void {
  const { samples } = profile;
  const task = samples.task[sample] ?? -1;
  const key = task >= 0 ? `t${task}` : `f${reader.stepFunction[samples.node[sample] ?? -1] ?? -1}`;
  const endNs = samples.endNs[sample] ?? 0;
  const last = round.at(-1);
  if (last?.key === key) {
    last.endNs = endNs;
    last.samples.push(sample);
    return;
  }
  round.push({ startNs: endNs - (samples.weightNs[sample] ?? 0), endNs, key, task, samples: [sample] });
}

function gapsOfRound(search: HolderSearch, reasons: ReasonReader, lane: number, round: Step[]): Gap[] {
  const gaps = round.flatMap(step => gapsOfStep(search, reasons, lane, step));
  const startNs = round[0]?.startNs ?? 0;
  const endNs = round.at(-1)?.endNs ?? 0;
  if (round.length < 3 || endNs - startNs < busyRoundNs) return gaps;
  const explainedNs = gaps.reduce((sum, gap) => sum + lengthNs(gap), 0);
  if (explainedNs * 2 > endNs - startNs && !isAlternating(search, round)) return gaps;
  const whole: Step = { startNs, endNs, key: '', task: -1, samples: round.flatMap(step => step.samples) };
  const [busy] = gapsOfStep(search, reasons, lane, whole).sort((x, y) => lengthNs(y) - lengthNs(x));
  return busy ? [{ ...busy, startNs, endNs, gapClass: 'loop.busy', role: 'culprit' }] : gaps;
}

/** The same few steps were seen in turns, each for a look or two: what looks like one step was several of a kind. */
function isAlternating({ profile }: HolderSearch, round: readonly Step[]): boolean {
  const distinct = new Set(round.map(({ key }) => key)).size;
  const averageNs = ((round.at(-1)?.endNs ?? 0) - (round[0]?.startNs ?? 0)) / round.length;
  const isRecurring = round.length >= 4 && distinct * 2 <= round.length;
  return isRecurring && averageNs < lateIntervals * intervalNs(profile);
}

function lengthNs({ startNs, endNs }: { startNs: number; endNs: number }): number {
  return endNs - startNs;
}

/** Neighbouring samples of a step with one reason. */
interface Segment {
  readonly startNs: number;
  endNs: number;
  readonly reason: Reason;
  /** The frame of own code with which it began. */
  readonly frame: number;
  readonly frameNs: Map<number, number>;
  sampleCount: number;
}

/** A step may compute, wait for a lock and then sleep: each is a gap of its own. */
function gapsOfStep(search: HolderSearch, reasons: ReasonReader, lane: number, step: Step): Gap[] {
  if (lengthNs(step) < minGapNs || !isSeenWhole(search, step)) return [];
  const delayedTasks = search.clock.tasksBeside(lane, step);
  return segmentsOf(search, reasons, lane, step).flatMap(segment => {
    const gap = gapOfSegment(search, lane, segment);
    return gap ? [{ ...gap, task: step.task, delayedTasks }] : [];
  });
}

/** A step whose edges are known, with the samples that fell into it. */
interface KnownStep {
  readonly startNs: number;
  readonly endNs: number;
  readonly cpuNs: number;
  readonly task: number;
  readonly samples: readonly number[];
}

/** What a step did, from its first moment to its last. Where the samples tell one thing only, its CPU time decides. */
export function gapsOfStretch(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  step: KnownStep,
): Gap[] {
  const segments = segmentsOf(search, reasons, lane, step).map(segment => ({
    ...segment,
    startNs: Math.max(segment.startNs, step.startNs),
    endNs: Math.min(segment.endNs, step.endNs),
  }));
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last) return [];
  first.startNs = step.startNs;
  last.endNs = step.endNs;
  return segments.flatMap(segment => {
    const cpuNs = segments.length === 1 ? step.cpuNs : undefined;
    const gap = gapOfSegment(search, lane, segment, { cpuNs });
    return gap ? [{ ...gap, task: step.task }] : [];
  });
}

function segmentsOf(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  step: Pick<KnownStep, 'samples'>,
): Segment[] {
  const { samples } = search.profile;
  const segments: Segment[] = [];
  for (const sample of step.samples) {
    const reason = reasons.of(lane, sample);
    const endNs = samples.endNs[sample] ?? 0;
    const weightNs = samples.weightNs[sample] ?? 0;
    const frame = search.reader.ownFrame(samples.node[sample] ?? -1);
    const open = segments.at(-1);
    const last: Segment =
      open && isSameSegment(open, reason, frame)
        ? open
        : { startNs: endNs - weightNs, endNs, reason, frame, frameNs: new Map(), sampleCount: 0 };
    if (last !== open) segments.push(last);
    last.endNs = endNs;
    last.sampleCount++;
    last.frameNs.set(frame, (last.frameNs.get(frame) ?? 0) + weightNs);
  }
  return segments;
}

function isSameSegment(open: Segment, { gapClass, isOffCpu }: Reason, frame: number): boolean {
  if (open.reason.gapClass !== gapClass || open.reason.isOffCpu !== isOffCpu) return false;
  return open.frame === frame || gapClass === undefined || !isAtOneLine(gapClass);
}

function gapOfSegment(
  search: HolderSearch,
  lane: number,
  segment: Segment,
  measured?: { readonly cpuNs: number | undefined },
): Gap | undefined {
  const { startNs, endNs, reason, sampleCount } = segment;
  if (lengthNs(segment) < minGapNs || reason.gapClass === 'sched.frozen') return undefined;
  const [longest] = [...segment.frameNs].sort((x, y) => y[1] - x[1]);
  const victimFrame = longest?.[0] ?? -1;
  const cpuNs = measured?.cpuNs ?? search.clock.cpuNs(lane, startNs, endNs);
  const stretch = { lane, startNs, endNs, victimFrame, mayBlock: reason.mayBlock, cpuNs };
  const told = reason.isOffCpu
    ? explain(search, reason.gapClass, stretch)
    : (explainWork(search, reason, stretch) ?? (measured && reason.gapClass ? heldUp : undefined));
  // Short steps with polls between them that nobody saw look like one that lacks a processor.
  const isGuess =
    !measured && reason.isOffCpu && reason.gapClass === undefined && told?.gapClass === 'sched.runq';
  if (told === undefined || isGuess) return undefined;
  return {
    ...told,
    lane,
    startNs,
    endNs,
    isLoopBlocked: true,
    role: roleOf(told.gapClass, { isMain: true, isIdle: false, isLoop: true }),
    victimFrame,
    cpuNs,
    sampleCount,
    task: -1,
    delayedTasks: 0,
    generation: -1,
  };
}

/** One look says that a step was under way, not how long: two do, or one that was late. */
function isSeenWhole({ profile }: HolderSearch, step: Step): boolean {
  const isLate = step.endNs - step.startNs > lateIntervals * intervalNs(profile);
  return profile.info.isTraced || step.samples.length > 1 || isLate;
}

function intervalNs({ info }: HolderSearch['profile']): number {
  return 1e9 / (info.rateHzReached || info.rateHzAsked || 100);
}
