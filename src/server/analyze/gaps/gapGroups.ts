import {
  type GapClass,
  type GapConfidence,
  type GapRole,
  gapClassIds,
  gapRoles,
  listedGapNs,
} from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import type { Gap, Holder } from './gap';
import { heaviest } from './holders';

/** Gaps of one class at one line. */
export interface GapGroupFacts {
  readonly gapClass: GapClass;
  readonly isLoopBlocked: boolean;
  readonly role: GapRole;
  /** The one that most of its time has. */
  readonly confidence: GapConfidence;
  /** Indexes into the gaps, in the order of time. */
  readonly members: readonly number[];
  readonly totalNs: number;
  readonly longestNs: number;
  readonly medianNs: number;
  /** The part of `totalNs` that delayed somebody. */
  readonly delayNs: number;
  /** CPU time used meanwhile; NaN unknown. */
  readonly cpuNs: number;
  readonly sampleCount: number;
  readonly victimFrame: number;
  /** The holder that was seen for longest. */
  readonly holder: Holder | undefined;
  readonly maxDelayedTasks: number;
  readonly generation: number;
  readonly lanes: readonly number[];
}

const maxGroups = 200;
/** No file of source has as many. */
const maxLines = 1 << 24;
/** What stands in a row of its own must have taken this much altogether. */
const minTotalNs = 1e7;

/**
 * Ranked groups of the gaps that are worth listing: those that delay somebody first, by how long. Benign gaps are
 * drawn and not listed; short ones count where many of them stand at one line.
 */
export function gapGroups(profile: Profile, gaps: readonly Gap[]): GapGroupFacts[] {
  const members = new Map<number, Map<number, number[]>>();
  gaps.forEach((gap, index) => {
    if (gap.role === 'benign') return;
    const byPlace = members.get(kindKey(gap)) ?? new Map<number, number[]>();
    members.set(kindKey(gap), byPlace);
    const place = placeKey(profile, gap);
    const known = byPlace.get(place);
    if (known) known.push(index);
    else byPlace.set(place, [index]);
  });
  return [...members.values()]
    .flatMap(byPlace => [...byPlace.values()])
    .map(indexes => groupOf(profile, gaps, indexes))
    .filter(group => group.longestNs >= listedGapNs && group.totalNs >= minTotalNs)
    .sort((a, b) => b.delayNs - a.delayNs || b.totalNs - a.totalNs)
    .slice(0, maxGroups);
}

function kindKey({ gapClass, isLoopBlocked, role }: Gap): number {
  return (
    (gapClassIds.indexOf(gapClass) * gapRoles.length + gapRoles.indexOf(role)) * 2 + Number(isLoopBlocked)
  );
}

/** Computing is spread over a function's lines, a wait has one. */
function placeKey({ frames, functions }: Profile, { victimFrame, gapClass, lane }: Gap): number {
  const func = frames.func[victimFrame];
  if (func === undefined) return -1 - lane;
  const line = isWait(gapClass) ? frames.line[victimFrame] || (functions.firstLine[func] ?? 0) : 0;
  return func * maxLines + line;
}

const computing: ReadonlySet<GapClass> = new Set(
  gapClassIds.filter(id => /^(?:run|sched|rt)\.|^loop\.busy$/.test(id)),
);

function isWait(gapClass: GapClass): boolean {
  return !computing.has(gapClass);
}

function groupOf(profile: Profile, gaps: readonly Gap[], members: readonly number[]): GapGroupFacts {
  const all = members.map(index => gaps[index]).filter(gap => gap !== undefined);
  const first = all[0];
  if (first === undefined) throw new RangeError('a group without gaps');
  const lengths = new Float64Array(all.length);
  all.forEach((gap, at) => {
    lengths[at] = lengthNs(gap);
  });
  lengths.sort();
  const sum = (of: (gap: Gap) => number) => all.reduce((total, gap) => total + of(gap), 0);
  const most = (of: (gap: Gap) => number) => all.reduce((largest, gap) => Math.max(largest, of(gap)), -1);
  return {
    gapClass: first.gapClass,
    isLoopBlocked: first.isLoopBlocked,
    role: first.role,
    confidence: weightiest(all, gap => gap.confidence) ?? first.confidence,
    members,
    totalNs: sum(lengthNs),
    longestNs: lengths.at(-1) ?? 0,
    medianNs: lengths[lengths.length >> 1] ?? 0,
    delayNs: sum(gap => delayNs(profile, gap)),
    cpuNs: sum(gap => gap.cpuNs),
    sampleCount: sum(gap => gap.sampleCount),
    victimFrame: weightiest(all, gap => gap.victimFrame) ?? -1,
    holder: mainHolder(all),
    maxDelayedTasks: most(gap => gap.delayedTasks),
    generation: most(gap => gap.generation),
    lanes: [...new Set(all.map(gap => gap.lane))],
  };
}

function lengthNs({ startNs, endNs }: Gap): number {
  return endNs - startNs;
}

/** How long somebody was delayed: an event loop, the main thread, or a thread that wanted to get on. */
function delayNs({ lanes }: Profile, gap: Gap): number {
  const lane = lanes[gap.lane];
  const isWaited = gap.gapClass !== 'sync.join' && gap.gapClass !== 'unknown.offcpu';
  const isFelt = gap.isLoopBlocked || (lane?.kind === 'thread' && lane.isMain && isWaited);
  const isHeldUp = gap.role === 'victim' && gap.gapClass !== 'unknown.offcpu';
  return isFelt || isHeldUp ? gap.endNs - gap.startNs : 0;
}

function mainHolder(gaps: readonly Gap[]): Holder | undefined {
  const key = weightiest(
    gaps.filter(gap => gap.holder !== undefined),
    gap => `${gap.holder?.lane} ${gap.holder?.frame}`,
  );
  const held = gaps.filter(gap => gap.holder && `${gap.holder.lane} ${gap.holder.frame}` === key);
  const holder = held[0]?.holder;
  if (holder === undefined) return undefined;
  const share = held.reduce((sum, gap) => sum + (gap.holder?.share ?? 0), 0) / held.length;
  return { ...holder, share };
}

/** The value that most of the gaps' time has. */
function weightiest<T>(gaps: readonly Gap[], partOf: (gap: Gap) => T): T | undefined {
  const weights = new Map<T, number>();
  for (const gap of gaps) {
    const value = partOf(gap);
    weights.set(value, (weights.get(value) ?? 0) + gap.endNs - gap.startNs);
  }
  return heaviest(weights);
}

const unexplained: ReadonlySet<GapClass> = new Set(['unknown.offcpu']);

/** The part of all time off the CPU that has a class other than unknown; NaN when there was none. */
export function explainedShare({ lanes }: Profile, gaps: readonly Gap[]): number {
  let totalNs = 0;
  let explainedNs = 0;
  for (const gap of gaps) {
    if (lanes[gap.lane]?.kind !== 'thread' || gap.gapClass.startsWith('run.')) continue;
    totalNs += gap.endNs - gap.startNs;
    if (!unexplained.has(gap.gapClass)) explainedNs += gap.endNs - gap.startNs;
  }
  return totalNs > 0 ? explainedNs / totalNs : Number.NaN;
}
