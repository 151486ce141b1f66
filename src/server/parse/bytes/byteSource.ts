import { closeSync, openSync, readSync } from 'node:fs';

/**
 * A file that a parser reads, by place and without the event loop: its plain bytes, whatever it was packed in.
 * Reading never fails; a file that becomes shorter meanwhile reads as if it ended there.
 */
export interface ByteSource {
  /** Base name of the file, for problems. Formats are not told apart by it. */
  readonly name: string;
  /** Plain bytes, after unpacking. */
  readonly size: number;
  /** Copies bytes from `position` into `target` at `offset`; returns how many, 0 at the end. */
  readAt(position: number, target: Uint8Array, offset: number, length: number): number;
  close(): void;
}

/** Bytes in memory. */
export class MemorySource implements ByteSource {
  constructor(
    readonly name: string,
    private readonly bytes: Uint8Array,
  ) {}

  get size(): number {
    return this.bytes.length;
  }

  readAt(position: number, target: Uint8Array, offset: number, length: number): number {
    const from = this.bytes.subarray(position, position + length);
    target.set(from, offset);
    return from.length;
  }

  close(): void {}
}

/** A file on disk, open until `close`. */
export class FileSource implements ByteSource {
  private readonly descriptor: number;
  private isOpen = true;

  /** Throws the operating system's error when the file cannot be opened. */
  constructor(
    readonly name: string,
    path: string,
    readonly size: number,
    private readonly onClose: () => void = () => undefined,
  ) {
    this.descriptor = openSync(path, 'r');
  }

  readAt(position: number, target: Uint8Array, offset: number, length: number): number {
    const wanted = Math.min(length, this.size - position);
    return wanted <= 0 ? 0 : readSync(this.descriptor, target, offset, wanted, position);
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    closeSync(this.descriptor);
    this.onClose();
  }
}

/** The first bytes of a source, for detection. */
export function headOf(source: ByteSource, length = 64 * 1024): Uint8Array {
  return rangeOf(source, 0, length);
}

/** A copy of a part of a source, shorter where the source ends. */
export function rangeOf(source: ByteSource, position: number, length: number): Uint8Array {
  const target = new Uint8Array(Math.max(0, Math.min(length, source.size - position)));
  let filled = 0;
  while (filled < target.length) {
    const count = source.readAt(position + filled, target, filled, target.length - filled);
    if (count === 0) break;
    filled += count;
  }
  return target.subarray(0, filled);
}

/** All bytes: for formats that are small by nature. */
export function wholeOf(source: ByteSource): Uint8Array {
  return rangeOf(source, 0, source.size);
}
