import { formatBytes, formatCount, formatDuration, formatShare } from '../../shared/formatting';
import type { GapClass } from '../../shared/gaps';
import { inert } from '../../shared/inertText';
import type { Profile } from '../../shared/profile';
import type { GapPlace } from '../../shared/views';
import type { GapGroupFacts } from '../analyze/gaps/gapGroups';
import type { HandoffFacts } from '../analyze/gaps/handoffGaps';
import { type ServerStringKey, say } from '../strings';

const words: Readonly<Record<GapClass, ServerStringKey>> = {
  'run.python': 'gapRunPython',
  'run.serialize': 'gapRunSerialize',
  'run.gc': 'gapRunGc',
  'run.import': 'gapRunImport',
  'run.fault': 'gapRunFault',
  'sched.runq': 'gapSchedRunq',
  'sched.quota': 'gapSchedQuota',
  'sched.frozen': 'gapSchedFrozen',
  'rt.gil': 'gapRtGil',
  'sync.lock': 'gapSyncLock',
  'sync.signal': 'gapSyncSignal',
  'sync.queue.empty': 'gapSyncQueueEmpty',
  'sync.queue.full': 'gapSyncQueueFull',
  'sync.future': 'gapSyncFuture',
  'sync.join': 'gapSyncJoin',
  'sync.mp': 'gapSyncMp',
  'ipc.pipe.read': 'gapIpcPipeRead',
  'ipc.pipe.write': 'gapIpcPipeWrite',
  'handoff.pickle': 'gapHandoffPickle',
  'handoff.pipe': 'gapHandoffPipe',
  'io.net': 'gapIoNet',
  'io.dns': 'gapIoDns',
  'io.disk': 'gapIoDisk',
  'io.tty': 'gapIoTty',
  'proc.wait': 'gapProcWait',
  'timer.sleep': 'gapTimerSleep',
  'mem.major': 'gapMemMajor',
  'loop.idle': 'gapLoopIdle',
  'loop.busy': 'gapLoopBusy',
  'loop.missed_wake': 'gapLoopMissed',
  'task.await.sleep': 'gapTaskSleep',
  'task.await.lock': 'gapTaskLock',
  'task.await.queue': 'gapTaskQueue',
  'task.await.event': 'gapTaskEvent',
  'task.await.task': 'gapTaskTask',
  'task.await.executor': 'gapTaskExecutor',
  'task.await.net': 'gapTaskNet',
  'task.await.proc': 'gapTaskProc',
  'task.await.future': 'gapTaskFuture',
  'task.ready_delay': 'gapTaskReady',
  'unknown.offcpu': 'gapUnknown',
};

/** What to do first, where the lane is not an event loop. */
const fixes: Partial<Readonly<Record<GapClass, ServerStringKey>>> = {
  'run.gc': 'gapFixGc',
  'run.fault': 'gapFixFault',
  'mem.major': 'gapFixMajor',
  'sched.runq': 'gapFixRunq',
  'sched.quota': 'gapFixQuota',
  'rt.gil': 'gapFixGil',
  'loop.missed_wake': 'gapFixMissed',
  'sync.lock': 'gapFixLock',
  'sync.mp': 'gapFixLock',
  'sync.queue.empty': 'gapFixQueueEmpty',
  'sync.queue.full': 'gapFixQueueFull',
  'sync.future': 'gapFixFuture',
  'handoff.pickle': 'gapFixMove',
  'handoff.pipe': 'gapFixMove',
  'io.net': 'gapFixNet',
  'io.dns': 'gapFixNet',
  'io.disk': 'gapFixDisk',
  'proc.wait': 'gapFixProcess',
  'timer.sleep': 'gapFixSleep',
  'unknown.offcpu': 'gapFixUnknown',
};

/** The same where it is one. What is not here blocks it, and is to be replaced by a call that does not. */
const loopFixes: Partial<Readonly<Record<GapClass, ServerStringKey>>> = {
  'run.python': 'gapFixCompute',
  'run.serialize': 'gapFixSerialize',
  'run.gc': 'gapFixGc',
  'run.import': 'gapFixImport',
  'sync.lock': 'gapFixLock',
  'rt.gil': 'gapFixGil',
  'sched.runq': 'gapFixRunq',
  'sched.quota': 'gapFixQuota',
  'run.fault': 'gapFixFault',
  'mem.major': 'gapFixMajor',
  'loop.busy': 'gapFixBusy',
  'unknown.offcpu': 'gapFixUnknown',
};

/** «Event loop blocked: sleep». */
export function gapTitle({
  gapClass,
  isLoopBlocked,
}: Pick<GapGroupFacts, 'gapClass' | 'isLoopBlocked'>): string {
  const word = say(words[gapClass]);
  if (isLoopBlocked) return say('gapLoopTitle', word);
  return word.charAt(0).toLocaleUpperCase() + word.slice(1);
}

