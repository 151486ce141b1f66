import type { WaitKind } from '../../shared/api';
import type { Profile } from '../../shared/profile';
import { type ItemTimes, itemTimes, outermostNodes } from './itemTimes';
import { clippedNs, type NodeTimes } from './nodeTimes';
import { firstSampleAfter, includesNode, laneEnd, type Subset } from './selection';
import { contendedOr, type SourceWaits, WaitVotes, waitKindOfNode } from './waiting';

/** The lines that a profile knows: one item per file and executing line. */
export interface LineItems {
  readonly length: number;
  /** String index of the file. */
  readonly file: Int32Array;
  readonly line: Int32Array;
  /** Item by frame, -1 where the line is unknown. */
  readonly ofFrame: Int32Array;
  readonly ofNode: Int32Array;
  readonly byFile: ReadonlyMap<number, readonly number[]>;
}

const itemsByProfile = new WeakMap<Profile, LineItems>();

/** The line items of a profile, made once. A frame belongs to its first line only, however many it spans. */
export function lineItems(profile: Profile): LineItems {
  const known = itemsByProfile.get(profile);
  if (known) return known;
  const items = makeItems(profile);
  itemsByProfile.set(profile, items);
  return items;
}

function makeItems(profile: Profile): LineItems {
  const { frames, functions, nodes } = profile;
  const isExecuting = profile.info.lineMeaning === 'executing';
  const index = new Map<string, number>();
  const byFile = new Map<number, number[]>();
  const [file, line]: [number[], number[]] = [[], []];
  const ofFrame = new Int32Array(frames.length).fill(-1);
  for (let frame = 0; frame < frames.length; frame++) {
    const at = frames.line[frame] ?? 0;
    if (!isExecuting || at <= 0) continue;
    const fileId = functions.file[frames.func[frame] ?? 0] ?? 0;
    const key = `${fileId}:${at}`;
    let item = index.get(key);
    if (item === undefined) {
      item = file.push(fileId) - 1;
      line.push(at);
      index.set(key, item);
      byFile.set(fileId, [...(byFile.get(fileId) ?? []), item]);
    }
    ofFrame[frame] = item;
  }
  const ofNode = nodes.frame.map(frame => ofFrame[frame] ?? -1);
  return {
    length: file.length,
    file: Int32Array.from(file),
    line: Int32Array.from(line),
    ofFrame,
    ofNode,
    byFile,
  };
}

/** A hot sub-expression of a line: lines 1-based, columns in UTF-8 bytes as recorded. */
export interface LineSpan {
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly totalNs: number;
}

/** Times by line item. */
export interface LineTimes {
  readonly items: LineItems;
  readonly total: ItemTimes;
  readonly self: ItemTimes;
  /** What the line's waiting was for. */
  waitKind(item: number): WaitKind;
  /** The hottest sub-expressions of an item, hottest first; empty when the engine knows no columns. */
  spans(item: number): readonly LineSpan[];
}

/** What lines are measured from. Waits in the user's own code are told from its source. */
export interface LineQuery {
  readonly profile: Profile;
  readonly subset: Subset;
  readonly times: NodeTimes;
  readonly sourceWaits: SourceWaits;
}

/** Measures every line of a subset. */
export function lineTimes({ profile, subset, times, sourceWaits }: LineQuery): LineTimes {
  const items = lineItems(profile);
  const query = { profile, subset, times, itemOfNode: items.ofNode, itemCount: items.length };
  const total = itemTimes({ ...query, part: 'total' });
  const self = itemTimes({ ...query, part: 'self' });
  const isOutermost = outermostNodes(query);
  const frameNs = new Float64Array(profile.frames.length);
  for (let node = 0; node < profile.nodes.length; node++) {
    const frame = profile.nodes.frame[node] ?? 0;
    if (isOutermost[node] === 1) frameNs[frame] = (frameNs[frame] ?? 0) + (times.total.wallNs[node] ?? 0);
  }
  const framesOf = framesByItem(profile, items);
  const votes = waitVotes({ profile, subset, times, sourceWaits }, items);
  return {
    items,
    total,
    self,
    waitKind: item =>
      contendedOr(votes.winner(item), { cpuNs: total.cpuNs[item] ?? 0, totalNs: total.totalNs[item] ?? 0 }),
    spans: item => spansOf(profile, framesOf(item), { frameNs, totalNs: total.totalNs[item] ?? 0 }),
  };
}

function framesByItem(profile: Profile, items: LineItems): (item: number) => readonly number[] {
  let made: Map<number, number[]> | undefined;
  return item => {
    made ??= groupFrames(profile, items);
    return made.get(item) ?? [];
  };
}

function groupFrames(profile: Profile, items: LineItems): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let frame = 0; frame < profile.frames.length; frame++) {
    const item = items.ofFrame[frame] ?? -1;
    const group = groups.get(item);
    if (group) group.push(frame);
    else groups.set(item, [frame]);
  }
  return groups;
}

