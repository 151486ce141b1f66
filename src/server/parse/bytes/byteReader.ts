/** Thrown inside a parser when the bytes end in the middle of a value; parsers turn it into a `Problem`. */
export class DamagedBytes extends Error {}

const decoder = new TextDecoder('utf-8');

/** Reads little-endian values from a stretch of bytes. Every read checks the end and throws `DamagedBytes`. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public offset = 0,
    private readonly end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(): number {
    if (this.offset >= this.end) throw new DamagedBytes('cut off');
    return this.bytes[this.offset++] ?? 0;
  }

  i16(): number {
    return this.view.getInt16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  /** A 64-bit count as a double: exact up to 2^53, which is 104 days of nanoseconds. */
  u64(): number {
    const low = this.u32();
    return this.u32() * 0x100000000 + low;
  }

  /** An unsigned LEB128 number of at most ten bytes. */
  varint(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; scale <= 0x8000000000000000; scale *= 0x80) {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new DamagedBytes('a number is too long');
  }

  /** A view onto the next bytes, not a copy. */
  slice(byteCount: number): Uint8Array {
    const start = this.take(byteCount);
    return this.bytes.subarray(start, start + byteCount);
  }

  /** UTF-8 text; invalid sequences become replacement characters. */
  text(byteCount: number): string {
    return decoder.decode(this.slice(byteCount));
  }

  private take(byteCount: number): number {
    if (byteCount > this.end - this.offset) throw new DamagedBytes('cut off');
    const start = this.offset;
    this.offset += byteCount;
    return start;
  }
}
