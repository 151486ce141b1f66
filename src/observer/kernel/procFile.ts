import { closeSync, openSync, readSync } from 'node:fs';

const textBytes = 512;
const [digit0, digit9, letterA, letterF] = [0x30, 0x39, 0x61, 0x66];

/** A text below `/proc`, and a place in it from which numbers are read without an allocation. */
class ProcText {
  readonly bytes = Buffer.alloc(textBytes);
  length = 0;
  at = 0;

  /** The decimal number at the place, which then is behind it. */
  decimal(): number {
    let value = 0;
    for (; this.at < this.length; this.at++) {
      const digit = (this.bytes[this.at] ?? 0) - digit0;
      if (digit < 0 || digit > digit9 - digit0) break;
      value = value * 10 + digit;
    }
    return value;
  }

  /** The hexadecimal number at the place; exact below 2^53. */
  hexadecimal(): number {
    let value = 0;
    for (; this.at < this.length; this.at++) {
      const byte = this.bytes[this.at] ?? 0;
      if (byte >= digit0 && byte <= digit9) value = value * 16 + byte - digit0;
      else if (byte >= letterA && byte <= letterF) value = value * 16 + byte - letterA + 10;
      else break;
    }
    return value;
  }

  /** The whole of it. */
  toString(): string {
    return this.bytes.toString('latin1', 0, this.length);
  }
}

/** What was read last, of whichever file: looks take turns, and nothing is kept. */
export const procText = new ProcText();

/**
 * A small file below `/proc` that stays open and is read from its beginning each time: a number that is used again
 * cannot be taken for the thread that had it first, and opening costs more than reading.
 */
export class ProcFile {
  private constructor(private readonly file: number) {}

  /** Undefined when there is no such file, or it may not be read. */
  static open(path: string): ProcFile | undefined {
    try {
      return new ProcFile(openSync(path, 'r'));
    } catch {
      return undefined;
    }
  }

  /** Puts the text into `procText`. False when what it tells of is gone. */
  read(): boolean {
    procText.at = procText.length = 0;
    try {
      procText.length = readSync(this.file, procText.bytes, 0, textBytes, 0);
    } catch {
      return false;
    }
    return procText.length > 0;
  }

  close(): void {
    closeSync(this.file);
  }
}
