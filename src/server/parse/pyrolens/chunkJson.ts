/** What stands in the chunks of JSON, read with distrust. */
import { DamagedBytes } from '../bytes/byteReader';

/** Sizes of a file's head and of a chunk's, in bytes. */
export const headerSize: number = 16;
export const chunkHeaderSize: number = 12;

/** The object in a chunk of JSON. Throws `DamagedBytes`. */
export function jsonObject(payload: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    throw new DamagedBytes('not JSON');
  }
  throw new DamagedBytes('not an object');
}

/** The number, 0 when it is none. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** The text, '' when it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
