import {
  type GapClass,
  type GapConfidence,
  type GapRole,
  gapClassIds,
  gapConfidences,
  gapRoles,
  listedGapNs,
} from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import { nthSmallest } from '../nthSmallest';
import { finished, inPieces, type Steps } from '../steps';
import type { AwaitedObject, Holder } from './gap';
import type { GapRarities, GapTable } from './gapTable';
import type { HandoffFacts } from './handoffGaps';
import { TimeTally } from './timeTally';
import { isAtOneLine } from './waitRules';

/** Gaps of one class at one line. */
export interface GapGroupFacts {
  readonly gapClass: GapClass;
  readonly isLoopBlocked: boolean;
  readonly role: GapRole;
  /** The one that most of its time has. */
  readonly confidence: GapConfidence;
  /** Indexes into the gaps, in the order of time. */
  readonly members: Int32Array;
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
const gapsPerStep = 8192;

/**
 * Ranked groups of the gaps that are worth listing: those that delay somebody first, by how long. Benign gaps are
 * drawn and not listed; short ones count where many of them stand at one line.
 */
export function gapGroups(profile: Profile, gaps: GapTable): GapGroupFacts[] {
  return finished(groupingGaps(profile, gaps));
}

/** The same step by step. */
export function* groupingGaps(profile: Profile, gaps: GapTable): Steps<GapGroupFacts[]> {
  const numbers = new GroupNumbers(profile, gaps);
  const all = { from: 0, to: gaps.length, most: gapsPerStep };
  yield* inPieces(all, (from, to) => numbers.add(from, to));
  const sums = new GroupSums(profile, gaps, numbers);
  yield* inPieces(all, (from, to) => sums.add(from, to));
  const listed = sums.listed();
  const members = yield* membersOf(numbers.group, sums.memberCount, listed);
  const frames = new TimeTally(profile.frames.length);
  const confidences = new TimeTally(gapConfidences.length);
  const groups: GapGroupFacts[] = [];
  for (const [at, group] of listed.entries()) {
    groups.push(
      yield* groupOf({ gaps, frames, confidences }, members[at] ?? new Int32Array(0), sums.of(group)),
    );
  }
  return groups;
}

const benign = gapRoles.indexOf('benign');
const victim = gapRoles.indexOf('victim');
const unknownWait = gapClassIds.indexOf('unknown.offcpu');
const readyDelay = gapClassIds.indexOf('task.ready_delay');
const join = gapClassIds.indexOf('sync.join');

const maxLine = 2 ** 20;
const maxPlace = 2 ** 42;

type Sums = Pick<GapGroupFacts, 'totalNs' | 'longestNs' | 'delayNs' | 'cpuNs' | 'sampleCount'>;

/** Gives each gap the number of its group, in the order in which groups are met. */
class GroupNumbers {
  /** By gap, -1 for benign ones. */
  readonly group: Int32Array;
  private readonly byKey = new Map<number, number>();
  /** Gaps of one frame and kind belong together whatever its place is: the last kind of each frame with its group. */
  private readonly kindOfFrame: Int32Array;
  private readonly groupOfFrame: Int32Array;

  constructor(
    private readonly profile: Profile,
    private readonly gaps: GapTable,
  ) {
    this.group = new Int32Array(gaps.length).fill(-1);
    this.kindOfFrame = new Int32Array(profile.frames.length).fill(-1);
    this.groupOfFrame = new Int32Array(profile.frames.length);
  }

  get count(): number {
    return this.byKey.size;
  }

  /** Numbers the gaps `from … to - 1`. */
  add(from: number, to: number): void {
    const { gaps, kindOfFrame, groupOfFrame } = this;
    for (let at = from; at < to; at++) {
      if (gaps.role[at] === benign) continue;
      const frame = gaps.victimFrame[at] ?? -1;
      const kind = kindOf(gaps, at);
      if (frame >= 0 && kindOfFrame[frame] === kind) {
        this.group[at] = groupOfFrame[frame] ?? 0;
        continue;
      }
      const group = this.intern(groupKey(this.profile, gaps, at));
      this.group[at] = group;
      if (frame < 0) continue;
      kindOfFrame[frame] = kind;
      groupOfFrame[frame] = group;
    }
  }

  private intern(key: number): number {
    const known = this.byKey.get(key) ?? this.byKey.size;
    if (known === this.byKey.size) this.byKey.set(key, known);
    return known;
  }
}

/** What each group takes altogether. */
class GroupSums {
  readonly memberCount: Int32Array;
  private readonly totalNs: Float64Array;
  private readonly longestNs: Float64Array;
  private readonly delayNs: Float64Array;
  private readonly cpuNs: Float64Array;
  private readonly sampleCount: Int32Array;
  private readonly isMainThread: Uint8Array;

