import { ProcFile, procText } from './procFile';

/** A running thread's numbers are brought up to date at least this often (at each scheduler tick, 100 to 1000 Hz). */
const staleNs = 25_000_000;

/**
 * What the scheduler says of a thread (`/proc/PID/task/TID/schedstat`: time on a processor, time in the queue, times
 * it was put on one).
 */
export class ThreadClock {
  /** Nanoseconds on a processor. In lumps: brought up to date when the thread leaves it and at scheduler ticks. */
  cpuNs = 0;
  /** Nanoseconds in the queue for a processor. In lumps too: brought up to date when the thread gets one. */
  queuedNs = 0;
  /** False when the thread has certainly not run since the read before. */
  mayHaveRun = true;
  /** False when the thread came on no processor and left none between the last two reads. */
  hasChanged = true;
  private switchCount = -1;
  private changedNs = 0;

  private constructor(private readonly file: ProcFile) {}

  /** With its first reading. Undefined when there is no such file: the thread is gone, or the kernel does not tell. */
  static open(pid: number, tid: number): ThreadClock | undefined {
    const file = ProcFile.open(`/proc/${pid}/task/${tid}/schedstat`);
    const clock = file && new ThreadClock(file);
    clock?.update(0);
    return clock;
  }

  /** Reads the numbers. False when the thread is gone. */
  update(nowNs: number): boolean {
    if (!this.file.read()) return false;
    const cpuNs = procText.decimal();
    procText.at++;
    this.queuedNs = procText.decimal();
    procText.at++;
    const switchCount = procText.decimal();
    this.hasChanged = cpuNs !== this.cpuNs || switchCount !== this.switchCount;
    if (this.hasChanged) this.changedNs = nowNs;
    // Without change for longer than a tick it was not on a processor then, and to get there it counts a switch.
    this.mayHaveRun = this.hasChanged || nowNs - this.changedNs < staleNs;
    this.cpuNs = cpuNs;
    this.switchCount = switchCount;
    return true;
  }

  close(): void {
    this.file.close();
  }
}
