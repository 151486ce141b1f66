/** asyncio on Python 3.14 and newer: which task a thread runs, and where the suspended ones wait. */
import { AsyncioImage } from '../image/asyncioImage';
import type { Layout } from '../layout/layout';
import { PythonDicts } from '../memory/pythonDicts';
import type { PythonObjects } from '../memory/pythonObjects';
import { WordBuffer, wordAt } from '../memory/targetMemory';
import { RawStack } from '../stacks/rawStack';
import { type StackTable, tornStack } from '../stacks/stackTable';
import type { RecordWriter } from '../stream/recordWriter';
import type { SampleBuffer } from '../stream/sampleBuffer';
import { AwaitChain } from './awaitChain';
import { type ObservedTask, TaskLanes } from './taskLanes';
import { readTaskLayout, type TaskLayout } from './taskLayout';

/** The module is looked for again after a part of the time that the recording has run, within these limits. */
const [shortestSearchPauseNs, longestSearchPauseNs] = [20_000_000, 500_000_000];
const searchPauseShare = 4;
/** Walking through a loop's tasks may take a part of the time. */
const walkPauses = 60;
/** So many suspended tasks have samples in a tick; of more, a window is looked at that moves on. */
const maxTasks = 64;
const windowNs = 500_000_000;
/** So many links of a list are followed: what takes longer would delay the next look. */
const maxListed = 1000;

/** A thread, as far as its loop is concerned. */
export interface LoopThread {
  readonly address: number;
  readonly lane: number;
  /** The lane of the task that it runs; -1 none. */
  taskLane: number;
}

interface Loop {
  readonly lanes: TaskLanes;
  running: ObservedTask | undefined;
  /** The thread ran since its tasks were walked through. */
  isStale: boolean;
  walkDueNs: number;
  walk: number;
  /** Which of very many tasks are looked at, and until when. */
  readonly window: Window;
}

interface Window {
  start: number;
  /** When it moves on; infinity while all tasks are in it. */
  dueNs: number;
}

interface Known {
  readonly layout: TaskLayout;
  readonly chain: AwaitChain;
  readonly thread: WordBuffer;
}

export class TaskWatch {
  /** The largest number of tasks that were not looked at, at one time. */
  mostLeftOut = 0;
  private readonly loops = new Map<LoopThread, Loop>();
  private readonly image: AsyncioImage;
  private readonly dicts: PythonDicts;
  private readonly raw = new RawStack();
  private known: Known | undefined;
  private searchDueNs: number;

  /** `startNs`: when the recording began. */
  constructor(
    private readonly objects: PythonObjects,
    private readonly layout: Layout,
    private readonly records: RecordWriter,
    private readonly stacks: StackTable,
    private readonly startNs: number,
  ) {
    this.searchDueNs = startNs + shortestSearchPauseNs;
    this.image = new AsyncioImage(objects.memory.pid);
    this.dicts = new PythonDicts(objects);
  }

  /** Looks at the loop of a thread that may have run since the last look, and says which task it runs. */
  look(thread: LoopThread, nowNs: number): void {
    const known = this.known ?? this.search(nowNs);
    if (known === undefined) return;
    const { bytes, words } = known.thread;
    const { runningLoop, runningTask } = known.layout.thread;
    const isRead = this.objects.memory.read(thread.address + runningLoop, bytes, bytes.length);
    if (!isRead || wordAt(words, 0) === 0) {
      this.forget(thread, nowNs);
      return;
    }
    const loop = this.loopOf(thread, known);
    const running = wordAt(words, runningTask - runningLoop);
    const before = loop.running;
    loop.running = loop.lanes.read(running) ? loop.lanes.of(running, nowNs) : undefined;
    if (before && before !== loop.running) this.readChain(before, known.chain);
    thread.taskLane = loop.running?.lane ?? -1;
    loop.isStale = true;
  }

  /** Adds samples of the thread's suspended tasks to the tick. */
  sampleSuspended(thread: LoopThread, nowNs: number, samples: SampleBuffer): void {
    if (this.known === undefined) return;
    const loop = this.loops.get(thread);
    if (loop === undefined) return;
    if ((loop.isStale || nowNs >= loop.window.dueNs) && nowNs >= loop.walkDueNs)
      this.walkThrough(thread, loop, this.known, nowNs);
    for (const task of loop.lanes.tasks.values()) {
      if (task.isSuspended && task !== loop.running) samples.sample(task);
    }
  }

