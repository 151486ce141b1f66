import type { WaitKind } from '../../shared/api';
import { say } from '../strings';

const words = {
  none: 'waitNone',
  sleep: 'waitSleep',
  lock: 'waitLock',
  join: 'waitJoin',
  await: 'waitAwait',
  select: 'waitSelect',
  queue: 'waitQueue',
  process: 'waitProcess',
  io: 'waitIo',
  contention: 'waitContention',
  unknown: 'waitUnknown',
} as const;

/** The word for a kind of wait, in the user's language. */
export function waitWord(kind: WaitKind): string {
  return say(words[kind]);
}
