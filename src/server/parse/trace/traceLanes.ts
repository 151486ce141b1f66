import { Marks } from './marks';
import { Slices } from './slices';

/** More lanes than any viewer can show; each costs more memory than the few bytes that ask for it. */
const maxLanes = 20_000;
const shownNames = 3;

/** A thread, or a task, while its events are read. */
export class TraceLane {
  readonly slices = new Slices();
  readonly marks = new Marks();
  sortIndex = 0;
  isTask = false;
  /** The operating system's thread id where py-spy tells it beside its own; 0 unknown. */
  systemTid = 0;
  readonly pauses: { readonly startNs: number; readonly durationNs: number }[] = [];
  /** Start of a garbage collection that has not ended, NaN when none. */
  gcStartNs = Number.NaN;
  private readonly names: string[] = [];

  constructor(
    readonly pid: number,
    readonly tid: number,
  ) {}

  /** VizTracer gives several tasks the same id: the lane has all their names. */
  addName(name: string): void {
    if (name !== '' && !this.names.includes(name) && this.names.length <= shownNames) this.names.push(name);
  }

  /** The lane with the calls that are known for certain while more events are to come: itself where those are all. */
  soFar(): TraceLane {
    const { marks } = this;
    const untilNs = Math.min(this.slices.knownUntilNs, marks.knownUntilNs);
    if (marks.length === 0 && this.slices.lastNs <= untilNs) return this;
    let slices = this.slices.until(marks.length === 0 ? untilNs : Number.POSITIVE_INFINITY);
    if (marks.length > 0) {
      marks.match(slices, Number.NEGATIVE_INFINITY);
      if (slices.lastNs > untilNs) slices = slices.until(untilNs);
    }
    return Object.assign(new TraceLane(this.pid, this.tid), this, { slices });
  }

  get name(): string {
    const more = this.names.length > shownNames ? ', …' : '';
    return this.names.slice(0, shownNames).join(', ') + more;
  }
}

/** The lanes of a trace by process and thread: forked processes have threads of the same id. */
export class TraceLanes {
  readonly all: TraceLane[] = [];
  /** Events of lanes beyond the most that are kept. */
  refusedCount = 0;
  private readonly byProcess = new Map<number, Map<number, TraceLane>>();
  private readonly processSort = new Map<number, number>();
  private last = new TraceLane(Number.NaN, Number.NaN);

  /** The lane of a thread; undefined when there are too many. */
  of(pid: number, tid: number): TraceLane | undefined {
    if (this.last.pid === pid && this.last.tid === tid) return this.last;
    let threads = this.byProcess.get(pid);
    if (threads === undefined) {
      threads = new Map();
      this.byProcess.set(pid, threads);
    }
    const lane = threads.get(tid) ?? this.add(pid, tid);
    if (lane === undefined) return undefined;
    threads.set(tid, lane);
    this.last = lane;
    return lane;
  }

  /** A lane that no thread has. */
  add(pid: number, tid: number): TraceLane | undefined {
    if (this.all.length >= maxLanes) {
      this.refusedCount++;
      return undefined;
    }
    const lane = new TraceLane(pid, tid);
    this.all.push(lane);
    return lane;
  }

  sortProcess(pid: number, index: number): void {
    this.processSort.set(pid, index);
  }

  /** Those of `all` with calls: by process, the main thread first with its tasks, then as the file wants them. */
  inOrder(all: readonly TraceLane[] = this.all): TraceLane[] {
    const processes = new Map<number, TraceLane[]>();
    for (const lane of all) {
      if (lane.slices.length === 0) continue;
      const known = processes.get(lane.pid);
      if (known) known.push(lane);
      else processes.set(lane.pid, [lane]);
    }
    const sortOf = (pid: number) => this.processSort.get(pid) ?? 0;
    const sorted = [...processes].sort(([a], [b]) => sortOf(a) - sortOf(b));
    return sorted.flatMap(([, lanes]) =>
      lanes.sort((a, b) => rank(a) - rank(b) || a.sortIndex - b.sortIndex),
    );
  }
}

function rank(lane: TraceLane): number {
  if (isMainLane(lane)) return 0;
  return lane.isTask ? 1 : 2;
}

/** True for the thread in which a process began. */
export function isMainLane(lane: TraceLane): boolean {
  return !lane.isTask && (lane.name === 'MainThread' || (lane.name === '' && lane.tid === lane.pid));
}
