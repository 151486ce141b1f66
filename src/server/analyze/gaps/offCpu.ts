import type { GapClass, GapConfidence, GapRole } from '../../../shared/gaps';
import { type Profile, sampleState, waitReasons } from '../../../shared/profile';
import { inPieces, type Steps } from '../steps';
import type { Holder } from './gap';
import { gilHolder, type HolderSearch, holderOf } from './holders';
import { withKernelReason } from './kernelReason';
import { type Reason, reasonOf, waitFor } from './reason';

/** A stretch of one lane whose cause is sought. */
export interface OffCpuStretch {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly victimFrame: number;
  readonly mayBlock: boolean;
  /** NaN unknown. */
  readonly cpuNs: number;
}

/** A class with what speaks for it. */
export interface Explanation {
  readonly gapClass: GapClass;
  readonly confidence: GapConfidence;
  readonly holder: Holder | undefined;
}

/** A sampler that wakes this late was kept from running itself. */
const frozenNs = 1e8;
const frozenIntervals = 8;
const frozenCpuShare = 0.05;
/** A thread that got at least this share of a core wanted more of it. */
const contendedCpuShare = 0.1;
/** A line that computes, and a stretch that computed. */
const computingShare = 0.5;
/** Less CPU than this in a step that seems to compute: it was many short ones, with polls between that nobody saw. */
const startedShare = 0.2;

const samplesPerStep = 65_536;

const frozen = waitFor('sched.frozen', { isIdle: true });
const misplaced = reasonOf({ gapClass: undefined, isOffCpu: false, isIdle: false, mayBlock: false });

/** What a look finds besides the stack: on the CPU, without knowing it, or off it, for one of the kernel's reasons if it says. */
const onCpu = 0;
const maybeOnCpu = 1;
const offCpu = 2;
const lookCount = 3;

/** Reads what single samples say: each stack once for each kind of look at it. */
export class ReasonReader {
  private readonly lateNs: number;
  /** By node and look, index into `told`, 0 not asked yet. Small: every sample is looked up here. */
  private readonly answers: Uint16Array;
  /** The same by node and the kernel's reason; empty where it gives none. */
  private readonly kernelAnswers: Uint16Array;
  private readonly told: Reason[] = [misplaced];

  private constructor(
    private readonly search: HolderSearch,
    /** 1 for each frame that, as the innermost, computes. */
    private readonly computing: Uint8Array,
  ) {
    const { info, samples, nodes } = search.profile;
    const rateHz = info.rateHzReached || info.rateHzAsked;
    const isSampledInTime = rateHz > 0 && !info.isTraced && samples.count.length === 0;
    const isFreezingSeen = isSampledInTime && samples.cpuNs.length > 0;
    this.lateNs = isFreezingSeen
      ? Math.max(frozenNs, (frozenIntervals * 1e9) / rateHz)
      : Number.POSITIVE_INFINITY;
    this.answers = new Uint16Array(nodes.length * lookCount);
    this.kernelAnswers = new Uint16Array(samples.reason.length > 0 ? nodes.length * waitReasons.length : 0);
  }

  /** A reader for all samples. */
  static *make(search: HolderSearch): Steps<ReasonReader> {
    return new ReasonReader(search, yield* computingFrames(search.profile));
  }

  /** What a thread's sample says that has a stack. */
  of(lane: number, sample: number): Reason {
    const { samples } = this.search.profile;
    if ((samples.weightNs[sample] ?? 0) >= this.lateNs && this.isFrozen(lane, sample)) return frozen;
    const node = samples.node[sample] ?? 0;
    const isOff = ((samples.state[sample] ?? 0) & sampleState.waiting) !== 0;
    const kernelReason = isOff && this.kernelAnswers.length > 0 ? (samples.reason[sample] ?? 0) : 0;
    if (kernelReason > 0) return this.ofKernel(node, kernelReason);
    const look = isOff ? offCpu : this.isCpuKnown(sample) ? onCpu : maybeOnCpu;
    const at = node * lookCount + look;
    const known = this.answers[at] ?? 0;
    if (known > 0) return this.told[known] ?? misplaced;
    this.answers[at] = this.remember(this.read(node, look, 0));
    return this.told[this.answers[at] ?? 0] ?? misplaced;
  }

  private isCpuKnown(sample: number): boolean {
    const { cpuNs } = this.search.profile.samples;
    return cpuNs.length > 0 && !Number.isNaN(cpuNs[sample] ?? Number.NaN);
  }

  private ofKernel(node: number, kernelReason: number): Reason {
    const at = node * waitReasons.length + kernelReason;
    if (this.kernelAnswers[at] === 0) {
      this.kernelAnswers[at] = this.remember(this.read(node, offCpu, kernelReason));
    }
    return this.told[this.kernelAnswers[at] ?? 0] ?? misplaced;
  }

  /** The reason's index in `told`. */
  private remember(reason: Reason): number {
    const known = this.told.indexOf(reason, 1);
    return known > 0 ? known : this.told.push(reason) - 1;
  }

