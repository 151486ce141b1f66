/**
 * The tasks of an event loop that a thread runs, from the marks among its traced calls (`src/collectors/FORMAT.md`, «Traced
 * calls»): what runs in a task is told on the thread's rows, and what it waited in becomes rows of the task's own lane.
 */
import { sampleState } from '../../../shared/profile';
import type { ProfileBuilder } from '../model/profileBuilder';

/** Makes the node of a call below another one. */
interface Nodes {
  node(parent: number, id: number): number;
}

/** A wait that has ended: in what it was is told by the calls that go on. */
interface EndedWait {
  readonly task: number;
  readonly sinceNs: number;
  readonly untilNs: number;
  node: number;
}

export class LaneTasks {
  /** The lane of the task that runs; -1 between steps, and in those of no task. */
  running = -1;
  private stepDepth = 0;
  private wait: EndedWait | undefined;
  private announced: number[] = [];
  private next = 0;
  private readonly suspendedSinceNs = new Map<number, number>();

  /** `windowNs`: what is before it is left out. */
  constructor(
    private readonly builder: ProfileBuilder,
    /** `endsNs`: until when each task's rows go. They stay in order whatever the marks claim. */
    private readonly process: { readonly nodes: Nodes; readonly endsNs: Map<number, number> },
    private readonly windowNs: number,
  ) {}

  /** The lane of the task that a later step belongs to, -1 for none, in the order of the steps. */
  announce(task: number): void {
    this.announced.push(task);
  }

  /** A step begins, whose call will stand at `depth`. */
  begin(depth: number, timeNs: number): void {
    this.endWait();
    this.running = this.take();
    this.stepDepth = depth;
    const sinceNs = this.suspendedSinceNs.get(this.running);
    if (sinceNs !== undefined) this.wait = { task: this.running, sinceNs, untilNs: timeNs, node: -1 };
    this.suspendedSinceNs.delete(this.running);
  }

  /** A call begins, or goes on, at `depth`. */
  enter(id: number, depth: number, isResumed: boolean): void {
    if (this.wait === undefined || depth <= this.stepDepth) return;
    if (isResumed) this.wait.node = this.process.nodes.node(this.wait.node, id);
    else this.endWait();
  }

  /** A call has ended, or yielded; `depth` are still open. */
  leave(depth: number, timeNs: number): void {
    this.endWait();
    if (this.running < 0 || depth > this.stepDepth) return;
    this.suspendedSinceNs.set(this.running, timeNs);
    this.running = -1;
  }

  private take(): number {
    const task = this.announced[this.next++] ?? -1;
    if (this.next < this.announced.length) return task;
    this.announced = [];
    this.next = 0;
    return task;
  }

  private endWait(): void {
    if (this.wait === undefined) return;
    const { task, untilNs, node } = this.wait;
    const { endsNs } = this.process;
    const sinceNs = Math.max(this.wait.sinceNs, this.windowNs, endsNs.get(task) ?? 0);
    this.wait = undefined;
    if (untilNs <= sinceNs || node < 0) return;
    endsNs.set(task, untilNs);
    const index = this.builder.samples.add(task, node, untilNs, untilNs - sinceNs);
    this.builder.samples.setState(index, sampleState.waiting | sampleState.suspended);
  }
}
