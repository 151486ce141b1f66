import type { ByteSource } from './byteSource';
import type { ByteStrings } from './byteStrings';
import { grown } from './growingColumn';

/** The text stops being JSON at this byte of the file. Everything before it was good. */
export class JsonDamaged extends Error {
  constructor(
    readonly offset: number,
    readonly isCutOff: boolean,
  ) {
    super(isCutOff ? `cut off at byte ${offset}` : `not JSON at byte ${offset}`);
    this.name = 'JsonDamaged';
  }
}

const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const lowerE = 0x65;

/** Nothing but strings is longer than this, so a token that starts with so much left needs no refill. */
const margin = 1024;
const maxStringBytes = 64 * 1024 * 1024;
const maxExactDigits = 15;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Powers of ten that doubles hold exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** The keys that a parser knows, for comparing bytes instead of making strings. */
export class JsonKeys {
  private readonly bytes: readonly Uint8Array[];
  private readonly slots = new Int16Array(256).fill(-1);
  private readonly chained: Int16Array;
  /** The key that came last after each key, and at last after the beginning of an object: mostly it comes again. */
  private readonly followers: Int16Array;
  private previous: number;
  expectedLength = 0;

  /** `nextKey` answers with an index into `names`. */
  constructor(readonly names: readonly string[]) {
    this.bytes = names.map(name => new TextEncoder().encode(name));
    this.chained = new Int16Array(names.length).fill(-1);
    this.followers = new Int16Array(names.length + 1);
    this.previous = names.length;
    this.bytes.forEach((key, index) => {
      const slot = slotOf(key, 0, key.length);
      this.chained[index] = this.slots[slot] as number;
      this.slots[slot] = index;
    });
  }

  /** At the beginning of an object. */
  restart(): void {
    this.previous = this.names.length;
  }

  /**
   * The key that is expected next, when `bytes` have exactly it and a quote at `at`: its length is then `expectedLength`. Else
   * `otherKey`.
   */
  expected(bytes: Uint8Array, at: number): number {
    const guess = this.followers[this.previous] as number;
    const key = this.bytes[guess] as Uint8Array;
    const { length } = key;
    for (let i = 0; i < length; i++) if (key[i] !== bytes[at + i]) return JsonReader.otherKey;
    if (bytes[at + length] !== quote) return JsonReader.otherKey;
    this.expectedLength = length;
    this.previous = guess;
    return guess;
  }

  /** Learns that `key` came after the key before it. */
  learn(key: number): void {
    this.followers[this.previous] = key;
    this.previous = key;
  }

  /** The index of the key in `bytes[start … end - 1]`, or `JsonReader.otherKey`. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let index = this.slots[slotOf(bytes, start, end)] as number;
    while (index >= 0 && !isSame(this.bytes[index] as Uint8Array, bytes, start, end)) {
      index = this.chained[index] as number;
    }
    return index < 0 ? JsonReader.otherKey : index;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  return (((bytes[start] as number) * 7 + (bytes[end - 1] as number)) * 5 + end - start) & 0xff;
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}

/** One array of whole numbers after another, and how far the present one begins like the one before. */
export class IntegerList {
  values = new Int32Array(256);
  length = 0;
  /** So many values are the same, in the same places, as in the array before. */
  sameCount = 0;
  private lengthBefore = 0;

  /** Begins the next array. */
  restart(): void {
    this.lengthBefore = this.length;
    this.length = 0;
    this.sameCount = 0;
  }

  /** Appends a value. */
  push(value: number): void {
    const index = this.length++;
    if (index === this.values.length) this.values = grown(this.values, this.length, Int32Array);
    if (index === this.sameCount && index < this.lengthBefore && this.values[index] === value) {
      this.sameCount++;
    } else this.values[index] = value;
  }
}

/**
 * Reads JSON of any size from its bytes, piece by piece, in the order of the file and without building values:
 *
 *     reader.beginObject();
 *     for (let key = reader.nextKey(keys); key !== JsonReader.end; key = reader.nextKey(keys)) {
 *       if (key === 0) reader.beginArray(); while (reader.nextElement()) sum += reader.number();
 *       else reader.skip();
 *     }
 *
 * Every method throws `JsonDamaged` where the text ends or stops being JSON. No method recurses.
 */
export class JsonReader {
  /** `nextKey` at the end of the object. */
  static readonly end = -1;
  /** `nextKey` for a key that is not in the list: `skip` its value. */
  static readonly otherKey = -2;

  private buffer: Uint8Array;
  /** The buffer, four bytes at a time. */
  private readonly words: DataView;
  private pos = 0;
  /** One past the last byte read; the byte there is 0, which ends every number and every run of blanks. */
  private filled = 0;
  private readPosition: number;
  private isAtEnd = false;
  private isFirst = false;
  private scratch = new Uint8Array(256);
  /** Where `stringRange` found the string: in the window, or in the copy without escapes. */
  private rangeBytes: Uint8Array = this.scratch;
  private rangeStart = 0;
  private rangeEnd = 0;