  constructor(
    { lanes }: Profile,
    private readonly gaps: GapTable,
    private readonly numbers: GroupNumbers,
  ) {
    const column = () => new Float64Array(numbers.count);
    [this.totalNs, this.longestNs, this.delayNs, this.cpuNs] = [column(), column(), column(), column()];
    this.memberCount = new Int32Array(numbers.count);
    this.sampleCount = new Int32Array(numbers.count);
    this.isMainThread = Uint8Array.from(lanes, ({ kind, isMain }) => (kind === 'thread' && isMain ? 1 : 0));
  }

  /** Adds the gaps `from … to - 1`. */
  add(from: number, to: number): void {
    const { gaps, memberCount, totalNs, longestNs, delayNs, cpuNs, sampleCount } = this;
    for (let at = from; at < to; at++) {
      const group = this.numbers.group[at] ?? -1;
      if (group < 0) continue;
      const lengthNs = (gaps.endNs[at] ?? 0) - (gaps.startNs[at] ?? 0);
      memberCount[group] = (memberCount[group] ?? 0) + 1;
      totalNs[group] = (totalNs[group] ?? 0) + lengthNs;
      longestNs[group] = Math.max(longestNs[group] ?? 0, lengthNs);
      if (this.isFelt(at)) delayNs[group] = (delayNs[group] ?? 0) + lengthNs;
      cpuNs[group] = (cpuNs[group] ?? 0) + (gaps.cpuNs[at] ?? 0);
      sampleCount[group] = (sampleCount[group] ?? 0) + (gaps.sampleCount[at] ?? 0);
    }
  }

  /** Those that are worth a row, most delay first. */
  listed(): number[] {
    const { longestNs, totalNs, delayNs } = this;
    const isListed = (group: number) =>
      (longestNs[group] ?? 0) >= listedGapNs && (totalNs[group] ?? 0) >= minTotalNs;
    return [...this.memberCount.keys()]
      .filter(isListed)
      .sort((a, b) => (delayNs[b] ?? 0) - (delayNs[a] ?? 0) || (totalNs[b] ?? 0) - (totalNs[a] ?? 0))
      .slice(0, maxGroups);
  }

  of(group: number): Sums {
    return {
      totalNs: this.totalNs[group] ?? 0,
      longestNs: this.longestNs[group] ?? 0,
      delayNs: this.delayNs[group] ?? 0,
      cpuNs: this.cpuNs[group] ?? 0,
      sampleCount: this.sampleCount[group] ?? 0,
    };
  }

