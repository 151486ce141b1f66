import type { ByteStrings } from '../bytes/byteStrings';
import { quote } from '../json/jsonBytes';

/** So many bytes tell most names apart, also those of the methods of one class. */
const sampleBytes = 24;
const slotCount = 1 << 14;

/**
 * Strings in quotes that were seen lately, found by their first bytes: neither the closing quote has to be looked for nor the
 * whole string to be hashed. Only strings without escapes may be remembered.
 */
export class RecentStrings {
  private readonly ids = new Int32Array(slotCount).fill(-1);
  private asked = -1;

  constructor(private readonly strings: ByteStrings) {}

  /** The id of the string whose bytes begin at `start`, in a window that is filled up to `filled`; -1: look yourself. */
  find(words: DataView, start: number, filled: number): number {
    this.asked = -1;
    if (filled - start < sampleBytes) return -1;
    this.asked = slotOf(words, start);
    const id = this.ids[this.asked] as number;
    if (id < 0) return -1;
    const length = this.strings.byteLength(id);
    if (start + length >= filled || words.getUint8(start + length) !== quote) return -1;
    return this.strings.isAt(id, words, start) ? id : -1;
  }

  /** Remembers the string that `find` was asked for last. */
  remember(id: number): void {
    if (this.asked >= 0) this.ids[this.asked] = id;
  }
}

function slotOf(words: DataView, start: number): number {
  let hash = 0;
  for (let at = start; at < start + sampleBytes; at += 4) {
    hash = Math.imul(hash ^ words.getInt32(at, true), 0x01000193);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, 0x2c1b3c6d) >>> 18;
}
