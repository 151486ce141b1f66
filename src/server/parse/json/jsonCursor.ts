import type { ByteSource } from '../bytes/byteSource';
import { hasZeroByte } from '../bytes/byteWords';
import {
  backslash,
  closeArray,
  closeObject,
  colon,
  comma,
  dot,
  lowerE,
  minus,
  openArray,
  openObject,
  plus,
  quote,
  zero,
} from './jsonBytes';
import { JsonDamaged } from './jsonDamaged';

/** Nothing but strings is longer than this, so a token that starts with so much left needs no refill. */
export const margin = 1024;
/** A window is written once and read several times: as small as that it stays in a core's own cache. */
const defaultWindowBytes = 256 * 1024;
/**
 * The first read is so short, and each one after it twice as long until they fill the window: code that has never seen the
 * window's end is compiled without it, and thrown away when that comes.
 */
const firstReadBytes = 4 * margin;
const maxStringBytes = 64 * 1024 * 1024;

const encoder = new TextEncoder();

/** A window that moves through a JSON file: finds tokens, strings and the end of any value. No method recurses. */
export class JsonCursor {
  /** The window. One past the last byte read is 0, which ends every number and every run of blanks. */
  protected readonly buffer: Uint8Array;
  /** The buffer, four bytes at a time. */
  protected readonly words: DataView;
  /** Place in the window of what is read next. */
  protected pos = 0;
  /** One past the last byte read into the window. */
  protected filled = 0;
  private readPosition: number;
  private readBytes = firstReadBytes;
  private isAtEnd = false;
  private scratch = new Uint8Array(256);
  /** Where `stringRange` found the string: in the window, or in the copy without escapes. */
  protected rangeBytes: Uint8Array = this.scratch;
  protected rangeStart = 0;
  protected rangeEnd = 0;

  constructor(
    protected readonly source: ByteSource,
    position = 0,
    windowBytes = defaultWindowBytes,
  ) {
    this.readPosition = position;
    this.buffer = new Uint8Array(Math.max(0, Math.min(windowBytes, source.size - position)) + 1);
    this.words = new DataView(this.buffer.buffer);
    this.refill();
  }

  /** Place in the file of what is read next. */
  get offset(): number {
    return this.readPosition - this.filled + this.pos;
  }

  /** Place in the window of a place in the file that was read already; negative when that has left the window. */
  protected placeOf(offset: number): number {
    return offset - (this.readPosition - this.filled);
  }

  /** The share of the file that has been read. */
  get share(): number {
    return this.source.size === 0 ? 1 : this.offset / this.source.size;
  }

  /** The first byte of the next token, 0 at the end of the file. Nothing is consumed. */
  peek(): number {
    for (;;) {
      let byte = this.buffer[this.pos] as number;
      while (byte === 0x20 || (byte <= 0x0d && byte >= 0x09)) byte = this.buffer[++this.pos] as number;
      if (this.filled - this.pos >= margin || this.isAtEnd) return this.pos < this.filled ? byte : 0;
      this.refill();
    }
  }

  /** Skips a value of any size and depth. */
  skip(): void {
    let depth = 0;
    do {
      if (depth > 0) this.skipPlain();
      const byte = this.peek();
      if (byte === quote) this.skipString();
      else if (byte === openArray || byte === openObject) {
        depth++;
        this.pos++;
      } else if (byte === closeArray || byte === closeObject) {
        if (depth === 0) throw this.damaged();
        depth--;
        this.pos++;
      } else if (byte === comma || byte === colon) {
        if (depth === 0) throw this.damaged();
        this.pos++;
      } else this.skipWord();
    } while (depth > 0);
  }

  /** Goes past numbers, words and what parts them: of large arrays that nobody wants, this is nearly everything. */
  private skipPlain(): void {
    const { buffer } = this;
    let pos = this.pos;
    while (plainBytes[buffer[pos] as number] === 1) pos++;
    this.pos = pos;
  }

  protected expect(wanted: number): void {
    if (this.peek() !== wanted) throw this.damaged();
    this.pos++;
  }

  protected damaged(): JsonDamaged {
    return new JsonDamaged(this.offset, this.pos >= this.filled);
  }

  private skipWord(): void {
    const start = this.pos;
    let byte = this.buffer[this.pos] as number;
    while (isWordByte(byte)) byte = this.buffer[++this.pos] as number;
    if (this.pos === start || this.pos - start > margin) throw this.damaged();
  }

  /** Consumes a string; its bytes are then `rangeBytes[rangeStart … rangeEnd - 1]`, until the next call. */
  protected stringRange(): void {
    this.expect(quote);
    const { buffer } = this;
    const start = this.pos;
    const end = this.plainEnd(start);
    const byte = buffer[end] as number;
    // Most strings are plain and lie whole in the window.
    if (byte !== quote) {
      this.escapedRange();
      return;
    }
    this.pos = end + 1;
    this.rangeBytes = buffer;
    this.rangeStart = start;
    this.rangeEnd = end;
  }

