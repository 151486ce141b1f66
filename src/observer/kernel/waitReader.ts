/** Why a thread is off the processor, by what the kernel tells of the system call in which it is blocked. */
import { type WaitReason, waitReasonIndex } from '../../shared/profile';
import { type TargetMemory, WordBuffer } from '../memory/targetMemory';
import type { Interpreters } from '../threads/interpreters';
import { type CallKind, kindOfCall } from './callKinds';
import { type DescriptorKind, Descriptors } from './descriptors';
import { ProcFile } from './procFile';
import { SystemCall } from './systemCall';
import { isStopped } from './threadState';
import { reasonOfChannel } from './waitChannels';

const noReason = waitReasonIndex('none');
/** `FUTEX_PRIVATE_FLAG`: the lock belongs to one process (futex(2)). */
const privateFlag = 128;
/** `struct pollfd`: a descriptor of 32 bits, the events asked for, and those that came. */
const pollEntryBytes = 8;
const maxPolled = 8;
const pollOut = 4;

/** What is known of a thread's wait, and the files that tell it. */
export class ThreadWait {
  /** Index into `waitReasons`, as of the last look. */
  reason = noReason;
  /** Certainly off the processor at the last look, and not ready to run. */
  isBlocked = false;

  private constructor(
    readonly call: ProcFile,
    readonly state: ProcFile | undefined,
    readonly channel: ProcFile | undefined,
  ) {}

  /** Undefined where the kernel does not tell the system calls of threads. */
  static open(pid: number, tid: number): ThreadWait | undefined {
    const folder = `/proc/${pid}/task/${tid}`;
    const call = ProcFile.open(`${folder}/syscall`);
    return call && new ThreadWait(call, ProcFile.open(`${folder}/stat`), ProcFile.open(`${folder}/wchan`));
  }

  close(): void {
    for (const file of [this.call, this.state, this.channel]) file?.close();
  }
}

/** Looks at the waits of a process's threads. */
export class WaitReader {
  private readonly call = new SystemCall();
  private readonly descriptors: Descriptors;
  private readonly polled = new WordBuffer(maxPolled * pollEntryBytes);

  constructor(
    private readonly memory: TargetMemory,
    private readonly interpreters: Interpreters,
  ) {
    this.descriptors = new Descriptors(memory.pid);
  }

  /** Brings `wait` up to date. `interpreter`: the address of the thread's. */
  look(wait: ThreadWait, interpreter: number): void {
    wait.isBlocked = this.call.read(wait.call);
    wait.reason = wait.isBlocked ? waitReasonIndex(this.reason(wait, interpreter)) : noReason;
  }

  private reason(wait: ThreadWait, interpreter: number): WaitReason {
    if (isStopped(wait.state)) return 'sched.frozen';
    const { number } = this.call;
    if (number < 0) return outsideOfCalls(wait.channel);
    const kind = kindOfCall(number);
    if (kind === undefined) return reasonOfChannel(wait.channel) ?? 'unknown';
    return this.rules[kind](wait, interpreter);
  }

  private readonly rules: Readonly<Record<CallKind, (wait: ThreadWait, interpreter: number) => WaitReason>> =
    {
      sleep: () => 'timer.sleep',
      futex: (_wait, interpreter) => this.lockReason(interpreter),
      pollArray: () => this.polledReason(),
      // Up to Python 3.10 `time.sleep` selects from nothing.
      select: () => (this.call.args[0] === 0 ? 'timer.sleep' : 'io.poll'),
      poll: () => 'io.poll',
      read: wait => this.transferReason(wait, 'ipc.pipe.read'),
      write: wait => this.transferReason(wait, 'ipc.pipe.write'),
      network: () => 'io.net',
      socketRead: wait => socketReason(wait.channel),
      socketWrite: wait => socketReason(wait.channel),
      disk: () => 'io.disk',
      child: () => 'proc.wait',
      sharedLock: () => 'sync.mp',
    };

  private lockReason(interpreter: number): WaitReason {
    const [address = 0, operation = 0] = this.call.args;
    if (this.interpreters.at(interpreter).hasInGil(address)) return 'rt.gil';
    return (operation & privateFlag) === 0 ? 'sync.mp' : 'sync.lock';
  }

  private transferReason(wait: ThreadWait, pipe: WaitReason): WaitReason {
    const kind = this.descriptors.kind(this.call.args[0] ?? -1);
    if (kind === 'pipe') return pipe;
    if (kind === 'socket') return socketReason(wait.channel);
    if (kind === 'terminal') return 'io.tty';
    // A path may also be that of a pipe or a device: the kernel's function tells.
    return reasonOfChannel(wait.channel) ?? (kind === 'path' ? 'io.disk' : 'unknown');
  }

  /** A socket with a timeout, and who reads the output of a child, wait in poll(2) for what they then read. */
  private polledReason(): WaitReason {
    const [address = 0, count = 0] = this.call.args;
    if (count === 0) return 'timer.sleep';
    const byteCount = count * pollEntryBytes;
    const isReadable = count <= maxPolled && this.memory.read(address, this.polled.bytes, byteCount);
    if (!isReadable) return 'io.poll';
    const kind = this.polledKind(0);
    for (let index = 1; index < count; index++) if (this.polledKind(index) !== kind) return 'io.poll';
    const isWrite = ((this.polled.words[1] ?? 0) & pollOut) !== 0;
    if (kind === 'pipe') return isWrite ? 'ipc.pipe.write' : 'ipc.pipe.read';
    if (kind === 'terminal') return 'io.tty';
    return kind === 'socket' && count === 1 ? 'io.net' : 'io.poll';
  }

  private polledKind(index: number): DescriptorKind {
    return this.descriptors.kind((this.polled.words[index * 2] ?? 0) | 0);
  }
}

/** Which protocol a socket speaks its link does not say, but the kernel's function does. */
function socketReason(channel: ProcFile | undefined): WaitReason {
  const reason = reasonOfChannel(channel);
  return reason === 'ipc.pipe.read' || reason === 'ipc.pipe.write' ? reason : 'io.net';
}

/** In no system call a thread can only be blocked by a page that is not there. */
function outsideOfCalls(channel: ProcFile | undefined): WaitReason {
  const reason = reasonOfChannel(channel);
  return reason === 'io.disk' ? 'mem.major' : (reason ?? 'unknown');
}
