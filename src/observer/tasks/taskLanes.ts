import type { PythonDicts } from '../memory/pythonDicts';
import type { PythonObjects } from '../memory/pythonObjects';
import { isPlausibleAddress, WordBuffer, wordAt } from '../memory/targetMemory';
import { LastStack, noStack } from '../stacks/stackTable';
import { type RecordWriter, stateBits } from '../stream/recordWriter';
import type { LaneTail, Look } from '../stream/sampleBuffer';
import type { TaskLayout } from './taskLayout';

/** An asyncio task that is looked at, and its lane in the stream. */
export class ObservedTask implements LaneTail, Look {
  lastSample = -1;
  stack = noStack;
  isSuspended = false;
  /** The walk through its loop's tasks that met it last. */
  walk = 0;
  readonly bits = stateBits.suspended;
  readonly reason = 0;
  readonly hasCpu = false;
  readonly taskLane = -1;
  readonly last = new LastStack();

  constructor(
    readonly lane: number,
    readonly coroutine: number,
    readonly name: string,
    public nameAddress: number,
  ) {}
}

/** The tasks of one thread's loop, by address. */
export class TaskLanes {
  readonly tasks = new Map<number, ObservedTask>();
  private readonly task: WordBuffer;

  constructor(
    private readonly objects: PythonObjects,
    private readonly dicts: PythonDicts,
    private readonly records: RecordWriter,
    private readonly layout: TaskLayout['task'],
    private readonly threadLane: number,
  ) {
    this.task = new WordBuffer(Math.ceil(layout.byteCount / 8) * 8);
  }

  /** The link behind that of the task read last. */
  get nextLink(): number {
    return wordAt(this.task.words, this.layout.link);
  }

  /** The link before that of the task read last. */
  get linkBefore(): number {
    return wordAt(this.task.words, this.layout.link + 8);
  }

  /** Reads the task at an address. False when there is none. */
  read(address: number): boolean {
    const { task, layout } = this;
    if (!isPlausibleAddress(address)) return false;
    return this.objects.memory.read(address, task.bytes, layout.byteCount) && task.bytes[layout.isTask] === 1;
  }

  /**
   * The task read last, at its address, known or new; undefined when its name cannot be read. Another task may get the
   * place of one that has ended, and its coroutine too: then it has another name.
   */
  of(address: number, nowNs: number): ObservedTask | undefined {
    const { task, layout } = this;
    const coroutine = wordAt(task.words, layout.coroutine);
    const nameAddress = wordAt(task.words, layout.name);
    const known = this.tasks.get(address);
    const mayBeKnown = known?.coroutine === coroutine;
    if (known && mayBeKnown && known.nameAddress === nameAddress) return known;
    const name = this.nameAt(nameAddress);
    if (name === undefined) return undefined;
    if (known && mayBeKnown && known.name === name) {
      known.nameAddress = nameAddress;
      return known;
    }
    this.end(address, nowNs);
    return this.open(address, coroutine, nameAddress, name);
  }

  /** Ends the lane of a task that is gone. */
  end(address: number, nowNs: number): void {
    const task = this.tasks.get(address);
    if (task === undefined) return;
    this.tasks.delete(address);
    this.records.add('laneEnd', task.lane, nowNs);
  }

  private open(address: number, coroutine: number, nameAddress: number, name: string): ObservedTask {
    const lane = this.records.lane('task', name, {
      parent: this.threadLane,
      identity: address,
      tid: 0,
    });
    const task = new ObservedTask(lane, coroutine, name, nameAddress);
    this.tasks.set(address, task);
    return task;
  }

  /** A task that was given no name holds its number, of which the text is made when somebody asks. */
  private nameAt(address: number): string | undefined {
    const text = this.objects.text(address);
    if (text !== undefined) return text;
    const number = this.dicts.integer(address);
    return number === undefined ? undefined : `Task-${number}`;
  }
}
