/**
 * The tracer's records: `src/collectors/FORMAT.md`, «Traced calls». Each stretch between two events of a lane becomes a row
 * of the innermost call.
 */
import { sampleState } from '../../../shared/profile';
import { GrowingInt32 } from '../../columns/growingColumn';
import { type ByteReader, DamagedBytes } from '../bytes/byteReader';
import { CharacterNumbers, largestNumber } from '../bytes/characterNumbers';
import type { ProfileBuilder } from '../model/profileBuilder';
import { LaneTasks } from './laneTasks';

const token = { exit: 0, resume: 1, firstFunction: 2, mark: 0x10ffff } as const;
const compiledFlag = 8;
const [reasonShift, reasonMask] = [4, 63];
const hiddenFile = /^<frozen importlib/;

/** Names that the records refer to by the numbers of their stream. */
export interface CallNames {
  /** The next number of a function. Throws `DamagedBytes` where no function can have it. */
  id(reader: ByteReader): number;
  /** The lane's index in the builder. */
  lane(id: number): number;
  /** The same of a task's lane; -1 where it is none. */
  task(id: number): number;
  /** The function's index in the builder. */
  func(id: number): number;
}

/** Follows the calls of one process. Times are absolute nanoseconds. */
export class CallReader {
  firstTimeNs = Number.POSITIVE_INFINITY;
  lastTimeNs = 0;
  hasCalls = false;
  private readonly functions: CalledFunctions;
  private readonly lanes = new Map<number, LaneCalls>();
  /** Until when each task's rows go, whichever threads ran it. */
  private readonly taskEndsNs = new Map<number, number>();

  /** `windowNs`: what is before it is left out. */
  constructor(
    private readonly builder: ProfileBuilder,
    private readonly names: CallNames,
    private readonly windowNs: number,
  ) {
    this.functions = new CalledFunctions(builder, names);
  }

  /** What the definition of a function says beyond its name. */
  define(id: number, file: string, flags: number): void {
    this.functions.define(id, file, flags);
  }

  /** The next events of a lane. */
  readCalls(reader: ByteReader): void {
    const lane = this.laneOf(reader.varint());
    let timeNs = reader.varint();
    const count = reader.varint();
    const sizes = [reader.varint(), reader.varint(), reader.varint()] as const;
    const tokens = new CharacterNumbers(reader.slice(sizes[0]));
    const deltas = new CharacterNumbers(reader.slice(sizes[1]));
    const end = reader.offset + sizes[2];
    this.firstTimeNs = Math.min(this.firstTimeNs, Math.max(timeNs, this.windowNs));
    for (let i = 0; i < count; i++) {
      const next = tokens.next();
      const deltaNs = deltas.next();
      timeNs += deltaNs === largestNumber ? reader.varint() : deltaNs;
      if (next === token.mark) lane.beginStep(timeNs);
      else if (next >= token.firstFunction) lane.enter(next - token.firstFunction, timeNs);
      else if (next === token.exit) lane.exit(timeNs);
      else lane.resume();
    }
    if (reader.offset !== end) throw new DamagedBytes('columns of different lengths');
    this.hasCalls = true;
    this.lastTimeNs = Math.max(this.lastTimeNs, timeNs);
  }

  /** Whose the next steps of a thread's event loop are. */
  readTasks(reader: ByteReader): void {
    const lane = this.laneOf(reader.varint());
    const count = reader.varint();
    if (count > reader.remaining) throw new DamagedBytes('too many steps');
    for (let i = 0; i < count; i++) {
      const task = reader.varint() - 1;
      lane.tasks.announce(task < 0 ? -1 : this.names.task(task));
    }
  }

  /** What is on a lane's stack at a moment, whatever the events before it say. */
  readStack(reader: ByteReader): void {
    const { lane, timeNs, functions } = this.stackIn(reader);
    lane.becomes(functions, timeNs);
  }

  /** The calls that had begun before the first events that were kept of a lane. */
  readBegun(reader: ByteReader): void {
    const { lane, timeNs, functions } = this.stackIn(reader);
    lane.begins(functions, timeNs);
    this.hasCalls = true;
  }

  /** A function whose calls are noted no more, or again. */
  readFolded(reader: ByteReader): void {
    const id = this.names.id(reader);
    reader.varint();
    const isFolded = reader.varint() === 1;
    reader.varint();
    reader.varint();
    if (isFolded) this.functions.fold(id);
  }

  /** Ends what still goes on when the process ends, and hands out the numbers of calls. */
  finish(endNs: number): void {
    for (const lane of this.lanes.values()) lane.spend(endNs);
    this.functions.countCalls();
  }

  /** Names of the functions that were folded at some time, by their index in the builder. */
  get folded(): readonly number[] {
    return this.functions.foldedFuncs();
  }

  private stackIn(reader: ByteReader) {
    const lane = this.laneOf(reader.varint());
    const timeNs = reader.varint();
    const depth = reader.varint();
    if (depth > reader.remaining) throw new DamagedBytes('a stack is too deep');
    return { lane, timeNs, functions: Array.from({ length: depth }, () => this.names.id(reader)) };
  }

  private laneOf(id: number): LaneCalls {
    const known = this.lanes.get(id);
    if (known) return known;
    const place = { lane: this.names.lane(id), windowNs: this.windowNs };
    const lane = new LaneCalls(this.builder, place, {
      functions: this.functions,
      taskEndsNs: this.taskEndsNs,
    });
    this.lanes.set(id, lane);
    return lane;
  }
}

