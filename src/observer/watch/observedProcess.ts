/** One process that is looked at: its threads, and its stream in the run folder. */
import { join } from 'node:path';
import { executableOf } from '../image/pythonImage';
import type { ThreadClock } from '../kernel/threadClock';
import { WaitReader } from '../kernel/waitReader';
import { PythonObjects } from '../memory/pythonObjects';
import { CodeTable } from '../stacks/codeTable';
import { RawStack } from '../stacks/rawStack';
import { SourceFiles } from '../stacks/sourceFiles';
import { StackReader } from '../stacks/stackReader';
import { noStack, StackTable, tornStack } from '../stacks/stackTable';
import { ChunkFile } from '../stream/chunkFile';
import { RecordWriter, stateBits } from '../stream/recordWriter';
import { SampleBuffer } from '../stream/sampleBuffer';
import { TaskWatch } from '../tasks/taskWatch';
import { GcPauses } from '../threads/gcPauses';
import { type InterpreterState, Interpreters } from '../threads/interpreters';
import { OwnThreads } from '../threads/ownThreads';
import { type ObservedThread, ThreadLanes } from '../threads/threadLanes';
import { ThreadList } from '../threads/threadList';
import { ThreadNames } from '../threads/threadNames';
import { type Access, CannotObserve } from './access';
import { monotonicNs } from './clock';
import { commandWords, currentFolder } from './processFacts';

const engineVersion = '1';
const firstFlushNs = 100_000_000;
const flushNs = 250_000_000;
/** How long ticks are held for what the kernel tells late of CPU times. */
const holdNs = 30_000_000;
const refreshNs = 500_000_000;
/** How often new threads are looked for, in ticks. */
const newThreadsEvery = 4;
/** An idle thread is looked at all the same so often, in ticks: nothing is believed for ever. */
const idleLookEvery = 64;
/** So many sleeping threads are asked at a tick whether they have run; of more, each in its turn. */
const sleepersAsked = 32;

export interface ObserverSettings {
  readonly runDir: string;
  readonly rateHz: number;
}

/** How the recording of a process ended, as the end chunk has it. */
export interface Ending {
  readonly reason: 'exit' | 'stopped';
  readonly lookCount: number;
  readonly samplerCpuNs: number;
  readonly maxLatenessNs: number;
}

export class ObservedProcess {
  readonly pid: number;
  readonly startTicks: number;
  private readonly baseNs = monotonicNs();
  private readonly records = new RecordWriter();
  private readonly samples = new SampleBuffer(this.baseNs);
  private readonly raw = new RawStack();
  private readonly list: ThreadList;
  private readonly ownThreads: OwnThreads;
  private readonly lanes: ThreadLanes;
  private readonly reader: StackReader;
  private readonly interpreters: Interpreters;
  private readonly waits: WaitReader;
  private readonly gcPauses = new GcPauses(this.records);
  private readonly names: ThreadNames;
  private readonly stacks: StackTable;
  private readonly tasks: TaskWatch;
  private readonly file: ChunkFile;
  private tickCount = 0;
  private previousNs = this.baseNs;
  private nowNs = this.baseNs;
  private sampleCount = 0;
  private tornCount = 0;
  private cutCount = 0;
  private isListStale = true;
  private refreshDueNs = 0;
  private flushDueNs = this.baseNs + firstFlushNs;

