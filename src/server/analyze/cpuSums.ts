import type { Profile } from '../../shared/profile';
import { firstSampleAfter, laneEnd } from './selection';

/** Sums are kept for so many samples at a time. */
const samplesPerBlock = 1024;

const known = new WeakMap<Profile, Float64Array>();

/** CPU time of a lane between two moments; samples at the edges count in part. Unknown CPU time is none. */
export function laneCpuNs(profile: Profile, lane: number, startNs: number, endNs: number): number {
  const { samples } = profile;
  const blocks = known.get(profile) ?? blockSums(profile);
  known.set(profile, blocks);
  const end = laneEnd(profile, lane);
  let sumNs = 0;
  for (let i = firstSampleAfter(profile, lane, startNs); i < end; i++) {
    const last = i + samplesPerBlock - 1;
    if (i % samplesPerBlock === 0 && last < end && isInside(profile, { first: i, last, startNs, endNs })) {
      sumNs += blocks[i / samplesPerBlock] ?? 0;
      i = last;
      continue;
    }
    const sampleEndNs = samples.endNs[i] ?? 0;
    const weightNs = samples.weightNs[i] ?? 0;
    if (sampleEndNs - weightNs >= endNs) break;
    const insideNs = Math.min(sampleEndNs, endNs) - Math.max(sampleEndNs - weightNs, startNs);
    if (insideNs > 0) sumNs += (cpuOf(profile, i) * insideNs) / weightNs;
  }
  return sumNs;
}

function isInside(
  { samples }: Profile,
  { first, last, startNs, endNs }: { first: number; last: number; startNs: number; endNs: number },
): boolean {
  const firstStartNs = (samples.endNs[first] ?? 0) - (samples.weightNs[first] ?? 0);
  return firstStartNs >= startNs && (samples.endNs[last] ?? 0) <= endNs;
}

/** Sums over all samples, whatever lanes they belong to. */
function blockSums(profile: Profile): Float64Array {
  const { length } = profile.samples;
  const sums = new Float64Array(Math.ceil(length / samplesPerBlock));
  for (let i = 0; i < length; i++) {
    const block = Math.floor(i / samplesPerBlock);
    sums[block] = (sums[block] ?? 0) + cpuOf(profile, i);
  }
  return sums;
}

function cpuOf({ samples }: Profile, sample: number): number {
  const cpuNs = samples.cpuNs[sample] ?? Number.NaN;
  return cpuNs > 0 && (samples.weightNs[sample] ?? 0) > 0 ? cpuNs : 0;
}
