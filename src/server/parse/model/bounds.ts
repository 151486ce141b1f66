/**
 * What a number in a profile may be, whatever a file says. Sums over a whole profile, and differences of its times, stay
 * finite then, and no view needs to ask.
 */

/** 292 years in nanoseconds, and more bytes than there are: what is beyond is damage. */
export const maxAmount = 2 ** 63;

/** A time or another signed number within the bounds; 0 for what is none. */
export function boundedTime(value: number): number {
  if (value > maxAmount) return maxAmount;
  if (value < -maxAmount) return -maxAmount;
  return Number.isNaN(value) ? 0 : value;
}

/** A duration, size or count within the bounds; 0 for what is none. */
export function boundedAmount(value: number): number {
  return value > 0 ? Math.min(value, maxAmount) : 0;
}

/** A rate, or another number of which infinity says nothing; 0, «unknown», for what is none. */
export function knownAmount(value: number): number {
  return value > 0 && value < maxAmount ? value : 0;
}

/** A process's or thread's id; 0, «unknown», for what is none. */
export function idNumber(value: number): number {
  return Number.isSafeInteger(value) ? value : 0;
}

const maxInt32 = 2 ** 31 - 1;

/** A line; 0, «unknown», for what no editor can show. */
export function lineNumber(line: number): number {
  return line >= 1 && line <= maxInt32 ? Math.floor(line) : 0;
}

/** A column's offset; -1, «unknown», for what is none. */
export function columnOffset(column: number): number {
  return column >= 0 && column <= maxInt32 ? Math.floor(column) : -1;
}
