import type { GapClass } from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import { laneEnd } from '../selection';
import type { Holder } from './gap';
import type { LaneClock } from './laneClock';
import { functionText, isEnclosedBy } from './sourceBlocks';
import type { StackReader } from './stackReader';
import { StackTest } from './stackTest';
import type { TimeTally } from './timeTally';
import { counterpartCall, lockName } from './waitRules';

const minShare = 0.25;
/** A thread that used this much of a stretch on the CPU is what the others waited for … */
const busyShare = 0.5;
/** … or this much, when that is many times what its victim got. */
const leastShare = 0.15;
const muchMore = 4;
/** Answers about stacks that are kept, one byte each. */
const maxAnswers = 64e6;

/** What finding holders needs. */
export interface HolderSearch {
  readonly profile: Profile;
  readonly clock: LaneClock;
  readonly reader: StackReader;
  /** The recorded lines of a file (index into the profile's strings). */
  readonly linesOf: (file: number) => readonly string[];
  /** Questions about stacks with what was answered, by what they ask. */
  readonly stackTests: Map<string, StackTest>;
  /** By class: which stacks hold up a wait at a frame; null when nothing tells. */
  readonly holderTests: Map<GapClass, Map<number, StackTest | null>>;
  readonly tally: TimeTally;
}

/** A wait of a lane whose holder is sought. */
interface Stretch {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly victimFrame: number;
}

/** The thread that a wait was for, as far as stacks and sources tell; undefined when they do not. */
export function holderOf(search: HolderSearch, gapClass: GapClass, wait: Stretch): Holder | undefined {
  if (gapClass === 'sync.future') return jobHolder(search, wait);
  const isMeant = holderTest(search, gapClass, wait.victimFrame);
  return isMeant === null ? undefined : mostSeen(search, wait, isMeant, mayBeOtherProcess(gapClass));
}

function mayBeOtherProcess(gapClass: GapClass): boolean {
  return gapClass === 'sync.mp' || gapClass.startsWith('ipc.pipe.');
}

function holderTest(search: HolderSearch, gapClass: GapClass, victimFrame: number): StackTest | null {
  const known = search.holderTests.get(gapClass)?.get(victimFrame);
  if (known !== undefined) return known;
  const isLock = gapClass === 'sync.lock' || gapClass === 'sync.mp';
  const isMeant = (isLock ? lockTest : counterpartTest)(search, victimFrame, gapClass) ?? null;
  const ofClass = search.holderTests.get(gapClass) ?? new Map<number, StackTest | null>();
  search.holderTests.set(gapClass, ofClass.set(victimFrame, isMeant));
  return isMeant;
}

/**
 * Stacks that stand inside a `with` of the same lock. Locks are told apart by the last name of their expression
 * (`self._lock`): the recording does not know which object it was.
 */
function lockTest(search: HolderSearch, victimFrame: number): StackTest | undefined {
  const name = lockName(search.reader.lineText(victimFrame));
  if (name === undefined) return undefined;
  const opens = new RegExp(`^\\s*with\\b[^#]*\\b${name}\\b`);
  return anyOwnFrame(search, `with ${name}`, frame => isInside(search, frame, opens));
}

/** Stacks with a function in which the other side's call on an object of the same name is written, as `orders.put(`. */
function counterpartTest(
  search: HolderSearch,
  victimFrame: number,
  gapClass: GapClass,
): StackTest | undefined {
  const call = counterpartCall(gapClass, search.reader.lineText(victimFrame));
  if (call === undefined) return undefined;
  const calls = anyOwnFrame(search, call.source, frame => call.test(textAround(search, frame)));
  const { reader } = search;
  return keptTest(
    search,
    `${gapClass} ${call.source}`,
    node => !reader.isIdle(node) && reader.waitOf(node).gapClass !== gapClass && calls.holds(node),
  );
}

