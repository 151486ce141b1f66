const z = 1.96;

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
