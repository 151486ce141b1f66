import type { Profile } from '../../../shared/profile';
import { firstSampleAfter, laneEnd } from '../selection';

/** Looks up what a lane did in a stretch of time. */
export class LaneClock {
  private readonly cpuSums = new Map<number, Float64Array>();

  constructor(private readonly profile: Profile) {}

  /** CPU time of a lane between two moments, samples at the edges counted in part. NaN when it is unknown. */
  cpuNs(lane: number, startNs: number, endNs: number): number {
    const { samples } = this.profile;
    if (samples.cpuNs.length === 0) return Number.NaN;
    const sums = this.sumsOf(lane);
    const first = this.profile.lanes[lane]?.firstSample ?? 0;
    return this.cpuUntil(lane, sums, first, endNs) - this.cpuUntil(lane, sums, first, startNs);
  }

  /** The lane's samples that overlap a stretch of time: how long, and each one's number. */
  *overlaps(lane: number, startNs: number, endNs: number): Generator<{ sample: number; ns: number }> {
    const { samples } = this.profile;
    const end = laneEnd(this.profile, lane);
    for (let i = firstSampleAfter(this.profile, lane, startNs); i < end; i++) {
      const sampleEndNs = samples.endNs[i] ?? 0;
      const sampleStartNs = sampleEndNs - (samples.weightNs[i] ?? 0);
      if (sampleStartNs >= endNs) return;
      yield { sample: i, ns: Math.min(endNs, sampleEndNs) - Math.max(startNs, sampleStartNs) };
    }
  }

  private cpuUntil(lane: number, sums: Float64Array, first: number, timeNs: number): number {
    const { samples } = this.profile;
    const at = firstSampleAfter(this.profile, lane, timeNs);
    const whole = sums[at - first] ?? sums[sums.length - 1] ?? 0;
    if (at >= laneEnd(this.profile, lane)) return whole;
    const weightNs = samples.weightNs[at] ?? 0;
    const insideNs = timeNs - ((samples.endNs[at] ?? 0) - weightNs);
    if (insideNs <= 0 || weightNs <= 0) return whole;
    return whole + (known(samples.cpuNs[at]) * insideNs) / weightNs;
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
