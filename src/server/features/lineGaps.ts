import type { LineGap } from '../../shared/api';
import type { GapGroupFacts } from '../analyze/gaps/gapGroups';
import type { OpenRun } from '../loadedRun';
import { gapsOf } from './gapsOf';
import { gapTitle } from './gapTexts';

const byFileOf = new WeakMap<OpenRun, Map<number, Map<number, GapGroupFacts[]>>>();

/** The groups of gaps that are blamed on a recorded line, most delay first: those that delayed somebody. */
export function gapsOfLine(open: OpenRun, file: number, line: number): readonly GapGroupFacts[] {
  const byFile = byFileOf.get(open) ?? groupsByLine(open);
  byFileOf.set(open, byFile);
  return byFile.get(file)?.get(line) ?? [];
}

/** How many gaps are blamed on the recorded lines `firstLine … lastLine`. */
export function gapCount(open: OpenRun, file: number, firstLine: number, lastLine: number): number {
  let count = 0;
  gapsOfLine(open, file, firstLine);
  for (const [line, groups] of byFileOf.get(open)?.get(file) ?? []) {
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
  return { title: gapTitle(first), isLoopBlocked, count: members.length, totalNs, longestNs };
}

function groupsByLine(open: OpenRun): Map<number, Map<number, GapGroupFacts[]>> {
  const { frames, functions } = open.run.profile;
  const byFile = new Map<number, Map<number, GapGroupFacts[]>>();
  for (const group of gapsOf(open).groups) {
    if (group.victimFrame < 0 || group.delayNs <= 0) continue;
    const file = functions.file[frames.func[group.victimFrame] ?? 0] ?? -1;
    const line = frames.line[group.victimFrame] ?? 0;
    const byLine = byFile.get(file) ?? new Map<number, GapGroupFacts[]>();
    byFile.set(file, byLine);
    byLine.set(line, [...(byLine.get(line) ?? []), group]);
  }
  return byFile;
}
