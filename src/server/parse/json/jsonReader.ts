import type { ByteStrings } from '../bytes/byteStrings';
import { JsonArrays } from './jsonArrays';
import {
  backslash,
  closeArray,
  closeObject,
  colon,
  comma,
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
export class JsonReader extends JsonArrays {
  /** `nextKey` at the end of the object. */
  static readonly end = -1;
  /** `nextKey` for a key that is not in the list: `skip` its value. */
  static readonly otherKey = otherKey;

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
