import type { Profile } from '../../../shared/profile';
import type { Holder } from './gap';
import type { LaneClock } from './laneClock';
import type { StackReader } from './stackReader';

const minShare = 0.25;
/** A thread that used this much of a stretch on the CPU is what the others waited for. */
const busyShare = 0.5;

/** What finding holders needs. */
export interface HolderSearch {
  readonly profile: Profile;
  readonly clock: LaneClock;
  readonly reader: StackReader;
  /** The recorded lines of a file (index into the profile's strings). */
  readonly linesOf: (file: number) => readonly string[];
}

interface Stretch {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
}

/**
 * The thread that stood inside a `with` of the same lock for most of a wait. Locks are told apart by the last name
 * of their expression (`self._lock`): the recording does not know which object it was.
 */
export function lockHolder(search: HolderSearch, wait: Stretch, victimFrame: number): Holder | undefined {
  const name = lockName(search.reader.lineText(victimFrame));
  if (name === undefined) return undefined;
  const within = new WithBlocks(search, name);
  return mostSeen(search, wait, node => within.contains(node));
}

/** The thread of the process that used the CPU for most of a stretch; undefined when none did. */
export function busiestThread(search: HolderSearch, wait: Stretch): Holder | undefined {
  const durationNs = wait.endNs - wait.startNs;
  let best = -1;
  let bestNs = durationNs * busyShare;
  for (const lane of threadsBeside(search.profile, wait.lane)) {
    const cpuNs = search.clock.cpuNs(lane, wait.startNs, wait.endNs);
    if (!(cpuNs > bestNs)) continue;
    best = lane;
    bestNs = cpuNs;
  }
  if (best < 0) return undefined;
  const seen = seenFrames(search, { ...wait, lane: best }, () => true);
  return { lane: best, frame: seen.frame, share: Math.min(1, bestNs / durationNs) };
}

function mostSeen(
  search: HolderSearch,
  wait: Stretch,
  isMeant: (node: number) => boolean,
): Holder | undefined {
  let best: Holder | undefined;
  for (const lane of threadsBeside(search.profile, wait.lane)) {
    const { frame, ns } = seenFrames(search, { ...wait, lane }, isMeant);
    const share = ns / (wait.endNs - wait.startNs);
    if (share >= minShare && share > (best?.share ?? 0)) best = { lane, frame, share };
  }
  return best;
}

/** How long a lane's stacks were of the meant kind, and the frame of own code that it was at for longest. */
function seenFrames(
  { profile, clock, reader }: HolderSearch,
  { lane, startNs, endNs }: Stretch,
  isMeant: (node: number) => boolean,
): { frame: number; ns: number } {
  const byFrame = new Map<number, number>();
  let totalNs = 0;
  clock.overlaps(lane, startNs, endNs, (sample, ns) => {
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

const neighbours = new WeakMap<Profile, Map<number, readonly number[]>>();

/** The other threads of a lane's process. */
function threadsBeside(profile: Profile, lane: number): readonly number[] {
  const known = neighbours.get(profile) ?? new Map<number, readonly number[]>();
  neighbours.set(profile, known);
  let beside = known.get(lane);
  if (beside === undefined) {
    const pid = profile.lanes[lane]?.pid;
    beside = profile.lanes.flatMap((other, index) =>
      index !== lane && other.kind === 'thread' && other.pid === pid ? [index] : [],
    );
    known.set(lane, beside);
  }
  return beside;
}

/** The last name of the lock's expression in `with a.lock:` or `a.lock.acquire()`. */
export function lockName(line: string): string | undefined {
  const acquired = /([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*\.\s*acquire\s*\(/.exec(line)?.[1];
  if (acquired !== undefined) return acquired;
  return /^\s*(?:async\s+)?with\s+(?:[\w.]*\.)?([A-Za-z_]\w*)/.exec(line)?.[1];
}

/** Tells which stacks stand inside a `with` of one lock. */
class WithBlocks {
  private readonly known = new Map<number, boolean>();
  private readonly opens: RegExp;

  constructor(
    private readonly search: HolderSearch,
    name: string,
  ) {
    this.opens = new RegExp(`^\\s*with\\b[^#]*\\b${name}\\b`);
  }

  contains(node: number): boolean {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const { nodes } = this.search.profile;
    const parent = nodes.parent[node] ?? -1;
    const isInside = this.isFrameInside(nodes.frame[node] ?? -1) || (parent >= 0 && this.contains(parent));
    this.known.set(node, isInside);
    return isInside;
  }

  /** Walks up from the line to those that are indented less: each of them encloses it. */
  private isFrameInside(frame: number): boolean {
    const { frames, functions } = this.search.profile;
    const func = frames.func[frame] ?? -1;
    const lines = this.search.linesOf(functions.file[func] ?? -1);
    const line = frames.line[frame] ?? 0;
    const firstLine = Math.max(1, functions.firstLine[func] ?? 1);
    let indent = indentOf(lines[line - 1] ?? '');
    for (let above = line - 1; above >= firstLine; above--) {
      const text = lines[above - 1] ?? '';
      if (text.trim() === '' || indentOf(text) >= indent) continue;
      if (this.opens.test(text)) return true;
      indent = indentOf(text);
    }
    return false;
  }
}

function indentOf(text: string): number {
  return text.search(/\S|$/);
}