/** The functions of a process by their numbers in the stream. */
class CalledFunctions {
  private readonly frames = new GrowingInt32();
  private readonly flags = new GrowingInt32();
  private readonly calls = new GrowingInt32();
  private readonly hidden = new Set<number>();
  private readonly foldedIds = new Set<number>();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly names: CallNames,
  ) {}

  define(id: number, file: string, flags: number): void {
    this.flags.set(id, flags, 0);
    if (hiddenFile.test(file)) this.hidden.add(id);
  }

  /** The stack node of a call. */
  node(parent: number, id: number): number {
    let frame = this.frames.at(id);
    if (frame < 0) {
      const place = { line: 0, endLine: 0, column: -1, endColumn: -1 };
      frame = this.builder.frame({ func: this.names.func(id), ...place });
      this.frames.set(id, frame, -1);
    }
    return this.hidden.size > 0 && this.hidden.has(id) ? parent : this.builder.node(parent, frame);
  }

  count(id: number): void {
    this.calls.set(id, this.calls.at(id, 0) + 1, 0);
  }

  fold(id: number): void {
    this.foldedIds.add(id);
  }

  isCompiled(id: number): boolean {
    return (this.flags.at(id, 0) & compiledFlag) !== 0;
  }

  /** Index into `waitReasons`: what a compiled function waits for, 0 when it computes. */
  reason(id: number): number {
    return (this.flags.at(id, 0) >> reasonShift) & reasonMask;
  }

  foldedFuncs(): number[] {
    return [...this.foldedIds].map(id => this.names.func(id));
  }

  /** Of folded functions nobody knows how often they were called. */
  countCalls(): void {
    for (let id = 0; id < this.calls.length; id++) {
      const count = this.foldedIds.has(id) ? Number.NaN : this.calls.at(id, 0);
      if (count !== 0 && !this.hidden.has(id)) this.builder.countCalls(this.names.func(id), count);
    }
  }
}

/** The stack of one lane, and the rows that it becomes. */
class LaneCalls {
  private depth = 0;
  /** Until when the time is given out; nothing is given out before the window. */
  private cursorNs: number;
  private isResumed = false;
  readonly tasks: LaneTasks;
  private readonly functions: CalledFunctions;
  private readonly nodes = new GrowingInt32();
  private readonly ids = new GrowingInt32();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly place: { readonly lane: number; readonly windowNs: number },
    process: { readonly functions: CalledFunctions; readonly taskEndsNs: Map<number, number> },
  ) {
    this.cursorNs = place.windowNs;
    this.functions = process.functions;
    this.tasks = new LaneTasks(
      builder,
      { nodes: process.functions, endsNs: process.taskEndsNs },
      place.windowNs,
    );
  }

  /** The next call is a step of an event loop. */
  beginStep(timeNs: number): void {
    this.spend(timeNs);
    this.tasks.begin(this.depth, timeNs);
  }

  enter(id: number, timeNs: number): void {
    this.spend(timeNs);
    this.tasks.enter(id, this.depth, this.isResumed);
    this.push(id);
    if (!this.isResumed && timeNs >= this.place.windowNs) this.functions.count(id);
    this.isResumed = false;
  }

  /** What is entered next was there before, and had yielded. */
  resume(): void {
    this.isResumed = true;
  }

  exit(timeNs: number): void {
    this.spend(timeNs);
    if (this.depth > 0) this.depth--;
    this.tasks.leave(this.depth, timeNs);
  }

  /**
   * Takes what is on the stack from elsewhere. Compiled functions are not in it, and stay: their ends are always noted.
   */
  becomes(stack: readonly number[], timeNs: number): void {
    this.spend(timeNs);
    const former = Array.from({ length: this.depth }, (_, index) => this.ids.at(index));
    this.depth = 0;
    let matched = 0;
    for (const id of former) {
      if (this.functions.isCompiled(id)) this.push(id);
      else if (id === stack[matched]) {
        this.push(id);
        matched++;
      }
    }
    for (const id of stack.slice(matched)) this.push(id);
  }

  /** Takes over calls that had begun before; they are not counted. */
  begins(stack: readonly number[], timeNs: number): void {
    this.spend(timeNs);
    for (const id of stack) this.push(id);
  }

  /** Gives the time until then to the innermost call. */
  spend(untilNs: number): void {
    if (untilNs <= this.cursorNs) return;
    if (this.depth > 0) {
      const { samples } = this.builder;
      const node = this.nodes.at(this.depth - 1);
      const index = samples.add(this.place.lane, node, untilNs, untilNs - this.cursorNs);
      if (this.tasks.running >= 0) samples.setTask(index, this.tasks.running);
      const reason = this.functions.reason(this.ids.at(this.depth - 1));
      if (reason > 0) {
        samples.setState(index, sampleState.waiting | sampleState.guessed);
        samples.setReason(index, reason);
      }
    }
    this.cursorNs = untilNs;
  }

  private push(id: number): void {
    const parent = this.depth > 0 ? this.nodes.at(this.depth - 1) : -1;
    this.nodes.set(this.depth, this.functions.node(parent, id), -1);
    this.ids.set(this.depth, id, -1);
    this.depth++;
  }
}
