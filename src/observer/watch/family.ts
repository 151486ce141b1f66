/** The processes of a recording: the program, and what it starts. */
import { executableOf } from '../image/pythonImage';
import { type Access, CannotObserve, openAccess } from './access';
import { AnnouncedProcesses } from './announcedProcesses';
import { checkAtGate } from './gate';
import { type Ending, ObservedProcess, type ObserverSettings } from './observedProcess';
import { childrenOf, commandWords, isHelper, processState } from './processFacts';

/** How long a process is tried again that runs no Python yet: it may be about to. */
const patienceNs = 5_000_000_000;
/** Threads whose children are asked for at a time. */
const threadsAtOnce = 16;

/** A process of the family that is not looked at: it runs no Python, not yet, or is a helper. */
interface Bystander {
  readonly startTicks: number;
  readonly seenNs: number;
  executable: string | undefined;
  isHopeless: boolean;
}

export class Family {
  readonly observed = new Map<number, ObservedProcess>();
  private readonly bystanders = new Map<number, Bystander>();
  private readonly announced: AnnouncedProcesses;
  private firstThread = 0;

  constructor(
    private readonly settings: ObserverSettings & { readonly pid: number },
    private readonly report: (line: string) => void,
  ) {
    this.announced = new AnnouncedProcesses(settings.runDir);
  }

  /** Begins with the program itself. Fails with `CannotObserve`. */
  begin(): void {
    const access = openAccess(this.settings.pid);
    checkAtGate(access, this.settings.runDir);
    this.observe(access);
  }

  /** The program was let go: its time begins now. */
  startAt(nowNs: number): void {
    for (const process of this.observed.values()) process.startAt(nowNs);
  }

  /** Looks at all; ends the streams of processes that are gone, or that run another program now. */
  tick(nowNs: number, ending: () => Omit<Ending, 'reason'>): void {
    for (const process of this.observed.values()) {
      if (process.tick(nowNs)) continue;
      this.observed.delete(process.pid);
      this.endOne(process, nowNs, { ...ending(), reason: 'exit' });
      const state = processState(process.pid);
      if (state?.startTicks === process.startTicks && !state.isZombie) this.addBystander(process.pid, nowNs);
    }
  }

  /** Whether a process of the family is there, looked at or not. */
  has(pid: number): boolean {
    return this.observed.has(pid) || this.bystanders.has(pid);
  }

  /** Meets new children, and tries again what ran no Python. Call it some times a second. */
  meet(nowNs: number, withChildren: boolean): void {
    if (withChildren) for (const pid of this.children()) if (!this.has(pid)) this.addBystander(pid, nowNs);
    for (const [pid, bystander] of this.bystanders) this.tryAgain(pid, bystander, nowNs);
  }

  end(nowNs: number, ending: Ending): void {
    for (const process of this.observed.values()) this.endOne(process, nowNs, ending);
    this.observed.clear();
  }

  /** Readers add up what the streams cost, so only the program's own tells it. */
  private endOne(process: ObservedProcess, nowNs: number, ending: Ending): void {
    const isProgram = process.pid === this.settings.pid;
    process.end(nowNs, isProgram ? ending : { ...ending, samplerCpuNs: 0 });
  }

  private *children(): Generator<number> {
    for (const [pid, { threadIds }] of this.observed) {
      const first = this.firstThread % Math.max(threadIds.length, 1);
      const some = threadIds.slice(first, first + threadsAtOnce);
      for (const tid of new Set([pid, ...some])) yield* childrenOf(pid, tid);
    }
    this.firstThread += threadsAtOnce;
    for (const pid of this.bystanders.keys()) yield* childrenOf(pid, pid);
    yield* this.announced.newPids();
  }

  private addBystander(pid: number, nowNs: number): void {
    const state = processState(pid);
    if (state === undefined) return;
    const { startTicks } = state;
    this.bystanders.set(pid, { startTicks, seenNs: nowNs, executable: undefined, isHopeless: false });
  }

  private tryAgain(pid: number, bystander: Bystander, nowNs: number): void {
    const state = processState(pid);
    if (state?.startTicks !== bystander.startTicks || state.isZombie) {
      this.bystanders.delete(pid);
      return;
    }
    const executable = executableOf(pid);
    const isOther = executable !== bystander.executable;
    if (!isOther && (bystander.isHopeless || nowNs - bystander.seenNs > patienceNs)) return;
    bystander.executable = executable;
    bystander.isHopeless = isHelper(commandWords(pid), commandWords(state.parentPid));
    if (!bystander.isHopeless) this.tryToObserve(pid, bystander);
  }

  private tryToObserve(pid: number, bystander: Bystander): void {
    try {
      this.observe(openAccess(pid));
      this.bystanders.delete(pid);
    } catch (error) {
      if (!(error instanceof CannotObserve)) throw error;
      if (error.isFinal) this.report(error.message);
      bystander.isHopeless = error.isFinal;
    }
  }

  private observe(access: Access): void {
    try {
      this.observed.set(access.memory.pid, new ObservedProcess(access, this.settings));
    } catch (error) {
      access.memory.close();
      throw error;
    }
  }
}
