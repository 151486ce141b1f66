import type { Profile } from '../../../shared/profile';
import { firstSampleAfter, laneEnd } from '../selection';

/** So far a place is looked for from the one before: questions mostly come in the order of time. */
const maxSteps = 16;

/** Looks up what a lane did in a stretch of time. */
export class LaneClock {
  private readonly cpuSums = new Map<number, Float64Array>();
  /** The sample that was found last, by lane. */
  private readonly hints: Int32Array;

  constructor(private readonly profile: Profile) {
    this.hints = Int32Array.from(profile.lanes, lane => lane.firstSample);
  }

  /** CPU time of a lane between two moments, samples at the edges counted in part. NaN when it is unknown. */
  cpuNs(lane: number, startNs: number, endNs: number): number {
    if (this.profile.samples.cpuNs.length === 0) return Number.NaN;
    const sums = this.sumsOf(lane);
    const startSum = this.cpuUntil(lane, sums, startNs);
    return this.cpuUntil(lane, sums, endNs) - startSum;
  }

  /** Calls `take` with each of the lane's samples that overlap a stretch of time, and for how long. */
  overlaps(lane: number, startNs: number, endNs: number, take: (sample: number, ns: number) => void): void {
    const { samples } = this.profile;
    const end = laneEnd(this.profile, lane);
    for (let i = this.firstAfter(lane, startNs); i < end; i++) {
      const sampleEndNs = samples.endNs[i] ?? 0;
      const sampleStartNs = sampleEndNs - (samples.weightNs[i] ?? 0);
      if (sampleStartNs >= endNs) return;
      take(i, Math.min(endNs, sampleEndNs) - Math.max(startNs, sampleStartNs));
    }
  }

  private cpuUntil(lane: number, sums: Float64Array, timeNs: number): number {
    const { samples, lanes } = this.profile;
    const first = lanes[lane]?.firstSample ?? 0;
    const at = this.firstAfter(lane, timeNs);
    const whole = sums[at - first] ?? 0;
    if (at - first >= sums.length - 1) return whole;
    const weightNs = samples.weightNs[at] ?? 0;
    const insideNs = timeNs - ((samples.endNs[at] ?? 0) - weightNs);
    if (insideNs <= 0 || weightNs <= 0) return whole;
    return whole + (known(samples.cpuNs[at]) * insideNs) / weightNs;
  }

  /** First sample of the lane that ends after `timeNs`. */
  private firstAfter(lane: number, timeNs: number): number {
    const { endNs } = this.profile.samples;
    const first = this.profile.lanes[lane]?.firstSample ?? 0;
    const end = laneEnd(this.profile, lane);
    let at = this.hints[lane] ?? first;
    let steps = 0;
    while (at > first && (endNs[at - 1] ?? 0) > timeNs && steps++ < maxSteps) at--;
    while (at < end && (endNs[at] ?? 0) <= timeNs && steps++ < maxSteps) at++;
    const isFound =
      (at === end || (endNs[at] ?? 0) > timeNs) && (at === first || (endNs[at - 1] ?? 0) <= timeNs);
    if (!isFound) at = firstSampleAfter(this.profile, lane, timeNs);
    this.hints[lane] = at;
    return at;
  }

  /** CPU time used before each of the lane's samples, and in all of them. */
  private sumsOf(lane: number): Float64Array {
    const made = this.cpuSums.get(lane);
    if (made !== undefined) return made;
    const { firstSample = 0, sampleCount = 0 } = this.profile.lanes[lane] ?? {};
    const sums = new Float64Array(sampleCount + 1);
    for (let i = 0; i < sampleCount; i++) {
      sums[i + 1] = (sums[i] ?? 0) + known(this.profile.samples.cpuNs[firstSample + i]);
    }
    this.cpuSums.set(lane, sums);
    return sums;
  }
}

function known(cpuNs: number | undefined): number {
  return cpuNs === undefined || Number.isNaN(cpuNs) ? 0 : cpuNs;
}
