import { firstRoom } from '../../columns/growingColumn';

/** Maps pairs of small numbers to an index: an open-addressed table in typed arrays, a tenth of a `Map`'s size. */
export class PairIndex {
  private slots = new Int32Array(firstRoom * 4).fill(-1);
  private count = 0;

  /** `first` and `second` give the pair back that an index was made for. */
  constructor(
    private readonly first: (index: number) => number,
    private readonly second: (index: number) => number,
  ) {}

  /** The index of the pair, or -1. */
  find(a: number, b: number): number {
    const mask = this.slots.length - 1;
    let slot = hashOf(a, b) & mask;
    for (;;) {
      const index = this.slots[slot] as number;
      if (index < 0 || (this.first(index) === a && this.second(index) === b)) return index;
      slot = (slot + 1) & mask;
    }
  }

  /** Enters a pair that `find` did not know, under the index that `first` and `second` already answer for. */
  add(a: number, b: number, index: number): void {
    this.count++;
    if (this.count * 2 > this.slots.length) this.grow();
    put(this.slots, hashOf(a, b), index);
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    for (const index of this.slots) {
      if (index >= 0) put(slots, hashOf(this.first(index), this.second(index)), index);
    }
    this.slots = slots;
  }
}

function put(slots: Int32Array, hash: number, index: number): void {
  const mask = slots.length - 1;
  let slot = hash & mask;
  while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
  slots[slot] = index;
}

function hashOf(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 13);
}
