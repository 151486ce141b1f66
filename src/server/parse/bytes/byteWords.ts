/** Bytes seen four at a time: comparing and hashing them is most of what reading text costs. */

/** A view of the bytes whose places are those of the array. */
export function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * How many of at most `most` bytes are the same in `a` from `aStart` on and in `b` from `bStart` on. Eight bytes are seen as a
 * double: those that are the same number are the same bytes, but for the two zeros; what is no number goes byte by byte.
 */
export function commonLength(
  a: DataView,
  aStart: number,
  { b, bStart, most }: { readonly b: DataView; readonly bStart: number; readonly most: number },
): number {
  let length = 0;
  for (const last = most - 16; length <= last; length += 16) {
    const first = a.getFloat64(aStart + length, true);
    const second = a.getFloat64(aStart + length + 8, true);
    if (first !== b.getFloat64(bStart + length, true) || first === 0) break;
    if (second !== b.getFloat64(bStart + length + 8, true) || second === 0) break;
  }
  while (length < most && a.getUint8(aStart + length) === b.getUint8(bStart + length)) length++;
  return length;
}

/**
 * True when the bytes from `at` on are those of `text`. Eight bytes are seen as a double: no part of a text in UTF-8 is one that
 * differs from itself, but for control characters, which then count as another text.
 */
export function isTextAt(text: DataView, words: DataView, at: number): boolean {
  const length = text.byteLength;
  let i = 0;
  for (const last = length - 8; i <= last; i += 8) {
    if (text.getFloat64(i, true) !== words.getFloat64(at + i, true)) return false;
  }
  if (length >= 4) {
    // The last word may overlap what was compared.
    if (i + 4 <= length && text.getInt32(i, true) !== words.getInt32(at + i, true)) return false;
    return text.getInt32(length - 4, true) === words.getInt32(at + length - 4, true);
  }
  for (; i < length; i++) if (text.getUint8(i) !== words.getUint8(at + i)) return false;
  return true;
}

/** Copies the bytes `start … end - 1` of `from` to `at`: short texts, for which the engine's own copying asks too much. */
export function copyBytes(
  to: DataView,
  at: number,
  { from, start, end }: { readonly from: DataView; readonly start: number; readonly end: number },
): void {
  const shift = at - start;
  let place = start;
  for (; place + 4 <= end; place += 4) to.setInt32(place + shift, from.getInt32(place, true), true);
  for (; place < end; place++) to.setUint8(place + shift, from.getUint8(place));
}

/** Not 0 when one of the word's four bytes is 0. */
export function hasZeroByte(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080;
}
