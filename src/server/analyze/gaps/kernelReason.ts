import type { GapClass } from '../../../shared/gaps';
import { type WaitReason, waitReasons } from '../../../shared/profile';
import { type Reason, waitFor } from './reason';

/** What a thread waits for when the kernel says this and its stack says nothing. */
const classes: Readonly<Record<WaitReason, GapClass | undefined>> = {
  none: undefined,
  unknown: undefined,
  'timer.sleep': 'timer.sleep',
  'sync.lock': 'sync.lock',
  'sync.mp': 'sync.mp',
  'rt.gil': 'rt.gil',
  'sched.runq': 'sched.runq',
  'sched.frozen': 'sched.frozen',
  // Several descriptors: the kernel does not say which was waited for.
  'io.poll': undefined,
  'ipc.pipe.read': 'ipc.pipe.read',
  'ipc.pipe.write': 'ipc.pipe.write',
  'io.net': 'io.net',
  'io.disk': 'io.disk',
  'io.tty': 'io.tty',
  'proc.wait': 'proc.wait',
  'mem.major': 'mem.major',
};

/** Whatever the thread was about to do, it was the interpreter or the machine that kept it. */
const strongest: ReadonlySet<WaitReason> = new Set(['rt.gil', 'sched.runq', 'sched.frozen']);

/**
 * What the stack and the kernel say together: the kernel knows whether a thread waits and on what kind of thing, the
 * stack knows which one and why. `reason` is an index into `waitReasons`.
 */
export function withKernelReason(stack: Reason, reason: number): Reason {
  const told = waitReasons[reason] ?? 'none';
  const gapClass = classes[told];
  if (gapClass === undefined) return stack;
  if (strongest.has(told)) return waitFor(gapClass, { isIdle: told === 'sched.frozen', mayBlock: false });
  return stack.gapClass === undefined ? waitFor(gapClass) : stack;
}
