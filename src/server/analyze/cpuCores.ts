import type { Profile } from '../../shared/profile';
import { firstSampleAfter, laneEnd } from './selection';
import { finished, type Steps } from './steps';

const fineBinCount = 1 << 16;

/** How many cores the threads of a program used. */
export class CpuCores {
  private made: Float64Array | undefined;

  constructor(private readonly profile: Profile) {}

  /**
   * Cores in `count` equal bins between two moments; empty when CPU time is unknown. What is wide is read from a table
   * of the whole run, what is narrow from the samples there.
   */
  bins(startNs: number, endNs: number, count: number): Float32Array {
    const { info, samples } = this.profile;
    if (!info.hasCpu || samples.cpuNs.length === 0 || endNs <= startNs) return new Float32Array(0);
    const bins = new TimeBins(startNs, endNs, count);
    const fineNs = info.durationNs / fineBinCount;
    if (bins.binNs >= 2 * fineNs) {
      const first = Math.floor(startNs / fineNs);
      const last = Math.min(fineBinCount - 1, Math.floor(endNs / fineNs));
      for (let fine = first; fine <= last; fine++) {
        bins.add(fine * fineNs, (fine + 1) * fineNs, this.fine[fine] ?? 0);
      }
    } else {
      finished(addSamples(this.profile, bins));
    }
    return Float32Array.from(bins.amounts, ns => ns / bins.binNs);
  }

  /** Works the table of the whole run out step by step, lane by lane. */
  *prepare(): Steps<void> {
    if (this.profile.info.hasCpu) this.made ??= yield* this.makeFine();
  }

  /** CPU time in equal bins over the whole run. */
  private get fine(): Float64Array {
    this.made ??= finished(this.makeFine());
    return this.made;
  }

  private *makeFine(): Steps<Float64Array> {
    const bins = new TimeBins(0, this.profile.info.durationNs, fineBinCount);
    yield* addSamples(this.profile, bins);
    return bins.amounts;
  }
}

/** Adds the CPU time of the threads' samples to bins. */
function* addSamples(profile: Profile, bins: TimeBins): Steps<void> {
  const { lanes, samples } = profile;
  for (const [lane, { kind }] of lanes.entries()) {
    if (kind !== 'thread') continue;
    const end = laneEnd(profile, lane);
    for (let i = firstSampleAfter(profile, lane, bins.startNs); i < end; i++) {
      const cpuNs = samples.cpuNs[i] ?? Number.NaN;
      const weightNs = samples.weightNs[i] ?? 0;
      const sampleEndNs = samples.endNs[i] ?? 0;
      if (sampleEndNs - weightNs >= bins.endNs) break;
      if (cpuNs > 0 && weightNs > 0) bins.add(sampleEndNs - weightNs, sampleEndNs, cpuNs);
    }
    yield;
  }
}

/** Equal bins over a stretch of time. Plain numbers go in: an object for each of millions of samples costs half a minute. */
class TimeBins {
  readonly amounts: Float64Array;
  readonly binNs: number;

  constructor(
    readonly startNs: number,
    readonly endNs: number,
    count: number,
  ) {
    this.amounts = new Float64Array(count);
    this.binNs = (endNs - startNs) / count;
  }

  /** Divides an amount among the bins that a stretch touches; what lies outside of all is left out. */
  add(startNs: number, endNs: number, amount: number): void {
    const { amounts, binNs } = this;
    const from = startNs - this.startNs;
    const to = endNs - this.startNs;
    const last = Math.min(amounts.length - 1, Math.floor(to / binNs));
    for (let bin = Math.max(0, Math.floor(from / binNs)); bin <= last; bin++) {
      const insideNs = Math.min(to, (bin + 1) * binNs) - Math.max(from, bin * binNs);
      if (insideNs > 0) amounts[bin] = (amounts[bin] ?? 0) + (amount * insideNs) / (to - from);
    }
  }
}
