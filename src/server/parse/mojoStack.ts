import { grown } from './growingColumn';
import type { MojoKey } from './mojoTables';
import type { ProfileBuilder } from './profileBuilder';

/** Stands for a reference that has to be looked up each time. */
export const noKey = -1;

/**
 * The stack of a thread or task, written over by its next one. Frames at their old place keep their node, and a
 * reference at its old place needs no look-up.
 */
export class MojoStack {
  /** Frames of the present stack, root first. */
  depth = 0;
  private frames = new Int32Array(32);
  private nodes = new Int32Array(32);
  /** What referred to each frame, `noKey` for what must be looked up. */
  private keys = new Float64Array(32).fill(noKey);
  /** So many nodes at the root are those of the frames that stand there. */
  private nodeCount = 0;
  /** So many frames stand there, of this stack or one before. */
  private frameCount = 0;
  private keyVersion = -1;

  /** Begins the next stack. Keys hold as long as `version` stays the same. */
  restart(version: number): void {
    this.depth = 0;
    if (version !== this.keyVersion) this.keys.fill(noKey);
    this.keyVersion = version;
  }

  /** Puts the frame on top that the same reference gave at this place before; false when it gave none. */
  pushKnown(key: MojoKey): boolean {
    if (this.depth >= this.frameCount || this.keys[this.depth] !== key) return false;
    this.depth++;
    return true;
  }

  /** Puts a frame on top that `key` refers to, `noKey` where the same key may mean another frame later. */
  push(frame: number, key: MojoKey): void {
    const at = this.depth++;
    if (at === this.frames.length) this.grow();
    const isNew = at >= this.frameCount || this.frames[at] !== frame;
    if (isNew || key !== noKey) this.keys[at] = typeof key === 'number' ? key : noKey;
    if (!isNew) return;
    this.frames[at] = frame;
    this.frameCount = Math.max(this.frameCount, at + 1);
    this.nodeCount = Math.min(this.nodeCount, at);
  }

  /** The frame on top, -1 when there is none. */
  get leaf(): number {
    return this.depth === 0 ? -1 : (this.frames[this.depth - 1] as number);
  }

  /** The first `count` frames. */
  copy(count: number): Int32Array {
    return this.frames.slice(0, count);
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

  private grow(): void {
    const needed = this.frames.length + 1;
    this.frames = grown(this.frames, needed, Int32Array);
    this.nodes = grown(this.nodes, needed, Int32Array);
    this.keys = grown(this.keys, needed, Float64Array);
  }
}
