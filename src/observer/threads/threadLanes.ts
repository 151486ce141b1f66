import { ThreadClock } from '../kernel/threadClock';
import { ThreadWait } from '../kernel/waitReader';
import { ChunkCopy, ChunkHints } from '../memory/frameMemory';
import type { TargetMemory } from '../memory/targetMemory';
import { LastStack, noStack } from '../stacks/stackTable';
import type { RecordWriter } from '../stream/recordWriter';
import type { LaneTail, Look } from '../stream/sampleBuffer';
import type { FoundThread } from './threadList';

/** A thread that is looked at, and its lane in the stream. */
export class ObservedThread implements LaneTail, Look {
  lastSample = -1;
  stack = noStack;
  /** State bits of its last sample. */
  bits = 0;
  root = 0;
  cFrame = 0;
  /** The lane of the asyncio task that it runs; -1 none. */
  taskLane = -1;
  /** Time in the queue for a processor that was already given to samples. */
  creditedQueueNs = 0;
  /** The program's own name of it is known. */
  isNamed = false;
  /** False until the first look. */
  isKnown = false;
  /** The kernel has it no more. */
  isGone = false;
  readonly last = new LastStack();
  readonly copy = new ChunkCopy();
  readonly chunks: ChunkHints;
  readonly address: number;
  readonly interpreter: number;

  /** `creditedNs`: CPU time that was already given to samples. */
  constructor(
    readonly lane: number,
    readonly found: FoundThread,
    public name: string,
    readonly clock: ThreadClock | undefined,
    readonly wait: ThreadWait | undefined,
    public creditedNs: number,
    memory: TargetMemory,
  ) {
    this.creditedQueueNs = clock?.queuedNs ?? 0;
    this.address = found.address;
    this.interpreter = found.interpreter;
    this.chunks = new ChunkHints(memory);
  }

  get reason(): number {
    return this.wait?.reason ?? 0;
  }

  get hasCpu(): boolean {
    return this.clock !== undefined;
  }

  /** It has not run since its stack was read, because it was blocked then and has been put on no processor since. */
  get isAsleep(): boolean {
    return this.isKnown && this.wait?.isBlocked === true && this.clock?.hasChanged === false;
  }

  close(): void {
    this.clock?.close();
    this.wait?.close();
  }

  /** Whether a thread state found anew at the same address is still this thread's. */
  isSame(found: FoundThread): boolean {
    return !this.isGone && this.found.ident === found.ident && this.found.tid === found.tid;
  }
}

/** Makes, renames and ends the lanes of a process's threads. */
export class ThreadLanes {
  private isFirst = true;
  /** Looked at now. */
  threads: ObservedThread[] = [];

  constructor(
    private readonly memory: TargetMemory,
    private readonly records: RecordWriter,
  ) {}

  /** The idents of those threads whose names are not known yet. */
  nameless(found: readonly FoundThread[]): ReadonlySet<number> {
    const known = new Map(this.threads.map(thread => [thread.address, thread]));
    const isNameless = (one: FoundThread) => {
      const thread = known.get(one.address);
      return !(thread?.isSame(one) && thread.isNamed);
    };
    return new Set(found.filter(isNameless).map(({ ident }) => ident));
  }

  /** Brings the lanes in line with what was found; `names` by ident. */
  update(found: readonly FoundThread[], names: ReadonlyMap<number, string>, nowNs: number): void {
    const { isFirst } = this;
    this.isFirst = false;
    const before = new Map(this.threads.map(thread => [thread.address, thread]));
    this.threads = oneForEachThread(found).map(one => {
      const known = before.get(one.address);
      if (!known?.isSame(one)) return this.open(one, names.get(one.ident), isFirst);
      before.delete(one.address);
      this.rename(known, names.get(one.ident));
      return known;
    });
    for (const gone of before.values()) {
      this.records.add('laneEnd', gone.lane, nowNs);
      gone.close();
    }
  }

  /** A thread that was there before us has used CPU time that is none of the recording's. */
  private open(found: FoundThread, named: string | undefined, isFirst: boolean): ObservedThread {
    const name = named ?? (found.tid === this.memory.pid ? 'MainThread' : `thread ${found.ident}`);
    const { ident: identity, tid } = found;
    const lane = this.records.lane('thread', name, { parent: -1, identity, tid });
    const { memory } = this;
    const clock = found.tid > 0 ? ThreadClock.open(memory.pid, found.tid) : undefined;
    const wait = found.tid > 0 ? ThreadWait.open(memory.pid, found.tid) : undefined;
    const creditedNs = isFirst ? (clock?.cpuNs ?? 0) : 0;
    const thread = new ObservedThread(lane, found, name, clock, wait, creditedNs, memory);
    thread.isNamed = named !== undefined;
    return thread;
  }

  private rename(thread: ObservedThread, name: string | undefined): void {
    if (name === undefined) return;
    thread.isNamed = true;
    if (name === thread.name) return;
    thread.name = name;
    const nameId = this.records.string(name);
    this.records.add('laneName', thread.lane, nameId);
  }

  close(): void {
    for (const thread of this.threads) thread.close();
  }
}

/**
 * A thread that has entered a sub-interpreter has a state in each, and the newest interpreter's comes first. Inside one
 * interpreter the oldest counts: up to 3.11 a new thread's state bears the number of the thread that made it at first.
 */
function oneForEachThread(found: readonly FoundThread[]): FoundThread[] {
  const byTid = new Map<number, FoundThread>();
  for (const thread of found) {
    const known = byTid.get(thread.tid);
    if (known === undefined || known.interpreter === thread.interpreter) byTid.set(thread.tid, thread);
  }
  return found.filter(thread => thread.tid === 0 || byTid.get(thread.tid) === thread);
}
