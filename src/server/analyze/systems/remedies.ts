/** What the evidence of a call speaks for, the strongest first. Nothing is said without evidence. */
import type { CountedCall } from './countedCalls';
import type { HotCall } from './hotCall';
import type { Payload } from './payloads';

export type Remedy =
  | 'receiver'
  | 'network'
  | 'pipeReader'
  | 'peer'
  | 'pipeWriter'
  | 'small'
  | 'copies'
  | 'disk'
  | 'move';

/** What was seen this often was so. */
const nearlyAlways = 0.9;
/** A call that waited for less than this part of its time is not slow because of it. */
const leastWaitShare = 0.1;
const smallBytes = 4_096;
const largeBytes = 1 << 20;
/** Copying is worth a word where it takes this part of the call. */
const copyShare = 0.2;
const manyCalls = 1_000;
const shortCallNs = 200e3;
const leastCallsNs = 20e6;
const leastMoveNs = 10e6;
const leastMoveShare = 0.5;
const leastMovedBytes = 64 * 1024;

/** The send queue, or the pipe, was full whenever the kernel was asked. */
export function isQueueFull(call: HotCall): boolean {
  const hasQueue = call.kind === 'tcp' || call.kind === 'udp' || call.kind === 'unix' || call.kind === 'pipe';
  return hasQueue && isWaiting(call) && call.fullCount >= call.lookCount * nearlyAlways;
}

/** Of what was in the queue most was not sent: who receives does not take it. */
export function isReceiverSlow({ kind, queue }: HotCall): boolean {
  if (kind !== 'tcp') return true;
  return queue !== undefined && queue.unsentBytes * 2 >= queue.medianBytes;
}

/** Nothing was there to be read whenever the kernel was asked. */
export function isNothingThere(call: HotCall): boolean {
  return call.direction === 'read' && isWaiting(call) && call.emptyCount >= call.lookCount * nearlyAlways;
}

/** What helps a call, in the order of the evidence. */
export function remediesOf(call: HotCall): Remedy[] {
  const remedies: Remedy[] = [];
  const { kind, direction, askedBytes, cpuNs, totalNs } = call;
  const isPipe = kind === 'pipe' || kind === 'unix';
  if (isQueueFull(call)) {
    remedies.push(isPipe ? 'pipeReader' : isReceiverSlow(call) ? 'receiver' : 'network');
  }
  if (isNothingThere(call)) remedies.push(isPipe ? 'pipeWriter' : 'peer');
  if (kind === 'file' && isWaiting(call)) remedies.push('disk');
  if (direction === 'write' && isWaiting(call) && askedBytes <= smallBytes) remedies.push('small');
  if (askedBytes >= largeBytes && cpuNs >= totalNs * copyShare) remedies.push('copies');
  return remedies;
}

/** Calls so many and so short that their number costs more than what they move. */
export function areManySmall({ callCount, totalNs }: CountedCall): boolean {
  return totalNs >= leastCallsNs && callCount >= manyCalls && totalNs <= callCount * shortCallNs;
}

/** Moving the data cost more than half as much as the work. */
export function isMoveCostly({ moveNs, runNs, bytes }: Payload): boolean {
  return moveNs >= leastMoveNs && moveNs >= runNs * leastMoveShare && bytes >= leastMovedBytes;
}

function isWaiting({ waitedNs, totalNs }: HotCall): boolean {
  return waitedNs >= totalNs * leastWaitShare;
}
