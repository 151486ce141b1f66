import { DamagedBytes } from './byteReader';

/** The largest number that UTF-8 has a form for. */
export const largestNumber = 0x10ffff;

/** Numbers written as UTF-8 writes the characters of those numbers, surrogates included. */
export class CharacterNumbers {
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** The next number. Throws `DamagedBytes` behind the last one. */
  next(): number {
    const { bytes } = this;
    const first = bytes[this.offset++];
    if (first === undefined) throw new DamagedBytes('cut off');
    if (first < 0x80) return first;
    if (first < 0xe0) return ((first & 0x1f) << 6) | this.rest();
    if (first < 0xf0) return ((first & 0x0f) << 12) | (this.rest() << 6) | this.rest();
    return ((first & 0x07) << 18) | (this.rest() << 12) | (this.rest() << 6) | this.rest();
  }

  private rest(): number {
    const byte = this.bytes[this.offset++];
    if (byte === undefined) throw new DamagedBytes('cut off');
    return byte & 0x3f;
  }
}
