import { listedGapNs } from '../../../shared/gaps';
import { laneEnd } from '../selection';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { loopPlace } from './loopPlaces';

const minGapNs = 1e6;

/**
 * The gaps of all lanes together with the garbage collector's pauses, each at the line that allocated when it began.
 * A pause was measured, so it is cut out of the gaps of its lane; a short one within a longer gap is a part of it.
 */
export function withCollections(search: HolderSearch, gaps: readonly Gap[]): Gap[] {
  const pauses = pausesByLane(search);
  if (pauses.size === 0) return [...gaps];
  const kept = gaps.flatMap(gap => {
    const ofLane = pauses.get(gap.lane);
    return ofLane === undefined ? [gap] : aroundPauses(search, gap, ofLane);
  });
  for (const ofLane of pauses.values()) {
    for (const { gap, isAbsorbed } of ofLane) if (!isAbsorbed) kept.push(gap);
  }
  return kept;
}

interface Pause {
  readonly gap: Gap;
  isAbsorbed: boolean;
}

function pausesByLane(search: HolderSearch): Map<number, Pause[]> {
  const { gcPauses } = search.profile;
  const byLane = new Map<number, Pause[]>();
  for (let i = 0; i < gcPauses.length; i++) {
    const gap = pauseGap(search, i);
    if (gap === undefined) continue;
    const pause = { gap, isAbsorbed: false };
    const ofLane = byLane.get(gap.lane);
    if (ofLane) ofLane.push(pause);
    else byLane.set(gap.lane, [pause]);
  }
  for (const ofLane of byLane.values()) ofLane.sort((a, b) => a.gap.startNs - b.gap.startNs);
  return byLane;
}

/** What is left of a gap beside its lane's pauses, which are in the order of time. */
function aroundPauses(search: HolderSearch, gap: Gap, pauses: readonly Pause[]): Gap[] {
  const parts: Gap[] = [];
  let startNs = gap.startNs;
  for (let i = firstEndingAfter(pauses, gap.startNs); i < pauses.length; i++) {
    const pause = pauses[i];
    if (pause === undefined || pause.gap.startNs >= gap.endNs) break;
    const lengthNs = pause.gap.endNs - pause.gap.startNs;
    if (lengthNs < listedGapNs && lengthNs * 2 < gap.endNs - gap.startNs) {
      pause.isAbsorbed = true;
      continue;
    }
    if (pause.gap.startNs - startNs >= minGapNs) parts.push(partOf(search, gap, startNs, pause.gap.startNs));
    startNs = Math.max(startNs, pause.gap.endNs);
  }
  if (startNs === gap.startNs) return [gap];
  if (gap.endNs - startNs >= minGapNs) parts.push(partOf(search, gap, startNs, gap.endNs));
  return parts;
}

function firstEndingAfter(pauses: readonly Pause[], timeNs: number): number {
  let low = 0;
  let high = pauses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pauses[middle]?.gap.endNs ?? 0) > timeNs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function partOf({ clock }: HolderSearch, gap: Gap, startNs: number, endNs: number): Gap {
  const share = (endNs - startNs) / (gap.endNs - gap.startNs);
  const sampleCount = Math.max(1, Math.round(gap.sampleCount * share));
  return { ...gap, startNs, endNs, sampleCount, cpuNs: clock.cpuNs(gap.lane, startNs, endNs) };
}

function pauseGap(search: HolderSearch, index: number): Gap | undefined {
  const { profile, reader, clock } = search;
  const { gcPauses, samples } = profile;
  const lane = gcPauses.lane[index] ?? -1;
  const startNs = gcPauses.startNs[index] ?? 0;
  const endNs = startNs + (gcPauses.durationNs[index] ?? 0);
  if (lane < 0 || endNs - startNs < minGapNs) return undefined;
  const sample = mainSample(search, lane, startNs, endNs);
  const node = samples.node[sample] ?? -1;
  const task = samples.task[sample] ?? -1;
  const isLoopBlocked = node >= 0 && reader.place[node] !== loopPlace.outside;
  return {
    lane,
    startNs,
    endNs,
    gapClass: 'run.gc',
    isLoopBlocked,
    // Starting takes what it takes, ending too; nobody waits for an answer yet, or any more.
    role: !isLoopBlocked && (reader.isImporting(node) || reader.ownFrame(node) < 0) ? 'benign' : 'culprit',
    confidence: 'exact',
    victimFrame: reader.place[node] === loopPlace.poll ? -1 : reader.ownFrame(node),
    holder: undefined,
    cpuNs: clock.cpuNs(lane, startNs, endNs),
    sampleCount: 1,
    task,
    delayedTasks: isLoopBlocked ? clock.tasksBeside(lane, { startNs, endNs, task }) : 0,
    generation: gcPauses.generation[index] ?? -1,
  };
}

/**
 * The sample that has most of a pause, -1 when there is none. Nothing is allocated in a loop's poll: where only that was
 * seen, the pause belongs to the step beside it.
 */
function mainSample(
  { clock, profile, reader }: HolderSearch,
  lane: number,
  startNs: number,
  endNs: number,
): number {
  const placeOf = (sample: number) => reader.place[profile.samples.node[sample] ?? -1];
  let best = -1;
  let bestNs = 0;
  let last = -1;
  clock.eachOverlap(lane, startNs, endNs, (sample, ns) => {
    last = sample;
    if (ns <= bestNs || placeOf(sample) === loopPlace.poll) return;
    best = sample;
    bestNs = ns;
  });
  if (best >= 0 || last < 0) return best;
  const isNextStep = last + 1 < laneEnd(profile, lane) && placeOf(last + 1) === loopPlace.step;
  return isNextStep ? last + 1 : last;
}
