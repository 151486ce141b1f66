import type { GapClass } from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import type { Holder } from './gap';
import type { LaneClock } from './laneClock';
import { functionText, isEnclosedBy } from './sourceBlocks';
import type { StackReader } from './stackReader';
import { counterpartCall, lockName, releasesGil } from './waitRules';

const minShare = 0.25;
/** A thread that used this much of a stretch on the CPU is what the others waited for … */
const busyShare = 0.5;
/** … or this much, when that is many times what its victim got. */
const leastShare = 0.15;
const muchMore = 4;
/** Answers about stacks that are kept, one byte each. */
const maxAnswers = 64e6;

/** A question about the stack of a node. */
export type NodeTest = (node: number) => boolean;

/** What finding holders needs. */
export interface HolderSearch {
  readonly profile: Profile;
  readonly clock: LaneClock;
  readonly reader: StackReader;
  /** The recorded lines of a file (index into the profile's strings). */
  readonly linesOf: (file: number) => readonly string[];
  /** Questions about stacks with what was answered, by what they ask. */
  readonly stackTests: Map<string, NodeTest>;
  /** Which stacks hold up a wait of a class at a frame; null when nothing tells. */
  readonly holderTests: Map<string, NodeTest | null>;
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
  const key = `${gapClass} ${wait.victimFrame}`;
  let isMeant = search.holderTests.get(key);
  if (isMeant === undefined) {
    const { victimFrame } = wait;
    const isLock = gapClass === 'sync.lock' || gapClass === 'sync.mp';
    isMeant = (isLock ? lockTest : counterpartTest)(search, victimFrame, gapClass) ?? null;
    search.holderTests.set(key, isMeant);
  }
  return isMeant === null ? undefined : mostSeen(search, wait, isMeant, mayBeOtherProcess(gapClass));
}

function mayBeOtherProcess(gapClass: GapClass): boolean {
  return gapClass === 'sync.mp' || gapClass.startsWith('ipc.pipe.');
}

/**
 * Stacks that stand inside a `with` of the same lock. Locks are told apart by the last name of their expression
 * (`self._lock`): the recording does not know which object it was.
 */
function lockTest(search: HolderSearch, victimFrame: number): NodeTest | undefined {
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
): NodeTest | undefined {
  const call = counterpartCall(gapClass, search.reader.lineText(victimFrame));
  if (call === undefined) return undefined;
  const isMeant = anyOwnFrame(search, call.source, frame => call.test(textAround(search, frame)));
  const { reader } = search;
  return node => !reader.isIdle(node) && reader.waitOf(node).gapClass !== gapClass && isMeant(node);
}

/** The job that the workers of pools ran meanwhile; undefined when there were several, since any may have been meant. */
function jobHolder(search: HolderSearch, wait: Stretch): Holder | undefined {
  const { reader } = search;
  const isJob: NodeTest = node => reader.isJob[node] === 1 && !reader.isIdle(node);
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
  for (const lane of search.clock.busiestOf(wait.lane)) {
    if (lane === wait.lane) continue;
    const cpuNs = search.clock.cpuNs(lane, wait.startNs, wait.endNs);
    if (!(cpuNs > bestNs)) continue;
    best = lane;
    bestNs = cpuNs;
  }
  if (best < 0) return undefined;
  const held = { ...wait, lane: best };
  // A change of stack is placed by guess within a late look: a line that waits has let go of the GIL.
  const atWork = longestFrame(search, held, node => search.reader.waitOf(node).gapClass === undefined);
  const frame = atWork >= 0 ? atWork : longestFrame(search, held, () => true);
  if (releasesGil(search.reader.lineText(frame))) return undefined;
  return { lane: best, frame, share: Math.min(1, bestNs / durationNs) };
}

/** The line at which a thread that is known to be the holder was for longest; undefined when it has none of its own. */
export function knownHolder(
  search: HolderSearch,
  wait: Stretch,
  { lane, actFrame }: { readonly lane: number; readonly actFrame: number },
): Holder | undefined {
  const isThere: NodeTest = node => search.reader.ownFrame(node) >= 0;
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
  isMeant: NodeTest,
  isAnyProcess: boolean,
): Holder | undefined {
  const found = holders(search, wait, isMeant, isAnyProcess).sort((a, b) => b.share - a.share);
  const [best, next] = found;
  const isClear = next === undefined || next.frame === best?.frame || next.share * 2 < (best?.share ?? 0);
  return isClear ? best : undefined;
}

/** The other threads that were seen in stacks of the meant kind for a good part of a wait; of its process, or of any. */
function holders(search: HolderSearch, wait: Stretch, isMeant: NodeTest, isAnyProcess = false): Holder[] {
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
function seenNs(
  { profile, clock }: HolderSearch,
  lane: number,
  { startNs, endNs }: Stretch,
  isMeant: NodeTest,
): number {
  let totalNs = 0;
  clock.eachOverlap(lane, startNs, endNs, (sample, ns) => {
    const node = profile.samples.node[sample] ?? -1;
    if (node >= 0 && isMeant(node)) totalNs += ns;
  });
  return totalNs;
}

/** The frame of own code that a lane was at for longest, in stacks of the meant kind; -1 when there were none. */
function longestFrame(
  { profile, clock, reader }: HolderSearch,
  { lane, startNs, endNs }: Omit<Stretch, 'victimFrame'>,
  isMeant: NodeTest,
): number {
  const byFrame = new Map<number, number>();
  clock.eachOverlap(lane, startNs, endNs, (sample, ns) => {
    const node = profile.samples.node[sample] ?? -1;
    if (node < 0 || !isMeant(node)) return;
    const frame = reader.ownFrame(node);
    byFrame.set(frame, (byFrame.get(frame) ?? 0) + ns);
  });
  const [longest] = [...byFrame].sort((a, b) => b[1] - a[1]);
  return longest?.[0] ?? -1;
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

/** Tells of stacks whether a frame of own code in them is of a kind; asked once for each node. */
function anyOwnFrame(search: HolderSearch, id: string, isMeant: (frame: number) => boolean): NodeTest {
  const known = search.stackTests.get(id);
  if (known !== undefined) return known;
  const { nodes } = search.profile;
  if (search.stackTests.size * nodes.length > maxAnswers) {
    search.stackTests.clear();
    search.holderTests.clear();
  }
  /** 0 not asked yet, 1 no, 2 yes. */
  const answers = new Uint8Array(nodes.length);
  const test = (node: number): boolean => {
    const at = search.reader.ownNode[node] ?? -1;
    if (at < 0) return false;
    if (answers[at] === 0) {
      answers[at] = isMeant(nodes.frame[at] ?? -1) || test(nodes.parent[at] ?? -1) ? 2 : 1;
    }
    return answers[at] === 2;
  };
  search.stackTests.set(id, test);
  return test;
}
