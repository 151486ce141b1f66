/**
 * Austin's text has durations instead of times. In each cycle it looks at all threads of a process, and every line
 * it writes for them carries the same number: the microseconds since that process's cycle before. So the threads of
 * one process share a clock, which goes on with the first line of each cycle:
 *
 *     P1;T1;… 1000   cycle 1, ends at 1000
 *     P1;T2;… 1000   the same cycle
 *     P1;T1;… 1004   T1 again: cycle 2, ends at 2004
 *     P1;T2;… 998    another number: cycle 3 (T2 was idle and left out in cycle 2, or the other way round)
 *
 * When a process begins relative to the others is not written; it is taken to be where the file mentions it first.
 */
export class AustinClock {
  private endUs = 0;
  private stepUs = Number.NaN;
  private readonly seen = new Set<number>();

  /** `startUs` is where the process's first cycle begins. */
  constructor(startUs: number) {
    this.endUs = startUs;
  }

  /** Where on the clock the interval of a line ends. */
  tick(lane: number, stepUs: number): number {
    if (stepUs !== this.stepUs || this.seen.has(lane)) {
      this.endUs += stepUs;
      this.stepUs = stepUs;
      this.seen.clear();
    }
    this.seen.add(lane);
    return this.endUs;
  }

  /** Where the last cycle ended. */
  get nowUs(): number {
    return this.endUs;
  }
}
