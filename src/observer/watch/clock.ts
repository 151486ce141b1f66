import { hrtime } from 'node:process';

const attempts = 5;

/** What Node's timer showed at the zero of the monotonic clock; both run on the same one of the system. */
const originNs = findOrigin();

/** The machine's monotonic clock (`time.monotonic_ns()` of Python) in whole nanoseconds, without an allocation. */
export function monotonicNs(): number {
  return Math.round(originNs + performance.now() * 1e6);
}

/** The first reading of the timer takes more than a millisecond, so the quickest of several tells. */
function findOrigin(): number {
  let [origin, shortest] = [0, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = Number(hrtime.bigint());
    const timerNs = performance.now() * 1e6;
    const took = Number(hrtime.bigint()) - before;
    if (took < shortest) [origin, shortest] = [before + took / 2 - timerNs, took];
  }
  return origin;
}
