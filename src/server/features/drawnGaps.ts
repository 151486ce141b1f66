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
  const all = new Int32Array(gaps.length);
  for (let index = 0; index < all.length; index++) all[index] = index;
  if (all.length <= most) return all;
  const listed = withGroup(all, group, true);
  if (listed.length >= most) return longest(gaps, listed, most);
  const others = longest(gaps, withGroup(all, group, false), most - listed.length);
  const drawn = new Int32Array(listed.length + others.length);
  drawn.set(listed);
  drawn.set(others, listed.length);
  return drawn.sort();
}

/** The indexes of gaps that have a group, or of those that have none. Plain loops: there are millions. */
function withGroup(indexes: Int32Array, group: Int32Array, isGrouped: boolean): Int32Array {
  const found = new Int32Array(indexes.length);
  let count = 0;
  for (const index of indexes) if ((group[index] ?? -1) >= 0 === isGrouped) found[count++] = index;
  return found.subarray(0, count);
}

/** The longest `count` of some gaps. Looks come at a fixed rate, so many are equally long: an even part of them stays. */
function longest({ startNs, endNs }: Stretches, indexes: Int32Array, count: number): Int32Array {
  const lengthNs = new Float64Array(indexes.length);
  for (let at = 0; at < indexes.length; at++) {
    const index = indexes[at] ?? 0;
    lengthNs[at] = (endNs[index] ?? 0) - (startNs[index] ?? 0);
  }
  const leastNs = nthSmallest(lengthNs.slice(), indexes.length - count);
  let [longerCount, equalCount] = [0, 0];
  for (const ns of lengthNs) {
    if (ns > leastNs) longerCount++;
    else if (ns === leastNs) equalCount++;
  }
  const room = count - longerCount;
  const kept = new Int32Array(count);
  let [length, equal] = [0, 0];
  for (let at = 0; at < indexes.length; at++) {
    const ns = lengthNs[at] ?? 0;
    if (ns < leastNs) continue;
    if (ns === leastNs && (++equal * room) % equalCount >= room) continue;
    kept[length++] = indexes[at] ?? 0;
  }
  return kept.subarray(0, length);
}