  private read(node: number, look: number, kernelReason: number): Reason {
    const { profile, reader } = this.search;
    const stack = reader.waitOf(node);
    const isOff = look === offCpu;
    const wait = isOff ? withKernelReason(stack, kernelReason) : stack;
    const isComputingLine = this.computing[profile.nodes.frame[node] ?? -1] === 1;
    if (isOff && !(wait.gapClass === undefined && isComputingLine)) return wait;
    // A late look finds the sleep that ended the computing: the time belongs to neither for certain.
    if (look === onCpu && wait.gapClass === 'timer.sleep') return misplaced;
    // Without CPU times a call that is known to block is believed.
    return look === maybeOnCpu && wait.gapClass !== undefined ? wait : reader.workOf(node);
  }

  /** A thread that was at a line where it computes, and had no CPU: it was kept from running. */
  isHeldUp(sample: number): boolean {
    return ((this.search.profile.samples.state[sample] ?? 0) & sampleState.waiting) !== 0;
  }

  /** The whole process did nothing, the sampler included. */
  private isFrozen(lane: number, sample: number): boolean {
    const { profile, clock } = this.search;
    const { samples } = profile;
    const weightNs = samples.weightNs[sample] ?? 0;
    const endNs = samples.endNs[sample] ?? 0;
    let cpuNs = 0;
    for (const thread of clock.threadsOf(lane)) cpuNs += clock.cpuNs(thread, endNs - weightNs, endNs);
    return cpuNs < weightNs * frozenCpuShare;
  }
}

/** Frames that, as the innermost, were on the CPU for most of their time: whoever is off it there does not wait by choice. */
function* computingFrames({ samples, nodes, frames }: Profile): Steps<Uint8Array> {
  const excessNs = new Float64Array(frames.length);
  const { node, cpuNs, weightNs } = samples;
  yield* inPieces({ from: 0, to: cpuNs.length, most: samplesPerStep }, (from, to) => {
    for (let i = from; i < to; i++) {
      const at = node[i] ?? -1;
      const ns = cpuNs[i] ?? Number.NaN;
      if (at < 0 || Number.isNaN(ns)) continue;
      const frame = nodes.frame[at] ?? 0;
      excessNs[frame] = (excessNs[frame] ?? 0) + ns - (weightNs[i] ?? 0) * computingShare;
    }
  });
  return Uint8Array.from(excessNs, ns => (ns > 0 ? 1 : 0));
}

/**
 * The cause of a stretch off the CPU. A stack that names a wait is believed; else a thread that cannot block there was
 * kept from running: by the one that had the GIL, or by a busy machine.
 */
export function explain(
  search: HolderSearch,
  gapClass: GapClass | undefined,
  stretch: OffCpuStretch,
): Explanation {
  const hasCpu = search.profile.samples.cpuNs.length > 0;
  if (gapClass !== undefined) {
    const confidence = hasCpu && !isNamedOnly(search, gapClass) ? 'strong' : 'likely';
    const holder = gapClass === 'rt.gil' ? gilHolder(search, stretch) : holderOf(search, gapClass, stretch);
    return { gapClass, confidence, holder };
  }
  const isContended = stretch.cpuNs >= (stretch.endNs - stretch.startNs) * contendedCpuShare;
  if (!hasCpu || (stretch.mayBlock && !isContended)) {
    return { gapClass: 'unknown.offcpu', confidence: 'unknown', holder: undefined };
  }
  const holder = gilHolder(search, stretch);
  return holder
    ? { gapClass: 'rt.gil', confidence: 'likely', holder }
    : { gapClass: 'sched.runq', confidence: 'likely', holder: undefined };
}

/** `acquire` and `with` say little of what is waited for: that takes the kernel, or somebody who saw the object. */
function isNamedOnly({ profile }: HolderSearch, gapClass: GapClass): boolean {
  return gapClass === 'sync.lock' && profile.samples.reason.length === 0;
}

/**
 * The cause of a stretch at lines that compute. One that got little of a processor was kept from it by another thread,
 * or by a busy machine; undefined when it was not one stretch, as far as can be told.
 */
export function explainWork(
  search: HolderSearch,
  { gapClass }: Reason,
  stretch: OffCpuStretch,
): Explanation | undefined {
  if (gapClass === undefined) return undefined;
  const { cpuNs } = stretch;
  const durationNs = stretch.endNs - stretch.startNs;
  if (Number.isNaN(cpuNs)) return { gapClass, confidence: 'likely', holder: undefined };
  if (cpuNs >= durationNs * computingShare) return { gapClass, confidence: 'strong', holder: undefined };
  const holder = gilHolder(search, stretch);
  if (holder) return { gapClass: 'rt.gil', confidence: 'likely', holder };
  if (cpuNs < durationNs * startedShare) return undefined;
  return { gapClass: 'sched.runq', confidence: 'likely', holder: undefined };
}

const victimClasses: ReadonlySet<GapClass> = new Set([
  'sync.lock',
  'sync.mp',
  'rt.gil',
  'sched.runq',
  'sched.quota',
  'unknown.offcpu',
]);

/** What a thread is to a gap of this class. */
export function roleOf(
  gapClass: GapClass,
  lane: { isMain: boolean; isIdle: boolean; isLoop: boolean },
): GapRole {
  if (lane.isIdle || gapClass === 'sched.frozen' || gapClass === 'loop.idle') return 'benign';
  if (victimClasses.has(gapClass)) return 'victim';
  if (lane.isLoop) return 'culprit';
  if (gapClass === 'timer.sleep') return lane.isMain ? 'culprit' : 'benign';
  return gapClass.startsWith('run.') ? 'culprit' : 'dependency';
}
