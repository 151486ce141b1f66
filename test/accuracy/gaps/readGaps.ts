/** Reads what the server says of a run's gaps, with times on the machine's clock, for comparison with the truth. */
import type { Gap } from '../../../src/server/analyze/gaps/gap';
import { gapsOf } from '../../../src/server/features/gapsOf';
import { gapGroup } from '../../../src/server/features/gapsView';
import { OpenRun } from '../../../src/server/loadedRun';
import { loadRun } from '../../../src/server/runFolder';
import { Slicer } from '../../../src/server/slicer';
import { WorkspaceFiles } from '../../../src/server/workspaceFiles';
import type { Profile } from '../../../src/shared/profile';

/** A line of a file. */
export interface ReadPlace {
  readonly file: string;
  readonly line: number;
}

/** One gap of a lane, in nanoseconds of the machine's monotonic clock. */
export interface ReadGap {
  readonly classId: string;
  readonly role: string;
  readonly confidence: string;
  readonly startNs: number;
  readonly endNs: number;
  readonly pid: number;
  readonly tid: number;
  /** The name of the suspended task whose gap it is, null for a thread's. */
  readonly task: string | null;
  readonly victim: ReadPlace | null;
  readonly holder: ReadPlace | null;
  /** The holder was read from inside the program, not inferred. */
  readonly isHolderKnown: boolean;
}

/** A row of the list that users see. */
export interface ReadGroup {
  readonly classId: string;
  readonly role: string;
  readonly totalNs: number;
  readonly longestNs: number;
  readonly line: number;
  readonly text: string;
}

/** A run's gaps, and the listed rows in their order. */
export interface ReadGaps {
  readonly gaps: readonly ReadGap[];
  readonly groups: readonly ReadGroup[];
  readonly explainedShare: number;
}

/** Reads a run; `ownRoots` are the folders of the program's own code. */
export async function readGaps(runPath: string, ownRoots: readonly string[]): Promise<ReadGaps> {
  const loaded = await loadRun(runPath, { slicer: new Slicer(), ownRoots });
  const roots = { workspaceFolders: ownRoots, mappings: [] };
  const open = await OpenRun.open(loaded, roots, new WorkspaceFiles());
  const { gaps, groups, explainedShare } = gapsOf(open);
  return {
    gaps: Array.from(gaps, gap => readGap(open.run.profile, gap)),
    groups: groups.map(facts => {
      const { classId, role, totalNs, longestNs, victim } = gapGroup(open, facts);
      return { classId, role, totalNs, longestNs, line: victim?.line ?? 0, text: victim?.text ?? '' };
    }),
    explainedShare,
  };
}

function readGap(profile: Profile, gap: Gap): ReadGap {
  const lane = profile.lanes[gap.lane];
  const thread = lane?.kind === 'task' ? profile.lanes[lane.parent] : lane;
  const isPlainClass = !gap.isLoopBlocked || gap.gapClass === 'loop.busy';
  return {
    classId: isPlainClass ? gap.gapClass : `loop.blocked(${gap.gapClass})`,
    role: gap.role,
    confidence: gap.confidence,
    startNs: gap.startNs + profile.info.startNs,
    endNs: gap.endNs + profile.info.startNs,
    pid: lane?.pid ?? 0,
    tid: thread?.tid ?? 0,
    task: lane?.kind === 'task' ? lane.name : null,
    victim: placeOf(profile, gap.victimFrame),
    holder: gap.holder ? placeOf(profile, gap.holder.frame) : null,
    isHolderKnown: gap.holder?.isKnown === true,
  };
}

function placeOf({ frames, functions, strings }: Profile, frame: number): ReadPlace | null {
  const func = frames.func[frame];
  if (func === undefined) return null;
  return { file: strings[functions.file[func] ?? -1] ?? '', line: frames.line[frame] ?? 0 };
}
