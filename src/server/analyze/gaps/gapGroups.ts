import {
  type GapClass,
  type GapConfidence,
  type GapRole,
  gapClassIds,
  gapRoles,
  listedGapNs,
} from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import type { AwaitedObject, Gap, Holder } from './gap';
import type { HandoffFacts } from './handoffGaps';
import { isAtOneLine } from './waitRules';

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
  /** How long one of them waited, at least; undefined where that was not measured. */
  readonly longestDelayNs: number | undefined;
  /** Steps of the longest measured round; undefined where none was. */
  readonly maxStepCount: number | undefined;
  /** Of the executor's job that took longest to move, or else to run; undefined where none was measured. */
  readonly handoff: HandoffFacts | undefined;
  /** The object that they waited for, where all that is known of it agrees. */
  readonly awaited: AwaitedObject | undefined;
  readonly generation: number;
  readonly lanes: readonly number[];
}

const maxGroups = 200;
/** What stands in a row of its own must have taken this much altogether. */
const minTotalNs = 1e7;

/**
 * Ranked groups of the gaps that are worth listing: those that delay somebody first, by how long. Benign gaps are
 * drawn and not listed; short ones count where many of them stand at one line.
 */
export function gapGroups(profile: Profile, gaps: readonly Gap[]): GapGroupFacts[] {
  const members = new Map<number, number[]>();
  // Gaps of one frame belong together whatever its place is, and small numbers are found sooner.
  const byFrame = new Map<number, number[]>();
  gaps.forEach((gap, index) => {
    if (gap.role === 'benign') return;
    const kind = kindOf(gap);
    const shortKey = gap.victimFrame < 0 ? -1 : gap.victimFrame * kindCount + kind;
    let known = byFrame.get(shortKey);
    if (known === undefined || shortKey < 0) {
      const key = groupKey(profile, gap, kind);
      known = members.get(key) ?? [];
      members.set(key, known);
      byFrame.set(shortKey, known);
    }
    known.push(index);
  });
  return [...members.values()]
    .map(indexes => ({ indexes, ...sumsOf(profile, gaps, indexes) }))
    .filter(({ longestNs, totalNs }) => longestNs >= listedGapNs && totalNs >= minTotalNs)
    .sort((a, b) => b.delayNs - a.delayNs || b.totalNs - a.totalNs)
    .slice(0, maxGroups)
    .map(({ indexes, ...sums }) => groupOf(gaps, indexes, sums));
}

const classNumbers = new Map(gapClassIds.map((id, index) => [id, index]));
const maxLine = 2 ** 20;
const maxPlace = 2 ** 42;

const kindCount = gapClassIds.length * gapRoles.length * 2;

/** One number for class, role and whether a loop is blocked. */
function kindOf({ gapClass, role, isLoopBlocked }: Gap): number {
  const number = (classNumbers.get(gapClass) ?? 0) * gapRoles.length + gapRoles.indexOf(role);
  return number * 2 + Number(isLoopBlocked);
}

/** One number for kind and place: a line of a file, a function, or, when neither is known, a lane. */
function groupKey({ frames, functions }: Profile, gap: Gap, kind: number): number {
  const frame = gap.victimFrame;
  const func = frames.func[frame];
  if (func === undefined) return kind * maxPlace + gap.lane;
  if (!isAtOneLine(gap.gapClass)) return kind * maxPlace + (func + 1) * maxLine;
  const line = frames.line[frame] || functions.firstLine[func] || 1;
  return kind * maxPlace + ((functions.file[func] ?? -1) + 2) * maxLine + Math.min(line, maxLine - 1);
}

type Sums = Pick<GapGroupFacts, 'totalNs' | 'longestNs' | 'delayNs' | 'cpuNs' | 'sampleCount'>;

