import { firstRoom, grown } from '../../columns/growingColumn';

const localProbes = 8;

/**
 * The nodes of all stacks, each a parent with a frame, and the index that finds them: an open-addressed table in typed
 * arrays. Looking up a node is most of what importing costs, and waiting for memory is most of that. So nodes
 * with near parents have near slots; where those are taken, as below a parent of very many, any slot does.
 */
export class StackTree {
  length = 0;
  /** Parent and frame of each node, next to each other. */
  private pairs = new Int32Array(firstRoom * 2);
  private depths = new Uint16Array(firstRoom);
  private slots = new Int32Array(firstRoom * 4).fill(-1);
  /** Where the last pair that was not found belongs. */
  private freeSlot = 0;

  /** The node of a pair, or -1. */
  find(parent: number, frame: number): number {
    const { slots, pairs } = this;
    const mask = slots.length - 1;
    let slot = nearSlot(parent, frame) & mask;
    for (let probe = 1; ; probe++) {
      const node = slots[slot] as number;
      if (node < 0) {
        this.freeSlot = slot;
        return -1;
      }
      if (pairs[node * 2] === parent && pairs[node * 2 + 1] === frame) return node;
      if (probe === localProbes) slot = farSlot(parent, frame) & mask;
      // Growing steps, which meet every slot: full stretches may be long.
      else slot = (slot + (probe < localProbes ? 1 : probe - localProbes)) & mask;
    }
  }

  /** Adds the pair that `find` was asked for last and did not know. */
  add(parent: number, frame: number): number {
    const node = this.length++;
    if (node * 2 === this.pairs.length) this.pairs = grown(this.pairs, node * 2 + 2, Int32Array);
    if (node === this.depths.length) this.depths = grown(this.depths, node + 1, Uint16Array);
    this.pairs[node * 2] = parent;
    this.pairs[node * 2 + 1] = frame;
    this.depths[node] = this.depthBelow(parent);
    this.slots[this.freeSlot] = node;
    if (this.length * 3 > this.slots.length * 2) this.rehash();
    return node;
  }

  /** The depth of a child of `parent`. */
  depthBelow(parent: number): number {
    return parent < 0 ? 0 : (this.depths[parent] as number) + 1;
  }

  frameOf(node: number): number {
    return this.pairs[node * 2 + 1] as number;
  }

  /** Each node's parent. */
  parents(): Int32Array {
    const parents = new Int32Array(this.length);
    for (let node = 0; node < parents.length; node++) parents[node] = this.pairs[node * 2] as number;
    return parents;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    for (let node = 0; node < this.length; node++) {
      this.find(this.pairs[node * 2] as number, this.pairs[node * 2 + 1] as number);
      this.slots[this.freeSlot] = node;
    }
  }
}

function nearSlot(parent: number, frame: number): number {
  return parent * 2 + (Math.imul(frame, 0x9e3779b1) >>> 22);
}

function farSlot(parent: number, frame: number): number {
  let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame + 0x7f4a7c15, 0x85ebca6b);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 13);
}
