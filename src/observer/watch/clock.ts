import { hrtime } from 'node:process';

/** What Node's timer showed at the zero of the monotonic clock; both run on the same one of the system. */
const originNs = Number(hrtime.bigint()) - performance.now() * 1e6;

/** The machine's monotonic clock (`time.monotonic_ns()` of Python) in whole nanoseconds, without an allocation. */
export function monotonicNs(): number {
  return Math.round(originNs + performance.now() * 1e6);
}
