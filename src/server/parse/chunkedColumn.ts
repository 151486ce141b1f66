/**
 * Typed arrays that grow by whole chunks, for columns with a row for each event of a huge file: a column that doubles
 * would hold three times its size while it is copied.
 */
const chunkBits = 16;
const chunkLength = 1 << chunkBits;
const chunkMask = chunkLength - 1;
const firstLength = 8;

/** A column of doubles. Only its first chunk, which is small as long as it can be, is ever copied. */
export class ChunkedFloat64 {
  length = 0;
  private chunks: Float64Array[] = [];
  private last = new Float64Array(0);

  push(value: number): void {
    const at = this.length & chunkMask;
    if (at === 0 || at === this.last.length) this.grow();
    this.last[at] = value;
    this.length++;
  }

  /** The value at an index below `length`. */
  at(index: number): number {
    return (this.chunks[index >>> chunkBits] as Float64Array)[index & chunkMask] as number;
  }

  private grow(): void {
    const isFirst = this.length < chunkLength;
    const room = isFirst ? Math.min(chunkLength, Math.max(firstLength, this.length * 2)) : chunkLength;
    const chunk = new Float64Array(room);
    if (isFirst) chunk.set(this.last);
    this.chunks[this.length >>> chunkBits] = chunk;
    this.last = chunk;
  }
}

/** A column of 32-bit integers. */
export class ChunkedInt32 {
  length = 0;
  private chunks: Int32Array[] = [];
  private last = new Int32Array(0);

  push(value: number): void {
    const at = this.length & chunkMask;
    if (at === 0 || at === this.last.length) this.grow();
    this.last[at] = value;
    this.length++;
  }

  /** The value at an index below `length`. */
  at(index: number): number {
    return (this.chunks[index >>> chunkBits] as Int32Array)[index & chunkMask] as number;
  }

  private grow(): void {
    const isFirst = this.length < chunkLength;
    const room = isFirst ? Math.min(chunkLength, Math.max(firstLength, this.length * 2)) : chunkLength;
    const chunk = new Int32Array(room);
    if (isFirst) chunk.set(this.last);
    this.chunks[this.length >>> chunkBits] = chunk;
    this.last = chunk;
  }
}
