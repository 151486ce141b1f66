/**
 * Reads the stack of a thread that goes on running meanwhile.
 *
 * A look takes some microseconds, in which a busy thread calls and returns many times. What was read is therefore never
 * trusted as a whole: after the walk the innermost frame is asked for again. If it is the same, or one further out, then
 * the frames from there to the root were alive all the time, and a caller that is alive stands where it stood. If it
 * is another, the short way from that one to the first frame already known is read again and joined.
 */
import type { Layout } from '../layout/layout';
import { type ChunkCopy, type ChunkHints, FrameMemory } from '../memory/frameMemory';
import { isPlausibleAddress, type TargetMemory, WordBuffer, wordAt } from '../memory/targetMemory';
import { FrameIndex, meetingDepth } from './frameIndex';
import { RawStack } from './rawStack';
import type { LastStack } from './stackTable';

/** Most torn looks end at the first frame, so trying again costs little. */
const maxAttempts = 4;
/**
 * A look during which we did not get the processor may have read its halves at two moments that lie far apart, and the
 * innermost frame's address may be the same by chance: frames lie where others of the same depth lay.
 */
const longestLookMs = 1;
const longestFrameMs = 0.003;

/** In the place of a frame: the walk ends at the first one in `firstIndex`. */
const joining = -1;

/** What a look needs to know of a thread. */
export interface ThreadPlace {
  /** Address of its thread state. */
  readonly address: number;
  readonly chunks: ChunkHints;
  /** Its outermost frame at the last look; 0 at first. */
  root: number;
  /** The structure on the C stack that named its innermost frame at the last look (3.11, 3.12); 0 none. */
  cFrame: number;
  /** Its stack at the last look, and the memory in which that lay. */
  readonly last: LastStack;
  readonly copy: ChunkCopy;
}

export class StackReader {
  /** Whether the thread asked for the GIL when it was looked at; false where the version does not tell. */
  wantsGil = false;
  private readonly state: WordBuffer;
  private readonly frameMemory: FrameMemory;
  private readonly second = new RawStack();
  private readonly firstIndex = new FrameIndex();
  /** The look began where the thread was at the last one, without its thread state. */
  private isGuess = false;
  /** The last walk did not end at the root, but at the frame asked for. */
  private isAtEnd = false;
  /** 3.14 marks references by the lowest two bits. */
  private readonly tagBits: number;

  constructor(
    private readonly memory: TargetMemory,
    private readonly layout: Layout,
  ) {
    const { thread, frame, minor } = layout;
    const ends = [thread.next, thread.frame, thread.threadId, thread.datastackChunk, thread.gilRequested];
    this.state = new WordBuffer(Math.max(...ends.map(offset => offset ?? 0)) + 8);
    this.frameMemory = new FrameMemory(memory, frame.byteCount);
    this.tagBits = minor >= 14 ? 3 : 0;
  }

