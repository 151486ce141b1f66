import { DamagedBytes } from '../bytes/byteReader';

/** A 64-bit number that is only compared: a double where it is exact. */
export type WireKey = number | bigint;

export const wireType = { varint: 0, eight: 1, bytes: 2, four: 5 } as const;

/** Walks the fields of one protobuf message in memory. Throws `DamagedBytes` where the bytes are no message. */
export class ProtoReader {
  /** Number and wire type of the present field. */
  field = 0;
  wire = 0;
  /** The two halves of the number that was read last, unsigned. */
  low = 0;
  high = 0;
  /** Where the present field's bytes are, when it has any. */
  start = 0;
  end = 0;
  private at = 0;
  private limit = 0;
  bytes: Uint8Array = new Uint8Array(0);

  /** Begins a message. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.at = start;
    this.limit = end;
    return this;
  }

  /** Goes to the next field and reads its number or the place of its bytes; false at the end. */
  next(): boolean {
    if (this.at >= this.limit) return false;
    this.varint();
    this.field = this.low >>> 3;
    this.wire = this.low & 7;
    if (this.high !== 0 || this.field === 0) throw new DamagedBytes('no field');
    if (this.wire === wireType.varint) this.varint();
    else if (this.wire === wireType.bytes) {
      this.varint();
      this.take(this.high === 0 ? this.low : Number.MAX_SAFE_INTEGER);
    } else if (this.wire === wireType.eight) this.take(8);
    else if (this.wire === wireType.four) this.take(4);
    else throw new DamagedBytes('an unknown wire type');
    return true;
  }

  /** The last number as int64: exact up to 2^53. */
  get int(): number {
    return (this.high | 0) * 0x100000000 + this.low;
  }

  get key(): WireKey {
    if (this.high < 0x200000) return this.high * 0x100000000 + this.low;
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  /** Calls back for each number of a repeated field, packed or not; the number is in `low` and `high`. */
  eachNumber(onNumber: () => void): void {
    if (this.wire === wireType.varint) {
      onNumber();
      return;
    }
    if (this.wire !== wireType.bytes) throw new DamagedBytes('no numbers');
    this.eachNumberOf(this.start, this.end, onNumber);
  }

  /** The same for packed numbers at `start … end - 1`. */
  eachNumberOf(start: number, end: number, onNumber: () => void): void {
    const { at, limit } = this;
    this.at = start;
    this.limit = end;
    while (this.at < end) {
      this.varint();
      onNumber();
    }
    this.at = at;
    this.limit = limit;
  }

  /**
   * Reads the packed numbers of a repeated field into `target` and returns how many; -1 when they are not packed, not
   * all below 2^28, or more than `target` holds: then `eachNumber` reads them.
   */
  packed(target: Int32Array): number {
    if (this.wire !== wireType.bytes) return -1;
    const { bytes, end } = this;
    let count = 0;
    for (let at = this.start; at < end; ) {
      let byte = bytes[at++] as number;
      let value = byte & 0x7f;
      for (let shift = 7; byte >= 0x80; shift += 7) {
        if (shift > 21 || at >= end) return -1;
        byte = bytes[at++] as number;
        value |= (byte & 0x7f) << shift;
      }
      if (count === target.length) return -1;
      target[count++] = value;
    }
    return count;
  }

  private take(byteCount: number): void {
    if (byteCount > this.limit - this.at) throw new DamagedBytes('cut off');
    this.start = this.at;
    this.at += byteCount;
    this.end = this.at;
  }

  private varint(): void {
    this.high = 0;
    let byte = this.byte();
    this.low = byte;
    if (byte < 0x80) return;
    let low = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.low = low;
        return;
      }
    }
    byte = this.byte();
    this.low = (low | (byte << 28)) >>> 0;
    let high = (byte & 0x7f) >>> 4;
    for (let shift = 3; byte >= 0x80; shift += 7) {
      if (shift > 31) throw new DamagedBytes('a number is too long');
      byte = this.byte();
      high |= (byte & 0x7f) << shift;
    }
    this.high = high >>> 0;
  }

  private byte(): number {
    if (this.at >= this.limit) throw new DamagedBytes('cut off');
    return this.bytes[this.at++] as number;
  }
}
