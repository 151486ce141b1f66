/** The bytes of a whole number in base 128, lowest first, as Protocol Buffers and our chunks have it. */
export function varint(number) {
  const bytes = [];
  let rest = number;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}