  /** Fills the stack, without what is no Python function. False when it was torn each time. */
  read(thread: ThreadPlace, into: RawStack): boolean {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (!this.readOnce(thread, into, attempt === 0)) continue;
      into.keepPython();
      return true;
    }
    return false;
  }

  /**
   * Fills only the outermost frames: those that were there at the last look and are alive with the same caller. For
   * threads that move faster than their frame objects can be read (up to 3.10; newer frames do not tell that they are
   * alive). What lies further in is unknown. False when nothing is certain.
   */
  readOuter(last: LastStack, into: RawStack): boolean {
    into.clear();
    if (this.layout.frame.owner !== undefined) return false;
    this.frameMemory.begin(undefined);
    const depth = this.aliveDepth(last);
    for (let index = depth - 1; index >= 0; index--) {
      const frame = last.frames[index] ?? 0;
      if (!this.frameMemory.find(frame) || !this.pushFrame(frame, into)) return false;
    }
    return depth > 0;
  }

  /** How many frames from the root are the same; the first that has moved on in its code is the last one. */
  private aliveDepth(last: LastStack): number {
    const { previous, code, instruction } = this.layout.frame;
    for (let index = 0; index < last.depth; index++) {
      if (!this.frameMemory.find(last.frames[index] ?? 0)) return index;
      const { words, offset } = this.frameMemory;
      const caller = index === 0 ? 0 : (last.frames[index - 1] ?? 0);
      const isAlive = wordAt(words, offset) !== 0 && wordAt(words, offset + code) === last.codes[index];
      if (!isAlive || wordAt(words, offset + previous) !== caller) return index;
      if (((words[(offset + instruction) >>> 2] ?? 0) | 0) !== last.instructions[index]) return index + 1;
    }
    return last.depth;
  }

  /** `mayKeep`: what has not changed in memory since the last look is not walked again. */
  private readOnce(thread: ThreadPlace, into: RawStack, mayKeep: boolean): boolean {
    into.clear();
    const startedMs = performance.now();
    const first = this.beginLook(thread, mayKeep);
    if (first === 0) return true;
    this.readChunk(first, into);
    const unchanged = mayKeep ? this.unchangedDepth(thread, first) : 0;
    if (!this.walk(first, into, unchanged === 0 ? 0 : (thread.last.frames[unchanged - 1] ?? 0))) return false;
    if (this.isAtEnd) into.keptOuter = unchanged;
    else if (!this.isRooted(thread, into)) return false;
    const now = this.endLook(thread);
    if (now < 0) return false;
    if (performance.now() - startedMs > longestLookMs + into.depth * longestFrameMs) return false;
    const outer = now === first ? 0 : into.indexOf(now, meetingDepth);
    if (outer < 0) return into.keptOuter === 0 && this.join(thread, now, into);
    this.frameMemory.keep(thread.copy, into.chunkStart);
    into.dropInner(outer);
    return true;
  }

  /** Reads the innermost chunk of the data stack as a whole. */
  private readChunk(first: number, into: RawStack): void {
    into.chunkStart = this.frameMemory.readChunk(first);
    into.chunkEnd = into.chunkStart === 0 ? 0 : first + this.layout.frame.byteCount;
  }

  /**
   * How many of the outermost frames of the last look are the same: those that lie in memory without a change, in the
   * chunk that was read. A caller does not change while it is called, so that is mostly all but one or two.
   */
  private unchangedDepth({ last, copy }: ThreadPlace, first: number): number {
    let depth = last.orderedDepth - 1;
    while (depth > 0 && (last.frames[depth] ?? 0) > first) depth--;
    for (let step = 1; depth > 0; depth -= step, step *= 2) {
      if (this.frameMemory.isUnchanged(copy, last.frames[depth] ?? 0)) return depth;
    }
    return 0;
  }

  /** A frame that was freed meanwhile seems to have no caller: another outermost frame must be seen twice. */
  private isRooted(thread: ThreadPlace, stack: RawStack): boolean {
    const root = stack.frames[stack.depth - 1] ?? 0;
    if (root === thread.root) return true;
    thread.root = root;
    return false;
  }

  /**
   * Answers the innermost frame, -1 when it cannot be read. `mayGuess`: the thread is taken to be where it was in the C
   * stack at the last look; whether it was, `endLook` finds out, so that the thread state is read only once.
   */
  private beginLook(thread: ThreadPlace, mayGuess: boolean): number {
    const guessed = mayGuess && thread.cFrame !== 0 ? this.frameIn(thread.cFrame) : 0;
    this.isGuess = guessed !== 0;
    if (!(this.isGuess || this.readState(thread))) return -1;
    this.frameMemory.begin(this.layout.thread.datastackChunk === undefined ? undefined : thread.chunks);
    return this.isGuess ? guessed : this.innermost(thread);
  }

  private readState({ address, chunks }: ThreadPlace): boolean {
    const { thread } = this.layout;
    const { bytes, words } = this.state;
    if (!this.memory.read(address, bytes, bytes.length)) return false;
    if (thread.datastackChunk !== undefined) chunks.update(wordAt(words, thread.datastackChunk));
    if (thread.gilRequested !== undefined) this.wantsGil = (words[thread.gilRequested >>> 2] ?? 0) !== 0;
    return true;
  }

  /** The innermost frame by the thread state that was read last. */
  private innermost(thread: ThreadPlace): number {
    const pointer = wordAt(this.state.words, this.layout.thread.frame);
    if (this.layout.thread.frameInsideCFrame === undefined) return pointer;
    thread.cFrame = pointer;
    return pointer === 0 ? 0 : this.frameIn(pointer);
  }

  /** The innermost frame at the end of a look; -1 when the look began at the wrong place. */
  private endLook(thread: ThreadPlace): number {
    if (!this.isGuess) return this.currentFrame(thread.address);
    const { cFrame } = thread;
    const now = this.readState(thread) ? this.innermost(thread) : -1;
    return cFrame === thread.cFrame ? now : -1;
  }

  private frameIn(cFrame: number): number {
    return this.memory.pointer(cFrame + (this.layout.thread.frameInsideCFrame ?? 0));
  }

  private currentFrame(address: number): number {
    return this.frameFrom(this.memory.pointer(address + this.layout.thread.frame));
  }

  private frameFrom(pointer: number): number {
    const isDirect = this.layout.thread.frameInsideCFrame === undefined;
    return isDirect || pointer === 0 ? pointer : this.frameIn(pointer);
  }

  /** Reads frames until the root or the frame `end`. False when they make no sense. */
  private walk(first: number, into: RawStack, end: number): boolean {
    const { frame } = this.layout;
    let address = first;
    let mark = 0;
    while (address !== 0 && address !== end) {
      if (!isPlausibleAddress(address) || address === mark || !this.frameMemory.find(address)) return false;
      if (!this.pushFrame(address, into)) return false;
      if (end === joining && this.firstIndex.indexOf(address) >= 0) return true;
      // Stands at each power of two, so a circle of any size is met.
      if ((into.depth & (into.depth - 1)) === 0) mark = address;
      address = wordAt(this.frameMemory.words, this.frameMemory.offset + frame.previous);
    }
    this.isAtEnd = address !== 0;
    return end !== joining;
  }

  private pushFrame(address: number, into: RawStack): boolean {
    const { frame } = this.layout;
    const { words, offset } = this.frameMemory;
    const isObject = frame.owner === undefined;
    // A frame object that nobody refers to was freed meanwhile.
    if (isObject && wordAt(words, offset) === 0) return false;
    const owner = frame.owner === undefined ? 0 : byteAt(words, offset + frame.owner);
    if (owner >= frame.firstForeignOwner) return into.push(address, 0, 0);
    const reference = wordAt(words, offset + frame.code);
    const code = reference - ((reference % 8) & this.tagBits);
    if (!isPlausibleAddress(code)) return false;
    const at = offset + frame.instruction;
    return into.push(address, code, isObject ? (words[at >>> 2] ?? 0) | 0 : wordAt(words, at));
  }

  /** Reads anew from the frame that is innermost now to the first that `into` has, and puts that in its place. */
  private join({ address, chunks, copy }: ThreadPlace, now: number, into: RawStack): boolean {
    const { second } = this;
    copy.forget();
    second.clear();
    this.firstIndex.fill(into);
    this.frameMemory.begin(this.layout.thread.datastackChunk === undefined ? undefined : chunks);
    if (!isPlausibleAddress(now) || !this.walk(now, second, joining)) return false;
    const meeting = this.firstIndex.indexOf(second.frames[second.depth - 1] ?? 0);
    const outer = second.indexOf(this.currentFrame(address), meetingDepth);
    if (outer > 0) second.dropInner(outer);
    return into.replaceInner(meeting + 1, second);
  }
}

function byteAt(words: Uint32Array, byteOffset: number): number {
  return ((words[byteOffset >>> 2] ?? 0) >>> ((byteOffset & 3) * 8)) & 0xff;
}
