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
  const gaps: Gap[] = [];
  for (let i = 0; i < gcPauses.length; i++) {
    const pause = pauseGap(search, i);
    if (pause === undefined) continue;
    const around = others.findIndex(gap => isInside(pause, gap));
    const step = others[around];
    if (step && (pause.endNs - pause.startNs) * 2 >= step.endNs - step.startNs) {
      others[around] = {
        ...step,
        gapClass: 'run.gc',
        role: 'culprit',
        generation: pause.generation,
        victimFrame: pause.victimFrame,
      };
    } else if (step === undefined) gaps.push(pause);
  }
  return gaps;
}

function isInside(pause: Gap, gap: Gap): boolean {
  return (
    gap.isLoopBlocked && gap.lane === pause.lane && gap.startNs <= pause.startNs && gap.endNs >= pause.startNs
  );
}

function pauseGap({ profile, clock, reader }: HolderSearch, index: number): Gap | undefined {
  const { gcPauses, samples } = profile;
  const lane = gcPauses.lane[index] ?? -1;
  const startNs = gcPauses.startNs[index] ?? 0;
  const durationNs = gcPauses.durationNs[index] ?? 0;
  if (lane < 0 || durationNs < minGapNs) return undefined;
  const [seen] = clock.overlaps(lane, startNs, startNs + durationNs);
  const node = seen === undefined ? -1 : (samples.node[seen.sample] ?? -1);
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
    task: seen === undefined ? -1 : (samples.task[seen.sample] ?? -1),
    delayedTasks: 0,
    generation: gcPauses.generation[index] ?? -1,
  };
}
