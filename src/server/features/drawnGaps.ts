import { nthSmallest } from '../analyze/nthSmallest';

/** Stretches of time, in nanoseconds from the run's start. */
interface Stretches {
  readonly length: number;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
}

/**
 * Indexes of the gaps that are sent to be drawn, in their order: at most `most`. More than a picture can show would fill
 * the memory of three processes. Those with a group (`group` is -1 for the others) come first, then the longest.
 */
export function drawnGaps(gaps: Stretches, group: Int32Array, most: number): Int32Array {
  const indexes = Int32Array.from({ length: gaps.length }, (_, index) => index);
  if (gaps.length <= most) return indexes;
  const listed = indexes.filter(index => (group[index] ?? -1) >= 0);
  if (listed.length >= most) return longest(gaps, listed, most);
  const others = indexes.filter(index => (group[index] ?? -1) < 0);
  return Int32Array.from([...listed, ...longest(gaps, others, most - listed.length)]).sort();
}

/** The longest `count` of some gaps. Looks come at a fixed rate, so many are equally long: an even part of them stays. */
function longest({ startNs, endNs }: Stretches, indexes: Int32Array, count: number): Int32Array {
  const lengthNs = (index: number): number => (endNs[index] ?? 0) - (startNs[index] ?? 0);
  const leastNs = nthSmallest(Float64Array.from(indexes, lengthNs), indexes.length - count);
  const longer = indexes.filter(index => lengthNs(index) > leastNs);
  const equal = indexes.filter(index => lengthNs(index) === leastNs);
  const room = count - longer.length;
  const kept = equal.filter((_, at) => ((at + 1) * room) % equal.length < room);
  return Int32Array.from([...longer, ...kept]).sort();
}
