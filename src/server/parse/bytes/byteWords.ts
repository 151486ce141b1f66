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
