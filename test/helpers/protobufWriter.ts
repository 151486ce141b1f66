/** Writes protobuf messages in tests: fields in the order given, so that odd orders can be tried. */

/** A number as an unsigned 64-bit varint. */
export function varint(value: bigint | number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const more = rest > 0x7fn ? 0x80 : 0;
    bytes.push(Number(rest & 0x7fn) | more);
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

/** A field that holds a number. */
export function numberField(field: number, value: bigint | number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

/** A field that holds bytes: a text, a message, or packed numbers. */
export function bytesField(field: number, value: string | readonly number[]): number[] {
  const bytes = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** A message of fields that hold numbers. */
export function numbers(values: Readonly<Record<number, bigint | number>>): number[] {
  return Object.entries(values).flatMap(([field, value]) => numberField(Number(field), value));
}
