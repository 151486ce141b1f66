import type { GapClass } from '../../../shared/gaps';
import { type Profile, type WaitKind, waitKinds } from '../../../shared/profile';
import type { Gap, Holder } from './gap';
import { type HolderSearch, knownHolder } from './holders';
import { type Span, Timeline } from './measuredLoops';

/** What a gap is whose wait was for such an object; a signal's class is told better by the stack. */
const classes: Readonly<Record<WaitKind, GapClass | undefined>> = {
  lock: 'sync.lock',
  reentrantLock: 'sync.lock',
  sharedLock: 'sync.mp',
  signal: undefined,
  join: 'sync.join',
  holdsSharedLock: undefined,
};

/** One wait whose object was known. */
interface KnownWait extends Span {
  readonly lane: number;
  readonly kind: WaitKind;
  readonly name: string;
  readonly holderLane: number;
  readonly actFrame: number;
}

/** The gaps with what is known of their waits: which lock or signal it was, and who had it or ended the wait. */
export function withKnownWaits(search: HolderSearch, gaps: readonly Gap[]): Gap[] {
  const { waits, holds } = readWaits(search.profile);
  if (waits.size === 0) return [...gaps];
  return gaps.map(gap => {
    const known = isOfLockOrSignal(gap) ? longestIn(waits.get(gap.lane), gap) : undefined;
    return known === undefined ? gap : withWait(search, gap, known, holds);
  });
}

/** Workers of pools wait for work behind a lock that they take in turns: that is no wait for the lock. */
function isOfLockOrSignal({ gapClass, role }: Gap): boolean {
  return role !== 'benign' && (gapClass.startsWith('sync.') || gapClass === 'unknown.offcpu');
}

function withWait(
  search: HolderSearch,
  gap: Gap,
  known: KnownWait,
  holds: ReadonlyMap<string, Timeline<KnownWait>>,
): Gap {
  const gapClass = classes[known.kind] ?? gap.gapClass;
  const isClassNew = gapClass !== gap.gapClass;
  const holder = holderOfWait(search, gap, known, holds);
  const isVictim = gapClass === 'sync.lock' || gapClass === 'sync.mp';
  return {
    ...gap,
    gapClass,
    role: isClassNew && !gap.isLoopBlocked ? (isVictim ? 'victim' : 'dependency') : gap.role,
    confidence: gap.confidence === 'exact' ? 'exact' : 'strong',
    // A guess about another object is none about this one.
    holder: holder ?? (isClassNew ? undefined : gap.holder),
    awaited: { kind: known.kind, name: known.name },
  };
}

function holderOfWait(
  search: HolderSearch,
  gap: Gap,
  known: KnownWait,
  holds: ReadonlyMap<string, Timeline<KnownWait>>,
): Holder | undefined {
  const wait = { ...gap, startNs: gap.startNs, endNs: gap.endNs };
  if (known.kind !== 'sharedLock' || known.holderLane >= 0) {
    return known.holderLane < 0 ? undefined : knownHolder(search, wait, { ...known, lane: known.holderLane });
  }
  const held = longestIn(holds.get(known.name), gap, other => other.lane !== gap.lane);
  return held && knownHolder(search, wait, held);
}

/** Of several the one that lasted for most of a gap. */
function longestIn(
  waits: Timeline<KnownWait> | undefined,
  gap: Gap,
  isMeant: (wait: KnownWait) => boolean = () => true,
): KnownWait | undefined {
  const overlapNs = (wait: Span) => Math.min(wait.endNs, gap.endNs) - Math.max(wait.startNs, gap.startNs);
  const found = (waits?.overlapping(gap) ?? []).filter(isMeant);
  return found.sort((a, b) => overlapNs(b) - overlapNs(a))[0];
}

/** Waits by their lanes, and who stood inside locks that processes share, by what those are called. */
function readWaits({ waits: table, strings }: Profile) {
  const waits = new Map<number, KnownWait[]>();
  const holds = new Map<string, KnownWait[]>();
  for (let at = 0; at < (table?.length ?? 0); at++) {
    const startNs = table?.startNs[at] ?? 0;
    const wait: KnownWait = {
      lane: table?.lane[at] ?? -1,
      kind: waitKinds[table?.kind[at] ?? 0] ?? 'lock',
      name: strings[table?.name[at] ?? -1] ?? '',
      startNs,
      endNs: startNs + (table?.durationNs[at] ?? 0),
      holderLane: table?.holderLane[at] ?? -1,
      actFrame: table?.frame[at] ?? -1,
    };
    if (wait.kind === 'holdsSharedLock') addTo(holds, wait.name, wait);
    else addTo(waits, wait.lane, wait);
  }
  return { waits: timelines(waits), holds: timelines(holds) };
}

function addTo<Key>(lists: Map<Key, KnownWait[]>, key: Key, wait: KnownWait): void {
  const list = lists.get(key);
  if (list) list.push(wait);
  else lists.set(key, [wait]);
}

function timelines<Key>(lists: ReadonlyMap<Key, KnownWait[]>): ReadonlyMap<Key, Timeline<KnownWait>> {
  return new Map([...lists].map(([key, list]) => [key, new Timeline(list)]));
}
