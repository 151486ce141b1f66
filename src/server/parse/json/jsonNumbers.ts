import { dot, lowerE, minus, zero } from './jsonBytes';
import { isNumberByte, JsonCursor, margin } from './jsonCursor';

const maxExactDigits = 15;

const decoder = new TextDecoder();

/** Powers of ten that doubles hold exactly. */
export const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** True when all four bytes of a word are decimal digits. */
export function isFourDigits(word: number): boolean {
  const low = (word & 0xf0f0f0f0) ^ 0x30303030;
  const high = ((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030;
  return (low | high) === 0;
}

/** The number that four decimal digits make; the word has the first one in its lowest byte. */
export function fourDigits(word: number): number {
  const digits = word & 0x0f0f0f0f;
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/** An index that columns of 32 bits can hold, -1 for what is none: what is too large stays out of every table's range. */
export function indexOf(value: number): number {
  return value >= 0 ? Math.min(value, 0x7fffffff) : -1;
}

/** Numbers as they stand in JSON, read as `JSON.parse` reads them. */
export class JsonNumbers extends JsonCursor {
  /** Reads the number at hand: its first byte is a digit or a minus. */
  protected plainNumber(): number {
    const { buffer } = this;
    let pos = this.pos;
    const start = pos;
    const isNegative = buffer[pos] === minus;
    if (isNegative) pos++;
    const first = pos;
    // Most numbers are short: sums of whole numbers are quicker than those of doubles.
    let short = 0;
    while (pos - first < 8 && pos + 4 <= this.filled) {
      const word = this.words.getInt32(pos, true);
      if (!isFourDigits(word)) break;
      short = short * 10_000 + fourDigits(word);
      pos += 4;
    }
    let byte = buffer[pos] as number;
    while (byte >= zero && byte <= zero + 9 && pos - first < 9) {
      short = short * 10 + (byte - zero);
      byte = buffer[++pos] as number;
    }
    let mantissa = short;
    while (byte >= zero && byte <= zero + 9) {
      mantissa = mantissa * 10 + (byte - zero);
      byte = buffer[++pos] as number;
    }
    const digits = pos - first;
    let decimals = 0;
    if (byte === dot) {
      const point = pos;
      let fraction = 0;
      byte = buffer[++pos] as number;
      while (byte >= zero && byte <= zero + 9) {
        if (pos - point <= 9) fraction = fraction * 10 + (byte - zero);
        byte = buffer[++pos] as number;
      }
      decimals = pos - point - 1;
      if (decimals <= 9) mantissa = mantissa * (powersOfTen[decimals] as number) + fraction;
      else
        for (let at = point + 1; at < pos; at++) mantissa = mantissa * 10 + ((buffer[at] as number) - zero);
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
}
