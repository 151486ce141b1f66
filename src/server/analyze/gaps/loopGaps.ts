import { readLane } from '../selection';
import type { Steps } from '../steps';
import type { Gap, GapSink } from './gap';
import type { HolderSearch } from './holders';
import { loopPlace } from './loopPlaces';
import { type Explanation, explain, explainWork, type ReasonReader, roleOf } from './offCpu';
import type { Reason } from './reason';
import { isAtOneLine } from './waitRules';

/** Shorter than this nothing is drawn. */
const minGapNs = 1e6;
const samplesPerStep = 1024;
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
  /** One number for the task or the function. */
  readonly key: number;
  readonly task: number;
  /** They follow one another: `firstSample … endSample - 1`. */
  readonly firstSample: number;
  endSample: number;
}

/**
 * The stretches in which a thread's event loop did not poll, and whether it has one. Neighbouring samples of one task count
 * as one step: a loop that polled in between was not seen to.
 */
export function* loopGaps(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  found: GapSink,
): Steps<boolean> {
  if (!search.reader.hasLoops) return false;
  const finder = new LoopGapFinder(search, reasons, lane, found);
  yield* readLane(search.profile, { lane, most: samplesPerStep }, (first, end) => finder.read(first, end));
  finder.endRound();
  return finder.isLoop;
}

class LoopGapFinder {
  isLoop = false;
  private round: Step[] = [];

  constructor(
    private readonly search: HolderSearch,
    private readonly reasons: ReasonReader,
    private readonly lane: number,
    private readonly found: GapSink,
  ) {}

  /** Reads the lane's next samples. */
  read(first: number, last: number): void {
    const { profile, reader } = this.search;
    const { node: nodes, endNs, weightNs } = profile.samples;
    for (let i = first; i < last; i++) {
      const node = nodes[i] ?? -1;
      const place = node < 0 ? loopPlace.outside : (reader.place[node] ?? 0);
      this.isLoop ||= place !== loopPlace.outside;
      if (place !== loopPlace.step) {
        this.endRound();
        continue;
      }
      const startNs = (endNs[i] ?? 0) - (weightNs[i] ?? 0);
      if (startNs > (this.round.at(-1)?.endNs ?? startNs) + minGapNs) this.endRound();
      this.addToRound(i, node);
    }
  }

  /** Tells the gaps of the round that is going on, which is over. */
  endRound(): void {
    if (this.round.length === 0) return;
    for (const gap of gapsOfRound(this.search, this.reasons, this.lane, this.round)) this.found(gap);
    this.round = [];
  }

  private addToRound(sample: number, node: number): void {
    const { profile, reader } = this.search;
    const { samples } = profile;
    const task = samples.task.length === 0 ? -1 : (samples.task[sample] ?? -1);
    const key = task >= 0 ? task : -2 - (reader.stepFunction[node] ?? -1);
    const endNs = samples.endNs[sample] ?? 0;
    const last = this.round.at(-1);
    if (last?.key === key) {
      last.endNs = endNs;
      last.endSample = sample + 1;
      return;
    }
    const startNs = endNs - (samples.weightNs[sample] ?? 0);
    this.round.push({ startNs, endNs, key, task, firstSample: sample, endSample: sample + 1 });
  }
}

function gapsOfRound(search: HolderSearch, reasons: ReasonReader, lane: number, round: Step[]): Gap[] {
  const gaps = round.flatMap(step => gapsOfStep(search, reasons, lane, step));
  const startNs = round[0]?.startNs ?? 0;
  const endNs = round.at(-1)?.endNs ?? 0;
  if (round.length < 3 || endNs - startNs < busyRoundNs) return gaps;
  const explainedNs = gaps.reduce((sum, gap) => sum + lengthNs(gap), 0);
  if (explainedNs * 2 > endNs - startNs && !isAlternating(search, round)) return gaps;
  const firstSample = round[0]?.firstSample ?? 0;
  const endSample = round.at(-1)?.endSample ?? 0;
  const whole: Step = { startNs, endNs, key: -1, task: -1, firstSample, endSample };
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
  return segmentsOf(search, reasons, lane, samplesOf(step)).flatMap(segment => {
    const gap = gapOfSegment(search, lane, segment);
    return gap ? [{ ...gap, task: step.task, delayedTasks }] : [];
  });
}

function samplesOf({ firstSample, endSample }: Step): number[] {
  return Array.from({ length: endSample - firstSample }, (_, at) => firstSample + at);
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
  const segments = segmentsOf(search, reasons, lane, step.samples).map(segment => ({
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
  ofStep: readonly number[],
): Segment[] {
  const { samples } = search.profile;
  const segments: Segment[] = [];
  for (const sample of ofStep) {
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
  const victimFrame = longestFrame(segment.frameNs);
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

/** The first of those that most time was spent at. */
function longestFrame(frameNs: ReadonlyMap<number, number>): number {
  let [longest, longestNs] = [-1, Number.NEGATIVE_INFINITY];
  for (const [frame, ns] of frameNs) {
    if (ns <= longestNs) continue;
    longest = frame;
    longestNs = ns;
  }
  return longest;
}

/** One look says that a step was under way, not how long: two do, or one that was late. */
function isSeenWhole({ profile }: HolderSearch, step: Step): boolean {
  const isLate = step.endNs - step.startNs > lateIntervals * intervalNs(profile);
  return profile.info.isTraced || step.endSample - step.firstSample > 1 || isLate;
}

function intervalNs({ info }: HolderSearch['profile']): number {
  return 1e9 / (info.rateHzReached || info.rateHzAsked || 100);
}
