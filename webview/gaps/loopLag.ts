import type { GapIndex } from './gapIndex';

/** A stretch in which an event loop did not get to its other work. */
export interface LoopStop {
  readonly startNs: number;
  readonly endNs: number;
}

/** The listed stops of all event loops of a run, by their start, and the longest. */
export interface LoopLag {
  readonly stops: readonly LoopStop[];
  readonly mostNs: number;
}

const known = new WeakMap<GapIndex, LoopLag>();

/** What is known of the lag of event loops: while one is stopped, its lag grows by the time. Worked out once. */
export function loopLagOf(gaps: GapIndex): LoopLag {
  const made = known.get(gaps) ?? readLag(gaps);
  known.set(gaps, made);
  return made;
}

function readLag(gaps: GapIndex): LoopLag {
  const { startNs, endNs, group } = gaps.view.gaps;
  const isStop = gaps.view.groups.map(({ classId }) => /^loop\.(blocked|busy)/.test(classId));
  const stops = Array.from(gaps.listed)
    .filter(gap => isStop[group[gap] ?? -1])
    .map(gap => ({ startNs: startNs[gap] ?? 0, endNs: endNs[gap] ?? 0 }));
  return { stops, mostNs: stops.reduce((most, stop) => Math.max(most, stop.endNs - stop.startNs), 0) };
}
