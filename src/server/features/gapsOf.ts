import { type FoundGaps, findGaps } from '../analyze/gaps/findGaps';
import { explainedShare, type GapGroupFacts, gapGroups } from '../analyze/gaps/gapGroups';
import type { OpenRun } from '../loadedRun';

/** A run's gaps with their groups. */
export interface RunGaps extends FoundGaps {
  readonly groups: readonly GapGroupFacts[];
  /** NaN when nothing was off the CPU. */
  readonly explainedShare: number;
}

const known = new WeakMap<OpenRun, RunGaps>();

/** The gaps of a run, worked out once. Profiles without a clock have none. */
export function gapsOf(open: OpenRun): RunGaps {
  const made = known.get(open) ?? workOut(open);
  known.set(open, made);
  return made;
}

function workOut(open: OpenRun): RunGaps {
  const { profile } = open.run;
  const found = findGaps(profile, file => open.recordedLines(file));
  const isClocked = profile.info.hasTimeAxis && profile.info.unit === 'nanoseconds';
  const gaps = isClocked ? found.gaps : [];
  return { ...found, gaps, groups: gapGroups(profile, gaps), explainedShare: explainedShare(profile, gaps) };
}
