import { nearestInRow } from '../canvas/rows';
import type { BoxIndex } from './boxes';

/**
 * The box of a row at a place of the x axis, or the nearest within `toleranceNs` (boxes narrower than a pixel are
 * drawn a pixel wide); -1 when there is none. Binary search: far below a millisecond at any size.
 */
export function boxAt(index: BoxIndex, at: { row: number; ns: number; toleranceNs: number }): number {
  if (at.row < 0 || at.row >= index.rowCount) return -1;
  const row = { from: index.rowStart[at.row] ?? 0, to: index.rowStart[at.row + 1] ?? 0 };
  return nearestInRow(index.view.boxes, row, at);
}
