import { Decompress } from 'fzstd';
import { DamagedBytes } from './byteReader';
import { type ByteSource, rangeOf } from './byteSource';
import { largestZstdWindow } from './zstdFrames';

/** Bytes that come piece by piece. */
export interface Pieces {
  /** The next piece, undefined at the end. It may be changed by the following call. */
  next(): Uint8Array | undefined;
  /** How much of the packed or plain range was read, 0 … 1. */
  readonly share: number;
}

/** A range of a source. */
export class RangePieces implements Pieces {
  private readonly window: Uint8Array;

  constructor(
    private readonly source: ByteSource,
    private readonly start = 0,
    private readonly end = source.size,
    windowBytes = 1 << 20,
    private position = start,
  ) {
    this.window = new Uint8Array(Math.min(windowBytes, Math.max(end - start, 1)));
  }

  get share(): number {
    return (this.position - this.start) / Math.max(this.end - this.start, 1);
  }

  next(): Uint8Array | undefined {
    const wanted = Math.min(this.window.length, this.end - this.position);
    const count = wanted <= 0 ? 0 : this.source.readAt(this.position, this.window, 0, wanted);
    this.position += count;
    return count === 0 ? undefined : this.window.subarray(0, count);
  }
}

/** So small that even a packed piece of the worst kind unpacks to little. */
const packedPieceBytes = 4096;
/** Four times the window that RFC 8878 asks readers to support at least; it is allocated as soon as a frame begins. */
const maxWindowBytes = 32 * 1024 * 1024;

/** A zstd stream in a range of a source. Damaged packing throws `DamagedBytes`, behind what could be unpacked. */
export class ZstdPieces implements Pieces {
  private readonly plain: Uint8Array[] = [];
  private readonly unpacker = new Decompress(piece => {
    // fzstd uses its buffer again.
    if (piece.length > 0) this.plain.push(piece.slice());
  });
  private position: number;
  private damage: DamagedBytes | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly start: number,
    private readonly end: number,
  ) {
    this.position = start;
    if (largestZstdWindow(source, start, end) > maxWindowBytes) {
      this.damage = new DamagedBytes('zstd: its window is too large');
    }
  }

  get share(): number {
    return (this.position - this.start) / Math.max(this.end - this.start, 1);
  }

  next(): Uint8Array | undefined {
    while (this.plain.length === 0) {
      if (this.damage) throw this.damage;
      if (this.position >= this.end) return undefined;
      this.unpackMore();
    }
    return this.plain.shift();
  }

  private unpackMore(): void {
    const packed = rangeOf(this.source, this.position, Math.min(packedPieceBytes, this.end - this.position));
    if (packed.length === 0) this.position = this.end;
    this.position += packed.length;
    try {
      this.unpacker.push(packed, this.position >= this.end);
    } catch (error) {
      this.damage = new DamagedBytes(`zstd: ${(error as Error).message}`);
    }
  }
}

const decoder = new TextDecoder();

/** Reads numbers and texts out of pieces, without holding more than one. Throws `DamagedBytes` at the end. */
export class ByteStream {
  private piece: Uint8Array = new Uint8Array(0);
  private at = 0;
  private before = 0;

  constructor(private readonly pieces: Pieces) {}

  /** Plain bytes read so far. */
  get offset(): number {
    return this.before + this.at;
  }

  get share(): number {
    return this.pieces.share;
  }

  /** True when no byte is left. */
  isAtEnd(): boolean {
    return this.at >= this.piece.length && !this.refill();
  }

  u8(): number {
    if (this.at >= this.piece.length && !this.refill()) throw new DamagedBytes('cut off');
    return this.piece[this.at++] as number;
  }

  /** An unsigned LEB128 number of at most ten bytes, as a double: exact up to 2^53. */
  varint(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; scale <= 0x8000000000000000; scale *= 0x80) {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new DamagedBytes('a number is too long');
  }

  /** The next bytes: a view that holds until the next read, or a copy where they lie in several pieces. */
  slice(byteCount: number): Uint8Array {
    const start = this.at;
    if (start + byteCount <= this.piece.length) {
      this.at += byteCount;
      return this.piece.subarray(start, this.at);
    }
    const copied = new Uint8Array(byteCount);
    let filled = 0;
    while (filled < byteCount) {
      if (this.isAtEnd()) throw new DamagedBytes('cut off');
      const part = this.piece.subarray(this.at, this.at + byteCount - filled);
      copied.set(part, filled);
      filled += part.length;
      this.at += part.length;
    }
    return copied;
  }

  /** Lets `past` look at the bytes at hand, which may be few, and go on to the place that it returns. */
  advance(past: (bytes: Uint8Array, at: number) => number): void {
    this.at = past(this.piece, this.at);
  }

  /** Goes past bytes without reading them into anything. */
  skip(byteCount: number): void {
    let left = byteCount;
    while (left > 0) {
      if (this.isAtEnd()) throw new DamagedBytes('cut off');
      const step = Math.min(left, this.piece.length - this.at);
      this.at += step;
      left -= step;
    }
  }

  /** UTF-8 text up to a zero byte, cut after `maxBytes`. */
  zeroEnded(maxBytes: number): string {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      if (this.isAtEnd()) throw new DamagedBytes('cut off');
      const zero = this.piece.indexOf(0, this.at);
      const end = zero < 0 ? this.piece.length : zero;
      const kept = this.piece.slice(this.at, Math.min(end, this.at + maxBytes - size));
      size += kept.length;
      parts.push(kept);
      this.at = zero < 0 ? end : zero + 1;
      if (zero >= 0) return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    }
  }

  private refill(): boolean {
    const next = this.pieces.next();
    if (next === undefined) return false;
    this.before += this.piece.length;
    this.piece = next;
    this.at = 0;
    return true;
  }
}
