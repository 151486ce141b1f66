import type { Profile } from '../../shared/profile';
import { firstSampleAfter, laneEnd } from './selection';

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
    const binNs = (endNs - startNs) / count;
    const fineNs = info.durationNs / fineBinCount;
    const cpuNs = new Float64Array(count);
    if (binNs >= 2 * fineNs) {
      const first = Math.floor(startNs / fineNs);
      const last = Math.min(fineBinCount - 1, Math.floor(endNs / fineNs));
      for (let fine = first; fine <= last; fine++) {
        const span = { startNs: fine * fineNs - startNs, endNs: (fine + 1) * fineNs - startNs };
        spread(cpuNs, binNs, { ...span, amount: this.fine[fine] ?? 0 });
      }
    } else {
      addSamples(this.profile, cpuNs, { startNs, endNs });
    }
    return Float32Array.from(cpuNs, ns => ns / binNs);
  }

  /** CPU time in equal bins over the whole run. */
  private get fine(): Float64Array {
    if (this.made === undefined) {
      this.made = new Float64Array(fineBinCount);
      addSamples(this.profile, this.made, { startNs: 0, endNs: this.profile.info.durationNs });
    }
    return this.made;
  }
}

/** Adds the CPU time of the threads' samples to bins over a stretch. */
function addSamples(
  profile: Profile,
  bins: Float64Array,
  { startNs, endNs }: { startNs: number; endNs: number },
): void {
  const { lanes, samples } = profile;
  const binNs = (endNs - startNs) / bins.length;
  lanes.forEach(({ kind }, lane) => {
    if (kind !== 'thread') return;
    const end = laneEnd(profile, lane);
    for (let i = firstSampleAfter(profile, lane, startNs); i < end; i++) {
      const cpuNs = samples.cpuNs[i] ?? Number.NaN;
      const weightNs = samples.weightNs[i] ?? 0;
      const sampleEndNs = samples.endNs[i] ?? 0;
      if (sampleEndNs - weightNs >= endNs) break;
      if (!(cpuNs > 0) || weightNs <= 0) continue;
      const span = { startNs: sampleEndNs - weightNs - startNs, endNs: sampleEndNs - startNs };
      spread(bins, binNs, { ...span, amount: cpuNs });
    }
  });
}

/** Divides an amount among the bins that a stretch touches; what lies outside of all is left out. */
function spread(
  bins: Float64Array,
  binNs: number,
  { startNs, endNs, amount }: { startNs: number; endNs: number; amount: number },
): void {
  const last = Math.min(bins.length - 1, Math.floor(endNs / binNs));
  for (let bin = Math.max(0, Math.floor(startNs / binNs)); bin <= last; bin++) {
    const insideNs = Math.min(endNs, (bin + 1) * binNs) - Math.max(startNs, bin * binNs);
    bins[bin] = (bins[bin] ?? 0) + (amount * Math.max(0, insideNs)) / (endNs - startNs);
  }
}
