/** The threads of a process that run Python, found by walking CPython's lists of interpreters and thread states. */
import { existsSync } from 'node:fs';
import type { Layout } from '../layout/layout';
import { isPlausibleAddress, type TargetMemory, WordBuffer, wordAt } from '../memory/targetMemory';
import type { Interpreters } from './interpreters';

const maxInterpreters = 1_000;
const maxThreads = 20_000;
const searchedBytes = 2_048;

/** One thread state. */
export interface FoundThread {
  readonly address: number;
  readonly interpreter: number;
  readonly ident: number;
  /** The kernel's number of the thread; 0 unknown. */
  readonly tid: number;
}

export class ThreadList {
  /** Addresses of the interpreters, and what their pointers to their newest thread held at the last walk. */
  private addresses: number[] = [];
  private heads: number[] = [];
  /** A thread was made that has not begun. */
  private hasUnbegun = false;
  private tidOffset = -1;
  private readonly state: WordBuffer;

  constructor(
    private readonly memory: TargetMemory,
    private readonly layout: Layout,
    private readonly runtime: number,
  ) {
    const { thread } = layout;
    this.state = new WordBuffer(Math.max(thread.frame, thread.threadId, thread.nativeThreadId ?? 0) + 8);
  }

  /** New threads are put in front, so an unchanged front means that there is none. */
  mayHaveNew(interpreters: Interpreters): boolean {
    const { addresses, heads } = this;
    if (this.hasUnbegun) return true;
    for (let index = 0; index < addresses.length; index++) {
      if (interpreters.at(addresses[index] ?? 0).newestThread !== heads[index]) return true;
    }
    return addresses.length === 0;
  }

  /** All thread states, the main interpreter's last; undefined when the lists cannot be read. */
  walk(): FoundThread[] | undefined {
    const { interpreter: offsets } = this.layout;
    const found: FoundThread[] = [];
    this.addresses = [];
    this.heads = [];
    this.hasUnbegun = false;
    let interpreter = this.memory.pointer(this.runtime + this.layout.runtime.interpretersHead);
    if (interpreter === 0) return undefined;
    for (let count = 0; interpreter !== 0 && count < maxInterpreters; count++) {
      const head = this.memory.pointer(interpreter + offsets.threadsHead);
      this.addresses.push(interpreter);
      this.heads.push(head);
      this.walkThreads(head, interpreter, found);
      interpreter = this.memory.pointer(interpreter + offsets.next);
    }
    if (this.layout.thread.nativeThreadId !== undefined) return found;
    if (this.tidOffset < 0) this.tidOffset = this.findTidOffset(found);
    return found.map(thread => ({ ...thread, tid: this.tidOf(thread.ident) }));
  }

  private walkThreads(head: number, interpreter: number, found: FoundThread[]): void {
    const { thread } = this.layout;
    let address = head;
    for (let count = 0; isPlausibleAddress(address) && count < maxThreads; count++) {
      if (!this.memory.read(address, this.state.bytes, this.state.bytes.length)) return;
      const { words } = this.state;
      const tid = thread.nativeThreadId === undefined ? 0 : wordAt(words, thread.nativeThreadId);
      const ident = wordAt(words, thread.threadId);
      if (ident === 0) this.hasUnbegun = true;
      else found.push({ address, interpreter, ident, tid });
      address = wordAt(words, thread.next);
    }
  }

  private tidOf(ident: number): number {
    if (this.tidOffset < 0) return 0;
    const tid = this.memory.bytes(ident + this.tidOffset, 4)?.readInt32LE(0) ?? 0;
    return tid > 0 && existsSync(`/proc/${this.memory.pid}/task/${tid}`) ? tid : 0;
  }

  /**
   * Up to 3.10 a thread's ident is the address of the C library's own structure, which holds the kernel's number at a
   * place that the main thread, the oldest, gives away: its number is the process's.
   */
  private findTidOffset(threads: readonly FoundThread[]): number {
    const bytes = Buffer.alloc(searchedBytes);
    const byteCount = this.memory.readUpTo(threads.at(-1)?.ident ?? 0, bytes, searchedBytes);
    for (let at = 256; at + 4 <= byteCount; at += 4) {
      if (bytes.readInt32LE(at) === this.memory.pid) return at;
    }
    return -1;
  }
}
