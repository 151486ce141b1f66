import { commonLength } from '../bytes/byteWords';
import type { IntegerList } from './integerList';
import { closeArray, comma, dot, space, zero } from './jsonBytes';
import { margin } from './jsonCursor';
import { fourDigits, indexOf, isFourDigits, JsonNumbers, powersOfTen } from './jsonNumbers';

/** Arrays of very many numbers, read in loops that ask nothing twice. */
export abstract class JsonArrays extends JsonNumbers {
  /** True where no comma may stand: at the beginning of an array or object. */
  protected isFirst = false;
  /** Where the number ends that `shortInteger` has read. */
  private integerEnd = 0;

  abstract beginArray(): void;
  abstract nextElement(): boolean;
  abstract number(otherwise?: number): number;

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
      const value = this.shortInteger(pos);
      if (value < 0) break;
      const end = this.integerEnd;
      list.push(value, end - textStart);
      pos = end + 1;
      if (buffer[end] === closeArray) {
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
   * The whole number of up to nine digits at a place of the window, when a comma or the array's end follows at `integerEnd`; else
   * -1.
   */
  private shortInteger(at: number): number {
    const { buffer, words } = this;
    // Python writes a blank behind its commas.
    const start = buffer[at] === space ? at + 1 : at;
    const head = words.getInt32(start, true);
    const isLong = isFourDigits(head);
    let end = isLong ? start + 4 : start;
    let value = isLong ? fourDigits(head) : 0;
    let byte = buffer[end] as number;
    while (byte >= zero && byte <= zero + 9 && end - start < 9) {
      value = value * 10 + (byte - zero);
      byte = buffer[++end] as number;
    }
    if (end === start || (byte !== comma && byte !== closeArray)) return -1;
    this.integerEnd = end;
    return value;
  }

  /** The same as `numbers` for indexes: see `indexOf`; what is no number gives -1. */
  indexes(target: Int32Array): number {
    for (let count = this.shortIndexes(target, 0); count < target.length; ) {
      if (!this.nextElement()) return count;
      target[count] = indexOf(this.number(-1));
      count = this.shortIndexes(target, count + 1);
    }
    return target.length;
  }

  /** Reads elements as `shortNumbers` does, as long as they are whole. */
  private shortIndexes(target: Int32Array, from: number): number {
    if (this.isFirst) return from;
    const { buffer } = this;
    const safe = this.filled - margin;
    let { pos } = this;
    let count = from;
    while (count < target.length && pos < safe && buffer[pos] === comma) {
      const value = this.shortInteger(pos + 1);
      if (value < 0) break;
      target[count++] = value;
      pos = this.integerEnd;
    }
    this.pos = pos;
    return count;
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
    const { buffer, words } = this;
    if (this.isFirst) return from;
    const safe = this.filled - margin;
    let { pos } = this;
    let count = from;
    while (count < target.length && pos < safe && buffer[pos] === comma) {
      // Python writes a blank behind its commas.
      const start = buffer[pos + 1] === space ? pos + 2 : pos + 1;
      const head = words.getInt32(start, true);
      const isLong = isFourDigits(head);
      let at = isLong ? start + 4 : start;
      let whole = isLong ? fourDigits(head) : 0;
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
}
