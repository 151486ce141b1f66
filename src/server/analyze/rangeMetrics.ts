import type { Profile } from '../../shared/profile';
import type { RangeMetrics } from '../../shared/views';
import { laneCpuNs } from './cpuSums';
import { rangeOf } from './selection';

/** Wall clock, CPU time and garbage collection between two moments; samples and pauses at the edges count in part. */
export function rangeMetrics(
  profile: Profile,
  range: { readonly rangeStartNs: number; readonly rangeEndNs: number },
): RangeMetrics {
  const [startNs, endNs] = rangeOf(profile, range);
  const { lanes, info } = profile;
  const mainLane = lanes.findIndex(lane => lane.isMain);
  let cpuNs = 0;
  let mainCpuNs = 0;
  lanes.forEach(({ kind }, lane) => {
    if (kind !== 'thread') return;
    const laneNs = laneCpuNs(profile, lane, startNs, endNs);
    cpuNs += laneNs;
    if (lane === mainLane) mainCpuNs = laneNs;
  });
  const main = lanes[mainLane];
  const mainLifeNs = main ? overlapNs(main.startNs, main.endNs, startNs, endNs) : 0;
  return {
    wallNs: endNs - startNs,
    cpuNs: info.hasCpu ? cpuNs : -1,
    mainBusyShare: info.hasCpu && mainLifeNs > 0 ? Math.min(1, mainCpuNs / mainLifeNs) : -1,
    ...pausesIn(profile, startNs, endNs),
  };
}

function pausesIn({ gcPauses }: Profile, startNs: number, endNs: number) {
  let gcPauseCount = 0;
  let gcPauseNs = 0;
  for (let i = 0; i < gcPauses.length; i++) {
    const pauseStartNs = gcPauses.startNs[i] ?? 0;
    const pauseEndNs = pauseStartNs + (gcPauses.durationNs[i] ?? 0);
    if (pauseStartNs >= endNs || pauseEndNs < startNs) continue;
    gcPauseCount++;
    gcPauseNs += overlapNs(pauseStartNs, pauseEndNs, startNs, endNs);
  }
  return { gcPauseCount, gcPauseNs };
}

function overlapNs(aStartNs: number, aEndNs: number, bStartNs: number, bEndNs: number): number {
  return Math.max(0, Math.min(aEndNs, bEndNs) - Math.max(aStartNs, bStartNs));
}
