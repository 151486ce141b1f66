/** What changes all the time in the structure of an interpreter: its newest thread, who holds its GIL, its collector. */
import type { Layout } from '../layout/layout';
import { type TargetMemory, WordBuffer, wordAt } from '../memory/targetMemory';

/** The GIL begins with its interval, one word before the holder, and ends with its locks. */
const bytesBeforeHolder = 8;
/** `sizeof(struct _gil_runtime_state)`. */
export const gilBytes = 208;
/** `sizeof(struct gc_generation_stats)` up to 3.14. */
const statisticsBytes = 24;
/** One read of so much costs hardly more than one of a word, and two reads cost twice that. */
const maxSpanBytes = 2048;

/** An interpreter, as it was read last. */
export class InterpreterState {
  /** Address of its newest thread state; 0 when it could not be read. */
  newestThread = 0;
  /** Address of the thread state that holds the GIL; 0 when none does. */
  gilHolder = 0;
  /** The garbage collector is at work. */
  isCollecting = false;
  /** Number of the look that read it. */
  look = 0;
  /** Where the GIL names its holder: that stays. 0 while unknown. */
  private holderAt = 0;
  private readonly head = new WordBuffer(maxSpanBytes);
  private readonly gil: WordBuffer;
  private readonly gilBytesRead: number;

  constructor(
    private readonly memory: TargetMemory,
    private readonly layout: Layout,
    private readonly runtime: number,
    readonly address: number,
  ) {
    const { holder, locked } = layout.gil;
    this.gilBytesRead = Math.ceil((locked + 4 - holder) / 8) * 8;
    this.gil = new WordBuffer(this.gilBytesRead);
  }

  /** Reads it anew: with one read where the GIL is a part of the interpreter, which it is since 3.12. */
  update(): void {
    const { memory, head, gil, gilBytesRead } = this;
    const { interpreter, gc } = this.layout;
    const start = this.address + interpreter.threadsHead;
    const toFlag = gc.collecting - interpreter.threadsHead;
    const toGil = this.gilHolderAddress() - start;
    const isOneRead = toGil > 0 && toGil + gilBytesRead <= maxSpanBytes;
    const isRead = memory.read(start, head.bytes, isOneRead ? toGil + gilBytesRead : toFlag + 8);
    this.newestThread = isRead ? wordAt(head.words, 0) : 0;
    this.isCollecting = isRead && head.words[toFlag >>> 2] === 1;
    if (isOneRead) this.gilHolder = isRead ? this.holderIn(head.words, toGil) : 0;
    else if (memory.read(start + toGil, gil.bytes, gilBytesRead))
      this.gilHolder = this.holderIn(gil.words, 0);
    else this.gilHolder = 0;
  }

  /** How often each generation was collected, youngest first; empty where the version does not tell. */
  get collectionCounts(): readonly number[] {
    const { interpreter, gc } = this.layout;
    if (gc.collections === undefined) return [];
    const first = gc.collections - interpreter.threadsHead;
    return [0, 1, 2].map(generation => wordAt(this.head.words, first + generation * statisticsBytes));
  }

  /** Whether an address lies in the GIL, as that of the lock does in which a thread waits for it. */
  hasInGil(address: number): boolean {
    const start = this.gilHolderAddress() - bytesBeforeHolder;
    return this.holderAt !== 0 && address >= start && address < start + gilBytes;
  }

  private holderIn(words: Uint32Array, offset: number): number {
    const { holder, locked } = this.layout.gil;
    return words[(offset + locked - holder) >>> 2] === 1 ? wordAt(words, offset) : 0;
  }

  private gilHolderAddress(): number {
    if (this.holderAt !== 0) return this.holderAt;
    const { base, at, holder } = this.layout.gil;
    const gil = base === 'runtime' ? this.runtime + at : this.memory.pointer(this.address + at);
    if (gil !== 0) this.holderAt = gil + holder;
    return this.holderAt;
  }
}

/** The interpreters of a process, each read at most once a look. */
export class Interpreters {
  private readonly known = new Map<number, InterpreterState>();
  private look = 1;
  /** The one that was asked for last: mostly there is no other. */
  private last: InterpreterState | undefined;

  constructor(
    private readonly memory: TargetMemory,
    private readonly layout: Layout,
    private readonly runtime: number,
  ) {}

  /** Begins a look: what is asked for now is read anew. */
  forget(): void {
    this.look++;
  }

  /** Visits those that were asked for in this look. */
  eachAsked(visit: (state: InterpreterState) => void): void {
    this.known.forEach(state => {
      if (state.look === this.look) visit(state);
    });
  }

  /** The interpreter at an address, as it was at the first question of this look. */
  at(address: number): InterpreterState {
    let state = this.last?.address === address ? this.last : this.known.get(address);
    if (state === undefined) {
      state = new InterpreterState(this.memory, this.layout, this.runtime, address);
      this.known.set(address, state);
    }
    this.last = state;
    if (state.look !== this.look) {
      state.look = this.look;
      state.update();
    }
    return state;
  }
}
