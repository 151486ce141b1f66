/**
 * Puts Austin's events together to samples. A sampler's pass over a process gives one sample to each of its threads,
 * all with the time since the pass before: so a process has one clock, which goes on when a thread is met again or
 * the time is another one. A process that comes later begins at the latest clock of those before.
 */
import { maxDepth } from '../../../shared/depthFirst';
import { sampleState, type ValueUnit } from '../../../shared/profile';
import type { ProfileBuilder } from '../model/profileBuilder';
import { MojoStack } from './mojoStack';
import type { MojoKey, MojoTables } from './mojoTables';

/** What a MOJO file can measure, with its unit. Memory is what a thread's process gained or gave back. */
export const mojoValues = {
  time: 'nanoseconds',
  allocated: 'bytes',
  freed: 'bytes',
} as const satisfies Record<string, ValueUnit>;
export type MojoValue = keyof typeof mojoValues;
const valueNames = Object.keys(mojoValues) as MojoValue[];

interface Process {
  clockUs: number;
  passUs: number;
  passNumber: number;
}

interface Thread {
  readonly lane: number;
  readonly process: Process;
  /** The pass in which it was met last. */
  passNumber: number;
  /** Its last stack; what it keeps are the frames without those of the kernel. */
  readonly present: MojoStack;
  readonly tasks: Map<MojoKey, Task>;
}

interface Task {
  readonly lane: number;
  readonly present: MojoStack;
}

