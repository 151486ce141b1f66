import { type ByteSource, headOf, rangeOf } from '../bytes/byteSource';

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
