import { grown } from '../../columns/growingColumn';

const encoder = new TextEncoder();

/** Writes one protocol buffers message: varints and length-delimited fields, which is all that pprof needs. */
export class ProtoMessage {
  private bytes = new Uint8Array(256);
  private length = 0;

  /** An integer field; 0 is the default and is left out. Negative numbers take their 64-bit form. */
  integer(field: number, value: number): this {
    if (value === 0) return this;
    this.varint(field * 8);
    this.varint(value);
    return this;
  }

  text(field: number, text: string): this {
    return this.delimited(field, encoder.encode(text));
  }

  message(field: number, message: ProtoMessage): this {
    return this.delimited(field, message.written);
  }

  /** A packed list of integers. */
  integers(field: number, values: readonly number[]): this {
    const packed = new ProtoMessage();
    for (const value of values) packed.varint(value);
    return this.delimited(field, packed.written);
  }

  /** The bytes so far; valid until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private delimited(field: number, bytes: Uint8Array): this {
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  private varint(value: number): void {
    this.reserve(10);
    if (value < 0) {
      this.bigVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let rest = value;
    while (rest >= 0x80) {
      // Bit operations would cut the number to 32 bits.
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  private bigVarint(value: bigint): void {
    let rest = value;
    while (rest >= 0x80n) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  private reserve(count: number): void {
    if (this.length + count > this.bytes.length) {
      this.bytes = grown(this.bytes, this.length + count, Uint8Array);
    }
  }
}
