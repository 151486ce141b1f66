import { closeSync, openSync, readSync } from 'node:fs';

const space = 0x20;
const [digit0, digit9] = [0x30, 0x39];
/** A running thread's numbers are brought up to date at least this often (at each scheduler tick, 100 to 1000 Hz). */
const staleNs = 25_000_000;

const buffer = Buffer.alloc(96);

/**
 * What the scheduler says of a thread (`/proc/PID/task/TID/schedstat`: time on a processor, time in the queue, times
 * it was put on one). The file stays open, so a number that is used again cannot be taken for the thread.
 */
export class ThreadClock {
  /** Nanoseconds on a processor. In lumps: brought up to date when the thread leaves it and at scheduler ticks. */
  cpuNs = 0;
  /** False when the thread has certainly not run since the read before. */
  mayHaveRun = true;
  private switchCount = -1;
  private changedNs = 0;

  private constructor(
    readonly tid: number,
    private readonly file: number,
  ) {}

  /** With its first reading. Undefined when there is no such file: the thread is gone, or the kernel does not tell. */
  static open(pid: number, tid: number): ThreadClock | undefined {
    try {
      const clock = new ThreadClock(tid, openSync(`/proc/${pid}/task/${tid}/schedstat`, 'r'));
      clock.update(0);
      return clock;
    } catch {
      return undefined;
    }
  }

  /** Reads the numbers. False when the thread is gone. */
  update(nowNs: number): boolean {
    const byteCount = this.readInto();
    if (byteCount <= 0) return false;
    const cpuNs = numberAt(0);
    const switchCount = numberAt(buffer.lastIndexOf(space, byteCount - 1) + 1);
    const isUnchanged = cpuNs === this.cpuNs && switchCount === this.switchCount;
    if (!isUnchanged) this.changedNs = nowNs;
    // Without change for longer than a tick it was not on a processor then, and to get there it counts a switch.
    this.mayHaveRun = !isUnchanged || nowNs - this.changedNs < staleNs;
    this.cpuNs = cpuNs;
    this.switchCount = switchCount;
    return true;
  }

  close(): void {
    closeSync(this.file);
  }

  private readInto(): number {
    try {
      return readSync(this.file, buffer, 0, buffer.length, 0);
    } catch {
      return 0;
    }
  }
}

/** The decimal number that begins at an offset of the buffer. */
function numberAt(offset: number): number {
  let value = 0;
  for (let at = offset; at < buffer.length; at++) {
    const byte = buffer[at] ?? 0;
    if (byte < digit0 || byte > digit9) break;
    value = value * 10 + byte - digit0;
  }
  return value;
}
