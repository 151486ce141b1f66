/** Adds up times by number (a frame, say), for one question after the other. */
export class TimeTally {
  private readonly ns: Float64Array;
  /** In the order in which they came. */
  private readonly met: number[] = [];

  constructor(count: number) {
    this.ns = new Float64Array(count + 1);
  }

  /** Adds a time to a number from -1 on. */
  add(key: number, ns: number): void {
    const sumNs = this.ns[key + 1] ?? 0;
    if (sumNs === 0) this.met.push(key);
    this.ns[key + 1] = sumNs + ns;
  }

  /** The number that most was added to, the first of several; -1 when there is none. Begins anew. */
  takeLongest(): number {
    let longest = -1;
    let longestNs = Number.NEGATIVE_INFINITY;
    for (const key of this.met) {
      const ns = this.ns[key + 1] ?? 0;
      this.ns[key + 1] = 0;
      if (ns <= longestNs) continue;
      longest = key;
      longestNs = ns;
    }
    this.met.length = 0;
    return longest;
  }
}
