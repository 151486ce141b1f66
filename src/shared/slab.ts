/**
 * Slabs: how a `View` crosses processes without JSON numbers.
 *
 *     u32 magic "PLS1" · u32 directory length · directory (UTF-8 JSON) · padding to 8 · arrays, each 8-byte aligned
 *
 * The directory is the value itself with each typed array replaced by `{$: [type, byte offset, element count]}`,
 * offsets counted from the first array. `decodeSlab` gives views onto the buffer without copying.
 */
declare const TextEncoder: { new (): { encode(text: string): Uint8Array } };
declare const TextDecoder: { new (): { decode(bytes: Uint8Array): string } };

const magic = 0x31534c50;
const arrayTypes = { Int32Array, Float64Array, Float32Array, Uint8Array, Uint16Array, Uint32Array } as const;
type ArrayType = keyof typeof arrayTypes;
type AnyTypedArray = InstanceType<(typeof arrayTypes)[ArrayType]>;

/** Encodes any plain value with typed arrays in it. The result's buffer holds exactly the slab. */
export function encodeSlab(value: unknown): Uint8Array {
  const arrays: { array: AnyTypedArray; offset: number }[] = [];
  let size = 0;
  const directory = new TextEncoder().encode(
    JSON.stringify(value, (_key, item: unknown) => {
      if (!ArrayBuffer.isView(item)) return item;
      const array = item as AnyTypedArray;
      const offset = size;
      arrays.push({ array, offset });
      size += align(array.byteLength);
      return { $: [array.constructor.name, offset, array.length] };
    }),
  );
  const start = align(8 + directory.length);
  const slab = new Uint8Array(start + size);
  const header = new DataView(slab.buffer);
  header.setUint32(0, magic, true);
  header.setUint32(4, directory.length, true);
  slab.set(directory, 8);
  for (const { array, offset } of arrays) {
    slab.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + offset);
  }
  return slab;
}

/** Decodes a slab; throws an `Error` with the reason when the bytes are not one. */
export function decodeSlab<T>(buffer: ArrayBuffer): T {
  const header = new DataView(buffer);
  if (buffer.byteLength < 8 || header.getUint32(0, true) !== magic) throw new Error('not a slab');
  const directoryLength = header.getUint32(4, true);
  const start = align(8 + directoryLength);
  if (start > buffer.byteLength) throw new Error('slab is cut off');
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, directoryLength));
  try {
    return JSON.parse(text, (_key, item: unknown) => reviveArray(item, buffer, start)) as T;
  } catch (error) {
    throw error instanceof SyntaxError ? new Error('slab has no directory') : error;
  }
}

function reviveArray(item: unknown, buffer: ArrayBuffer, start: number): unknown {
  const marker = (item as { $?: unknown } | null)?.$;
  if (!Array.isArray(marker)) return item;
  const [type, offset, length] = marker as readonly unknown[];
  if (!isArrayType(type) || !isCount(offset) || !isCount(length) || offset % 8 !== 0) {
    throw new Error('slab has an array of no known kind');
  }
  const arrayType = arrayTypes[type];
  if (start + offset + length * arrayType.BYTES_PER_ELEMENT > buffer.byteLength)
    throw new Error('slab is cut off');
  return new arrayType(buffer, start + offset, length);
}

function isArrayType(type: unknown): type is ArrayType {
  return typeof type === 'string' && Object.hasOwn(arrayTypes, type);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** No bit arithmetic: that ends at 2 GB. */
function align(byteCount: number): number {
  return Math.ceil(byteCount / 8) * 8;
}
