/** What the headers in a zstd stream ask for. Facts: RFC 8878, 3.1. */
import { ByteReader } from './byteReader';
import { type ByteSource, rangeOf } from './byteSource';

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
const longestHeader = 18;
const dictionaryBytes = [0, 1, 2, 4] as const;
const repeatedByte = 1;

/** The memory that unpacking takes at once: the largest window of all frames in a range, up to where it is damaged. */
export function largestZstdWindow(source: ByteSource, start: number, end: number): number {
  let largest = 0;
  for (let at = start; at < end; ) {
    const header = new Uint8Array(longestHeader);
    header.set(rangeOf(source, at, Math.min(longestHeader, end - at)));
    const magic = new ByteReader(header).u32();
    if ((magic & ~0xf) === skippableMagic) at += 8 + new ByteReader(header, 4).u32();
    else if (magic === frameMagic) {
      const frame = readHeader(header);
      largest = Math.max(largest, frame.window);
      at = blocksEnd(source, at + frame.length, end) + (frame.hasChecksum ? 4 : 0);
    } else break;
  }
  return largest;
}

function readHeader(header: Uint8Array): { length: number; window: number; hasChecksum: boolean } {
  const reader = new ByteReader(header, 4);
  const flags = reader.u8();
  const isSingle = (flags & 0x20) !== 0;
  const window = isSingle ? 0 : windowOf(reader.u8());
  reader.slice(dictionaryBytes[flags & 3] ?? 0);
  const size = contentSize(reader, flags >>> 6, isSingle);
  return { length: reader.offset, window: isSingle ? size : window, hasChecksum: (flags & 4) !== 0 };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(reader: ByteReader, code: number, isSingle: boolean): number {
  if (code === 0) return isSingle ? reader.u8() : 0;
  if (code === 1) return reader.u8() + reader.u8() * 0x100 + 0x100;
  return code === 2 ? reader.u32() : reader.u64();
}

/** Where the frame's last block ends. */
function blocksEnd(source: ByteSource, start: number, end: number): number {
  for (let at = start; at + 3 <= end; ) {
    const [low = 0, middle = 0, high = 0] = rangeOf(source, at, 3);
    const size = (low >>> 3) | (middle << 5) | (high << 13);
    at += 3 + (((low >>> 1) & 3) === repeatedByte ? 1 : size);
    if ((low & 1) === 1) return at;
  }
  return end;
}
