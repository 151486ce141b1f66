import type { LineGap } from '../../shared/api';
import type { GapGroupFacts } from '../analyze/gaps/gapGroups';
import type { OpenRun } from '../loadedRun';
import { gapsAtHand, type RunGaps } from './gapsOf';
import { groupTitle } from './groupTitle';

type ByLine = Map<number, GapGroupFacts[]>;
const byFileOf = new WeakMap<RunGaps, Map<number, ByLine>>();

/**
 * The groups of gaps that are blamed on a recorded line, most delay first: those that delayed somebody. None as long as
 * those of a large run have not been asked for.
 */
export function gapsOfLine(open: OpenRun, file: number, line: number): readonly GapGroupFacts[] {
  return gapsOfFile(open, file)?.get(line) ?? [];
}

/** How many gaps are blamed on the recorded lines `firstLine … lastLine`. */
export function gapCount(open: OpenRun, file: number, firstLine: number, lastLine: number): number {
  let count = 0;
  for (const [line, groups] of gapsOfFile(open, file) ?? []) {
    if (line < firstLine || line > lastLine) continue;
    count += groups.reduce((sum, group) => sum + group.members.length, 0);
  }
  return count;
}

/** What a line's label says of its gaps; null when there is nothing to say. */
export function lineGap(open: OpenRun, file: number, line: number): LineGap | null {
  const [first] = gapsOfLine(open, file, line);
  if (first === undefined) return null;
  const { isLoopBlocked, members, totalNs, longestNs } = first;
  return { title: groupTitle(open, first), isLoopBlocked, count: members.length, totalNs, longestNs };
}

function gapsOfFile(open: OpenRun, file: number): ByLine | undefined {
  const gaps = gapsAtHand(open);
  if (gaps === undefined) return undefined;
  const byFile = byFileOf.get(gaps) ?? groupsByLine(open, gaps);
  byFileOf.set(gaps, byFile);
  return byFile.get(file);
}

function groupsByLine(open: OpenRun, { groups }: RunGaps): Map<number, ByLine> {
  const { frames, functions } = open.run.profile;
  const byFile = new Map<number, ByLine>();
  for (const group of groups) {
    if (group.victimFrame < 0 || group.delayNs <= 0) continue;
    const file = functions.file[frames.func[group.victimFrame] ?? 0] ?? -1;
    const line = frames.line[group.victimFrame] ?? 0;
    const byLine = byFile.get(file) ?? new Map<number, GapGroupFacts[]>();
    byFile.set(file, byLine);
    byLine.set(line, [...(byLine.get(line) ?? []), group]);
  }
  return byFile;
}
