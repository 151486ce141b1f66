import { type ProcFile, procText } from './procFile';

const [minus, letterR] = [0x2d, 0x72];
const argumentCount = 3;
/** Arguments are written as ` 0x7f…`. */
const prefixLength = 3;

/** The system call that a thread is blocked in (proc_pid_syscall(5)). Made once and filled again and again. */
export class SystemCall {
  /** -1 when the thread is blocked outside of any, as by a page fault. */
  number = -1;
  /** The first arguments; exact below 2^53. */
  readonly args = new Float64Array(argumentCount);

  /** False when the thread runs, is ready to run, or is gone. */
  read(file: ProcFile): boolean {
    if (!file.read() || procText.bytes[0] === letterR) return false;
    if (procText.bytes[0] === minus) {
      this.number = -1;
      return true;
    }
    this.number = procText.decimal();
    for (let index = 0; index < argumentCount; index++) {
      procText.at += prefixLength;
      this.args[index] = procText.hexadecimal();
    }
    return true;
  }
}
