/**
 * The order in which `length` things stand sorted, as their indexes; equal ones keep their places. Merges the runs that are
 * sorted already, so that nearly sorted recordings take nearly linear time. `isAfter(a, b)`: `a` must stand after `b`.
 */
export function mergeOrder(length: number, isAfter: (a: number, b: number) => boolean): Int32Array {
  let from = new Int32Array(length);
  for (let i = 0; i < length; i++) from[i] = i;
  let starts = runStarts(length, isAfter);
  let to = starts.length > 1 ? new Int32Array(length) : from;
  while (starts.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < starts.length; run += 2) {
      const start = starts[run] as number;
      const middle = starts[run + 1] ?? length;
      const end = starts[run + 2] ?? length;
      merge({ from, to, start, middle, end }, isAfter);
      merged.push(start);
    }
    starts = merged;
    [from, to] = [to, from];
  }
  return from;
}

function runStarts(length: number, isAfter: (a: number, b: number) => boolean): number[] {
  const starts = [0];
  for (let i = 1; i < length; i++) if (isAfter(i - 1, i)) starts.push(i);
  return starts;
}

interface Runs {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly start: number;
  readonly middle: number;
  readonly end: number;
}

function merge({ from, to, start, middle, end }: Runs, isAfter: (a: number, b: number) => boolean): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const isRight = left === middle || (right < end && isAfter(from[left] as number, from[right] as number));
    to[at] = from[isRight ? right++ : left++] as number;
  }
}
