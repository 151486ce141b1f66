import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { loopPlace } from './stackReader';

const minGapNs = 1e6;

/**
 * The garbage collector's pauses, at the line that allocated when each began. One that makes up most of a blocked step
 * of the loop takes that step's place in `others`, whose array is changed.
 */
export function collectorGaps(search: HolderSearch, others: Gap[]): Gap[] {
  const { gcPauses } = search.profile;
  const steps = blockedSteps(others);
  const gaps: Gap[] = [];
  for (let i = 0; i < gcPauses.length; i++) {
    const pause = pauseGap(search, i);
    if (pause === undefined) continue;
    const around = stepAround(others, steps.get(pause.lane) ?? [], pause);
    const step = others[around];
    if (step === undefined) gaps.push(pause);
    else if ((pause.endNs - pause.startNs) * 2 >= step.endNs - step.startNs) {
      const { generation, victimFrame } = pause;
      others[around] = { ...step, gapClass: 'run.gc', role: 'culprit', generation, victimFrame };
    }
  }
  return gaps;
}

/** Indexes of the gaps in which a loop was blocked, by lane: each lane's are in the order of time. */
function blockedSteps(gaps: readonly Gap[]): Map<number, number[]> {
  const steps = new Map<number, number[]>();
  gaps.forEach(({ isLoopBlocked, lane }, index) => {
    if (!isLoopBlocked) return;
    const known = steps.get(lane);
    if (known) known.push(index);
    else steps.set(lane, [index]);
  });
  return steps;
}

/** The step in which a pause began, -1 when there is none. */
function stepAround(gaps: readonly Gap[], steps: readonly number[], pause: Gap): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((gaps[steps[middle] ?? -1]?.endNs ?? 0) >= pause.startNs) high = middle;
    else low = middle + 1;
  }
  const step = steps[low] ?? -1;
  return (gaps[step]?.startNs ?? Number.POSITIVE_INFINITY) <= pause.startNs ? step : -1;
}

function pauseGap({ profile, clock, reader }: HolderSearch, index: number): Gap | undefined {
  const { gcPauses, samples } = profile;
  const lane = gcPauses.lane[index] ?? -1;
  const startNs = gcPauses.startNs[index] ?? 0;
  const durationNs = gcPauses.durationNs[index] ?? 0;
  if (lane < 0 || durationNs < minGapNs) return undefined;
  let seen = -1;
  clock.overlaps(lane, startNs, startNs + durationNs, sample => {
    if (seen < 0) seen = sample;
  });
  const node = samples.node[seen] ?? -1;
  return {
    lane,
    startNs,
    endNs: startNs + durationNs,
    gapClass: 'run.gc',
    isLoopBlocked: node >= 0 && reader.place[node] === loopPlace.step,
    role: 'culprit',
    confidence: 'exact',
    victimFrame: reader.ownFrame(node),
    holder: undefined,
    cpuNs: Number.NaN,
    sampleCount: 1,
    task: samples.task[seen] ?? -1,
    delayedTasks: 0,
    generation: gcPauses.generation[index] ?? -1,
  };
}
