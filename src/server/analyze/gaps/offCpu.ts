import type { GapClass, GapConfidence, GapRole } from '../../../shared/gaps';
import { type Profile, sampleState } from '../../../shared/profile';
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

const frozen = waitFor('sched.frozen', { isIdle: true });
const misplaced = reasonOf({ gapClass: undefined, isOffCpu: false, isIdle: false, mayBlock: false });

/** Reads what single samples say. */
export class ReasonReader {
  private readonly lateNs: number;
  /** 1 for each frame that, as the innermost, computes. */
  private readonly computing: Uint8Array;

  constructor(private readonly search: HolderSearch) {
    const { rateHzReached, rateHzAsked, isTraced } = search.profile.info;
    const rateHz = rateHzReached || rateHzAsked;
    this.computing = computingFrames(search.profile);
    const isSampledInTime = rateHz > 0 && !isTraced && search.profile.samples.count.length === 0;
    this.lateNs = isSampledInTime
      ? Math.max(frozenNs, (frozenIntervals * 1e9) / rateHz)
      : Number.POSITIVE_INFINITY;
  }

  /** What a thread's sample says. */
  of(lane: number, sample: number): Reason {
    const { profile, reader } = this.search;
    const { samples, nodes } = profile;
    const node = samples.node[sample] ?? -1;
    if (this.isFrozen(lane, sample)) return frozen;
    const stack = reader.waitOf(node);
    const isOff = isOffCpu(profile, sample);
    const wait = isOff ? withKernelReason(stack, samples.reason[sample] ?? 0) : stack;
    const isComputingLine = this.computing[nodes.frame[node] ?? -1] === 1;
    if (isOff && !(wait.gapClass === undefined && isComputingLine)) return wait;
    // Without CPU times a call that is known to block is believed.
    const isCpuUnknown = Number.isNaN(samples.cpuNs[sample] ?? Number.NaN);
    // A late look finds the sleep that ended the computing: the time belongs to neither for certain.
    if (!isCpuUnknown && wait.gapClass === 'timer.sleep') return misplaced;
    return isCpuUnknown && wait.gapClass !== undefined ? wait : reader.workOf(node);
  }

  /** A thread that was at a line where it computes, and had no CPU: it was kept from running. */
  isHeldUp(sample: number): boolean {
    return isOffCpu(this.search.profile, sample);
  }

  /** The whole process did nothing, the sampler included. */
  private isFrozen(lane: number, sample: number): boolean {
    const { profile, clock } = this.search;
    const { samples } = profile;
    const weightNs = samples.weightNs[sample] ?? 0;
    if (weightNs < this.lateNs || samples.cpuNs.length === 0) return false;
    const endNs = samples.endNs[sample] ?? 0;
    let cpuNs = 0;
    for (const thread of clock.threadsOf(lane)) cpuNs += clock.cpuNs(thread, endNs - weightNs, endNs);
    return cpuNs < weightNs * frozenCpuShare;
  }
}

/** Frames that, as the innermost, were on the CPU for most of their time: whoever is off it there does not wait by choice. */
function computingFrames({ samples, nodes, frames }: Profile): Uint8Array {
  const excessNs = new Float64Array(frames.length);
  for (let i = 0; i < samples.length; i++) {
    const frame = nodes.frame[samples.node[i] ?? -1];
    const cpuNs = samples.cpuNs[i] ?? Number.NaN;
    if (frame === undefined || Number.isNaN(cpuNs)) continue;
    excessNs[frame] = (excessNs[frame] ?? 0) + cpuNs - (samples.weightNs[i] ?? 0) * computingShare;
  }
  return Uint8Array.from(excessNs, ns => (ns > 0 ? 1 : 0));
}

function isOffCpu({ samples }: Profile, sample: number): boolean {
  return ((samples.state[sample] ?? 0) & sampleState.waiting) !== 0;
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
    const confidence = hasCpu ? 'strong' : 'likely';
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