  constructor(
    private readonly source: ByteSource,
    position = 0,
    windowBytes = 4 * 1024 * 1024,
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

  isString(): boolean {
    return this.peek() === quote;
  }

  isArray(): boolean {
    return this.peek() === openArray;
  }

  isObject(): boolean {
    return this.peek() === openObject;
  }

  isNumber(): boolean {
    const byte = this.peek();
    return byte === minus || (byte >= zero && byte <= zero + 9);
  }

  beginArray(): void {
    this.expect(openArray);
    this.isFirst = true;
  }

  beginObject(): void {
    this.expect(openObject);
    this.isFirst = true;
  }

  /** Goes to the next element of the array; false at its end, which is consumed. A comma may stand before it. */
  nextElement(): boolean {
    return this.nextMember(closeArray);
  }

  /** Reads the next key and its colon. Answers an index into `keys`, `otherKey`, or `end`. */
  nextKey(keys: JsonKeys): number {
    const expected = this.expectedKey(keys);
    if (expected >= 0) return expected;
    if (!this.nextMember(closeObject)) return JsonReader.end;
    this.stringRange();
    const key = keys.find(this.rangeBytes, this.rangeStart, this.rangeEnd);
    if (key >= 0) keys.learn(key);
    this.expect(colon);
    return key;
  }

  /** The one byte of a string that is no longer; of any other value, which is skipped, 0. */
  letter(): number {
    if (this.peek() === quote && this.buffer[this.pos + 2] === quote) {
      const byte = this.buffer[this.pos + 1] as number;
      if (byte !== backslash && byte !== quote) {
        this.pos += 3;
        return byte;
      }
    }
    this.skip();
    return 0;
  }

  /** The next key as a string, undefined at the end of the object: for objects whose keys are data. */
  nextKeyText(): string | undefined {
    if (!this.nextMember(closeObject)) return undefined;
    if (this.peek() !== quote) throw this.damaged();
    const key = this.string();
    this.expect(colon);
    return key;
  }

  /** A number; `null` and whatever else stands there is skipped and gives `otherwise`. Numbers in quotes are read. */
  number(otherwise = Number.NaN): number {
    const byte = this.peek();
    if (byte === minus || (byte >= zero && byte <= zero + 9)) return this.plainNumber();
    if (byte !== quote) {
      this.skip();
      return otherwise;
    }
    const text = this.string();
    const value = text === '' ? Number.NaN : Number(text);
    return Number.isNaN(value) ? otherwise : value;
  }

  /** Reads an array of whole numbers into `list`. What is no number from 0 to 2^30 reads as -1. */
  integers(list: IntegerList): void {
    this.beginArray();
    list.restart();
    while (!this.plainIntegers(list)) {
      // Blanks, the window's end, or something that is no small number.
      if (!this.nextElement()) return;
      const value = this.number(-1);
      list.push(value >= 0 && value <= 2 ** 30 && Number.isInteger(value) ? value : -1);
      if (this.peek() !== comma) {
        this.expect(closeArray);
        return;
      }
      this.pos++;
      this.isFirst = true;
    }
  }

  /** Reads whole numbers as long as they stand plainly in the window. True at the end of the array. */
  private plainIntegers(list: IntegerList): boolean {
    const { buffer } = this;
    const safe = this.filled - margin;
    let pos = this.pos;
    while (pos < safe) {
      let at = pos;
      let byte = buffer[at] as number;
      let value = 0;
      while (byte >= zero && byte <= zero + 9 && at - pos < 9) {
        value = value * 10 + (byte - zero);
        byte = buffer[++at] as number;
      }
      if (at === pos || (byte !== comma && byte !== closeArray)) break;
      list.push(value);
      pos = at + 1;
      if (byte === closeArray) {
        this.pos = pos;
        this.isFirst = false;
        return true;
      }
      // Python writes a blank behind its commas.
      if (buffer[pos] === 0x20) pos++;
      this.isFirst = true;
    }
    this.pos = pos;
    return false;
  }

  /**
   * Reads elements of the array at hand as `number` does, until `target` is full or the array ends, which is when it
   * answers less than `target` holds.
   */
  numbers(target: Float64Array, otherwise = Number.NaN): number {
    for (let count = 0; count < target.length; count++) {
      if (this.isAtPlainElement()) {
        this.pos++;
        target[count] = this.plainNumber();
      } else if (this.nextElement()) target[count] = this.number(otherwise);
      else return count;
    }
    return target.length;
  }

  /** A comma and right behind it a number, with enough bytes left to need no refill. */
  private isAtPlainElement(): boolean {
    const { buffer, pos } = this;
    if (this.isFirst || buffer[pos] !== comma || this.filled - pos < margin) return false;
    const byte = buffer[pos + 1] as number;
    return byte === minus || (byte >= zero && byte <= zero + 9);
  }

  /** A string; anything else is skipped and gives `otherwise`. */
  string(otherwise = ''): string {
    if (this.peek() !== quote) {
      this.skip();
      return otherwise;
    }
    this.stringRange();
    return decoder.decode(this.rangeBytes.subarray(this.rangeStart, this.rangeEnd));
  }

  /** The id of a string in `strings`, without making it; anything else is skipped and gives -1. */
  stringId(strings: ByteStrings): number {
    if (this.peek() !== quote) {
      this.skip();
      return -1;
    }
    this.stringRange();
    return strings.intern(this.rangeBytes, this.rangeStart, this.rangeEnd);
  }

  /** True for `true`; anything else is skipped. */
  boolean(): boolean {
    const isTrue = this.peek() === 0x74;
    this.skip();
    return isTrue;
  }

  /** Skips a value of any size and depth. */
  skip(): void {
    let depth = 0;
    do {
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

  /** The next value as JavaScript, when it is not longer than `maxBytes`; else it is skipped and gives undefined. */
  value(maxBytes = 1024 * 1024): unknown {
    this.peek();
    const offset = this.offset;
    this.skip();
    const length = this.offset - offset;
    if (length > maxBytes) return undefined;
    const bytes = new Uint8Array(length);
    this.source.readAt(offset, bytes, 0, length);
    try {
      return JSON.parse(decoder.decode(bytes));
    } catch {
      throw new JsonDamaged(offset, false);
    }
  }

  /** Consumes the key that came after the last one before, when it does again; else nothing, for `otherKey`. */
  private expectedKey(keys: JsonKeys): number {
    const { buffer } = this;
    let pos = this.pos;
    if (this.isFirst) keys.restart();
    else if (buffer[pos] === comma) pos += buffer[pos + 1] === space ? 2 : 1;
    else return JsonReader.otherKey;
    if (buffer[pos] !== quote || this.filled - pos < margin) return JsonReader.otherKey;
    const expected = keys.expected(buffer, pos + 1);
    if (expected < 0) return expected;
    pos += keys.expectedLength + 2;
    if (buffer[pos] !== colon) return JsonReader.otherKey;
    this.isFirst = false;
    this.pos = pos + 1;
    return expected;
  }

  private nextMember(close: number): boolean {
    let byte = this.peek();
    if (byte === comma && !this.isFirst) {
      this.pos++;
      byte = this.peek();
    } else if (!this.isFirst && byte !== close) throw this.damaged();
    this.isFirst = false;
    if (byte === 0) throw this.damaged();
    if (byte !== close) return true;
    this.pos++;
    return false;
  }

  private expect(wanted: number): void {
    if (this.peek() !== wanted) throw this.damaged();
    this.pos++;
  }

  private damaged(): JsonDamaged {
    return new JsonDamaged(this.offset, this.pos >= this.filled);
  }

  private plainNumber(): number {
    const { buffer } = this;
    let pos = this.pos;
    const start = pos;
    const isNegative = buffer[pos] === minus;
    if (isNegative) pos++;
    let mantissa = 0;
    let digits = 0;
    let byte = buffer[pos] as number;
    while (byte >= zero && byte <= zero + 9) {
      mantissa = mantissa * 10 + (byte - zero);
      digits++;
      byte = buffer[++pos] as number;
    }
    let decimals = 0;
    if (byte === dot) {
      byte = buffer[++pos] as number;
      while (byte >= zero && byte <= zero + 9) {
        mantissa = mantissa * 10 + (byte - zero);
        decimals++;
        byte = buffer[++pos] as number;
      }
    }
    this.pos = pos;
    if ((byte | 0x20) === lowerE || digits + decimals > maxExactDigits || digits + decimals === 0) {
      return this.longNumber(start);
    }
    // Both are exact, so the quotient is the nearest double, as JSON.parse has it.
    const value = decimals === 0 ? mantissa : mantissa / (powersOfTen[decimals] as number);
    return isNegative ? -value : value;
  }

  private longNumber(start: number): number {
    let end = this.pos;
    let byte = this.buffer[end] as number;
    while (isNumberByte(byte)) byte = this.buffer[++end] as number;
    this.pos = end;
    if (end - start > margin) throw this.damaged();
    const value = Number(decoder.decode(this.buffer.subarray(start, end)));
    if (Number.isNaN(value)) throw this.damaged();
    return value;
  }

  private skipWord(): void {
    const start = this.pos;
    let byte = this.buffer[this.pos] as number;
    while (isWordByte(byte)) byte = this.buffer[++this.pos] as number;
    if (this.pos === start || this.pos - start > margin) throw this.damaged();
  }

  /** Consumes a string; its bytes are then `rangeBytes[rangeStart … rangeEnd - 1]`, until the next call. */
  private stringRange(): void {
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
  private plainEnd(start: number): number {
    const { buffer, words } = this;
    let end = start;
    for (const last = this.filled - 4; end <= last; end += 4) {
      const word = words.getInt32(end);
      if ((hasZero(word ^ quotes) | hasZero(word ^ backslashes) | hasZero(word)) !== 0) break;
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
    const room = this.buffer.length - 1 - kept;
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

/** Not 0 when one of the word's four bytes is 0. */
function hasZero(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080;
}

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

function isNumberByte(byte: number): boolean {
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
