import { type TargetMemory, WordBuffer, wordAt } from './targetMemory';

const pageBytes = 4096;
const pageSlots = 64;
const windowBytes = 64 * 1024;
const firstWindowBytes = 4096;
const chunkHeaderBytes = 24;
const maxChunks = 20_000;
/** Up to so many bytes are compared and copied word by word. */
const nearBytes = 2048;

/**
 * Reads frames with few reads: up to 3.10, and of generators, by whole pages, because small objects lie together; since
 * 3.11 by stretches of the thread's data stack, chunks in which each frame lies above its caller.
 *
 *     chunk: previous chunk | size | top | frame, frame, … innermost
 *
 * What was read counts for one look only: `begin` forgets it. Where the chunks are is remembered as a hint; a wrong hint
 * costs a read, never a wrong frame.
 */
export class FrameMemory {
  /** The words that hold the frame found last, and where in them it begins. */
  words: Uint32Array;
  offset = 0;
  private readonly window = new WordBuffer(windowBytes);
  private readonly windowContent = Buffer.from(this.window.bytes.buffer);
  private windowStart = 0;
  private windowEnd = 0;
  private readonly pages = Array.from({ length: pageSlots }, () => new WordBuffer(pageBytes));
  private readonly pageTags = new Float64Array(pageSlots);
  /** The look at which each page was read. */
  private readonly pageLooks = new Uint32Array(pageSlots);
  private look = 0;
  /** So much of the chunk is the same as in the copy it was compared with. */
  private sameBytes = 0;
  private readonly loose = new WordBuffer(128);
  private chunks: ChunkHints | undefined;

  /** `frameBytes`: how much is needed of each frame; at most 128. */
  constructor(
    private readonly memory: TargetMemory,
    private readonly frameBytes: number,
  ) {
    this.words = this.loose.words;
  }

  /** Forgets what was read. `chunks`: the thread's, brought up to date for this look. */
  begin(chunks: ChunkHints | undefined): void {
    this.chunks = chunks;
    this.windowStart = this.windowEnd = this.sameBytes = 0;
    this.look = (this.look + 1) >>> 0;
  }

  /**
   * Reads the chunk that holds the innermost frame from its start up to that frame, and answers its start; 0 where there
   * is none or it is too long.
   */
  readChunk(innermost: number): number {
    const chunk = this.chunks?.containing(innermost) ?? 0;
    const end = innermost + this.frameBytes;
    if (chunk === 0 || end - chunk > windowBytes) return 0;
    if (!this.memory.read(chunk, this.window.bytes, end - chunk)) return 0;
    this.windowStart = chunk;
    this.windowEnd = end;
    return chunk;
  }

  /** Whether the chunk that was read is the same as at the thread's last look, up to an address. */
  isUnchanged(copy: ChunkCopy, end: number): boolean {
    const byteCount = end - this.windowStart;
    if (copy.start !== this.windowStart || end > this.windowEnd) return false;
    if (byteCount <= 0 || byteCount > copy.byteCount) return false;
    if (!this.isSame(copy, byteCount)) return false;
    this.sameBytes = byteCount;
    return true;
  }

  /** A call of compiled code costs more than comparing a few words. */
  private isSame({ content, words }: ChunkCopy, byteCount: number): boolean {
    if (byteCount > nearBytes) return this.windowContent.compare(content, 0, byteCount, 0, byteCount) === 0;
    const ours = this.window.words;
    for (let index = (byteCount >>> 2) - 1; index >= 0; index--)
      if (ours[index] !== words[index]) return false;
    return true;
  }

  /** Keeps what was read of the chunk for the next look; forgets it when other memory was read meanwhile. */
  keep(copy: ChunkCopy, chunk: number): void {
    if (this.windowStart !== chunk || chunk === 0) copy.forget();
    else copy.keep(this.window, chunk, this.windowEnd - chunk, this.sameBytes);
  }

  /** Finds a frame and sets `words` and `offset`. False when it cannot be read. */
  find(address: number): boolean {
    if (address >= this.windowStart && address + this.frameBytes <= this.windowEnd) {
      return this.found(this.window, address - this.windowStart);
    }
    const chunk = this.chunks?.containing(address) ?? 0;
    if (chunk !== 0 && this.readWindow(chunk, address)) {
      return this.found(this.window, address - this.windowStart);
    }
    return this.findInPage(address);
  }

