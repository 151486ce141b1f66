import type { Profile } from '../../../shared/profile';
import { withCollections } from './collectorGaps';
import type { Gap } from './gap';
import { withHandoffs } from './handoffGaps';
import type { HolderSearch } from './holders';
import { withKnownWaits } from './knownWaits';
import { LaneClock } from './laneClock';
import { loopGaps } from './loopGaps';
import { besideMeasured, idleBetweenRounds, measuredGaps, withReadyDelays } from './measuredGaps';
import { measuredLoops } from './measuredLoops';
import { withMissedWakes } from './missedWakes';
import { ReasonReader } from './offCpu';
import { StackReader } from './stackReader';
import { taskGaps } from './taskGaps';
import { threadGaps } from './threadGaps';
import { withUsages } from './usageGaps';

/** What is known of a recording's gaps. */
export interface FoundGaps {
  /** In the order of their starts. */
  readonly gaps: readonly Gap[];
  /** Lanes of threads that ran an event loop. */
  readonly loopLanes: ReadonlySet<number>;
  readonly reader: StackReader;
}

/**
 * Classifies all stretches in which a lane did not get on. Works with what the profile has: stacks and their lines;
 * CPU time, tasks, garbage collections and sources where they are known. What a loop measured of itself is believed.
 */
export function findGaps(profile: Profile, linesOf: (file: number) => readonly string[]): FoundGaps {
  const reader = new StackReader(profile, linesOf);
  const clock = new LaneClock(profile);
  const search: HolderSearch = {
    profile,
    reader,
    linesOf,
    clock,
    stackTests: new Map(),
    holderTests: new Map(),
  };
  const reasons = new ReasonReader(search);
  let gaps: Gap[] = [];
  const loopLanes = new Set<number>();
  const loops = measuredLoops(profile);
  profile.lanes.forEach((lane, index) => {
    if (lane.kind === 'task') {
      gaps = gaps.concat(taskGaps(search, index));
      return;
    }
    const found = loopGaps(search, reasons, index);
    if (found.isLoop) loopLanes.add(index);
    const ofThread = threadGaps(search, reasons, index);
    const loop = loops.get(index);
    if (loop) {
      gaps = gaps.concat(
        measuredGaps(search, reasons, index, loop),
        besideMeasured(loop, found.gaps),
        idleBetweenRounds(search, loop, ofThread),
      );
    } else gaps = gaps.concat(found.gaps, ofThread);
  });
  gaps = withHandoffs(profile, withKnownWaits(search, gaps));
  gaps = withUsages(search, withCollections(search, withMissedWakes(profile, gaps)));
  gaps = withReadyDelays(search, gaps, loops);
  gaps.sort((a, b) => a.startNs - b.startNs || b.endNs - a.endNs);
  return { gaps, loopLanes, reader };
}
