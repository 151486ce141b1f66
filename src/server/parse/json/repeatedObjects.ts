import { GrowingInt32 } from '../../columns/growingColumn';
import { ByteStrings } from '../bytes/byteStrings';
import { hasZeroByte } from '../bytes/byteWords';

const closeObject = 0x7d;
const longest = 1000;
const most = 100_000;
const braces = 0x7d7d7d7d;

/** What is looked at first of an object: behind the key that all have in common, but little enough to be quick. */
const sampleStart = 16;
const sampleEnd = 64;
const recentSlots = 1 << 15;

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
  /** By a few of its words: the known object that had them last. It saves looking for the end and at every word twice. */
  private readonly recent = new Int32Array(recentSlots).fill(-1);

  /** The length of the object that begins at `start` in a window of `filled` bytes, when it is known; else -1. */
  find(words: DataView, start: number, filled: number): number {
    this.asked = -1;
    if (filled - start < sampleEnd) return this.findWhole(words, start, filled);
    const slot = recentSlot(words, start);
    const recent = this.recent[slot] as number;
    if (recent >= 0) {
      const length = this.texts.byteLength(recent);
      if (length <= filled - start && this.texts.isAt(recent, words, start)) {
        this.found = this.numbers.at(recent);
        return length;
      }
    }
    const length = this.findWhole(words, start, filled);
    if (length >= 0) this.recent[slot] = this.asked;
    return length;
  }

  /** Remembers the object that `find` was asked for last and that was then read, in so many bytes, under a number. */
  learn(number: number, byteCount: number): void {
    if (this.asked >= 0 && byteCount === this.askedLength) this.numbers.set(this.asked, number, -1);
  }

  private findWhole(words: DataView, start: number, filled: number): number {
    const length = lengthToBrace(words, start, Math.min(filled, start + longest));
    if (length < 0 || this.texts.length >= most) return -1;
    const text = this.texts.internWords(words, start, start + length);
    if (text === this.numbers.length) this.numbers.push(-1);
    this.asked = text;
    this.askedLength = length;
    this.found = this.numbers.at(text);
    return this.found < 0 ? -1 : length;
  }
}

function lengthToBrace(words: DataView, start: number, end: number): number {
  let at = start;
  while (at + 4 <= end && hasZeroByte(words.getInt32(at, true) ^ braces) === 0) at += 4;
  while (at < end && words.getUint8(at) !== closeObject) at++;
  return at < end ? at + 1 - start : -1;
}

function recentSlot(words: DataView, start: number): number {
  let hash = 0;
  for (let at = start + sampleStart; at < start + sampleEnd; at += 4) {
    hash = Math.imul(hash ^ words.getInt32(at, true), 0x01000193);
  }
  // Multiplying carries what differs upwards only.
  return (Math.imul(hash, 0x2c1b3c6d) >>> 16) & (recentSlots - 1);
}
