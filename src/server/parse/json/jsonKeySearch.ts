import type { Slicer } from '../../slicer';
import { type ByteSource, headOf, rangeOf } from '../bytes/byteSource';
import { quote } from './jsonBytes';

const windowBytes = 1024 * 1024;
/** A key with its colon and some blanks is not longer: windows overlap by so much. */
const overlap = 256;

/**
 * Where the value of a key begins that stands somewhere in a large JSON file, or -1: first in the head, else the last
 * one in the file. Tables that the rest refers to stand there. `opening` is the value's first character.
 */
export function findJsonKey(source: ByteSource, key: string, opening: string): number {
  const head = Buffer.from(headOf(source));
  const inHead = valueAfter(head, { key, opening, isLast: false });
  if (inHead >= 0) return inHead;
  for (let end = source.size; end > 0; end -= windowBytes - overlap) {
    const start = Math.max(0, end - windowBytes);
    const window = Buffer.from(rangeOf(source, start, end - start));
    const at = valueAfter(window, { key, opening, isLast: true });
    if (at >= 0) return start + at;
    if (start === 0) break;
  }
  return -1;
}

/**
 * Where the value of a key begins that directly follows an array of numbers, or of lists of numbers, in which `from` lies; -1
 * when another key follows, or another value. In such an array stand no quotes: the first one begins the key.
 */
export async function findKeyBehindNumbers(
  source: ByteSource,
  { from, key, opening }: { from: number; key: string; opening: string },
  slicer: Slicer,
): Promise<number> {
  const at = await nextQuote(source, from, slicer);
  if (at < 0) return -1;
  // What follows the array in its own object has a comma before it, and the bracket before that.
  const before = Buffer.from(rangeOf(source, Math.max(0, at - overlap), Math.min(at, overlap)));
  if (!/\]\s*,\s*$/.test(before.toString('latin1'))) return -1;
  const wanted = `"${key}"`;
  const bytes = Buffer.from(rangeOf(source, at, overlap));
  const value = bytes.toString('latin1', 0, wanted.length) === wanted ? valueAt(bytes, wanted.length) : -1;
  return value >= 0 && bytes[value] === opening.charCodeAt(0) ? at + value : -1;
}

async function nextQuote(source: ByteSource, from: number, slicer: Slicer): Promise<number> {
  const window = new Uint8Array(Math.min(windowBytes, source.size));
  for (let start = from; start < source.size; ) {
    const count = source.readAt(start, window, 0, window.length);
    if (count === 0) return -1;
    const at = window.subarray(0, count).indexOf(quote);
    if (at >= 0) return start + at;
    start += count;
    await slicer.pauseIfDue(0);
  }
  return -1;
}

function valueAfter(
  bytes: Buffer,
  { key, opening, isLast }: { key: string; opening: string; isLast: boolean },
): number {
  const wanted = `"${key}"`;
  let at = isLast ? bytes.lastIndexOf(wanted) : bytes.indexOf(wanted);
  while (at >= 0) {
    const value = valueAt(bytes, at + wanted.length);
    // The same word in quotes may be a value, or lie inside a string.
    if (value >= 0 && bytes[value] === opening.charCodeAt(0) && bytes[at - 1] !== 0x5c) return value;
    if (isLast && at === 0) return -1;
    at = isLast ? bytes.lastIndexOf(wanted, at - 1) : bytes.indexOf(wanted, at + 1);
  }
  return -1;
}

/** The place after a colon and blanks, or -1 when there is no colon. */
function valueAt(bytes: Buffer, after: number): number {
  let at = afterBlanks(bytes, after);
  if (bytes[at] !== 0x3a) return -1;
  at = afterBlanks(bytes, at + 1);
  return at < bytes.length ? at : -1;
}

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[at] as number)) at++;
  return at;
}
