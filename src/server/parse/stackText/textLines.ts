/** What the readers of line by line formats share: lines that count, and how a file that was cut off is noticed. */
import type { Problem } from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';

const newline = 10;

/** True when the file's last line was not ended: its writer ends each, so the rest of the file is missing. */
export function isLastLineOpen(source: ByteSource): boolean {
  const last = new Uint8Array(1);
  return source.size > 0 && source.readAt(source.size - 1, last, 0, 1) === 1 && last[0] !== newline;
}

/** The problem of a file that breaks off. */
export function cutOff(source: ByteSource, offset = source.size): Problem {
  return { message: say('cutOffAt'), part: source.name, offset };
}

/** Counts lines that cannot be read, as one problem at the place of the first. */
export class SkippedLines {
  private count = 0;
  private firstOffset = -1;

  add(offset: number): void {
    if (this.count++ === 0) this.firstOffset = offset;
  }

  /** The problem, or none. `key` has the number of lines in its place 0. */
  problems(part: string, key: 'linesSkipped' | 'negativeSkipped'): Problem[] {
    if (this.count === 0) return [];
    return [{ message: say(key, this.count), part, offset: this.firstOffset }];
  }
}

/** The place of the last space in `start … end - 1`, -1 when there is none. */
export function lastSpace(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start; at--) if (bytes[at] === 0x20) return at;
  return -1;
}

/** Bytes as text, each byte a character: for numbers and keys. */
export function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}

/** A decimal number without sign or fraction in `start … end - 1`; NaN when it is none or too long to be exact. */
export function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
