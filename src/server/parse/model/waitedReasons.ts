import { type SampleTable, sampleState, type WaitTable, waitReasons } from '../../../shared/profile';

/** So much of what the kernel said of a stack must agree. */
const agreedShare = 0.9;

/**
 * The samples with the reasons that the kernel gave for single waits: where it said nearly always the same of a stack, each
 * sample that waits at that stack has this reason. What a sample has already stays.
 */
export function withReasons(samples: SampleTable, waits: WaitTable): SampleTable {
  const agreed = agreedReasons(waits);
  const reason = samples.reason.length > 0 ? samples.reason : new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const isWaiting = ((samples.state[i] ?? 0) & (sampleState.waiting | sampleState.suspended)) === 1;
    if (isWaiting && reason[i] === 0) reason[i] = agreed.get(samples.node[i] ?? -1) ?? 0;
  }
  return { ...samples, reason };
}

/** By node. */
function agreedReasons({ length, node, reason }: WaitTable): ReadonlyMap<number, number> {
  const counts = new Map<number, Uint32Array>();
  for (let i = 0; i < length; i++) {
    const at = node[i] ?? -1;
    const known = counts.get(at) ?? new Uint32Array(waitReasons.length);
    counts.set(at, known);
    const told = reason[i] ?? 0;
    known[told] = (known[told] ?? 0) + 1;
  }
  counts.delete(-1);
  const agreed = new Map<number, number>();
  for (const [at, byReason] of counts) {
    const count = byReason.reduce((sum, value) => sum + value, 0);
    const most = byReason.indexOf(Math.max(...byReason));
    if ((byReason[most] ?? 0) >= count * agreedShare) agreed.set(at, most);
  }
  return agreed;
}
