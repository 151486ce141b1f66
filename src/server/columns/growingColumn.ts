/**
 * How long a table begins that grows by doubling. So short that it grows while its code still runs for the first time:
 * the engine throws compiled code away when it comes to a branch that it has never seen taken.
 */
export const firstRoom = 16;

/** Typed arrays that grow by doubling, for tables whose length is not known beforehand. */
export class GrowingInt32 {
  length = 0;
  private data = new Int32Array(firstRoom);

  /** Appends a value and returns its index. */
  push(value: number): number {
    if (this.length === this.data.length) this.data = grown(this.data, this.length + 1, Int32Array);
    this.data[this.length] = value;
    return this.length++;
  }

  /** The value at `index`, or `missing` outside the column. */
  at(index: number, missing = -1): number {
    return index < this.length ? (this.data[index] ?? missing) : missing;
  }

  /** Sets a value, filling a gap before it with `filler`. */
  set(index: number, value: number, filler: number): void {
    if (index >= this.data.length) this.data = grown(this.data, index + 1, Int32Array);
    while (this.length <= index) this.data[this.length++] = filler;
    this.data[index] = value;
  }

  /** The values so far, without copying: true until the next change. */
  view(): Int32Array {
    return this.data.subarray(0, this.length);
  }

  /** The values so far, trimmed. */
  toArray(): Int32Array {
    return this.data.slice(0, this.length);
  }
}

/** The same for doubles. */
export class GrowingFloat64 {
  length = 0;
  private data = new Float64Array(firstRoom);

  /** Appends a value and returns its index. */
  push(value: number): number {
    if (this.length === this.data.length) this.data = grown(this.data, this.length + 1, Float64Array);
    this.data[this.length] = value;
    return this.length++;
  }

  /** Appends many values. */
  append(values: Float64Array): void {
    const start = this.length;
    this.length += values.length;
    if (this.length > this.data.length) this.data = grown(this.data, this.length, Float64Array);
    this.data.set(values, start);
  }

  /** The value at `index`, or `missing` outside the column. */
  at(index: number, missing: number): number {
    return index < this.length ? (this.data[index] ?? missing) : missing;
  }

  /** Sets a value, filling a gap before it with `filler`. */
  set(index: number, value: number, filler: number): void {
    if (index >= this.data.length) this.data = grown(this.data, index + 1, Float64Array);
    while (this.length <= index) this.data[this.length++] = filler;
    this.data[index] = value;
  }

  /** The values so far, without copying: true until the next change. */
  view(): Float64Array {
    return this.data.subarray(0, this.length);
  }

  /** The values so far, trimmed. */
  toArray(): Float64Array {
    return this.data.slice(0, this.length);
  }
}

type ArrayOf<T> = { new (length: number): T };

/** A copy of `data` at least twice as long, so that appending stays linear. */
export function grown<T extends Int32Array | Float64Array | Uint16Array | Uint8Array>(
  data: T,
  needed: number,
  make: ArrayOf<T>,
): T {
  const larger = new make(Math.max(needed, data.length * 2));
  larger.set(data);
  return larger;
}
