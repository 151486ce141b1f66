import { grown } from '../../columns/growingColumn';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { MojoKey } from './mojoTables';

/** The event that refers to a frame; its key follows. */
export const frameReference = 5;

/** Room for a reference as it is written: the event and a key of up to 53 bits. */
const referenceBits = 4;
const maxReferenceBytes = 1 << referenceBits;

/**
 * The stack of a thread or task, written over by its next one. Frames at their old place keep their node, and
 * references that begin a stack like the one before are compared by their bytes only.
 */
export class MojoStack {
  /** Frames of the present stack, root first. */
  depth = 0;
  private frames = new Int32Array(32);
  private nodes = new Int32Array(32);
  /** The bytes that referred to each frame, and how many: 0 for what must be looked up. */
  private references = new Uint8Array(32 << referenceBits);
  private referenceBytes = new Uint8Array(32);
  /** So many frames stand there, of this stack or one before. */
  private frameCount = 0;
  /** So many of them, from the root on, have their node. */
  private nodeCount = 0;
  private version = -1;
  /** What is to be repeated: its first `keptCount` frames. */
  kept = new Int32Array(32);
  keptCount = 0;

  /** Begins the next stack. References mean the same as long as `version` does not change. */
  restart(version: number): void {
    this.depth = 0;
    if (version !== this.version) this.referenceBytes.fill(0);
    this.version = version;
  }

  /** Takes over the frames whose references stand in `bytes` from `at` on as in the stack before. Returns where they end. */
  takeOver(bytes: Uint8Array, at: number): number {
    const { references, referenceBytes } = this;
    const safe = bytes.length - maxReferenceBytes;
    let next = at;
    let { depth } = this;
    while (depth < this.frameCount && next < safe) {
      const length = referenceBytes[depth] as number;
      const from = depth << referenceBits;
      let same = 0;
      while (same < length && bytes[next + same] === references[from + same]) same++;
      if (length === 0 || same < length) break;
      next += length;
      depth++;
    }
    this.depth = depth;
    return next;
  }

  /** Puts a frame on top; `key` is what referred to it, unless that may come to mean another frame. */
  push(frame: number, key?: MojoKey): void {
    const at = this.depth++;
    if (at === this.frames.length) this.grow();
    const isNew = at >= this.frameCount || this.frames[at] !== frame;
    if (typeof key === 'number') this.refer(at, key);
    else if (isNew) this.referenceBytes[at] = 0;
    if (!isNew) return;
    this.frames[at] = frame;
    this.frameCount = Math.max(this.frameCount, at + 1);
    this.nodeCount = Math.min(this.nodeCount, at);
  }

  /** The frame on top, -1 when there is none. */
  get leaf(): number {
    return this.depth === 0 ? -1 : (this.frames[this.depth - 1] as number);
  }

  /** Remembers the stack without its top `left` frames, to be repeated. */
  keep(left: number): void {
    this.keptCount = Math.max(0, this.depth - left);
    if (this.keptCount > this.kept.length) this.kept = grown(this.kept, this.keptCount, Int32Array);
    for (let i = 0; i < this.keptCount; i++) this.kept[i] = this.frames[i] as number;
  }

  /** Puts what `owner` keeps below the present frames. */
  repeat(owner: MojoStack): void {
    const kept = owner.kept.subarray(0, owner.keptCount);
    const above = this.frames.slice(0, this.depth);
    this.depth = 0;
    for (const frame of kept) this.push(frame);
    for (const frame of above) this.push(frame);
  }

  /** The builder's node of the whole stack, -1 for the empty one. */
  node(builder: ProfileBuilder): number {
    const { frames, nodes, depth } = this;
    let at = Math.min(this.nodeCount, depth);
    let node = at === 0 ? -1 : (nodes[at - 1] as number);
    for (; at < depth; at++) {
      node = builder.node(node, frames[at] as number);
      nodes[at] = node;
    }
    this.nodeCount = Math.max(this.nodeCount, depth);
    return node;
  }

  /** Six bits of the key in its first byte, seven in each further one. */
  private refer(at: number, key: number): void {
    const { references } = this;
    const from = at << referenceBits;
    references[from] = frameReference;
    let rest = Math.floor(key / 64);
    let end = from + 1;
    references[end++] = (key % 64) + (rest > 0 ? 0x80 : 0);
    while (rest > 0) {
      const above = Math.floor(rest / 128);
      references[end++] = (rest % 128) + (above > 0 ? 0x80 : 0);
      rest = above;
    }
    this.referenceBytes[at] = end - from;
  }

  private grow(): void {
    const length = this.frames.length * 2;
    this.frames = grown(this.frames, length, Int32Array);
    this.nodes = grown(this.nodes, length, Int32Array);
    this.references = grown(this.references, length << referenceBits, Uint8Array);
    this.referenceBytes = grown(this.referenceBytes, length, Uint8Array);
  }
}
