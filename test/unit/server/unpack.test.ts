import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { wholeOf } from '../../../src/server/parse/bytes/byteSource';
import { Slicer } from '../../../src/server/slicer';
import { openSource } from '../../../src/server/unpack';
import { PyrolensError } from '../../../src/shared/failures';
import { fixtureBytes, profilesFolder } from '../../helpers/parsing';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens-unpack-'));
after(() => rmSync(folder, { recursive: true }));

const plain = fixtureBytes('pprof/ddtrace-threads.pprof.gz');

/** What a file of these bytes opens as; its name tells nothing. */
async function opened(bytes: Uint8Array): Promise<Uint8Array> {
  const path = join(folder, 'profile');
  writeFileSync(path, bytes);
  const source = await openSource(path, new Slicer());
  const whole = wholeOf(source);
  source.close();
  return whole;
}

/** Packed by the zstd program, or undefined where there is none. */
function zstd(bytes: Uint8Array, ...options: string[]): Uint8Array | undefined {
  const result = spawnSync('zstd', ['-q', '-c', ...options], { input: bytes });
  return result.status === 0 ? result.stdout : undefined;
}

const isZstdHere = zstd(new Uint8Array(1)) !== undefined;

test('a plain file is opened as it is', async () => {
  assert.deepEqual(await opened(plain), Uint8Array.from(plain));
});

test('gzip is unpacked', async () => {
  assert.ok(Buffer.from(plain).equals(await opened(gzipSync(plain))));
});

test('joined gzip members are one file', async () => {
  const members = [
    gzipSync(plain.subarray(0, 1000)),
    gzipSync(new Uint8Array(0)),
    gzipSync(plain.subarray(1000)),
  ];
  assert.ok(Buffer.from(plain).equals(await opened(Buffer.concat(members))));
});

test('zstd of Python’s zstandard package is unpacked', async () => {
  const source = await openSource(join(profilesFolder, 'pprof', 'ddtrace-threads.pprof.zst'), new Slicer());
  assert.ok(Buffer.from(plain).equals(wholeOf(source)));
});

test('zstd of its own program is unpacked, at every strength and with a check sum', {
  skip: !isZstdHere,
}, async () => {
  for (const options of [['-1'], ['-19'], ['--check'], ['--no-check']]) {
    const packed = zstd(plain, ...options);
    assert.ok(packed !== undefined && Buffer.from(plain).equals(await opened(packed)), options.join(' '));
  }
});

test('joined zstd frames are one file', { skip: !isZstdHere }, async () => {
  const frames = [plain.subarray(0, 1000), plain.subarray(1000)].map(part => zstd(part) ?? new Uint8Array(0));
  assert.ok(Buffer.from(plain).equals(await opened(Buffer.concat(frames))));
});

test('a large zstd file in many blocks is unpacked', { skip: !isZstdHere }, async () => {
  const large = Buffer.concat(
    Array.from({ length: 200 }, (_, i) => Buffer.concat([Buffer.from(`${i}`), plain])),
  );
  const packed = zstd(large, '-3');
  assert.ok(packed !== undefined && large.equals(await opened(packed)));
});

test('packed bytes that are cut off are refused with a reason', async () => {
  const packed = gzipSync(plain);
  await assert.rejects(opened(packed.subarray(0, packed.length / 2)), PyrolensError);
  const whole = zstd(plain);
  if (whole !== undefined) await assert.rejects(opened(whole.subarray(0, whole.length / 2)), PyrolensError);
});

test('a gzip file cut off at any byte is refused with one sentence', async () => {
  const packed = gzipSync(plain.subarray(0, 3000));
  for (let length = 2; length < packed.length; length += 7) {
    const failure = await opened(packed.subarray(0, length)).catch((error: unknown) => error);
    assert.ok(failure instanceof PyrolensError && failure.code === 'unreadableRun', `${length}: ${failure}`);
  }
});

test('a zstd file cut off or damaged at any byte is refused with one sentence, or read', {
  skip: !isZstdHere,
}, async () => {
  const packed = zstd(plain.subarray(0, 3000)) ?? new Uint8Array(0);
  for (let length = 4; length < packed.length; length += 7) {
    const damaged = packed.slice();
    damaged[length] = (damaged[length] ?? 0) ^ 0xff;
    for (const bytes of [packed.subarray(0, length), damaged]) {
      const failure = await opened(bytes).catch((error: unknown) => error);
      const isOne = failure instanceof PyrolensError && failure.code === 'unreadableRun';
      assert.ok(isOne || failure instanceof Uint8Array, `${length}: ${failure}`);
    }
  }
});

test('what is packed twice is unpacked once: the rest is for the formats to refuse', async () => {
  const once = gzipSync(plain);
  assert.ok(once.equals(await opened(gzipSync(once))));
});

test('a file made to fill the disk is refused before it does', async () => {
  const packed = gzipSync(new Uint8Array(16 * 1024 * 1024));
  const bomb = Buffer.concat(Array.from({ length: 32 }, () => packed));
  const before = process.memoryUsage().arrayBuffers;
  const failure = await opened(bomb).catch((error: unknown) => error);
  assert.ok(failure instanceof PyrolensError && failure.code === 'unreadableRun', String(failure));
  assert.match(String(failure.facts['reason']), /unpacks to more than/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 128 * 1024 * 1024);
});

test('zstd that asks for half a gigabyte at once is refused, also behind a good frame', {
  skip: !isZstdHere,
}, async () => {
  const good = zstd(plain) ?? new Uint8Array(0);
  const wide = [0x28, 0xb5, 0x2f, 0xfd, 0, 19 << 3, (3 << 3) | 1, 0, 0, 0x61, 0x62, 0x63];
  const before = process.memoryUsage().arrayBuffers;
  const failure = await opened(Buffer.concat([good, Uint8Array.from(wide)])).catch((error: unknown) => error);
  assert.ok(failure instanceof PyrolensError && failure.code === 'unreadableRun', String(failure));
  assert.match(String(failure.facts['reason']), /needs more than 128 MB at once/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
});
