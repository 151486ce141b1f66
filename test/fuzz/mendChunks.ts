import { crc32 } from '../../src/shared/crc32';

const headerBytes = 16;
const chunkHeaderBytes = 12;

/** A damaged chunk stream (`src/collectors/FORMAT.md`) with right checksums, so that damage reaches the records. */
export function mendChunks(bytes: Uint8Array): Uint8Array {
  const mended = bytes.slice();
  const view = new DataView(mended.buffer);
  for (let at = headerBytes; at + chunkHeaderBytes <= mended.length; ) {
    const length = view.getUint32(at, true);
    const end = at + chunkHeaderBytes + length;
    if (end > mended.length) break;
    view.setUint32(at + 8, crc32(mended.subarray(at + chunkHeaderBytes, end)), true);
    at = end;
  }
  return mended;
}