  /** Somebody was delayed: an event loop, the main thread, or a thread that wanted to get on. */
  private isFelt(at: number): boolean {
    const { gaps } = this;
    if (gaps.isLoopBlocked[at] === 1) return true;
    const gapClass = gaps.gapClass[at];
    // What a task was ready for and did not get counts at the step that it waited for.
    if (gapClass === unknownWait || gapClass === readyDelay) return false;
    const isMain = this.isMainThread[gaps.lane[at] ?? -1] === 1;
    return (isMain && gapClass !== join) || gaps.role[at] === victim;
  }
}

/** One number for class, role and whether a loop is blocked. */
function kindOf({ gapClass, role, isLoopBlocked }: GapTable, at: number): number {
  const number = (gapClass[at] ?? 0) * gapRoles.length + (role[at] ?? 0);
  return number * 2 + (isLoopBlocked[at] ?? 0);
}

/** One number for kind and place: a line of a file, a function, or, when neither is known, a lane. */
function groupKey({ frames, functions }: Profile, gaps: GapTable, at: number): number {
  const kind = kindOf(gaps, at);
  const frame = gaps.victimFrame[at] ?? -1;
  const func = frames.func[frame];
  if (func === undefined) return kind * maxPlace + (gaps.lane[at] ?? 0);
  if (!isAtOneLine(gapClassIds[gaps.gapClass[at] ?? 0] ?? 'unknown.offcpu')) {
    return kind * maxPlace + (func + 1) * maxLine;
  }
  const line = frames.line[frame] || functions.firstLine[func] || 1;
  return kind * maxPlace + ((functions.file[func] ?? -1) + 2) * maxLine + Math.min(line, maxLine - 1);
}

/** The gaps of each listed group, in the order of time. */
function* membersOf(
  group: Int32Array,
  memberCount: Int32Array,
  listed: readonly number[],
): Steps<Int32Array[]> {
  const members = listed.map(one => new Int32Array(memberCount[one] ?? 0));
  const rank = new Int32Array(memberCount.length).fill(-1);
  for (const [at, one] of listed.entries()) rank[one] = at;
  const filled = new Int32Array(listed.length);
  yield* inPieces({ from: 0, to: group.length, most: gapsPerStep }, (from, to) => {
    for (let at = from; at < to; at++) {
      const row = rank[group[at] ?? -1] ?? -1;
      if (row < 0) continue;
      const next = filled[row] ?? 0;
      filled[row] = next + 1;
      (members[row] as Int32Array)[next] = at;
    }
  });
  return members;
}

/** What groups are made from. */
interface Grouping {
  readonly gaps: GapTable;
  readonly frames: TimeTally;
  readonly confidences: TimeTally;
}

function* groupOf(grouping: Grouping, members: Int32Array, sums: Sums): Steps<GapGroupFacts> {
  const { gaps } = grouping;
  const [first] = members;
  if (first === undefined) throw new RangeError('a group without gaps');
  const facts = yield* memberFacts(grouping, members);
  const { gapClass, isLoopBlocked, role } = gaps.at(first);
  return {
    ...sums,
    gapClass,
    isLoopBlocked,
    role,
    members,
    ...facts,
    holder: yield* mainHolder(gaps, members),
    ...rareFacts(gaps, members),
  };
}

function* memberFacts({ gaps, frames, confidences }: Grouping, members: Int32Array) {
  const lengthsNs = new Float64Array(members.length);
  const lanes = new Set<number>();
  let [maxDelayedTasks, generation] = [0, -1];
  yield* inPieces({ from: 0, to: members.length, most: gapsPerStep }, (from, to) => {
    for (let i = from; i < to; i++) {
      const at = members[i] ?? 0;
      const lengthNs = (gaps.endNs[at] ?? 0) - (gaps.startNs[at] ?? 0);
      lengthsNs[i] = lengthNs;
      confidences.add(gaps.confidence[at] ?? -1, lengthNs);
      frames.add(gaps.victimFrame[at] ?? -1, lengthNs);
      lanes.add(gaps.lane[at] ?? -1);
      maxDelayedTasks = Math.max(maxDelayedTasks, gaps.delayedTasks[at] ?? 0);
      generation = Math.max(generation, gaps.generation[at] ?? -1);
    }
  });
  return {
    confidence: gapConfidences[confidences.takeLongest()] ?? 'unknown',
    medianNs: nthSmallest(lengthsNs, members.length >> 1),
    victimFrame: frames.takeLongest(),
    maxDelayedTasks,
    generation,
    lanes: [...lanes],
  };
}

/** What only gaps know that were measured. */
function rareFacts(gaps: GapTable, members: Int32Array) {
  const rare: GapRarities[] = [];
  for (const at of members) {
    const known = gaps.rareAt(at);
    if (known !== undefined) rare.push(known);
  }
  return {
    longestDelayNs: largest(rare.map(({ longestDelayNs }) => longestDelayNs)),
    maxStepCount: largest(rare.map(({ stepCount }) => stepCount)),
    handoff: longestJob(rare.flatMap(({ handoff }) => handoff ?? [])),
    awaited: commonObject(rare.flatMap(({ awaited }) => awaited ?? [])),
  };
}

function longestJob(jobs: readonly HandoffFacts[]): HandoffFacts | undefined {
  const [longest] = [...jobs].sort(
    (a, b) => b.moveNs - a.moveNs || b.runNs + b.queueNs - a.runNs - a.queueNs,
  );
  return longest;
}

function commonObject(objects: readonly AwaitedObject[]): AwaitedObject | undefined {
  const [first] = objects;
  return objects.every(({ kind, name }) => kind === first?.kind && name === first.name) ? first : undefined;
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter(value => value !== undefined);
  return known.length > 0 ? known.reduce((most, value) => Math.max(most, value), 0) : undefined;
}

function* mainHolder(gaps: GapTable, members: Int32Array): Steps<Holder | undefined> {
  const { holderLane, holderFrame, holderShare, startNs, endNs } = gaps;
  const seen = new Map<number, { first: number; ns: number; shares: number; count: number }>();
  yield* inPieces({ from: 0, to: members.length, most: gapsPerStep }, (from, to) => {
    for (let i = from; i < to; i++) {
      const at = members[i] ?? 0;
      const [lane, frame, share] = [holderLane[at] ?? -1, holderFrame[at] ?? -1, holderShare[at] ?? 0];
      if (lane < 0) continue;
      const key = lane * maxPlace + frame;
      const one = seen.get(key) ?? { first: at, ns: 0, shares: 0, count: 0 };
      if (one.count === 0) seen.set(key, one);
      one.ns += (endNs[at] ?? 0) - (startNs[at] ?? 0);
      one.shares += share;
      one.count++;
    }
  });
  const [main] = [...seen.values()].sort((a, b) => b.ns - a.ns);
  const holder = main && gaps.at(main.first).holder;
  return holder && { ...holder, share: main.shares / main.count };
}

/** The part of all time off the CPU that has a class other than unknown; NaN when there was none. */
export function explainedShare({ lanes }: Profile, gaps: GapTable): number {
  let totalNs = 0;
  let explainedNs = 0;
  for (let at = 0; at < gaps.length; at++) {
    const gapClass = gaps.gapClass[at] ?? 0;
    if (isRunning[gapClass] === true || lanes[gaps.lane[at] ?? -1]?.kind !== 'thread') continue;
    const lengthNs = (gaps.endNs[at] ?? 0) - (gaps.startNs[at] ?? 0);
    totalNs += lengthNs;
    if (gapClass !== unknownWait) explainedNs += lengthNs;
  }
  return totalNs > 0 ? explainedNs / totalNs : Number.NaN;
}

const isRunning = gapClassIds.map(id => id.startsWith('run.'));