  private found(buffer: WordBuffer, offset: number): boolean {
    this.words = buffer.words;
    this.offset = offset;
    return true;
  }

  /** Reads the stretch of a chunk that ends with the frame: small at first, since most stacks are. */
  private readWindow(chunk: number, address: number): boolean {
    const byteCount = this.windowEnd === 0 ? firstWindowBytes : windowBytes;
    const end = address + this.frameBytes;
    const start = Math.max(chunk, end - byteCount);
    if (!this.memory.read(start, this.window.bytes, end - start)) return false;
    this.windowStart = start;
    this.windowEnd = end;
    return true;
  }

  private findInPage(address: number): boolean {
    const inPage = address % pageBytes;
    const page = address - inPage;
    if (inPage + this.frameBytes > pageBytes) {
      return this.memory.read(address, this.loose.bytes, this.frameBytes) && this.found(this.loose, 0);
    }
    const slot = (page / pageBytes) % pageSlots;
    const buffer = this.pages[slot];
    if (buffer === undefined) return false;
    if (this.pageTags[slot] !== page || this.pageLooks[slot] !== this.look) {
      this.pageTags[slot] = 0;
      if (!this.memory.read(page, buffer.bytes, pageBytes)) return false;
      this.pageTags[slot] = page;
      this.pageLooks[slot] = this.look;
    }
    return this.found(buffer, inPage);
  }
}

/** The innermost chunk of a thread's data stack as it was at its last look, up to the innermost frame. */
export class ChunkCopy {
  start = 0;
  byteCount = 0;
  content = Buffer.alloc(0);
  words = new Uint32Array(0);

  /** Takes over what was read of a chunk; of so much it is known that it is the same already. */
  keep(from: WordBuffer, start: number, byteCount: number, sameBytes: number): void {
    const isKnown = start === this.start && byteCount <= this.content.length;
    if (byteCount > this.content.length) this.reserve(byteCount * 2);
    const first = isKnown ? sameBytes : 0;
    if (byteCount - first > nearBytes) this.content.set(from.bytes.subarray(first, byteCount), first);
    else {
      const { words } = this;
      for (let at = first >>> 2; at < byteCount >>> 2; at++) words[at] = from.words[at] ?? 0;
    }
    this.start = start;
    this.byteCount = byteCount;
  }

  forget(): void {
    this.start = this.byteCount = 0;
  }

  private reserve(byteCount: number): void {
    this.content = Buffer.alloc(byteCount);
    this.words = new Uint32Array(this.content.buffer, this.content.byteOffset, byteCount >>> 2);
  }
}

/** Where the chunks of a thread's data stack are, innermost first, as far as known. */
export class ChunkHints {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly header = new WordBuffer(chunkHeaderBytes);
  private last = 0;

  constructor(private readonly memory: TargetMemory) {}

  /** `top`: the chunk that the thread says holds its innermost frames. Reads the headers of chunks not yet known. */
  update(top: number): void {
    this.last = 0;
    if (this.starts[0] === top) return;
    const known = this.starts.indexOf(top);
    if (known > 0) {
      this.starts.splice(0, known);
      this.ends.splice(0, known);
      return;
    }
    this.addAbove(top);
  }

  /** The start of the chunk that an address lies in; 0 when it is in none. */
  containing(address: number): number {
    for (let tried = 0; tried < this.starts.length; tried++) {
      const index = (this.last + tried) % this.starts.length;
      const start = this.starts[index] ?? 0;
      if (address >= start && address < (this.ends[index] ?? 0)) {
        this.last = index;
        return start;
      }
    }
    return 0;
  }

  private addAbove(top: number): void {
    const [starts, ends]: [number[], number[]] = [[], []];
    let chunk = top;
    while (chunk !== 0 && starts.length < maxChunks && !this.starts.includes(chunk)) {
      if (!this.memory.read(chunk, this.header.bytes, chunkHeaderBytes)) break;
      starts.push(chunk);
      ends.push(chunk + wordAt(this.header.words, 8));
      chunk = wordAt(this.header.words, 0);
    }
    const kept = chunk === 0 ? -1 : this.starts.indexOf(chunk);
    this.starts.splice(0, kept < 0 ? this.starts.length : kept, ...starts);
    this.ends.splice(0, kept < 0 ? this.ends.length : kept, ...ends);
  }
}