  /**
   * Makes the stream's file. Fails with `CannotObserve` while Python in the process has not begun, or when it is a
   * copy that shares the memory of its parent; with Node's error when the file cannot be made.
   */
  constructor(
    private readonly access: Access,
    settings: ObserverSettings,
  ) {
    const { memory, layout, image, state } = access;
    this.pid = memory.pid;
    this.startTicks = state.startTicks;
    const objects = new PythonObjects(memory, layout);
    this.list = new ThreadList(memory, layout, image.runtime);
    const main = this.list
      .walk()
      ?.filter(({ tid }) => tid === this.pid)
      .at(-1);
    if (main === undefined) throw new CannotObserve(`Python in process ${this.pid} has not begun.`, false);
    this.lanes = new ThreadLanes(memory, this.records);
    this.reader = new StackReader(memory, layout);
    this.ownThreads = new OwnThreads(objects, this.reader);
    this.interpreters = new Interpreters(memory, layout, image.runtime);
    this.waits = new WaitReader(memory, this.interpreters);
    this.names = new ThreadNames(objects, main.interpreter + layout.interpreter.modules);
    const files = new SourceFiles(this.pid, currentFolder(this.pid), this.records);
    this.stacks = new StackTable(new CodeTable(objects, this.records, files), this.records);
    this.tasks = new TaskWatch(objects, layout, this.records, this.stacks, this.baseNs);
    const name = `samples-${this.pid}-${this.baseNs.toString(16)}.chunks`;
    this.file = new ChunkFile(join(settings.runDir, name), this.pid, this.meta(settings, main.ident));
  }

  /** The kernel's numbers of its threads. */
  get threadIds(): readonly number[] {
    return this.lanes.threads.map(({ found }) => found.tid).filter(tid => tid > 0);
  }

  /** Until now the program has waited for us: that is none of its time. Call it before the first look. */
  startAt(nowNs: number): void {
    this.samples.startAt(nowNs);
    this.previousNs = nowNs;
  }

  /** Looks at all threads once. False when the process or its program is gone. */
  tick(nowNs: number): boolean {
    const isListDue = this.isListStale || nowNs >= this.refreshDueNs;
    this.interpreters.forget();
    const isNewDue = this.tickCount % newThreadsEvery === 0;
    if (isListDue || (isNewDue && this.list.mayHaveNew(this.interpreters))) {
      if (!this.refreshThreads(nowNs)) return false;
    }
    this.tickCount++;
    this.samples.tick(nowNs);
    for (const thread of this.lanes.threads) this.look(thread, nowNs);
    this.noteGc(nowNs);
    if (nowNs >= this.flushDueNs) this.flush(nowNs, nowNs - holdNs);
    return true;
  }

  /** Writes what is held and the end chunk. */
  end(nowNs: number, ending: Ending): void {
    this.gcPauses.endAll();
    this.flush(nowNs, Number.POSITIVE_INFINITY);
    const { tornCount, cutCount, sampleCount } = this;
    const epochNs = Date.now() * 1e6;
    this.file.end({
      ...ending,
      monotonicNs: nowNs,
      epochNs,
      tasksLeftOut: this.tasks.mostLeftOut,
      tornCount,
      cutCount,
      sampleCount,
    });
    this.lanes.close();
    this.access.memory.close();
  }

  private look(thread: ObservedThread, nowNs: number): void {
    if (thread.isAsleep && !this.mayBeAwake(thread)) {
      this.addSamples(thread, nowNs);
      return;
    }
    const { clock } = thread;
    if (clock && !clock.update(nowNs)) {
      thread.isGone = this.isListStale = true;
      return;
    }
    const isIdle = thread.isAsleep || (clock?.mayHaveRun === false && thread.isKnown);
    const isDue = !isIdle || (this.tickCount + thread.lane) % idleLookEvery === 0;
    if (isDue) {
      // Who ran and has left no processor since runs.
      if (thread.wait && (clock?.hasChanged !== false || thread.wait.isBlocked || !thread.isKnown))
        this.waits.look(thread.wait, thread.interpreter);
      if (!this.readStack(thread)) return;
      const holdsGil = this.interpreters.at(thread.interpreter).gilHolder === thread.address;
      this.tasks.look(thread, nowNs);
      thread.bits = (holdsGil ? stateBits.holdsGil : 0) | (this.reader.wantsGil ? stateBits.wantsGil : 0);
    }
    this.addSamples(thread, nowNs);
    if (clock) this.credit(thread, clock);
  }

  /** Who runs Python has the GIL, so hundreds that sleep need not be asked each time. */
  private mayBeAwake({ lane, address, interpreter }: ObservedThread): boolean {
    const turns = Math.ceil(this.lanes.threads.length / sleepersAsked);
    return (this.tickCount + lane) % turns === 0 || this.interpreters.at(interpreter).gilHolder === address;
  }