/** The job that the workers of pools ran meanwhile; undefined when there were several, since any may have been meant. */
function jobHolder(search: HolderSearch, wait: Stretch): Holder | undefined {
  const { reader } = search;
  const isJob = keptTest(search, 'job', node => reader.isJob[node] === 1 && !reader.isIdle(node));
  const jobs = holders(search, wait, isJob);
  const [first] = jobs;
  return jobs.every(({ frame }) => frame === first?.frame) ? first : undefined;
}

/**
 * The thread that kept the GIL from another one for most of a stretch; undefined when none did. It used the CPU, and
 * its victim next to none: a busy machine alone gives both alike.
 */
export function gilHolder(search: HolderSearch, wait: Stretch & { cpuNs: number }): Holder | undefined {
  const durationNs = wait.endNs - wait.startNs;
  let best = -1;
  let bestNs = Math.min(durationNs * busyShare, Math.max(durationNs * leastShare, wait.cpuNs * muchMore));
  const busiest = search.clock.busiestOf(wait.lane);
  const usedNs = search.clock.cpuOfBusiest(wait.lane, wait.startNs, wait.endNs);
  for (let at = 0; at < busiest.length; at++) {
    const cpuNs = usedNs[at] ?? Number.NaN;
    if (!(cpuNs > bestNs) || busiest[at] === wait.lane) continue;
    best = busiest[at] ?? -1;
    bestNs = cpuNs;
  }
  if (best < 0) return undefined;
  const frame = workingFrame(search, { lane: best, startNs: wait.startNs, endNs: wait.endNs });
  if (search.reader.releasesGil(frame)) return undefined;
  return { lane: best, frame, share: Math.min(1, bestNs / durationNs) };
}

/** Where a lane was that computed in a stretch of time. */
function workingFrame(search: HolderSearch, held: Omit<Stretch, 'victimFrame'>): number {
  const { profile, clock, reader } = search;
  const { samples } = profile;
  const at = clock.seek(held.lane, held.startNs);
  const next = at + 1;
  const isOne =
    next < laneEnd(profile, held.lane) &&
    (samples.endNs[next] ?? 0) - (samples.weightNs[next] ?? 0) >= held.endNs;
  if (isOne) return reader.ownFrame(samples.node[at] ?? -1);
  // A change of stack is placed by guess within a late look: a line that waits has let go of the GIL.
  const isWork = keptTest(search, 'work', node => reader.waitOf(node).gapClass === undefined);
  const atWork = longestFrame(search, held, isWork);
  return atWork >= 0
    ? atWork
    : longestFrame(
        search,
        held,
        keptTest(search, 'any', () => true),
      );
}

/** The line at which a thread that is known to be the holder was for longest; undefined when it has none of its own. */
export function knownHolder(
  search: HolderSearch,
  wait: Stretch,
  { lane, actFrame }: { readonly lane: number; readonly actFrame: number },
): Holder | undefined {
  const isThere = keptTest(search, 'own', node => search.reader.ownFrame(node) >= 0);
  const longest = longestFrame(search, { ...wait, lane }, isThere);
  const frame = longest >= 0 ? longest : actFrame;
  if (frame < 0) return undefined;
  const share = seenNs(search, lane, wait, isThere) / (wait.endNs - wait.startNs);
  return { lane, frame, share: Math.min(1, share), isKnown: true, actFrame };
}

/** The only one, or the one that was there for much longer than all others: names alone do not tell locks apart. */
function mostSeen(
  search: HolderSearch,
  wait: Stretch,
  isMeant: StackTest,
  isAnyProcess: boolean,
): Holder | undefined {
  const found = holders(search, wait, isMeant, isAnyProcess).sort((a, b) => b.share - a.share);
  const [best, next] = found;
  const isClear = next === undefined || next.frame === best?.frame || next.share * 2 < (best?.share ?? 0);
  return isClear ? best : undefined;
}

