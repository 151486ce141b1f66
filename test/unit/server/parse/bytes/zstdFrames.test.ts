import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { ByteStream, ZstdPieces } from '../../../../../src/server/parse/bytes/byteStream';
import { largestZstdWindow } from '../../../../../src/server/parse/bytes/zstdFrames';

const frameMagic = [0x28, 0xb5, 0x2f, 0xfd];
/** A frame with a window of this exponent and mantissa, and one block of three bytes as they are. */
const frame = (exponent: number, mantissa: number) => [
  ...frameMagic,
  ...[0, (exponent << 3) | mantissa],
  ...[(3 << 3) | 1, 0, 0, 0x61, 0x62, 0x63],
];
const skipped = [0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 0xff, 0xff];
const windowOf = (bytes: number[]) =>
  largestZstdWindow(new MemorySource('', Uint8Array.from(bytes)), 0, bytes.length);

test('of all frames the largest window counts', () => {
  assert.equal(windowOf(frame(0, 0)), 1024);
  assert.equal(windowOf([...frame(0, 4), ...skipped, ...frame(10, 2), ...frame(1, 0)]), 1.25 * 2 ** 20);
  const whole = [...frameMagic, 0x80 | 0x20, 0, 0, 0, 1, (3 << 3) | 1, 0, 0, 0x61, 0x62, 0x63];
  assert.equal(windowOf(whole), 2 ** 24);
  assert.equal(windowOf([1, 2, 3]), 0);
});

test('a stream that asks for half a gigabyte at once is not begun', () => {
  const read = (bytes: number[]) => {
    const source = new MemorySource('', Uint8Array.from(bytes));
    return Buffer.from(new ByteStream(new ZstdPieces(source, 0, bytes.length)).slice(3)).toString();
  };
  assert.equal(read(frame(10, 0)), 'abc');
  assert.throws(() => read(frame(19, 0)), /window is too large/);
  assert.throws(() => read([...frame(10, 0), ...frame(19, 0)]), /window is too large/);
});