/** Who was delayed by what, how often and how long, and who had it meanwhile. */
export function gapSentence(
  profile: Profile,
  group: GapGroupFacts,
  places: { readonly victim: GapPlace | null; readonly holder: GapPlace | null },
): string {
  const { victim, holder } = places;
  const who = victim ? `${victim.name} (${victim.place})` : say('gapSomewhere');
  const parts = [say(sentenceOf(group), who, amounts(group))];
  const { maxDelayedTasks } = group;
  if (maxDelayedTasks === 1) parts.push(say('gapDelayedTask'));
  else if (maxDelayedTasks > 1) parts.push(say('gapDelayedTasks', formatCount(maxDelayedTasks)));
  const key = holderSentence(group);
  if (holder && group.holder && key) {
    parts.push(
      say(key, inert(profile.lanes[group.holder.lane]?.name ?? ''), `${holder.name} (${holder.place})`),
    );
  }
  return parts.join(' ');
}

/** What was read is told as a fact, what was inferred is not. */
function holderSentence({ gapClass, holder, awaited }: GapGroupFacts): ServerStringKey | undefined {
  // Its line is the blamed one already.
  if (gapClass === 'loop.missed_wake') return undefined;
  if (gapClass === 'rt.gil') return 'gapGilHeldBy';
  if (holder?.isKnown !== true) return 'gapSeemsHeldBy';
  return awaited?.kind === 'signal' || awaited?.kind === 'join' ? 'gapEndedBy' : 'gapHeldBy';
}

function sentenceOf({ gapClass, isLoopBlocked, role }: GapGroupFacts): ServerStringKey {
  if (gapClass === 'loop.busy') return 'gapBusySentence';
  if (gapClass === 'loop.missed_wake') return 'gapMissedSentence';
  if (gapClass === 'run.gc' && !isLoopBlocked) return 'gapGcSentence';
  if (isLoopBlocked) return 'gapLoopSentence';
  return role === 'victim' ? 'gapVictimSentence' : 'gapWaitSentence';
}

function amounts({ members, totalNs, medianNs, longestNs }: GapGroupFacts): string {
  if (members.length === 1) return say('gapOnce', formatDuration(totalNs));
  const figures = [totalNs, medianNs, longestNs].map(formatDuration);
  return say('gapTimes', formatCount(members.length), ...figures);
}

/** What to do first; empty when there is nothing to do at this place. */
export function gapFix({
  gapClass,
  isLoopBlocked,
}: Pick<GapGroupFacts, 'gapClass' | 'isLoopBlocked'>): string {
  const key = isLoopBlocked ? (loopFixes[gapClass] ?? 'gapFixBlocking') : fixes[gapClass];
  return key ? say(key) : '';
}

/** The facts that the class rests on. */
export function gapEvidence(
  group: GapGroupFacts,
  { victim, act }: { readonly victim: GapPlace | null; readonly act: GapPlace | null },
  taskNames: readonly string[],
): string[] {
  const facts: string[] = [];
  if (!Number.isNaN(group.cpuNs)) {
    facts.push(say('gapEvidenceCpu', formatDuration(group.cpuNs), formatDuration(group.totalNs)));
  }
  if (group.maxStepCount !== undefined) {
    facts.push(say('gapEvidenceSteps', formatCount(group.maxStepCount)));
  }
  if (group.longestDelayNs !== undefined) {
    const longest = formatDuration(group.longestNs);
    facts.push(
      group.longestDelayNs > 0
        ? say('gapEvidenceDelay', longest, formatDuration(group.longestDelayNs))
        : say('gapEvidenceStep', longest),
    );
  }
  if (group.handoff) facts.push(handoffFact(group.handoff));
  if (group.awaited && group.awaited.name !== '')
    facts.push(say('gapEvidenceObject', inert(group.awaited.name)));
  if (group.generation >= 0) facts.push(say('gapEvidenceGeneration', group.generation));
  else if (group.sampleCount > 0) facts.push(say('gapEvidenceSamples', formatCount(group.sampleCount)));
  if (victim && victim.text !== '') facts.push(say('gapEvidenceLine', victim.text));
  if (taskNames.length === 1) facts.push(say('gapEvidenceTask', taskNames[0] ?? ''));
  if (act) {
    const key = group.awaited?.kind === 'signal' ? 'gapEvidenceNotified' : 'gapEvidenceEntered';
    facts.push(say(key, act.place));
  }
  if (group.holder) facts.push(say('gapEvidenceHolder', formatShare(group.holder.share)));
  return facts;
}

/** «20 ms of work, 120 ms of moving 40 MB». */
function handoffFact({ queueNs, runNs, moveNs, bytes }: HandoffFacts): string {
  const [queue, run, move] = [queueNs, runNs, moveNs].map(formatDuration);
  return bytes > 0
    ? say('gapEvidenceMove', run ?? '', move ?? '', formatBytes(bytes), queue ?? '')
    : say('gapEvidenceJob', run ?? '', queue ?? '');
}
