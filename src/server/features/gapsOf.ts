import { type FoundGaps, findingGaps } from '../analyze/gaps/findGaps';
import { explainedShare, type GapGroupFacts, groupingGaps } from '../analyze/gaps/gapGroups';
import { GapTable } from '../analyze/gaps/gapTable';
import { StackReader } from '../analyze/gaps/stackReader';
import { finished, type Steps } from '../analyze/steps';
import type { OpenRun } from '../loadedRun';
import { Cancelled, type Slicer } from '../slicer';

/** A run's gaps with their groups. */
export interface RunGaps extends FoundGaps {
  readonly groups: readonly GapGroupFacts[];
  /** NaN when nothing was off the CPU. */
  readonly explainedShare: number;
}

const known = new WeakMap<OpenRun, RunGaps>();
const underWay = new WeakMap<OpenRun, Promise<RunGaps>>();

/** The gaps of a run, worked out once and at one go. Profiles without a clock have none. */
export function gapsOf(open: OpenRun): RunGaps {
  return known.get(open) ?? remember(open, finished(workingOut(open)));
}

/**
 * The same in slices, so that other requests are heard meanwhile. Who asks while it is under way waits for the same answer, and
 * goes on by himself when the first one has had enough. Throws `Cancelled`.
 */
export async function gapsInSlices(open: OpenRun, slicer: Slicer): Promise<RunGaps> {
  for (;;) {
    const made = known.get(open);
    if (made !== undefined) return made;
    const others = underWay.get(open);
    if (others === undefined) break;
    try {
      return await others;
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    }
  }
  const work = slicer
    .finish(workingOut(open))
    .then(gaps => remember(open, gaps))
    .finally(() => underWay.delete(open));
  underWay.set(open, work);
  return work;
}

/**
 * Larger runs have their gaps worked out when somebody looks at them, not before the first number. Samples times lanes:
 * who held up whom is sought among all threads.
 */
const promptSize = 4_000_000;

/** True when a run's gaps take so little time that the first number may wait for them. */
export function hasPromptGaps({ run: { profile } }: OpenRun): boolean {
  return profile.samples.length * profile.lanes.length <= promptSize;
}

/** The gaps of a run where they are known, or are worked out in no time; undefined for a large run at first. */
export function gapsAtHand(open: OpenRun): RunGaps | undefined {
  return hasPromptGaps(open) ? gapsOf(open) : known.get(open);
}

function remember(open: OpenRun, gaps: RunGaps): RunGaps {
  known.set(open, gaps);
  return gaps;
}

function* workingOut(open: OpenRun): Steps<RunGaps> {
  const { profile } = open.run;
  const linesOf = (file: number) => open.recordedLines(file);
  const isClocked = profile.info.hasTimeAxis && profile.info.unit === 'nanoseconds';
  const found: FoundGaps = isClocked
    ? yield* findingGaps(profile, linesOf)
    : { gaps: new GapTable(), loopLanes: new Set(), reader: new StackReader(profile, linesOf) };
  const groups = yield* groupingGaps(profile, found.gaps);
  return { ...found, groups, explainedShare: explainedShare(profile, found.gaps) };
}
