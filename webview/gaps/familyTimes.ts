import type { Range } from '../canvas/range';
import type { GapIndex } from './gapIndex';

/** How long the listed gaps of each family were, within a stretch of time; the longest family first. */
export function familyTimes(index: GapIndex, range: Range): { family: number; totalNs: number }[] {
  const totals = new Map<number, number>();
  const { startNs, endNs, family } = index.view.gaps;
  for (const gap of index.listed) {
    const start = Math.max(range.startNs, startNs[gap] ?? 0);
    const durationNs = Math.min(range.endNs, endNs[gap] ?? 0) - start;
    if (durationNs <= 0) continue;
    const key = family[gap] ?? 0;
    totals.set(key, (totals.get(key) ?? 0) + durationNs);
  }
  return [...totals]
    .map(([key, totalNs]) => ({ family: key, totalNs }))
    .sort((a, b) => b.totalNs - a.totalNs);
}