  private addSamples(thread: ObservedThread, nowNs: number): void {
    this.samples.sample(thread);
    this.tasks.sampleSuspended(thread, nowNs, this.samples);
  }

  private noteGc(nowNs: number): void {
    this.nowNs = nowNs;
    this.interpreters.eachAsked(this.noteInterpreter);
    this.previousNs = nowNs;
  }

  private readonly noteInterpreter = (interpreter: InterpreterState): void => {
    const { isIdle } = this.gcPauses;
    if (isIdle && !(interpreter.isCollecting && this.isInProgram(interpreter.gilHolder))) return;
    const { previousNs, nowNs, laneOf } = this;
    this.gcPauses.note(interpreter, { previousNs, nowNs, laneOf });
  };

  /** When the interpreter ends it collects too, where nothing of the program waits for that any more. */
  private isInProgram(address: number): boolean {
    return this.lanes.threads.find(thread => thread.address === address)?.stack !== noStack;
  }

  private readonly laneOf = (address: number): number =>
    this.lanes.threads.find(thread => thread.address === address)?.lane ?? -1;

  /** Gives what the kernel tells late to the samples that it belongs to. */
  private credit(thread: ObservedThread, { cpuNs, queuedNs }: ThreadClock): void {
    if (cpuNs !== thread.creditedNs) {
      this.samples.creditCpu(thread, cpuNs - thread.creditedNs);
      thread.creditedNs = cpuNs;
    }
    if (queuedNs !== thread.creditedQueueNs) {
      this.samples.creditQueue(thread, queuedNs - thread.creditedQueueNs);
      thread.creditedQueueNs = queuedNs;
    }
  }

  /** False when what was read makes no sense. A code object that is not there is read once more, like torn frames. */
  private readStack(thread: ObservedThread): boolean {
    this.sampleCount++;
    for (let attempt = 0; attempt < 2; attempt++) {
      if (!this.reader.read(thread, this.raw)) break;
      if (this.numberStack(thread)) return true;
    }
    const isCut = this.reader.readOuter(thread.last, this.raw) && this.numberStack(thread);
    if (isCut) this.cutCount++;
    else this.tornCount++;
    thread.isKnown = isCut;
    return isCut;
  }

  private numberStack(thread: ObservedThread): boolean {
    const stack = this.stacks.number(this.raw, thread.last);
    if (stack === tornStack) {
      thread.copy.forget();
      return false;
    }
    thread.stack = stack;
    thread.isKnown = true;
    return true;
  }

  private refreshThreads(nowNs: number): boolean {
    const all = this.list.walk();
    if (all === undefined || all.length === 0) return false;
    const found = this.ownThreads.leaveOut(all);
    const names = this.names.read(this.lanes.nameless(found));
    this.lanes.update(found, names, nowNs);
    this.tasks.forgetAllBut(this.lanes.threads, nowNs);
    this.isListStale = this.ownThreads.hasUndecided;
    this.refreshDueNs = nowNs + refreshNs;
    return true;
  }

  private flush(nowNs: number, untilNs: number): void {
    const { baseNs } = this.samples;
    this.samples.writeUntil(untilNs, this.records);
    if (this.records.byteCount > 0) this.file.appendData(baseNs, this.records.take());
    this.stacks.forgetIfFull();
    this.flushDueNs = nowNs + flushNs;
  }

  private meta({ rateHz }: ObserverSettings, mainThreadIdent: number): object {
    const { image, state } = this.access;
    return {
      pid: this.pid,
      parentPid: state.parentPid,
      python: image.version,
      implementation: 'cpython',
      executable: executableOf(this.pid) ?? '',
      argv: commandWords(this.pid),
      cwd: currentFolder(this.pid),
      platform: 'linux',
      engine: 'observer',
      engineVersion,
      rateHzAsked: rateHz,
      monotonicNs: this.baseNs,
      epochNs: Date.now() * 1e6,
      hasThreadCpu: true,
      isFreeThreaded: image.isFreeThreaded,
      mainThreadIdent,
    };
  }
}
