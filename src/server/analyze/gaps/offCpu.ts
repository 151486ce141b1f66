import type { GapClass, GapConfidence, GapRole } from '../../../shared/gaps';
import { type Profile, sampleState } from '../../../shared/profile';
import type { Holder } from './gap';
import { busiestThread, type HolderSearch, lockHolder } from './holders';

/** What one sample says about its interval. */
export interface Reason {
  /** Undefined: the thread was off the CPU and its stack does not tell why. */
  readonly gapClass: GapClass | undefined;
  readonly isOffCpu: boolean;
  readonly isIdle: boolean;
  readonly mayBlock: boolean;
}

/** A stretch of one lane whose cause is sought. */
export interface OffCpuStretch {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly victimFrame: number;
  readonly mayBlock: boolean;
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

const frozen: Reason = { gapClass: 'sched.frozen', isOffCpu: true, isIdle: true, mayBlock: true };

/** Reads what single samples say. */
export class ReasonReader {
  private readonly lateNs: number;
  private readonly computing: ReadonlySet<number>;
  /** By node: of samples off the CPU, on it, and where that is not known. */
  private readonly offCpu: (Reason | undefined)[];
  private readonly onCpu: (Reason | undefined)[];
  private readonly cpuUnknown: (Reason | undefined)[];

  constructor(private readonly search: HolderSearch) {
    const { rateHzReached, rateHzAsked, isTraced } = search.profile.info;
    const rateHz = rateHzReached || rateHzAsked;
    this.computing = computingFrames(search.profile);
    const { length } = search.profile.nodes;
    [this.offCpu, this.onCpu, this.cpuUnknown] = [0, 1, 2].map(() => new Array(length).fill(undefined)) as [
      (Reason | undefined)[],
      (Reason | undefined)[],
      (Reason | undefined)[],
    ];
    const isSampledInTime = rateHz > 0 && !isTraced && search.profile.samples.count.length === 0;
    this.lateNs = isSampledInTime
      ? Math.max(frozenNs, (frozenIntervals * 1e9) / rateHz)
      : Number.POSITIVE_INFINITY;
  }

  /** What a thread's sample says. */
  of(lane: number, sample: number): Reason {
    const { profile } = this.search;
    const node = profile.samples.node[sample] ?? -1;
    if (this.isFrozen(lane, sample)) return frozen;
    const isOff = isOffCpu(profile, sample);
    const isCpuUnknown = !isOff && Number.isNaN(profile.samples.cpuNs[sample] ?? Number.NaN);
    const reasons = isOff ? this.offCpu : isCpuUnknown ? this.cpuUnknown : this.onCpu;
    let reason = reasons[node];
    if (reason === undefined) {
      reason = this.read(node, isOff, isCpuUnknown);
      reasons[node] = reason;
    }
    return reason;
  }

  private read(node: number, isOff: boolean, isCpuUnknown: boolean): Reason {
    const { profile, reader } = this.search;
    const wait = reader.waitOf(node);
    const isComputingLine = this.computing.has(profile.nodes.frame[node] ?? -1);
    const isWait = isOff && !(wait.gapClass === undefined && isComputingLine);
    // Without CPU times a call that is known to block is believed.
    if (isWait || (isCpuUnknown && wait.gapClass !== undefined)) {
      return { gapClass: wait.gapClass, isOffCpu: true, isIdle: wait.isIdle, mayBlock: wait.mayBlock };
    }
    return { gapClass: reader.workOf(node), isOffCpu: false, isIdle: false, mayBlock: false };
  }

  /** A thread that was at a line where it computes, and had no CPU: it was kept from running. */
  isHeldUp(sample: number): boolean {
    return isOffCpu(this.search.profile, sample);
  }

