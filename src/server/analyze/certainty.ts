import type { Lane, Profile } from '../../shared/profile';

const z = 1.96;

/**
 * True when weights are sums of samples, so that shares have an error: not of calls that were each measured or counted,
 * not of bytes, and not of things that a file counts by a name of their own (allocations).
 */
export function isSampled({ calls, info }: Pick<Profile, 'calls' | 'info'>): boolean {
  if (calls || info.isTraced || info.unit === 'bytes') return false;
  return info.unit === 'nanoseconds' || /^samples?$/.test(info.valueTypes[info.valueType]?.name ?? 'samples');
}

/** Number of samples in a lane: a row may stand for several. */
export function samplesOfLane({ samples }: Pick<Profile, 'samples'>, lane: Lane): number {
  const { firstSample, sampleCount } = lane;
  if (samples.count.length === 0) return sampleCount;
  return samples.count.subarray(firstSample, firstSample + sampleCount).reduce((sum, one) => sum + one, 0);
}

/**
 * Half width of the 95 % interval of a share seen in `effectiveCount` independent observations (Wilson's, so that it
 * is honest for shares near 0 and 1 too). 1 when nothing was observed, 0 for exact counts (`Infinity`).
 */
export function shareError(share: number, effectiveCount: number): number {
  if (effectiveCount === Number.POSITIVE_INFINITY) return 0;
  if (!(effectiveCount > 0)) return 1;
  const p = Math.min(1, Math.max(0, share));
  const n = effectiveCount;
  return (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
}

/** Number of independent observations in weighted samples: (Σw)² / Σw². */
export function effectiveCount(sum: number, sumOfSquares: number): number {
  return sumOfSquares > 0 ? (sum * sum) / sumOfSquares : 0;
}
