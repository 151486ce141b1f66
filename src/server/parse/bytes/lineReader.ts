import type { ByteSource } from './byteSource';

const newline = 10;
const carriageReturn = 13;
/**
 * The first read is so short, and each one after it twice as long until they fill the window: code that has never seen the
 * window's end is compiled without it, and thrown away when that comes.
 */
const firstReadBytes = 4096;

/** Walks a text file line by line, as bytes. A line longer than `maxLineBytes` is cut; `isCut` tells so. */
export class LineReader {
  /**
   * The present line is `bytes[start … end - 1]`, without its line end. Valid until the next `next`. A `Buffer`, which finds a
   * byte faster than other arrays do.
   */
  bytes: Buffer;
  start = 0;
  end = 0;
  isCut = false;
  private nextStart = 0;
  private filled = 0;
  private readPosition = 0;
  private readBytes = firstReadBytes;

  constructor(
    private readonly source: ByteSource,
    private readonly maxLineBytes = 64 * 1024 * 1024,
    windowBytes = 256 * 1024,
  ) {
    this.bytes = Buffer.alloc(Math.min(windowBytes, Math.max(source.size, 16)));
  }

  /** Byte offset of the present line in the file. */
  get offset(): number {
    return this.readPosition - this.filled + this.start;
  }

  /** Goes to the next line; false at the end of the file. */
  next(): boolean {
    this.isCut = false;
    let searchFrom = this.nextStart;
    while (searchFrom >= 0) {
      const at = this.newlineFrom(searchFrom);
      if (at >= 0) return this.lineAt(at, at + 1);
      searchFrom = this.fill();
    }
    if (this.nextStart >= this.filled) return false;
    return this.lineAt(this.filled, this.filled);
  }

  /** Where the next line ends, -1 when that is not in the window. Whatever lies behind the filled part is old. */
  private newlineFrom(from: number): number {
    const at = this.bytes.indexOf(newline, from);
    return at < this.filled ? at : -1;
  }

  private lineAt(end: number, nextStart: number): true {
    this.start = this.nextStart;
    this.end = end > this.start && this.bytes[end - 1] === carriageReturn ? end - 1 : end;
    this.nextStart = nextStart;
    return true;
  }

  /** Moves the unfinished line to the front and reads on behind it. Returns where to look for its end, -1 at the end. */
  private fill(): number {
    const kept = this.filled - this.nextStart;
    this.makeRoom(kept);
    this.nextStart = 0;
    this.filled = kept;
    if (kept >= this.maxLineBytes) return this.dropRest();
    return this.read() ? kept : -1;
  }

  private makeRoom(kept: number): void {
    if (kept * 2 <= this.bytes.length) {
      this.bytes.copyWithin(0, this.nextStart, this.filled);
      return;
    }
    const larger = Buffer.alloc(this.bytes.length * 2);
    larger.set(this.bytes.subarray(this.nextStart, this.filled));
    this.bytes = larger;
  }

  private read(): boolean {
    const room = Math.min(this.bytes.length - this.filled, this.readBytes);
    this.readBytes = Math.min(this.readBytes * 2, this.bytes.length);
    const count = this.source.readAt(this.readPosition, this.bytes, this.filled, room);
    this.readPosition += count;
    this.filled += count;
    return count > 0;
  }

  /** Keeps the head of a line that is too long, and skips its rest. */
  private dropRest(): number {
    this.isCut = true;
    const kept = this.maxLineBytes;
    for (;;) {
      this.filled = kept;
      if (!this.read()) return -1;
      const at = this.newlineFrom(kept);
      if (at < 0) continue;
      this.bytes.copyWithin(kept, at, this.filled);
      this.filled -= at - kept;
      return kept;
    }
  }
}
