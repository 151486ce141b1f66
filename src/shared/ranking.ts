/**
 * The order of «top functions». Self time, but what a library function merely waited does not count: idle workers,
 * queues and selectors wait all the time, and would hide the work. Waits in own code stay where they are; library
 * waits follow after all work, longest first.
 */
export function selfRank(isOwnCode: boolean, selfNs: number, waitNs: number): number {
  if (isOwnCode) return selfNs;
  return Math.max(0, selfNs - waitNs) + selfNs * 1e-9;
}
