import type { ByteStrings } from '../bytes/byteStrings';
import { commonLength } from '../bytes/byteWords';
import type { IntegerList } from './integerList';
import {
  backslash,
  closeArray,
  closeObject,
  colon,
  comma,
  dot,
  minus,
  openArray,
  openObject,
  quote,
  space,
  zero,
} from './jsonBytes';
import { margin } from './jsonCursor';
import { JsonDamaged } from './jsonDamaged';
import { type JsonKeys, otherKey } from './jsonKeys';
import { JsonNumbers, powersOfTen } from './jsonNumbers';
import type { RepeatedObjects } from './repeatedObjects';

const decoder = new TextDecoder();

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
export class JsonReader extends JsonNumbers {
  /** `nextKey` at the end of the object. */
  static readonly end = -1;
  /** `nextKey` for a key that is not in the list: `skip` its value. */
  static readonly otherKey = otherKey;

  private isFirst = false;

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
    if (this.repeatedIntegers(list)) return;
    while (!this.plainIntegers(list)) {
      // Blanks, the window's end, or something that is no small number.
      list.textStart = -1;
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

  /**
   * Begins the next array with what its text has in common with that of the array before, which need not be read again. True when
   * that is all of it.
   */
  private repeatedIntegers(list: IntegerList): boolean {
    const before = list.textStart < 0 ? -1 : this.placeOf(list.textStart);
    const most = Math.min(list.textLength, this.filled - margin - this.pos);
    list.restart();
    list.textStart = this.offset;
    if (before < 0 || most <= 0) return false;
    list.keep(commonLength(this.words, before, { b: this.words, bStart: this.pos, most }));
    if (list.length === 0) return false;
    this.pos += list.textLength;
    const isWhole = this.buffer[this.pos - 1] === closeArray;
    this.isFirst = !isWhole;
    return isWhole;
  }

  /**
   * Appends the whole numbers that stand plainly in the window, from behind the array's beginning or a comma on. True at the end of
   * the array, which is consumed; else `nextElement` goes on with what is no such number.
   */
  plainIntegers(list: IntegerList): boolean {
    const { buffer } = this;
    const safe = this.filled - margin;
    const textStart = list.textStart < 0 ? 0 : this.placeOf(list.textStart);
    let pos = this.pos;
    while (pos < safe) {
      // Python writes a blank behind its commas.
      const start = buffer[pos] === space ? pos + 1 : pos;
      let at = start;
      let byte = buffer[at] as number;
      let value = 0;
      while (byte >= zero && byte <= zero + 9 && at - start < 9) {
        value = value * 10 + (byte - zero);
        byte = buffer[++at] as number;
      }
      if (at === start || (byte !== comma && byte !== closeArray)) break;
      list.push(value, at - textStart);
      pos = at + 1;
      if (byte === closeArray) {
        this.pos = pos;
        this.isFirst = false;
        return true;
      }
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
    for (let count = this.shortNumbers(target, 0); count < target.length; ) {
      if (!this.nextElement()) return count;
      target[count] = this.number(otherwise);
      count = this.shortNumbers(target, count + 1);
    }
    return target.length;
  }

  /**
   * Reads elements into `target`, from `from` on, as long as each is a comma with up to nine digits behind it and up to six
   * after a point, to which most arrays of many numbers keep. Answers how many `target` has then.
   */
  private shortNumbers(target: Float64Array, from: number): number {
    const { buffer } = this;
    if (this.isFirst) return from;
    const safe = this.filled - margin;
    let { pos } = this;
    let count = from;
    while (count < target.length && pos < safe && buffer[pos] === comma) {
      // Python writes a blank behind its commas.
      const start = buffer[pos + 1] === space ? pos + 2 : pos + 1;
      let at = start;
      let whole = 0;
      let byte = buffer[at] as number;
      while (byte >= zero && byte <= zero + 9 && at - start < 9) {
        whole = whole * 10 + (byte - zero);
        byte = buffer[++at] as number;
      }
      if (at === start) break;
      let value = whole;
      if (byte === dot) {
        const point = at;
        let fraction = 0;
        byte = buffer[++at] as number;
        while (byte >= zero && byte <= zero + 9 && at - point < 7) {
          fraction = fraction * 10 + (byte - zero);
          byte = buffer[++at] as number;
        }
        const scale = powersOfTen[at - point - 1] as number;
        value = (whole * scale + fraction) / scale;
      }
      if (byte !== comma && byte !== closeArray) break;
      target[count++] = value;
      pos = at;
    }
    this.pos = pos;
    return count;
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

  /**
   * Goes past the object at hand when `objects` knows it; answers its number there, or -1. The object that is read instead is
   * remembered by `objects.learn`.
   */
  knownObject(objects: RepeatedObjects): number {
    if (this.peek() !== openObject) return -1;
    const length = objects.find(this.words, this.pos, this.filled);
    if (length < 0) return -1;
    this.pos += length;
    this.isFirst = false;
    return objects.found;
  }

  /** True for `true`; anything else is skipped. */
  boolean(): boolean {
    const isTrue = this.peek() === 0x74;
    this.skip();
    return isTrue;
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
    if (this.filled - pos < margin) return JsonReader.otherKey;
    const expected = keys.expected(this.words, pos);
    if (expected < 0) return expected;
    this.isFirst = false;
    this.pos = pos + keys.expectedLength;
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
}
