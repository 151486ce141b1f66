import type { Profile } from '../../shared/profile';

/** Seconds are known of all loops all the time, rounds where they took long: what is finer than this shows rounds. */
const coarseNs = 5e8;

/** The most callbacks and tasks that were ready at once in an event loop, 0 when no loop measured itself. */
export function mostReady({ loops }: Profile): number {
  return loops?.seconds.readyCount.reduce((most, count) => Math.max(most, count), 0) ?? 0;
}

/** The same in `count` equal bins between two moments; empty when no loop measured itself. */
export function readyBins(
  { loops }: Profile,
  { startNs, endNs }: { readonly startNs: number; readonly endNs: number },
  count: number,
): Float32Array {
  if (loops === undefined || loops.seconds.length === 0 || endNs <= startNs) return new Float32Array(0);
  const bins = new Float32Array(count);
  const binNs = (endNs - startNs) / count;
  const table = binNs >= coarseNs ? loops.seconds : loops.rounds;
  for (let at = 0; at < table.length; at++) {
    const fromNs = (table.startNs[at] ?? 0) - startNs;
    const toNs = fromNs + (table.durationNs[at] ?? 0);
    const last = Math.min(count - 1, Math.floor(toNs / binNs));
    for (let bin = Math.max(0, Math.floor(fromNs / binNs)); bin <= last; bin++) {
      bins[bin] = Math.max(bins[bin] ?? 0, table.readyCount[at] ?? 0);
    }
  }
  return bins;
}
