import { firstRoom, grown } from '../../columns/growingColumn';

const width = 5;

/**
 * Numbers tuples of up to five small integers in the order in which they are met: an open-addressed table in typed arrays,
 * because a `Map` would want a string for each question.
 */
export class TupleIndex {
  length = 0;
  private tuples = new Int32Array(firstRoom * width);
  private slots = new Int32Array(firstRoom * 4).fill(-1);
  /** Where the tuple that was not found last belongs. */
  private freeSlot = 0;

  /** The number of a tuple, or -1. */
  find(a: number, b: number, c: number, d = 0, e = 0): number {
    const { slots, tuples } = this;
    const mask = slots.length - 1;
    for (let slot = hashOf(a, b, c, d, e) & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot] as number;
      if (index < 0) {
        this.freeSlot = slot;
        return -1;
      }
      const at = index * width;
      const isFirst = tuples[at] === a && tuples[at + 1] === b && tuples[at + 2] === c;
      if (isFirst && tuples[at + 3] === d && tuples[at + 4] === e) return index;
    }
  }

  /** Adds the tuple that `find` was asked for last and did not know, and returns its number. */
  add(a: number, b: number, c: number, d = 0, e = 0): number {
    const index = this.length++;
    const at = index * width;
    if (at === this.tuples.length) this.tuples = grown(this.tuples, at + width, Int32Array);
    this.tuples[at] = a;
    this.tuples[at + 1] = b;
    this.tuples[at + 2] = c;
    this.tuples[at + 3] = d;
    this.tuples[at + 4] = e;
    this.slots[this.freeSlot] = index;
    if (this.length * 2 > this.slots.length) this.rehash();
    return index;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let index = 0; index < this.length; index++) {
      let slot = this.hashAt(index * width) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    this.slots = slots;
  }

  private hashAt(at: number): number {
    const { tuples } = this;
    const [a, b, c] = [tuples[at] as number, tuples[at + 1] as number, tuples[at + 2] as number];
    return hashOf(a, b, c, tuples[at + 3] as number, tuples[at + 4] as number);
  }
}

function hashOf(a: number, b: number, c: number, d: number, e: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ c, 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13) ^ d, 0x297a2d39) ^ Math.imul(e, 0x1b873593);
  return hash ^ (hash >>> 16);
}
