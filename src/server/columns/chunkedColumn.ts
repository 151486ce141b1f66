/**
 * Typed arrays that grow by whole chunks, for columns with a row for each event of a huge file: a column that doubles
 * would hold three times its size while it is copied.
 */
const chunkBits = 16;
const chunkLength = 1 << chunkBits;
const chunkMask = chunkLength - 1;
const firstLength = 8;
const noneFloat64 = new Float64Array(0);
const noneInt32 = new Int32Array(0);

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

  /** Appends the first `count` of `values`. */
  pushAll(values: Float64Array, count: number): void {
    for (let done = 0; done < count; ) {
      const at = this.length & chunkMask;
      if (at === 0 || at === this.last.length) this.grow();
      const step = Math.min(count - done, this.last.length - at);
      this.last.set(values.subarray(done, done + step), at);
      this.length += step;
      done += step;
    }
  }

  /** Hands the values over and is empty then: chunk by chunk, so that not all of them are there twice. */
  take(): Float64Array {
    const values = new Float64Array(this.length);
    for (let index = 0; index < this.chunks.length; index++) {
      const start = index << chunkBits;
      const chunk = this.chunks[index] as Float64Array;
      values.set(chunk.subarray(0, Math.min(chunk.length, this.length - start)), start);
      this.chunks[index] = noneFloat64;
    }
    this.chunks = [];
    this.last = noneFloat64;
    this.length = 0;
    return values;
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

  /** Appends the first `count` of `values`. */
  pushAll(values: Int32Array, count: number): void {
    for (let done = 0; done < count; ) {
      const at = this.length & chunkMask;
      if (at === 0 || at === this.last.length) this.grow();
      const step = Math.min(count - done, this.last.length - at);
      this.last.set(values.subarray(done, done + step), at);
      this.length += step;
      done += step;
    }
  }

  /** Hands the values over and is empty then: chunk by chunk, so that not all of them are there twice. */
  take(): Int32Array {
    const values = new Int32Array(this.length);
    for (let index = 0; index < this.chunks.length; index++) {
      const start = index << chunkBits;
      const chunk = this.chunks[index] as Int32Array;
      values.set(chunk.subarray(0, Math.min(chunk.length, this.length - start)), start);
      this.chunks[index] = noneInt32;
    }
    this.chunks = [];
    this.last = noneInt32;
    this.length = 0;
    return values;
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
