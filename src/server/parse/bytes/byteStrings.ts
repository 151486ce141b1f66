import { firstRoom, grown } from '../../columns/growingColumn';
import { copyBytes, wordsOf } from './byteWords';

const decoder = new TextDecoder();

/**
 * Strings interned by their UTF-8 bytes, without a JavaScript string for each sight of them: files repeat the same
 * few thousand names millions of times.
 */
export class ByteStrings {
  private readonly ends: number[] = [0];
  private arena = new Uint8Array(firstRoom);
  private table = new Int32Array(firstRoom * 4).fill(-1);
  private hashes = new Int32Array(firstRoom);
  private readonly texts: (string | undefined)[] = [];
  private arenaWords = wordsOf(this.arena);
  /** The memory behind the bytes that came last: often one window, of which each call gets another part. */
  private lastMemory: ArrayBufferLike = this.arena.buffer;
  private lastWords = new DataView(this.lastMemory);

  /** The number of different strings so far. */
  get length(): number {
    return this.ends.length - 1;
  }

  /** The id of the bytes `start … end - 1` of `bytes`. Ids count up from 0. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (bytes.buffer !== this.lastMemory) {
      this.lastMemory = bytes.buffer;
      this.lastWords = new DataView(bytes.buffer);
    }
    return this.internWords(this.lastWords, bytes.byteOffset + start, bytes.byteOffset + end);
  }

  /** The same for bytes that are seen as words. */
  internWords(words: DataView, start: number, end: number): number {
    const hash = hashOf(words, start, end);
    const mask = this.table.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.table[slot] as number;
      if (id < 0) return this.add(words, { start, end, hash, slot });
      const isLike = this.hashes[id] === hash && this.byteLength(id) === end - start;
      if (isLike && this.isAt(id, words, start)) return id;
      slot = (slot + 1) & mask;
    }
  }

  /** The id of a string. */
  internText(text: string): number {
    const bytes = new TextEncoder().encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  /** The string of an id; invalid UTF-8 becomes replacement characters. */
  text(id: number): string {
    const known = this.texts[id];
    if (known !== undefined) return known;
    const text = decoder.decode(this.arena.subarray(this.ends[id] ?? 0, this.ends[id + 1] ?? 0));
    this.texts[id] = text;
    return text;
  }

  /** The number of bytes of a string. */
  byteLength(id: number): number {
    return (this.ends[id + 1] as number) - (this.ends[id] as number);
  }

  /** True when the bytes from `start` on, which must be as many as the string's, are the string. */
  isAt(id: number, words: DataView, start: number): boolean {
    const { arenaWords } = this;
    const length = this.byteLength(id);
    const from = this.ends[id] as number;
    let i = 0;
    for (const last = length - 4; i <= last; i += 4) {
      if (arenaWords.getInt32(from + i, true) !== words.getInt32(start + i, true)) return false;
    }
    for (; i < length; i++) if (arenaWords.getUint8(from + i) !== words.getUint8(start + i)) return false;
    return true;
  }

  private add(
    words: DataView,
    { start, end, hash, slot }: { start: number; end: number; hash: number; slot: number },
  ): number {
    const id = this.length;
    const from = this.ends[id] as number;
    const to = from + end - start;
    if (to > this.arena.length) {
      this.arena = grown(this.arena, to, Uint8Array);
      this.arenaWords = wordsOf(this.arena);
    }
    copyBytes(this.arenaWords, from, { from: words, start, end });
    this.ends.push(to);
    if (id >= this.hashes.length) this.hashes = grown(this.hashes, id + 1, Int32Array);
    this.hashes[id] = hash;
    this.table[slot] = id;
    if (this.length * 2 > this.table.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = table.length - 1;
    for (let id = 0; id < this.length; id++) {
      let slot = (this.hashes[id] as number) & mask;
      while ((table[slot] as number) >= 0) slot = (slot + 1) & mask;
      table[slot] = id;
    }
    this.table = table;
  }
}

/** FNV-1a over words of four bytes, mixed so that the hash's low bits depend on all of them. */
function hashOf(words: DataView, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ words.getInt32(i, true), 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ words.getUint8(i), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 13);
}
