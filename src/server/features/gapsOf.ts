import { type FoundGaps, findGaps } from '../analyze/gaps/findGaps';
import { explainedShare, type GapGroupFacts, gapGroups } from '../analyze/gaps/gapGroups';
import { StackReader } from '../analyze/gaps/stackReader';
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

/**
 * Larger runs have their gaps worked out when somebody looks at them, not before the first number. Samples times lanes:
 * who held up whom is sought among all threads.
 */
const promptSize = 4_000_000;

/** The gaps of a run where they are known, or are worked out in no time; undefined for a large run at first. */
export function gapsAtHand(open: OpenRun): RunGaps | undefined {
  const { samples, lanes } = open.run.profile;
  const isPrompt = samples.length * lanes.length <= promptSize;
  return isPrompt ? gapsOf(open) : known.get(open);
}

function workOut(open: OpenRun): RunGaps {
  const { profile } = open.run;
  const linesOf = (file: number) => open.recordedLines(file);
  const isClocked = profile.info.hasTimeAxis && profile.info.unit === 'nanoseconds';
  const found = isClocked
    ? findGaps(profile, linesOf)
    : { gaps: [], loopLanes: new Set<number>(), reader: new StackReader(profile, linesOf) };
  const { gaps } = found;
  return { ...found, groups: gapGroups(profile, gaps), explainedShare: explainedShare(profile, gaps) };
}
