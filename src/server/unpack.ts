/**
 * Opens a profile file as plain bytes, whatever it is packed in: gzip (also several members) and zstd are told by their
 * first bytes. What is small stays in memory, the rest goes to a temporary file that disappears with the source.
 */
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { PyrolensError } from '../shared/failures';
import { type ByteSource, FileSource, MemorySource } from './parse/bytes/byteSource';
import { largestZstdWindow } from './parse/bytes/zstdFrames';
import type { Slicer } from './slicer';
import { say } from './strings';

const maxMemoryBytes = 64 * 1024 * 1024;
/** Profiles shrink 5 to 50 times; a file that grows a thousand times was made to fill a disk. */
const maxGrowth = 1000;
const minSuspiciousBytes = 256 * 1024 * 1024;
/** What zstd's own program unpacks unless it is told otherwise; it is allocated as soon as a frame begins. */
const maxWindowBytes = 128 * 1024 * 1024;
const maxPlainBytes = 16 * 1024 * 1024 * 1024;

/** Throws the operating system's error, or `PyrolensError('unreadableRun')` for packed bytes that are damaged or absurd. */
export async function openSource(path: string, slicer: Slicer): Promise<ByteSource> {
  const { size } = await stat(path);
  const unpack = unpackerOf(await firstBytes(path));
  if (unpack === undefined) return new FileSource(basename(path), path, size);
  const spool = new Spool(basename(path), size);
  try {
    await unpack(
      path,
      chunk => spool.write(chunk),
      async done => slicer.pauseIfDue((0.5 * done) / size),
    );
    return spool.finish();
  } catch (error) {
    spool.discard();
    const { message } = error as Error;
    if (error instanceof AsksTooMuch) throw new PyrolensError('unreadableRun', { path, reason: message });
    if (isUnpackError(error)) {
      throw new PyrolensError('unreadableRun', { path, reason: say('packedDamaged', message) });
    }
    throw error;
  }
}

type Unpack = (
  path: string,
  onPlain: (chunk: Uint8Array) => void,
  onProgress: (packedBytes: number) => Promise<void>,
) => Promise<void>;

function unpackerOf(head: Uint8Array): Unpack | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return gunzip;
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return isZstd ? unzstd : undefined;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const gunzip: Unpack = async (path, onPlain, onProgress) => {
  const input = createReadStream(path, { highWaterMark: 1 << 20 });
  const plain = createGunzip({ chunkSize: 1 << 20 });
  input.on('error', error => plain.destroy(error));
  try {
    for await (const chunk of input.pipe(plain)) {
      onPlain(chunk as Uint8Array);
      await onProgress(input.bytesRead);
    }
  } finally {
    input.destroy();
  }
};

const unzstd: Unpack = async (path, onPlain, onProgress) => {
  checkWindow(path, (await stat(path)).size);
  const input = createReadStream(path, { highWaterMark: 1 << 18 });
  const plain = new Decompress(chunk => onPlain(chunk));
  for await (const chunk of input) {
    plain.push(chunk as Uint8Array);
    await onProgress(input.bytesRead);
  }
  plain.push(new Uint8Array(0), true);
};

function checkWindow(path: string, size: number): void {
  const packed = new FileSource(basename(path), path, size);
  const windowBytes = largestZstdWindow(packed, 0, size);
  packed.close();
  if (windowBytes > maxWindowBytes) throw new AsksTooMuch(say('packedWindow', maxWindowBytes / 1024 / 1024));
}

/** zlib's errors carry a code of its own; fzstd's a number. */
function isUnpackError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'number' || (typeof code === 'string' && code.startsWith('Z_'));
}

/** What is asked for is out of proportion: the message says what. */
class AsksTooMuch extends Error {}

/** Keeps what was unpacked: in memory while it is small, then in a file. */
class Spool {
  private chunks: Uint8Array[] = [];
  private size = 0;
  private folder: string | undefined;
  private descriptor = -1;

  constructor(
    private readonly name: string,
    private readonly packedSize: number,
  ) {}

  write(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.size > maxPlainBytes || this.growsTooMuch) {
      throw new AsksTooMuch(say('unpacksTooLarge', Math.round(this.size / 1024 / 1024)));
    }
    if (this.descriptor < 0 && this.size > maxMemoryBytes) this.moveToDisk();
    if (this.descriptor < 0) this.chunks.push(chunk.slice());
    else writeSync(this.descriptor, chunk);
  }

  finish(): ByteSource {
    if (this.descriptor < 0) return new MemorySource(this.name, joined(this.chunks, this.size));
    closeSync(this.descriptor);
    this.descriptor = -1;
    return new FileSource(this.name, this.path, this.size, () => this.discard());
  }

  discard(): void {
    if (this.descriptor >= 0) closeSync(this.descriptor);
    this.descriptor = -1;
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private get growsTooMuch(): boolean {
    return this.size > minSuspiciousBytes && this.size > this.packedSize * maxGrowth;
  }

  private get path(): string {
    return join(this.folder ?? '', 'plain');
  }

  private moveToDisk(): void {
    this.folder = mkdtempSync(join(tmpdir(), 'pyrolens-'));
    this.descriptor = openSync(this.path, 'wx', 0o600);
    for (const chunk of this.chunks) writeSync(this.descriptor, chunk);
    this.chunks = [];
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
