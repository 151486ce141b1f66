import { type BoxIndex, firstBoxAfter } from './boxes';

/**
 * The box of a row at a place of the x axis, or the nearest within `toleranceNs` (boxes narrower than a pixel are
 * drawn a pixel wide); -1 when there is none. Binary search: far below a millisecond at any size.
 */
export function boxAt(index: BoxIndex, at: { row: number; ns: number; toleranceNs: number }): number {
  if (at.row < 0 || at.row >= index.rowCount) return -1;
  const { startNs, endNs } = index.view.boxes;
  const last = (index.rowStart[at.row + 1] ?? 0) - 1;
  const next = firstBoxAfter(index, at.row, at.ns);
  if (next <= last && (startNs[next] ?? 0) <= at.ns) return next;
  const previous = next - 1;
  const before =
    previous >= (index.rowStart[at.row] ?? 0) ? at.ns - (endNs[previous] ?? 0) : Number.POSITIVE_INFINITY;
  const after = next <= last ? (startNs[next] ?? 0) - at.ns : Number.POSITIVE_INFINITY;
  if (Math.min(before, after) > at.toleranceNs) return -1;
  return before <= after ? previous : next;
}