function sumsOf(profile: Profile, gaps: readonly Gap[], members: readonly number[]): Sums {
  const sums = { totalNs: 0, longestNs: 0, delayNs: 0, cpuNs: 0, sampleCount: 0 };
  for (const member of members) {
    const gap = gaps[member];
    if (gap === undefined) continue;
    const lengthNs = gap.endNs - gap.startNs;
    sums.totalNs += lengthNs;
    sums.longestNs = Math.max(sums.longestNs, lengthNs);
    sums.delayNs += isFelt(profile, gap) ? lengthNs : 0;
    sums.cpuNs += gap.cpuNs;
    sums.sampleCount += gap.sampleCount;
  }
  return sums;
}

function groupOf(gaps: readonly Gap[], members: readonly number[], sums: Sums): GapGroupFacts {
  const all = members.flatMap(index => gaps[index] ?? []);
  const first = all[0];
  if (first === undefined) throw new RangeError('a group without gaps');
  const lengths = Float64Array.from(all, gap => gap.endNs - gap.startNs).sort();
  return {
    ...sums,
    gapClass: first.gapClass,
    isLoopBlocked: first.isLoopBlocked,
    role: first.role,
    confidence: weightiest(all, gap => gap.confidence) ?? first.confidence,
    members,
    medianNs: lengths[lengths.length >> 1] ?? 0,
    victimFrame: weightiest(all, gap => gap.victimFrame) ?? -1,
    holder: mainHolder(all),
    maxDelayedTasks: all.reduce((most, gap) => Math.max(most, gap.delayedTasks), 0),
    longestDelayNs: largest(all.map(gap => gap.longestDelayNs)),
    maxStepCount: largest(all.map(gap => gap.stepCount)),
    handoff: longestJob(all),
    awaited: commonObject(all),
    generation: all.reduce((oldest, gap) => Math.max(oldest, gap.generation), -1),
    lanes: [...new Set(all.map(gap => gap.lane))],
  };
}

function longestJob(gaps: readonly Gap[]): HandoffFacts | undefined {
  const [longest] = gaps
    .flatMap(({ handoff }) => handoff ?? [])
    .sort((a, b) => b.moveNs - a.moveNs || b.runNs + b.queueNs - a.runNs - a.queueNs);
  return longest;
}

function commonObject(gaps: readonly Gap[]): AwaitedObject | undefined {
  const objects = gaps.flatMap(({ awaited }) => awaited ?? []);
  const [first] = objects;
  return objects.every(({ kind, name }) => kind === first?.kind && name === first.name) ? first : undefined;
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter(value => value !== undefined);
  return known.length > 0 ? known.reduce((most, value) => Math.max(most, value), 0) : undefined;
}

/** Somebody was delayed: an event loop, the main thread, or a thread that wanted to get on. */
function isFelt({ lanes }: Profile, gap: Gap): boolean {
  const lane = lanes[gap.lane];
  if (gap.isLoopBlocked) return true;
  if (gap.gapClass === 'unknown.offcpu') return false;
  // It counts at the step that it waited for.
  if (gap.gapClass === 'task.ready_delay') return false;
  const isMainThread = lane?.kind === 'thread' && lane.isMain && gap.gapClass !== 'sync.join';
  return isMainThread || gap.role === 'victim';
}

function mainHolder(gaps: readonly Gap[]): Holder | undefined {
  const held = gaps.filter(gap => gap.holder !== undefined);
  const key = ({ holder }: Gap) => (holder?.lane ?? 0) * maxPlace + (holder?.frame ?? 0);
  const main = weightiest(held, key);
  const same = held.filter(gap => key(gap) === main);
  const holder = same[0]?.holder;
  if (holder === undefined) return undefined;
  const share = same.reduce((sum, gap) => sum + (gap.holder?.share ?? 0), 0) / same.length;
  return { ...holder, share };
}

/** The value that most of the gaps' time has. */
function weightiest<T>(gaps: readonly Gap[], partOf: (gap: Gap) => T): T | undefined {
  const weights = new Map<T, number>();
  for (const gap of gaps) {
    const value = partOf(gap);
    weights.set(value, (weights.get(value) ?? 0) + gap.endNs - gap.startNs);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0];
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
