/** Spans in columns: those of a row lie one behind the other, so that binary search finds them. */
export interface SpanColumns {
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
}

/** Finds the rows of items that are ordered by row: row `r` holds `rowStart[r] … rowStart[r + 1] - 1`. */
export function rowStartsOf(row: ArrayLike<number>, length: number, rowCount: number): Int32Array {
  const rowStart = new Int32Array(rowCount + 1).fill(length);
  for (let item = length - 1; item >= 0; item--) rowStart[row[item] ?? 0] = item;
  for (let index = rowCount - 1; index >= 0; index--) {
    rowStart[index] = Math.min(rowStart[index] ?? length, rowStart[index + 1] ?? length);
  }
  return rowStart;
}

/** First of the items `from … to - 1` whose end lies after `ns`; `to` when there is none. Ends must not fall. */
export function firstEndingAfter(
  endNs: Float64Array,
  ns: number,
  within: { from: number; to: number },
): number {
  let low = within.from;
  let high = within.to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((endNs[middle] ?? 0) > ns) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The item of a row at a place of the axis, or the nearest within `toleranceNs` (what is narrower than a pixel is
 * drawn a pixel wide); -1 when there is none.
 */
export function nearestInRow(
  { startNs, endNs }: SpanColumns,
  row: { from: number; to: number },
  at: { ns: number; toleranceNs: number },
): number {
  const next = firstEndingAfter(endNs, at.ns, row);
  if (next < row.to && (startNs[next] ?? 0) <= at.ns) return next;
  const before = next > row.from ? at.ns - (endNs[next - 1] ?? 0) : Number.POSITIVE_INFINITY;
  const after = next < row.to ? (startNs[next] ?? 0) - at.ns : Number.POSITIVE_INFINITY;
  if (Math.min(before, after) > at.toleranceNs) return -1;
  return before <= after ? next - 1 : next;
}
