import type { GapClass } from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import type { Holder } from './gap';
import type { LaneClock } from './laneClock';
import { functionText, isEnclosedBy } from './sourceBlocks';
import type { StackReader } from './stackReader';
import { awaitedName, counterpartCall, lockName, releasesGil } from './waitRules';

const minShare = 0.25;
/** A thread that used this much of a stretch on the CPU is what the others waited for … */
const busyShare = 0.5;
/** … or this much, when that is many times what its victim got. */
const leastShare = 0.15;
const muchMore = 4;

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
  if (gapClass === 'sync.lock') return lockHolder(search, wait);
  return gapClass === 'sync.future' ? jobHolder(search, wait) : counterpart(search, gapClass, wait);
}

/**
 * The thread that stood inside a `with` of the same lock for most of a wait. Locks are told apart by the last name
 * of their expression (`self._lock`): the recording does not know which object it was.
 */
function lockHolder(search: HolderSearch, wait: Stretch): Holder | undefined {
  const name = lockName(search.reader.lineText(wait.victimFrame));
  if (name === undefined) return undefined;
  const opens = new RegExp(`^\\s*with\\b[^#]*\\b${name}\\b`);
  return mostSeen(
    search,
    wait,
    anyOwnFrame(search, `with ${name}`, frame => isInside(search, frame, opens)),
  );
}

/** The thread in whose functions the other side's call on an object of the same name is written, as `orders.put(`. */
function counterpart(search: HolderSearch, gapClass: GapClass, wait: Stretch): Holder | undefined {
  const name = awaitedName(search.reader.lineText(wait.victimFrame));
  const call = name === undefined ? undefined : counterpartCall(gapClass, name);
  if (call === undefined) return undefined;
  const isMeant = anyOwnFrame(search, call.source, frame => call.test(textAround(search, frame)));
  const { reader } = search;
  return mostSeen(
    search,
    wait,
    node => !reader.isIdle(node) && reader.waitOf(node).gapClass !== gapClass && isMeant(node),
  );
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
export function gilHolder(search: HolderSearch, wait: Omit<Stretch, 'victimFrame'>): Holder | undefined {
  const durationNs = wait.endNs - wait.startNs;
  const ownNs = search.clock.cpuNs(wait.lane, wait.startNs, wait.endNs);
  let best = -1;
  let bestNs = Math.min(durationNs * busyShare, Math.max(durationNs * leastShare, ownNs * muchMore));
  for (const lane of search.clock.threadsOf(wait.lane)) {
    if (lane === wait.lane) continue;
    const cpuNs = search.clock.cpuNs(lane, wait.startNs, wait.endNs);
    if (!(cpuNs > bestNs)) continue;
    best = lane;
    bestNs = cpuNs;
  }
  if (best < 0) return undefined;
  const held = { ...wait, lane: best };
  // A change of stack is placed by guess within a late look: a line that waits has let go of the GIL.
  const atWork = seenFrames(search, held, node => search.reader.waitOf(node).gapClass === undefined);
  const frame = atWork.frame >= 0 ? atWork.frame : seenFrames(search, held, () => true).frame;
  if (releasesGil(search.reader.lineText(frame))) return undefined;
  return { lane: best, frame, share: Math.min(1, bestNs / durationNs) };
}

function mostSeen(search: HolderSearch, wait: Stretch, isMeant: NodeTest): Holder | undefined {
  return holders(search, wait, isMeant).sort((a, b) => b.share - a.share)[0];
}

/** The other threads of the process that were seen in stacks of the meant kind for a good part of a wait. */
function holders(search: HolderSearch, wait: Stretch, isMeant: NodeTest): Holder[] {
  return search.clock.threadsOf(wait.lane).flatMap(lane => {
    if (lane === wait.lane) return [];
    const { frame, ns } = seenFrames(search, { ...wait, lane }, isMeant);
    const share = ns / (wait.endNs - wait.startNs);
    return share >= minShare ? [{ lane, frame, share }] : [];
  });
}

/** How long a lane's stacks were of the meant kind, and the frame of own code that it was at for longest. */
function seenFrames(
  { profile, clock, reader }: HolderSearch,
  { lane, startNs, endNs }: Omit<Stretch, 'victimFrame'>,
  isMeant: NodeTest,
): { frame: number; ns: number } {
  const byFrame = new Map<number, number>();
  let totalNs = 0;
  clock.eachOverlap(lane, startNs, endNs, (sample, ns) => {
    const node = profile.samples.node[sample] ?? -1;
    if (node < 0 || !isMeant(node)) return;
    const frame = reader.ownFrame(node);
    byFrame.set(frame, (byFrame.get(frame) ?? 0) + ns);
    totalNs += ns;
  });
  return { frame: heaviest(byFrame) ?? -1, ns: totalNs };
}

/** The key with the largest value. */
export function heaviest<T>(weights: ReadonlyMap<T, number>): T | undefined {
  let best: T | undefined;
  let bestWeight = Number.NEGATIVE_INFINITY;
  for (const [key, weight] of weights) {
    if (weight <= bestWeight) continue;
    best = key;
    bestWeight = weight;
  }
  return best;
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
  const answers = new Map<number, boolean>();
  const test = (node: number): boolean => {
    const at = search.reader.ownNode[node] ?? -1;
    if (at < 0) return false;
    const answered = answers.get(at);
    if (answered !== undefined) return answered;
    const answer = isMeant(nodes.frame[at] ?? -1) || test(nodes.parent[at] ?? -1);
    answers.set(at, answer);
    return answer;
  };
  search.stackTests.set(id, test);
  return test;
}
