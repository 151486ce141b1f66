const maxDepth = 65_536;

/**
 * A stack as it was read, innermost frame first, in buffers that are used again and again. A frame that is no Python
 * function (the boundary where C calls Python) has code 0.
 */
export class RawStack {
  depth = 0;
  /** So many Python frames lie further out, the same as at the thread's last look: they are not repeated here. */
  keptOuter = 0;
  /** The chunk of the data stack that was read, in which frames lie in order; 0 none. */
  chunkStart = 0;
  chunkEnd = 0;
  readonly frames = new Float64Array(maxDepth);
  readonly codes = new Float64Array(maxDepth);
  readonly instructions = new Float64Array(maxDepth);

  /** Forgets all. */
  clear(): void {
    this.depth = this.keptOuter = this.chunkStart = this.chunkEnd = 0;
  }

  /** False when the stack is deeper than any that is believed. */
  push(frame: number, code: number, instruction: number): boolean {
    const { depth } = this;
    if (depth >= maxDepth) return false;
    this.frames[depth] = frame;
    this.codes[depth] = code;
    this.instructions[depth] = instruction;
    this.depth = depth + 1;
    return true;
  }

  /** Index of a frame among the innermost `limit`; -1 when it is not there. */
  indexOf(frame: number, limit: number): number {
    const end = Math.min(limit, this.depth);
    for (let index = 0; index < end; index++) if (this.frames[index] === frame) return index;
    return -1;
  }

  /** Takes the innermost frames away. */
  dropInner(count: number): void {
    if (count === 0) return;
    this.replaceInner(count, undefined);
  }

  /** Puts a stack in the place of the innermost `count` frames. False when it becomes too deep. */
  replaceInner(count: number, inner: RawStack | undefined): boolean {
    const innerDepth = inner?.depth ?? 0;
    const depth = this.depth - count + innerDepth;
    if (depth > maxDepth) return false;
    for (const column of ['frames', 'codes', 'instructions'] as const) {
      this[column].copyWithin(innerDepth, count, this.depth);
      if (inner) this[column].set(inner[column].subarray(0, innerDepth));
    }
    this.depth = depth;
    return true;
  }

  /** Turns it round, for what was read from the outermost frame inwards. */
  reverse(): void {
    for (const column of [this.frames, this.codes, this.instructions])
      column.subarray(0, this.depth).reverse();
  }

  /** Drops what is no Python function. */
  keepPython(): void {
    let kept = 0;
    for (let index = 0; index < this.depth; index++) {
      const code = this.codes[index] ?? 0;
      if (code === 0) continue;
      this.frames[kept] = this.frames[index] ?? 0;
      this.codes[kept] = code;
      this.instructions[kept] = this.instructions[index] ?? 0;
      kept++;
    }
    this.depth = kept;
  }
}