  /** The first place that has a quote, a backslash or a 0. */
  protected plainEnd(start: number): number {
    const { buffer, words } = this;
    let end = start;
    for (const last = this.filled - 4; end <= last; end += 4) {
      const word = words.getInt32(end);
      if ((hasZeroByte(word ^ quotes) | hasZeroByte(word ^ backslashes) | hasZeroByte(word)) !== 0) break;
    }
    let byte = buffer[end] as number;
    while (byte !== quote && byte !== backslash && byte !== 0) byte = buffer[++end] as number;
    return end;
  }

  private escapedRange(): void {
    let length = 0;
    for (;;) {
      if (this.pos >= this.filled && !this.refill()) throw this.damaged();
      const byte = this.buffer[this.pos++] as number;
      if (byte === quote) break;
      if (length + 4 > this.scratch.length) this.growScratch();
      if (byte === backslash) length += this.readEscape(length);
      else this.scratch[length++] = byte;
    }
    this.rangeBytes = this.scratch;
    this.rangeStart = 0;
    this.rangeEnd = length;
  }

  private growScratch(): void {
    if (this.scratch.length > maxStringBytes) throw this.damaged();
    const larger = new Uint8Array(this.scratch.length * 2);
    larger.set(this.scratch);
    this.scratch = larger;
  }

  /** Reads what stands after a backslash, writes its UTF-8 bytes to `at` and returns how many. */
  private readEscape(at: number): number {
    if (this.filled - this.pos < 12) this.refill();
    const byte = this.buffer[this.pos++] as number;
    if (byte !== 0x75) {
      this.scratch[at] = escapes[byte] ?? byte;
      return 1;
    }
    let code = this.hex4();
    if (code >= 0xd800 && code < 0xdc00 && this.buffer[this.pos] === backslash) {
      const back = this.pos;
      this.pos += 2;
      const low = this.buffer[back + 1] === 0x75 ? this.hex4() : 0;
      if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      else this.pos = back;
    }
    if (code < 0x80) {
      this.scratch[at] = code;
      return 1;
    }
    const isLone = code >= 0xd800 && code < 0xe000;
    const text = isLone ? '\ufffd' : String.fromCodePoint(code);
    return encoder.encodeInto(text, this.scratch.subarray(at)).written;
  }

  private hex4(): number {
    if (this.pos + 4 > this.filled) throw new JsonDamaged(this.offset, true);
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = hexDigit(this.buffer[this.pos + i] as number);
      if (digit < 0) throw this.damaged();
      value = value * 16 + digit;
    }
    this.pos += 4;
    return value;
  }

  private skipString(): void {
    this.pos++;
    for (;;) {
      const end = this.buffer.indexOf(quote, this.pos);
      if (end < 0 || end >= this.filled) {
        // An escape may straddle the window's end: keep the backslashes before it.
        this.pos = Math.max(this.pos, this.filled - trailingBackslashes(this.buffer, this.pos, this.filled));
        if (!this.refill()) {
          this.pos = this.filled;
          throw this.damaged();
        }
        continue;
      }
      const isEscaped = trailingBackslashes(this.buffer, this.pos, end) % 2 === 1;
      this.pos = end + 1;
      if (!isEscaped) return;
    }
  }

  /** Moves what is unread to the front and reads on. */
  private refill(): boolean {
    if (this.isAtEnd) return false;
    const kept = this.filled - this.pos;
    this.buffer.copyWithin(0, this.pos, this.filled);
    this.pos = 0;
    const room = Math.min(this.buffer.length - 1 - kept, this.readBytes);
    this.readBytes = Math.min(this.readBytes * 2, this.buffer.length);
    const count = this.source.readAt(this.readPosition, this.buffer, kept, room);
    this.readPosition += count;
    this.filled = kept + count;
    this.buffer[this.filled] = 0;
    this.isAtEnd = count === 0 || this.readPosition >= this.source.size;
    return count > 0;
  }
}

const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;

/** 1 for the bytes of numbers, words, commas, colons and blanks. The 0 behind the window is none. */
const plainBytes = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isBetween = byte === comma || byte === colon || byte === 0x20 || (byte <= 0x0d && byte >= 0x09);
  return isBetween || isWordByte(byte) ? 1 : 0;
});

const escapes: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9 };

function hexDigit(byte: number): number {
  if (byte >= zero && byte <= zero + 9) return byte - zero;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function trailingBackslashes(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  while (end - count > start && bytes[end - count - 1] === backslash) count++;
  return count;
}

/** True for what numbers are made of. */
export function isNumberByte(byte: number): boolean {
  return (
    (byte >= zero && byte <= zero + 9) ||
    byte === dot ||
    byte === minus ||
    byte === plus ||
    (byte | 0x20) === lowerE
  );
}

function isWordByte(byte: number): boolean {
  return isNumberByte(byte) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}
