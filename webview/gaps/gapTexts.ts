import { formatCount, formatDuration } from '../../src/shared/formatting';
import type { GapClass, GapConfidence, GapRole } from '../../src/shared/gaps';
import type { PanelStringKey, PanelStrings } from '../../src/shared/panelMessages';
import type { GapGroup, GapPlace } from '../../src/shared/views';
import { fill } from '../elements';
import { familyAt, familyLooks } from './families';
import type { Gap } from './gapIndex';
import { pauseSign } from './labelWriter';

/** The word on a gap, where its family's is not exact enough. */
const classWords: Partial<Readonly<Record<GapClass, PanelStringKey>>> = {
  'run.serialize': 'gapSerialize',
  'run.import': 'gapImport',
  'sched.frozen': 'gapFrozen',
  'sync.lock': 'gapLock',
  'sync.signal': 'gapSignal',
  'sync.queue.empty': 'gapQueueEmpty',
  'sync.queue.full': 'gapQueueFull',
  'sync.future': 'gapFuture',
  'sync.join': 'gapJoin',
  'sync.mp': 'gapProcessLock',
  'ipc.pipe.read': 'gapPipeRead',
  'ipc.pipe.write': 'gapPipeFull',
  'io.net': 'gapNetwork',
  'io.dns': 'gapDns',
  'io.disk': 'gapDisk',
  'io.tty': 'gapTerminal',
  'loop.idle': 'gapIdle',
  'loop.busy': 'gapBusyLoop',
  'task.await.lock': 'gapLock',
  'task.await.queue': 'gapQueue',
  'task.await.event': 'gapEvent',
  'task.await.task': 'gapTask',
  'task.await.executor': 'gapExecutor',
  'task.await.net': 'gapNetwork',
  'task.await.future': 'gapFuture',
};

const confidenceWords: Readonly<Record<GapConfidence, PanelStringKey>> = {
  exact: 'gapExact',
  strong: 'gapStrong',
  likely: 'gapLikely',
  unknown: 'gapUnsure',
};

const roleWords: Readonly<Record<GapRole, PanelStringKey>> = {
  culprit: 'gapRoleCulprit',
  victim: 'gapRoleVictim',
  dependency: 'gapRoleDependency',
  benign: 'gapRoleBenign',
};

/** What a gap is in one or two words. */
export function gapWord(strings: PanelStrings, gap: Gap, group: GapGroup | undefined): string {
  const key = group && classWords[innerClass(group.classId)];
  return strings[key ?? familyLooks[familyAt(gap.family)].word];
}

/** Of a blocked loop, `loop.blocked(timer.sleep)`, what it did meanwhile. */
function innerClass(classId: string): GapClass {
  return (/\((.*)\)$/.exec(classId)?.[1] ?? classId) as GapClass;
}

/** What may stand on a gap, the most telling first. */
export function gapLabels(strings: PanelStrings, gap: Gap, group: GapGroup | undefined): string[] {
  const word = gapWord(strings, gap, group);
  const duration = formatDuration(gap.durationNs);
  const label = `${pauseSign}${word} ${duration}`;
  const place = group?.victim ? [`${label} · ${group.victim.place}`] : [];
  const whole = [...place, label, `${word} ${duration}`];
  // Where nobody is delayed, a bare number would only draw the eye.
  return gap.isBenign ? whole : [...whole, duration, word];
}

export function confidenceWord(strings: PanelStrings, { confidence }: GapGroup): string {
  return strings[confidenceWords[confidence as GapConfidence] ?? 'gapUnsure'];
}

export function roleWord(strings: PanelStrings, { role }: GapGroup): string {
  return strings[roleWords[role as GapRole] ?? 'gapRoleVictim'];
}

/** `score tokens.py:41`, with the line's text where it is known. */
export function placeText({ name, place, text }: GapPlace): string {
  return [name, place].filter(Boolean).join(' ') + (text.trim() ? `: ${text.trim()}` : '');
}

/** `62 ms at 4.25 s`. */
export function momentText(strings: PanelStrings, gap: Gap): string {
  return fill(strings.gapAtPlace, formatDuration(gap.durationNs), formatDuration(gap.startNs));
}

/** Who held a gap up: the lane, the line, or both; empty when nothing is known. */
export function holderText({ holder, holderLane }: GapGroup): string {
  return [holderLane, holder ? placeText(holder) : ''].filter(Boolean).join(' · ');
}

/** What a screen reader says of one gap. */
export function spokenGap(
  strings: PanelStrings,
  gap: Gap,
  about: { readonly group: GapGroup | undefined; readonly lane: string },
): string {
  const title = about.group?.title ?? gapWord(strings, gap, undefined);
  const why = about.group ? `${about.group.sentence} ${about.group.fix}`.trim() : '';
  return fill(strings.gapSpoken, title, momentText(strings, gap), about.lane, why).trim();
}

/** What a screen reader says of a group. */
export function spokenGroup(strings: PanelStrings, group: GapGroup): string {
  return fill(
    strings.gapGroupSpoken,
    group.title,
    group.victim?.place ?? '',
    formatDuration(group.delayNs),
    formatCount(group.count),
    formatDuration(group.longestNs),
    group.sentence,
  );
}

/** A group as text, to be pasted into an issue or a chat. */
export function groupAsText(strings: PanelStrings, group: GapGroup): string {
  const facts: (readonly [string, string])[] = [
    [strings.gapDelay, formatDuration(group.delayNs)],
    [strings.gapTotal, countText(strings, group)],
    [strings.gapVictim, group.victim ? placeText(group.victim) : ''],
    [strings.gapHolder, holderText(group)],
    [strings.gapFix, group.fix],
    [strings.gapSystem, group.system?.facts.join(' ') ?? ''],
    [strings.gapMoreFixes, otherFixes(group).join(' ')],
    [strings.gapEvidence, group.evidence.join('; ')],
    [strings.gapLanes, group.laneNames.join(', ')],
  ];
  const lines = facts.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`);
  return [`${group.title} (${confidenceWord(strings, group)})`, group.sentence, ...lines].join('\n');
}

/** What the system's side speaks for, beside the first thing to do. */
export function otherFixes({ system, fix }: GapGroup): readonly string[] {
  return system?.fixes.filter(other => other !== fix) ?? [];
}

/** `412 ms · ×14 · longest 64 ms`. */
export function countText(strings: PanelStrings, group: GapGroup): string {
  const count = fill(strings.gapCount, formatCount(group.count));
  const longest = fill(strings.gapLongest, formatDuration(group.longestNs));
  return `${formatDuration(group.totalNs)} · ${count} · ${longest}`;
}