  /** Ends the lanes of the tasks of threads that are gone. */
  forgetAllBut(threads: readonly LoopThread[], nowNs: number): void {
    for (const thread of this.loops.keys()) if (!threads.includes(thread)) this.forget(thread, nowNs);
  }

  private forget(thread: LoopThread, nowNs: number): void {
    const loop = this.loops.get(thread);
    if (loop === undefined) return;
    for (const address of [...loop.lanes.tasks.keys()]) loop.lanes.end(address, nowNs);
    this.loops.delete(thread);
    thread.taskLane = -1;
  }

  private search(nowNs: number): Known | undefined {
    const { generator } = this.layout;
    if (generator === undefined || nowNs < this.searchDueNs) return undefined;
    const pauseNs = Math.max((nowNs - this.startNs) / searchPauseShare, shortestSearchPauseNs);
    this.searchDueNs = nowNs + Math.min(pauseNs, longestSearchPauseNs);
    const address = this.image.find();
    const layout = address === undefined ? undefined : readTaskLayout(this.objects.memory, address);
    if (layout === undefined) return undefined;
    const chain = new AwaitChain(this.objects, this.layout, generator);
    const { runningLoop, runningTask } = layout.thread;
    this.known = { layout, chain, thread: new WordBuffer(runningTask - runningLoop + 8) };
    return this.known;
  }

  private loopOf(thread: LoopThread, { layout }: Known): Loop {
    let loop = this.loops.get(thread);
    if (loop === undefined) {
      const lanes = new TaskLanes(this.objects, this.dicts, this.records, layout.task, thread.lane);
      loop = {
        lanes,
        running: undefined,
        isStale: true,
        walkDueNs: 0,
        walk: 0,
        window: { start: 0, dueNs: 0 },
      };
      this.loops.set(thread, loop);
    }
    return loop;
  }

  private walkThrough(thread: LoopThread, loop: Loop, known: Known, nowNs: number): void {
    const startedMs = performance.now();
    loop.walk++;
    if (this.walkList(thread, loop, known, nowNs)) {
      for (const [address, task] of loop.lanes.tasks) {
        if (task.walk !== loop.walk && task !== loop.running) loop.lanes.end(address, nowNs);
      }
      loop.isStale = false;
    }
    loop.walkDueNs = nowNs + (performance.now() - startedMs) * 1e6 * walkPauses;
  }

  /** False when the list changed meanwhile: what was found counts, what was not found need not be gone. */
  private walkList(thread: LoopThread, loop: Loop, { layout, chain }: Known, nowNs: number): boolean {
    const { lanes, window } = loop;
    const head = thread.address + layout.thread.tasks;
    let link = this.objects.memory.pointer(head);
    let count = 0;
    for (let before = head; link !== head && count < maxListed; count++) {
      const address = link - layout.task.link;
      if (!lanes.read(address) || lanes.linkBefore !== before) return false;
      before = link;
      link = lanes.nextLink;
      const isInWindow = count >= window.start && count < window.start + maxTasks;
      const task = isInWindow ? lanes.of(address, nowNs) : lanes.tasks.get(address);
      if (task === undefined) continue;
      task.walk = loop.walk;
      task.isSuspended = false;
      if (isInWindow) this.readChain(task, chain);
    }
    this.moveWindow(window, count, nowNs);
    return link === head;
  }

  private moveWindow(window: Window, count: number, nowNs: number): void {
    this.mostLeftOut = Math.max(this.mostLeftOut, count - maxTasks);
    const isAll = count <= maxTasks;
    if (isAll || nowNs >= window.dueNs) {
      const next = window.start + maxTasks;
      window.start = isAll || next >= count ? 0 : next;
      window.dueNs = Number.POSITIVE_INFINITY;
    }
    if (!isAll && window.dueNs === Number.POSITIVE_INFINITY) window.dueNs = nowNs + windowNs;
  }

  private readChain(task: ObservedTask, chain: AwaitChain): void {
    task.isSuspended = chain.read(task.coroutine, this.raw);
    if (!task.isSuspended) return;
    const stack = this.stacks.number(this.raw, task.last);
    if (stack === tornStack) task.isSuspended = false;
    else task.stack = stack;
  }
}
