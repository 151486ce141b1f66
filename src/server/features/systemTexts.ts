import { formatBytes, formatCount, formatDuration, formatShare } from '../../shared/formatting';
import { inert } from '../../shared/inertText';
import type { ResourceKind } from '../../shared/profile';
import type { SystemView } from '../../shared/views';
import type { CountedCall } from '../analyze/systems/countedCalls';
import type { HotCall, QueueLengths } from '../analyze/systems/hotCall';
import type { Payload } from '../analyze/systems/payloads';
import {
  areManySmall,
  isMoveCostly,
  isNothingThere,
  isQueueFull,
  isReceiverSlow,
  type Remedy,
  remediesOf,
} from '../analyze/systems/remedies';
import { type ServerStringKey, say } from '../strings';
import type { RunSystems } from './systemsOf';

const fixes: Readonly<Record<Remedy, ServerStringKey>> = {
  receiver: 'systemFixReceiver',
  network: 'systemFixNetwork',
  pipeReader: 'systemFixPipeReader',
  peer: 'systemFixPeer',
  pipeWriter: 'systemFixPipeWriter',
  small: 'systemFixSmall',
  copies: 'systemFixCopies',
  disk: 'systemFixDisk',
  move: 'gapFixMove',
};

const acts: Readonly<Record<ResourceKind, readonly [read: ServerStringKey, write: ServerStringKey]>> = {
  tcp: ['systemReceive', 'systemSend'],
  udp: ['systemReceive', 'systemSend'],
  unix: ['systemReceiveHere', 'systemSendHere'],
  pipe: ['systemReadPipe', 'systemWritePipe'],
  file: ['systemReadFile', 'systemWriteFile'],
  terminal: ['systemReadTerminal', 'systemWriteTerminal'],
  poll: ['systemReadOther', 'systemWriteOther'],
  other: ['systemReadOther', 'systemWriteOther'],
};

const maxNames = 2;
const maxQueuePoints = 200;

/** What was seen of some calls and payloads, and what helps; null when there is no evidence of anything. */
export function systemView({ calls, payloads, counted }: RunSystems): SystemView | null {
  const costly = payloads.filter(isMoveCostly);
  const many = counted.filter(areManySmall);
  const facts = [...calls.flatMap(callFacts), ...costly.map(payloadFact), ...many.map(countFact)];
  if (facts.length === 0) return null;
  const counts = many.map((): Remedy => 'small');
  const remedies = [...calls.flatMap(remediesOf), ...costly.map((): Remedy => 'move'), ...counts];
  const longest = calls.find(({ queue }) => queue !== undefined)?.queue;
  return {
    facts,
    fixes: [...new Set(remedies)].map(remedy => say(fixes[remedy])),
    queue: longest ? queueView(longest) : null,
  };
}

/** What a call's queue is in a few words, where that is the whole story; else empty. */
export function systemTitle({ calls }: RunSystems): string {
  const [first] = calls;
  if (first === undefined || !isQueueFull(first)) return '';
  return say(first.kind === 'pipe' ? 'systemPipeTitle' : 'systemQueueTitle');
}

/** How long a call took, what it waited for, how full the queue was and what it was given to move. */
export function callFacts(call: HotCall): string[] {
  const { totalNs, waitedNs, askedBytes } = call;
  const share = formatShare(waitedNs / totalNs);
  const facts = [say('systemCall', callName(call), formatDuration(totalNs), formatDuration(waitedNs), share)];
  const queue = queueFact(call);
  if (queue !== '') facts.push(queue);
  if (!Number.isNaN(askedBytes) && call.direction === 'write') {
    facts.push(say('systemAsked', formatBytes(askedBytes)));
  }
  return facts;
}

/** «Sending to 10.0.0.5:443». */
export function callName({ kind, direction, names }: HotCall): string {
  const shown = names.slice(0, maxNames).map(inert).join(', ');
  const more = names.length > maxNames ? say('systemMoreNames', formatCount(names.length - maxNames)) : '';
  const [read, write] = acts[kind];
  return say(direction === 'write' ? write : read, [shown, more].filter(Boolean).join(' ')).trimEnd();
}

/** «12 jobs: 240 ms of work, 1.44 s of moving 480 MB». */
export function payloadFact({ jobCount, runNs, moveNs, bytes }: Payload): string {
  const amounts = [formatDuration(runNs), formatDuration(moveNs), formatBytes(bytes)] as const;
  return jobCount === 1 ? say('systemJob', ...amounts) : say('systemJobs', formatCount(jobCount), ...amounts);
}

/** «12,000 calls of socket.send took 1.20 s, 100 µs each on average.» */
export function countFact({ name, callCount, totalNs }: CountedCall): string {
  const [total, each] = [formatDuration(totalNs), formatDuration(totalNs / callCount)];
  return say('systemCounted', formatCount(callCount), inert(name), total, each);
}

function queueFact(call: HotCall): string {
  const { queue, lookCount, fullCount, emptyCount, kind, capacityBytes } = call;
  if (isNothingThere(call)) return say('systemNothing', formatCount(emptyCount), formatCount(lookCount));
  if (queue === undefined || !isQueueFull(call)) return '';
  const looks = [formatCount(fullCount), formatCount(lookCount)] as const;
  const [usual, most] = [formatBytes(queue.medianBytes), formatBytes(queue.maxBytes)];
  if (kind === 'pipe') return say('systemPipeFull', ...looks, usual, formatBytes(capacityBytes));
  const length = say('systemQueueFull', ...looks, usual, most);
  if (kind !== 'tcp') return length;
  const unsent = formatBytes(queue.unsentBytes);
  return `${length} ${isReceiverSlow(call) ? say('systemUnsent', unsent) : say('systemInFlight')}`;
}

/** So many points at most, each the largest of its neighbours. */
function queueView({ atNs, bytes }: QueueLengths): NonNullable<SystemView['queue']> {
  const step = Math.ceil(bytes.length / maxQueuePoints);
  const points = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) => at * step);
  return {
    atNs: points.map(at => atNs[at] ?? 0),
    bytes: points.map(at => bytes.slice(at, at + step).reduce((most, value) => Math.max(most, value), 0)),
  };
}