/** The other threads that were seen in stacks of the meant kind for a good part of a wait; of its process, or of any. */
function holders(search: HolderSearch, wait: Stretch, isMeant: StackTest, isAnyProcess = false): Holder[] {
  const found: Holder[] = [];
  const durationNs = wait.endNs - wait.startNs;
  const lanes = isAnyProcess ? search.clock.threads : search.clock.threadsOf(wait.lane);
  for (const lane of lanes) {
    if (lane === wait.lane) continue;
    const share = seenNs(search, lane, wait, isMeant) / durationNs;
    if (share < minShare) continue;
    found.push({ lane, frame: longestFrame(search, { ...wait, lane }, isMeant), share });
  }
  return found;
}

/** How long a lane's stacks were of the meant kind. */
function seenNs({ profile, clock }: HolderSearch, lane: number, wait: Stretch, isMeant: StackTest): number {
  const { samples } = profile;
  const end = laneEnd(profile, lane);
  let totalNs = 0;
  for (let i = clock.seek(lane, wait.startNs); i < end; i++) {
    const endNs = samples.endNs[i] ?? 0;
    const startNs = endNs - (samples.weightNs[i] ?? 0);
    if (startNs >= wait.endNs) break;
    const node = samples.node[i] ?? -1;
    if (node >= 0 && isMeant.holds(node))
      totalNs += Math.min(wait.endNs, endNs) - Math.max(wait.startNs, startNs);
  }
  return totalNs;
}

/** The frame of own code that a lane was at for longest, in stacks of the meant kind; -1 when there were none. */
function longestFrame(
  { profile, clock, reader, tally }: HolderSearch,
  { lane, startNs, endNs }: Omit<Stretch, 'victimFrame'>,
  isMeant: StackTest,
): number {
  clock.eachOverlap(lane, startNs, endNs, (sample, ns) => {
    const node = profile.samples.node[sample] ?? -1;
    if (node >= 0 && isMeant.holds(node)) tally.add(reader.ownFrame(node), ns);
  });
  return tally.takeLongest();
}

function isInside({ profile, linesOf }: HolderSearch, frame: number, opens: RegExp): boolean {
  const { file, line, firstLine } = placeOf(profile, frame);
  return isEnclosedBy(linesOf(file), { line, firstLine }, opens);
}

function textAround({ profile, linesOf }: HolderSearch, frame: number): string {
  const { file, line, firstLine } = placeOf(profile, frame);
  return functionText(linesOf(file), { line, firstLine });
}

function placeOf({ frames, functions }: Profile, frame: number) {
  const func = frames.func[frame] ?? -1;
  return {
    file: functions.file[func] ?? -1,
    line: frames.line[frame] ?? 0,
    firstLine: functions.firstLine[func] ?? 1,
  };
}

/** Tells of stacks whether a frame of own code in them is of a kind; asked once for each frame. */
function anyOwnFrame(search: HolderSearch, id: string, isMeant: (frame: number) => boolean): StackTest {
  const { nodes, frames } = search.profile;
  const { ownNode } = search.reader;
  const ofFrame = new StackTest(frames.length, isMeant);
  return keptTest(search, id, (node, test) => {
    let at = ownNode[node] ?? -1;
    while (at >= 0 && test.answer(at) === undefined && !ofFrame.holds(nodes.frame[at] ?? -1)) {
      at = ownNode[nodes.parent[at] ?? -1] ?? -1;
    }
    return at >= 0 && test.answer(at) !== false;
  });
}

/** The test that asks this of a node's stack, made once. */
function keptTest(
  search: HolderSearch,
  id: string,
  ask: (node: number, test: StackTest) => boolean,
): StackTest {
  const known = search.stackTests.get(id);
  if (known !== undefined) return known;
  const { nodes, frames } = search.profile;
  if (search.stackTests.size * (nodes.length + frames.length) > maxAnswers) {
    search.stackTests.clear();
    search.holderTests.clear();
  }
  const made = new StackTest(nodes.length, ask);
  search.stackTests.set(id, made);
  return made;
}