const minSpanShare = 0.1;
const maxSpans = 3;

/** Sub-expressions with at least a tenth of the line's time. Lanes are added up and then scaled to the line's total. */
function spansOf(
  profile: Profile,
  frames: readonly number[],
  { frameNs, totalNs }: { frameNs: Float64Array; totalNs: number },
): readonly LineSpan[] {
  const sumNs = frames.reduce((sum, frame) => sum + (frameNs[frame] ?? 0), 0);
  if (sumNs <= 0) return [];
  const byPlace = new Map<string, LineSpan>();
  for (const frame of frames) {
    const column = profile.frames.column[frame] ?? -1;
    const endColumn = profile.frames.endColumn[frame] ?? -1;
    if (column < 0 || endColumn < 0) continue;
    const endLine = profile.frames.endLine[frame] ?? 0;
    const key = `${column},${endLine},${endColumn}`;
    const partNs = ((frameNs[frame] ?? 0) / sumNs) * totalNs;
    byPlace.set(key, { column, endLine, endColumn, totalNs: (byPlace.get(key)?.totalNs ?? 0) + partNs });
  }
  return [...byPlace.values()]
    .filter(span => span.totalNs >= minSpanShare * totalNs)
    .sort((a, b) => b.totalNs - a.totalNs)
    .slice(0, maxSpans);
}

/** Gives the waiting time of each innermost node to all lines of its stack, once each. */
function waitVotes(query: LineQuery, items: LineItems): WaitVotes {
  const { profile, subset, times } = query;
  const votes = new WaitVotes(items.length);
  const lastLeaf = new Int32Array(items.length).fill(-1);
  for (let leaf = 0; leaf < profile.nodes.length; leaf++) {
    const waitNs = times.self.waitNs[leaf] ?? 0;
    if (waitNs <= 0) continue;
    const kind = kindOfLeaf(query, leaf);
    for (let node = leaf; node >= 0 && includesNode(subset, node); node = profile.nodes.parent[node] ?? -1) {
      const item = items.ofNode[node] ?? -1;
      if (item < 0 || lastLeaf[item] === leaf) continue;
      lastLeaf[item] = leaf;
      votes.add(item, kind, waitNs);
    }
  }
  return votes;
}

function kindOfLeaf({ profile, times, sourceWaits }: LineQuery, leaf: number): WaitKind {
  if (times.isSuspended[leaf] === 1) return 'await';
  const kind = waitKindOfNode(profile, leaf);
  return kind === 'unknown' ? sourceWaits(profile.nodes.frame[leaf] ?? 0) : kind;
}

/**
 * Times in which each line was the user's innermost one, whatever foreign code ran below it: where to look first.
 * `isOwn` answers by function.
 */
export function innermostOwnTimes(
  { profile, subset, times }: Pick<LineQuery, 'profile' | 'subset' | 'times'>,
  isOwn: (func: number) => boolean,
): ItemTimes {
  const items = lineItems(profile);
  const itemOfNode = new Int32Array(profile.nodes.length).fill(-1);
  for (let node = 0; node < itemOfNode.length; node++) {
    const frame = profile.nodes.frame[node] ?? 0;
    const up = profile.nodes.parent[node] ?? -1;
    if (isOwn(profile.frames.func[frame] ?? -1)) itemOfNode[node] = items.ofFrame[frame] ?? -1;
    else if (up >= 0) itemOfNode[node] = itemOfNode[up] ?? -1;
  }
  return itemTimes({ profile, subset, times, itemOfNode, itemCount: items.length, part: 'self' });
}

/** A line's time in each lane of a subset, by position in `subset.lanes`. Linear in samples and nodes. */
export function lineNsByLane(profile: Profile, subset: Subset, item: number): Float64Array {
  const { ofNode } = lineItems(profile);
  const isBelow = new Uint8Array(profile.nodes.length);
  for (let node = 0; node < isBelow.length; node++) {
    if (!includesNode(subset, node)) continue;
    const up = profile.nodes.parent[node] ?? -1;
    isBelow[node] = ofNode[node] === item || (up >= 0 && isBelow[up] === 1) ? 1 : 0;
  }
  const laneNs = new Float64Array(subset.lanes.length);
  subset.lanes.forEach((lane, position) => {
    const end = laneEnd(profile, lane);
    for (let i = firstSampleAfter(profile, lane, subset.rangeStartNs); i < end; i++) {
      const wallNs = clippedNs(profile.samples.endNs[i] ?? 0, profile.samples.weightNs[i] ?? 0, subset);
      if (wallNs < 0) break;
      if (isBelow[profile.samples.node[i] ?? -1] === 1) laneNs[position] = (laneNs[position] ?? 0) + wallNs;
    }
  });
  return laneNs;
}
