import type { Profile } from '../../../shared/profile';
import type { Gap } from './gap';
import { type Span, without } from './measuredLoops';

const minGapNs = 1e6;

/** The gaps with those in which a loop slept although a callback was there, each at the line that put it. */
export function withMissedWakes(profile: Profile, gaps: readonly Gap[]): Gap[] {
  const missed = missedWakes(profile);
  if (missed.length === 0) return [...gaps];
  const kept = gaps.flatMap(gap => {
    if (gap.gapClass !== 'loop.idle') return [gap];
    const ofLane = missed.filter(({ lane }) => lane === gap.lane);
    return without(gap, ofLane).flatMap((span: Span) =>
      span.endNs - span.startNs >= minGapNs ? [{ ...gap, ...span }] : [],
    );
  });
  return [...kept, ...missed];
}

function missedWakes({ loops }: Profile): Gap[] {
  const table = loops?.missedWakes;
  const missed = Array.from({ length: table?.length ?? 0 }, (_, at): Gap => {
    const startNs = table?.startNs[at] ?? 0;
    const frame = table?.frame[at] ?? -1;
    const lane = table?.holderLane[at] ?? -1;
    return {
      lane: table?.lane[at] ?? -1,
      startNs,
      endNs: startNs + (table?.durationNs[at] ?? 0),
      gapClass: 'loop.missed_wake',
      isLoopBlocked: false,
      role: 'culprit',
      confidence: 'exact',
      victimFrame: frame,
      holder: lane < 0 ? undefined : { lane, frame, share: 0, isKnown: true, actFrame: frame },
      cpuNs: 0,
      sampleCount: 0,
      task: -1,
      delayedTasks: 0,
      generation: -1,
    };
  });
  return missed.sort((a, b) => a.startNs - b.startNs);
}