/** Collects the samples of the measurement that is shown. */
export class MojoSamples {
  endNs = 0;
  private readonly measured = new Set<MojoValue>();
  private processes = new Map<number, Process>();
  private threads = new Map<string, Thread>();
  private thread: Thread | undefined;
  private taskLane = -1;
  /** The stack at hand: the thread's, its task's, or what stands before any. */
  private present = new MojoStack();
  private kernelFrames = 0;
  private timeUs = Number.NaN;
  private memoryBytes = Number.NaN;
  private isIdle = false;
  private isRepeated = false;
  private firstValue: MojoValue | undefined;
  private latestUs = 0;

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly tables: MojoTables,
    private readonly asked: number | undefined,
  ) {}

  /** The measurement that the profile shows: the one asked for, else time where there is time. */
  get value(): MojoValue {
    return this.firstValue ?? 'time';
  }

  /** All measurements of the file. */
  get presentValues(): MojoValue[] {
    return valueNames.filter(name => this.measured.has(name));
  }

  /** Clocks of another file begin anew. */
  beginPart(): void {
    this.processes = new Map();
    this.threads = new Map();
    this.thread = undefined;
    this.latestUs = 0;
  }

  endPart(): void {
    this.close();
    this.thread = undefined;
  }

  stack(pid: number, interpreter: number, threadId: string): void {
    this.close();
    const key = `${pid},${interpreter},${threadId}`;
    let thread = this.threads.get(key);
    if (thread === undefined) {
      thread = this.newThread(pid, interpreter, threadId);
      this.threads.set(key, thread);
    }
    this.thread = thread;
    this.leaveTask(thread);
  }

  /** The frames that follow, up to the next metric, are those of a task that the thread's loop keeps suspended. */
  task(id: MojoKey, name: MojoKey): void {
    this.close();
    const { thread } = this;
    if (thread === undefined) return;
    const task = thread.tasks.get(id) ?? this.newTask(thread, name);
    thread.tasks.set(id, task);
    this.taskLane = task.lane;
    this.begin(task.present);
  }

  private newTask(thread: Thread, name: MojoKey): Task {
    const owner = this.builder.laneDraft(thread.lane);
    const text = this.tables.text(name);
    const lane = { kind: 'task', parent: thread.lane, pid: owner?.pid ?? 0, tid: 0 } as const;
    return { lane: this.builder.lane({ ...lane, name: text, isMain: false }), present: new MojoStack() };
  }

  frame(key: MojoKey): void {
    this.endTask();
    this.kernelFrames = 0;
    const frame = this.tables.frameOf(key);
    this.present.push(frame, this.tables.isLost(frame) ? undefined : key);
  }

  /** Takes over the references that begin a stack like the one before. Returns where they end. */
  readonly takeOver = (bytes: Uint8Array, at: number): number => this.present.takeOver(bytes, at);

  /** A frame that is no Python code: of the kernel, a garbage collection, or one that could not be read. */
  special(name: string): void {
    this.endTask();
    this.present.push(this.tables.special(name));
    this.kernelFrames++;
  }

  /**
   * The thread's last stack once more; frames that follow lie on top of it. Once for a sample: two repeats would double
   * the stack with each sample, until no memory held it.
   */
  repeat(): void {
    this.endTask();
    const last = this.thread?.present;
    if (last === undefined || this.isRepeated || this.present.depth + last.depth > maxDepth) return;
    this.isRepeated = true;
    this.present.repeat(last);
  }

  time(us: number): void {
    this.timeUs = Math.max(us, 0);
    this.measured.add('time');
  }

  memory(bytes: number): void {
    this.memoryBytes = bytes;
    this.measured.add('allocated');
    this.measured.add('freed');
  }

  idle(): void {
    this.isIdle = true;
  }

  /** Forgets the sample that was begun. */
  dropOpen(): void {
    this.begin(this.present);
    this.kernelFrames = 0;
    this.timeUs = Number.NaN;
    this.memoryBytes = Number.NaN;
    this.isIdle = false;
    this.isRepeated = false;
  }

  private get isMeasured(): boolean {
    return !Number.isNaN(this.timeUs) || !Number.isNaN(this.memoryBytes);
  }

  /** A task's stack is closed by its metric; what follows is the thread's own. */
  private endTask(): void {
    if (this.taskLane < 0 || !this.isMeasured) return;
    this.close();
    if (this.thread) this.leaveTask(this.thread);
  }

  private leaveTask(thread: Thread): void {
    this.taskLane = -1;
    this.begin(thread.present);
  }

  private begin(stack: MojoStack): void {
    this.present = stack;
    stack.restart(this.tables.version);
  }

  /** Adds the sample that was begun, if it was measured. */
  private close(): void {
    const { thread } = this;
    if (this.taskLane < 0) this.present.keep(this.kernelFrames);
    if (thread !== undefined && this.isMeasured) this.add(thread);
    this.dropOpen();
  }

  private add(thread: Thread): void {
    this.firstValue ??= this.chosenValue();
    const node = this.present.node(this.builder);
    if (this.value === 'time') this.addTime(thread, node);
    else this.addMemory(thread, node);
  }

  /** Known with the first sample: each has all metrics of the file. */
  private chosenValue(): MojoValue {
    const names = this.presentValues;
    return names[this.asked ?? 0] ?? names[0] ?? 'time';
  }

  private addMemory(thread: Thread, node: number): void {
    const bytes = this.value === 'allocated' ? this.memoryBytes : -this.memoryBytes;
    this.builder.aggregate(thread.lane, node, bytes);
  }

  private addTime(thread: Thread, node: number): void {
    const { timeUs } = this;
    if (Number.isNaN(timeUs)) return;
    const isTask = this.taskLane >= 0;
    if (!isTask) this.advance(thread, timeUs);
    if (timeUs === 0) return;
    // A task's stack stands before the one of its thread: it belongs to the pass that now begins.
    const endUs = thread.process.clockUs + (isTask ? timeUs : 0);
    const lane = isTask ? this.taskLane : thread.lane;
    const index = this.builder.samples.add(lane, node, endUs * 1000, timeUs * 1000);
    const state = this.stateOf(isTask);
    if (state !== 0) this.builder.samples.setState(index, state);
    if (!Number.isNaN(this.memoryBytes)) {
      this.builder.samples.setCpu(index, this.isIdle || isTask ? 0 : timeUs * 1000);
    }
    this.endNs = Math.max(this.endNs, endUs * 1000);
  }

  private advance(thread: Thread, timeUs: number): void {
    const { process } = thread;
    if (thread.passNumber === process.passNumber || timeUs !== process.passUs) {
      process.passNumber++;
      process.passUs = timeUs;
      process.clockUs += timeUs;
      this.latestUs = Math.max(this.latestUs, process.clockUs);
    }
    thread.passNumber = process.passNumber;
  }

  private stateOf(isTask: boolean): number {
    if (isTask) return sampleState.waiting | sampleState.suspended;
    if (this.isIdle) return sampleState.waiting;
    const isKnown = !Number.isNaN(this.memoryBytes);
    return !isKnown && this.tables.isWaiting(this.present.leaf)
      ? sampleState.waiting | sampleState.guessed
      : 0;
  }

  private newThread(pid: number, interpreter: number, threadId: string): Thread {
    let process = this.processes.get(pid);
    if (process === undefined) {
      process = { clockUs: this.latestUs, passUs: Number.NaN, passNumber: 0 };
      this.processes.set(pid, process);
    }
    // Austin writes ids in hexadecimal; on Linux the main thread's is the process id.
    const tid = Number.parseInt(threadId, 16);
    const name = interpreter > 0 ? `${threadId} (interpreter ${interpreter})` : '';
    const lane = this.builder.lane({
      kind: 'thread',
      parent: -1,
      pid,
      tid: Number.isSafeInteger(tid) ? tid : 0,
      name,
      isMain: tid === pid,
    });
    return { lane, process, passNumber: 0, present: new MojoStack(), tasks: new Map() };
  }
}
