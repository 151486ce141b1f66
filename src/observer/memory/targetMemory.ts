import { closeSync, openSync, readSync } from 'node:fs';

const twoTo32 = 0x1_0000_0000;
/** User space of 64-bit Linux ends at 2^47 (2^48 on some arm64 kernels): every address is an exact number. */
const endOfUserSpace = 0x1_0000_0000_0000;
const firstPage = 4096;

/** Whether a number can be the address of an object: above the first page, in user space, a multiple of eight. */
export function isPlausibleAddress(address: number): boolean {
  return address >= firstPage && address < endOfUserSpace && address % 8 === 0;
}

/** The 64-bit number at a byte offset (a multiple of four); exact below 2^53, which all addresses are. */
export function wordAt(words: Uint32Array, byteOffset: number): number {
  const index = byteOffset >>> 2;
  return (words[index] ?? 0) + (words[index + 1] ?? 0) * twoTo32;
}

/**
 * The memory of another process, opened read-only: nothing can be written through it, and the process is not stopped
 * for a read. After an exec or the end of the process every read gives nothing.
 */
export class TargetMemory {
  private readonly file: number;
  private readonly small = Buffer.alloc(16);
  private readonly smallWords = new Uint32Array(this.small.buffer, this.small.byteOffset, 4);
  /** Reads asked for so far. */
  readCount = 0;

  /** Throws Node's error when the kernel does not allow it (EACCES, EPERM) or there is no such process (ENOENT). */
  constructor(readonly pid: number) {
    this.file = openSync(`/proc/${pid}/mem`, 'r');
  }

  /** Fills the beginning of the buffer. False unless all of it could be read. */
  read(address: number, into: Uint8Array, byteCount: number): boolean {
    return this.readUpTo(address, into, byteCount) === byteCount;
  }

  /** How many bytes could be read: fewer where the memory ends, 0 for what is no memory. */
  readUpTo(address: number, into: Uint8Array, byteCount: number): number {
    if (!(address >= firstPage && address < endOfUserSpace)) return 0;
    this.readCount++;
    try {
      return readSync(this.file, into, 0, byteCount, address);
    } catch {
      return 0;
    }
  }

  /** The pointer at an address; 0 when it cannot be read. */
  pointer(address: number): number {
    return this.read(address, this.small, 8) ? wordAt(this.smallWords, 0) : 0;
  }

  /** A fresh copy of some bytes; undefined when they cannot be read. */
  bytes(address: number, byteCount: number): Buffer | undefined {
    const buffer = Buffer.alloc(byteCount);
    return this.read(address, buffer, byteCount) ? buffer : undefined;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** A buffer and its 32-bit words, allocated once and read into again and again. */
export class WordBuffer {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;

  /** `byteCount` is a multiple of eight. */
  constructor(byteCount: number) {
    const memory = new ArrayBuffer(byteCount);
    this.bytes = new Uint8Array(memory);
    this.words = new Uint32Array(memory);
  }
}
