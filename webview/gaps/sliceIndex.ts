import type { TimelineView } from '../../src/shared/views';
import { firstEndingAfter, nearestInRow, rowStartsOf } from '../canvas/rows';

/** A timeline view with the slices of its rows found: row `r` has `rowStart[r] … rowStart[r + 1] - 1`. */
export interface SliceIndex {
  readonly view: TimelineView;
  readonly rowStart: Int32Array;
}

/** Finds the slices of each row. */
export function indexSlices(view: TimelineView): SliceIndex {
  const { row, length } = view.slices;
  return { view, rowStart: rowStartsOf(row, length, view.rows.length) };
}

/** First slice of a row that ends after `ns`; the row's end when there is none. */
export function firstSliceAfter(index: SliceIndex, row: number, ns: number): number {
  return firstEndingAfter(index.view.slices.endNs, ns, rowOf(index, row));
}

/** The slice of a row at a moment, or the nearest within `toleranceNs`; -1 when there is none. */
export function sliceAt(index: SliceIndex, row: number, at: { ns: number; toleranceNs: number }): number {
  return nearestInRow(index.view.slices, rowOf(index, row), at);
}

function rowOf({ rowStart }: SliceIndex, row: number): { from: number; to: number } {
  const from = rowStart[row] ?? 0;
  return { from, to: rowStart[row + 1] ?? from };
}
