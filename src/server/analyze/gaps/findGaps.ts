import type { Profile } from '../../../shared/profile';
import { finished, type Steps } from '../steps';
import { withCollections } from './collectorGaps';
import type { Gap, GapSink } from './gap';
import { GapTable } from './gapTable';
import { withHandoffs } from './handoffGaps';
import type { HolderSearch } from './holders';
import { withKnownWaits } from './knownWaits';
import { LaneClock } from './laneClock';
import { loopGaps } from './loopGaps';
import {
  besideMeasured,
  idleBetweenRounds,
  type LoopJob,
  measuredGaps,
  withReadyDelays,
} from './measuredGaps';
import { type MeasuredLoop, measuredLoops } from './measuredLoops';
import { withMissedWakes } from './missedWakes';
import { ReasonReader } from './offCpu';
import { isInOrder, spanOrder } from './spanOrder';
import { StackReader } from './stackReader';
import { taskGaps } from './taskGaps';
import { threadGaps } from './threadGaps';
import { StretchTable, threadStretches } from './threadStretches';
import { TimeTally } from './timeTally';
import { withUsages } from './usageGaps';

/** What is known of a recording's gaps. */
export interface FoundGaps {
  /** In the order of their starts. */
  readonly gaps: GapTable;
  /** Lanes of threads that ran an event loop. */
  readonly loopLanes: ReadonlySet<number>;
  readonly reader: StackReader;
}

/** Whether something was due while a loop polled, only the loop itself knows. */
function withoutMeasure(gap: Gap): Gap {
  return gap.gapClass === 'loop.idle' ? { ...gap, confidence: 'likely' } : gap;
}

type LinesOf = (file: number) => readonly string[];

/**
 * Classifies all stretches in which a lane did not get on. Works with what the profile has: stacks and their lines;
 * CPU time, tasks, garbage collections and sources where they are known. What a loop measured of itself is believed.
 */
export function findGaps(profile: Profile, linesOf: LinesOf): FoundGaps {
  return finished(findingGaps(profile, linesOf));
}

/** The same step by step: a recording of hours takes seconds. */
export function* findingGaps(profile: Profile, linesOf: LinesOf): Steps<FoundGaps> {
  const search = searchIn(profile, linesOf);
  yield* search.clock.prepare();
  const reasons = yield* ReasonReader.make(search);
  const loops = measuredLoops(profile);
  const found = new FoundSoFar(cutLanes(profile, loops));
  const stretches = new StretchTable();
  const loopLanes = new Set<number>();
  for (let lane = 0; lane < profile.lanes.length; lane++) {
    const isLoop = yield* readLane({ search, reasons, loops }, { lane, stretches, found: found.add });
    if (isLoop) loopLanes.add(lane);
  }
  yield* threadGaps(search, stretches, gap => found.add(withoutMeasure(gap)));
  for (const gap of yield* withMeasured({ search, loops }, found.toCut)) found.gaps.add(gap);
  const order = yield* spanOrder(found.gaps);
  const gaps = isInOrder(order) ? found.gaps : yield* found.gaps.picked(order);
  return { gaps, loopLanes, reader: search.reader };
}

/** Gaps that stay as they are, and those that what was measured beside the samples will cut. */
class FoundSoFar {
  readonly gaps = new GapTable();
  readonly toCut: Gap[] = [];

  constructor(private readonly cutLanes: ReadonlySet<number>) {}

  readonly add = (gap: Gap): void => {
    if (this.cutLanes.has(gap.lane)) this.toCut.push(gap);
    else this.gaps.add(gap);
  };
}

interface Job {
  readonly search: HolderSearch;
  readonly reasons: ReasonReader;
  readonly loops: ReadonlyMap<number, MeasuredLoop>;
}

function searchIn(profile: Profile, linesOf: LinesOf): HolderSearch {
  return {
    profile,
    reader: new StackReader(profile, linesOf),
    linesOf,
    clock: new LaneClock(profile),
    stackTests: new Map(),
    holderTests: new Map(),
    tally: new TimeTally(profile.frames.length),
  };
}

/** Where what is read of a lane goes. */
interface LaneTarget {
  readonly lane: number;
  /** For threads whose loop did not measure itself: stretches off the CPU. */
  readonly stretches: StretchTable;
  readonly found: GapSink;
}

/** Reads one lane, and answers whether it ran an event loop. */
function* readLane({ search, reasons, loops }: Job, target: LaneTarget): Steps<boolean> {
  const { lane, stretches, found } = target;
  if (search.profile.lanes[lane]?.kind === 'task') {
    yield* taskGaps(search, lane, found);
    return false;
  }
  const loop = loops.get(lane);
  if (loop !== undefined) return yield* readMeasuredLane({ search, reasons, lane, loop }, found);
  const isLoop = yield* loopGaps(search, reasons, lane, found);
  yield* threadStretches(search, reasons, lane, stretches);
  return isLoop;
}

function* readMeasuredLane(job: LoopJob, found: GapSink): Steps<boolean> {
  const { search, reasons, lane, loop } = job;
  const [ofLoop, ofThread]: [Gap[], Gap[]] = [[], []];
  const isLoop = yield* loopGaps(search, reasons, lane, gap => void ofLoop.push(gap));
  const stretches = new StretchTable();
  yield* threadStretches(search, reasons, lane, stretches);
  yield* threadGaps(search, stretches, gap => void ofThread.push(gap));
  yield* measuredGaps(job, found);
  for (const gap of besideMeasured(loop, ofLoop)) found(gap);
  for (const gap of idleBetweenRounds(search, loop, ofThread)) found(gap);
  return isLoop;
}

/** Lanes of which more is known than what the samples tell: their gaps are cut at what was measured. */
function cutLanes(profile: Profile, loops: ReadonlyMap<number, MeasuredLoop>): ReadonlySet<number> {
  const { gcPauses, handoffs, waits, usages, lanes } = profile;
  const cut = new Set<number>([...gcPauses.lane, ...loops.keys(), ...(waits?.lane ?? [])]);
  for (const lane of profile.loops?.missedWakes?.lane ?? []) cut.add(lane);
  for (const lane of [...(handoffs?.lane ?? []), ...(handoffs?.task ?? [])]) cut.add(lane);
  for (const { delays } of loops.values()) for (const { task } of delays.all) cut.add(task);
  // What the kernel counts, it counts for a process.
  const pids = new Set(Array.from(usages?.lane ?? [], lane => lanes[lane]?.pid));
  for (const [lane, { pid }] of lanes.entries()) if (pids.has(pid)) cut.add(lane);
  return cut;
}

function* withMeasured({ search, loops }: Omit<Job, 'reasons'>, gaps: readonly Gap[]): Steps<readonly Gap[]> {
  const { profile } = search;
  const withWaits = withKnownWaits(search, gaps);
  yield;
  const withJobs = withHandoffs(profile, withWaits);
  yield;
  const withPauses = withCollections(search, withMissedWakes(profile, withJobs));
  yield;
  const withPages = withUsages(search, withPauses);
  yield;
  return withReadyDelays(search, withPages, loops);
}
