import { type KernelWaitTable, type SampleTable, sampleState, waitReasons } from '../../../shared/profile';
import type { GroupedSamples } from './sampleColumns';

/** So much of what the kernel said of a stack must agree. */
const agreedShare = 0.9;

/**
 * The samples with the reasons that the kernel gave for single waits: where it said nearly always the same of a lane at a
 * stack, each of the lane's samples that waits at that stack has this reason; a lane of which it said nothing has what it said
 * of the others there. What a sample has already stays.
 */
export function withReasons(
  { samples, firstSample, sampleCount }: GroupedSamples,
  waits: KernelWaitTable,
): SampleTable {
  const ofLane = agreedReasons(waits, keyOf);
  const ofAll = agreedReasons(waits, (_lane, node) => node);
  const reason = samples.reason.length > 0 ? samples.reason : new Uint8Array(samples.length);
  for (let lane = 0; lane < firstSample.length; lane++) {
    const first = firstSample[lane] ?? 0;
    for (let i = first; i < first + (sampleCount[lane] ?? 0); i++) {
      const isWaiting = ((samples.state[i] ?? 0) & (sampleState.waiting | sampleState.suspended)) === 1;
      if (!isWaiting || reason[i] !== 0) continue;
      const node = samples.node[i] ?? -1;
      reason[i] = ofLane.get(keyOf(lane, node)) ?? ofAll.get(node) ?? 0;
    }
  }
  return { ...samples, reason };
}

/** Nodes are fewer than 2^31 and lanes fewer than 2^20, so the number is exact. */
function keyOf(lane: number, node: number): number {
  return lane * 2 ** 31 + node;
}

/** What was nearly always said, 0 where it was now this, now that. */
function agreedReasons(
  { length, lane, node, reason }: KernelWaitTable,
  key: (lane: number, node: number) => number,
): ReadonlyMap<number, number> {
  const counts = new Map<number, Uint32Array>();
  for (let i = 0; i < length; i++) {
    if ((node[i] ?? -1) < 0) continue;
    const at = key(lane[i] ?? -1, node[i] ?? -1);
    const known = counts.get(at) ?? new Uint32Array(waitReasons.length);
    counts.set(at, known);
    const told = reason[i] ?? 0;
    known[told] = (known[told] ?? 0) + 1;
  }
  return new Map([...counts].map(([at, byReason]) => [at, agreed(byReason)]));
}

function agreed(counts: Uint32Array): number {
  const count = counts.reduce((sum, value) => sum + value, 0);
  const most = counts.indexOf(Math.max(...counts));
  return (counts[most] ?? 0) >= count * agreedShare ? most : 0;
}
