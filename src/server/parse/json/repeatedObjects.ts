import { GrowingInt32 } from '../../columns/growingColumn';
import { ByteStrings } from '../bytes/byteStrings';
import { hasZeroByte } from '../bytes/byteWords';

const closeObject = 0x7d;
const longest = 1000;
const most = 100_000;
const braces = 0x7d7d7d7d;

/** A part of a file: `filled` bytes, also seen as words. */
export interface ByteWindow {
  readonly bytes: Uint8Array;
  readonly words: DataView;
  readonly filled: number;
}

/**
 * Objects that a file repeats to the letter, known by their bytes up to the first closing brace. An object whose text was
 * once read and ended at that brace ends there always, so it need not be read again.
 */
export class RepeatedObjects {
  /** The number of the object that `find` has found. */
  found = -1;
  private readonly texts = new ByteStrings();
  /** By text: what `learn` was told, -1 while nothing is known. */
  private readonly numbers = new GrowingInt32();
  private asked = -1;
  private askedLength = 0;

  /** The length of the object that begins at `start`, when it is known; else -1. */
  find({ bytes, words, filled }: ByteWindow, start: number): number {
    this.asked = -1;
    const length = lengthToBrace(words, start, Math.min(filled, start + longest));
    if (length < 0 || this.texts.length >= most) return -1;
    const text = this.texts.intern(bytes, start, start + length);
    if (text === this.numbers.length) this.numbers.push(-1);
    this.asked = text;
    this.askedLength = length;
    this.found = this.numbers.at(text);
    return this.found < 0 ? -1 : length;
  }

  /** Remembers the object that `find` was asked for last and that was then read, in so many bytes, under a number. */
  learn(number: number, byteCount: number): void {
    if (this.asked >= 0 && byteCount === this.askedLength) this.numbers.set(this.asked, number, -1);
  }
}

function lengthToBrace(words: DataView, start: number, end: number): number {
  let at = start;
  while (at + 4 <= end && hasZeroByte(words.getInt32(at, true) ^ braces) === 0) at += 4;
  while (at < end && words.getUint8(at) !== closeObject) at++;
  return at < end ? at + 1 - start : -1;
}