  /** The whole process did nothing, the sampler included. */
  private isFrozen(lane: number, sample: number): boolean {
    const { samples, lanes } = this.search.profile;
    const weightNs = samples.weightNs[sample] ?? 0;
    if (weightNs < this.lateNs || samples.cpuNs.length === 0) return false;
    const endNs = samples.endNs[sample] ?? 0;
    const pid = lanes[lane]?.pid;
    const cpuNs = lanes.reduce((sum, other, index) => {
      const isThread = other.pid === pid && other.kind === 'thread';
      return isThread ? sum + this.search.clock.cpuNs(index, endNs - weightNs, endNs) : sum;
    }, 0);
    return cpuNs < weightNs * frozenCpuShare;
  }
}

const computingByProfile = new WeakMap<Profile, ReadonlySet<number>>();

/** Frames that, as the innermost, were on the CPU for most of their time: whoever is off it there does not wait by choice. */
function computingFrames(profile: Profile): ReadonlySet<number> {
  const known = computingByProfile.get(profile);
  if (known !== undefined) return known;
  const { samples, nodes, frames } = profile;
  const wallNs = new Float64Array(frames.length);
  const cpuNs = new Float64Array(frames.length);
  for (let i = 0; i < samples.length; i++) {
    const frame = nodes.frame[samples.node[i] ?? -1];
    const cpu = samples.cpuNs[i] ?? Number.NaN;
    if (frame === undefined || Number.isNaN(cpu)) continue;
    wallNs[frame] = (wallNs[frame] ?? 0) + (samples.weightNs[i] ?? 0);
    cpuNs[frame] = (cpuNs[frame] ?? 0) + cpu;
  }
  const computing = new Set<number>();
  cpuNs.forEach((cpu, frame) => {
    if (cpu > (wallNs[frame] ?? 0) * computingShare) computing.add(frame);
  });
  computingByProfile.set(profile, computing);
  return computing;
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
    const holder = gapClass === 'sync.lock' ? lockHolder(search, stretch, stretch.victimFrame) : undefined;
    return { gapClass, confidence: hasCpu ? 'strong' : 'likely', holder };
  }
  const cpuNs = search.clock.cpuNs(stretch.lane, stretch.startNs, stretch.endNs);
  const isContended = cpuNs >= (stretch.endNs - stretch.startNs) * contendedCpuShare;
  if (!hasCpu || (stretch.mayBlock && !isContended)) {
    return { gapClass: 'unknown.offcpu', confidence: 'unknown', holder: undefined };
  }
  const holder = busiestThread(search, stretch);
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
  { gapClass = 'run.python' }: Reason,
  stretch: OffCpuStretch,
): Explanation | undefined {
  const cpuNs = search.clock.cpuNs(stretch.lane, stretch.startNs, stretch.endNs);
  const durationNs = stretch.endNs - stretch.startNs;
  if (Number.isNaN(cpuNs)) return { gapClass, confidence: 'likely', holder: undefined };
  if (cpuNs >= durationNs * computingShare) return { gapClass, confidence: 'strong', holder: undefined };
  const holder = busiestThread(search, stretch);
  if (holder) return { gapClass: 'rt.gil', confidence: 'likely', holder };
  if (cpuNs < durationNs * startedShare) return undefined;
  return { gapClass: 'sched.runq', confidence: 'likely', holder: undefined };
}

/** What a thread is to a gap of this class. */
export function roleOf(
  gapClass: GapClass,
  lane: { isMain: boolean; isIdle: boolean; isLoop: boolean },
): GapRole {
  if (lane.isIdle || gapClass === 'sched.frozen' || gapClass === 'loop.idle') return 'benign';
  if (['sync.lock', 'sync.mp', 'rt.gil', 'sched.runq', 'unknown.offcpu'].includes(gapClass)) return 'victim';
  if (lane.isLoop) return 'culprit';
  if (gapClass === 'timer.sleep') return lane.isMain ? 'culprit' : 'benign';
  return gapClass.startsWith('run.') ? 'culprit' : 'dependency';
}
