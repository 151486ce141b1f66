import type { Profile } from '../../../shared/profile';
import { firstSampleAfter, laneEnd } from '../selection';

/** So far ahead a look from one sample to the next is cheaper than a search. */
const nearSamples = 32;

const maxBusiest = 32;

/** Looks up what a lane did in a stretch of time. */
export class LaneClock {
  private readonly cpuSums = new Map<number, Float64Array>();
  private readonly lives = new Map<number, { startsNs: Float64Array; endsNs: Float64Array }>();
  private readonly lastSought: number[];
  /** The threads of all processes. */
  readonly threads: number[] = [];
  private readonly threadsByPid = new Map<number, number[]>();
  private readonly busiestByPid = new Map<number, readonly number[]>();

  constructor(private readonly profile: Profile) {
    this.lastSought = profile.lanes.map(({ firstSample }) => firstSample);
    profile.lanes.forEach(({ kind, pid }, lane) => {
      if (kind !== 'thread') return;
      this.threads.push(lane);
      const threads = this.threadsByPid.get(pid);
      if (threads) threads.push(lane);
      else this.threadsByPid.set(pid, [lane]);
    });
  }

  /** CPU time of a lane between two moments, samples at the edges counted in part. NaN when it is unknown. */
  cpuNs(lane: number, startNs: number, endNs: number): number {
    const { samples } = this.profile;
    if (samples.cpuNs.length === 0) return Number.NaN;
    const sums = this.sumsOf(lane);
    const first = this.profile.lanes[lane]?.firstSample ?? 0;
    return this.cpuUntil(lane, sums, first, endNs) - this.cpuUntil(lane, sums, first, startNs);
  }

  /** Visits the lane's samples that overlap a stretch of time, in order, with how long each does. */
  eachOverlap(
    lane: number,
    startNs: number,
    endNs: number,
    visit: (sample: number, overlapNs: number) => void,
  ): void {
    const { samples } = this.profile;
    const end = laneEnd(this.profile, lane);
    for (let i = this.seek(lane, startNs); i < end; i++) {
      const sampleEndNs = samples.endNs[i] ?? 0;
      const sampleStartNs = sampleEndNs - (samples.weightNs[i] ?? 0);
      if (sampleStartNs >= endNs) return;
      visit(i, Math.min(endNs, sampleEndNs) - Math.max(startNs, sampleStartNs));
    }
  }

  /** The threads of a lane's process, itself included. */
  threadsOf(lane: number): readonly number[] {
    return this.threadsByPid.get(this.profile.lanes[lane]?.pid ?? -1) ?? [];
  }

  /** Those of them that used most of the CPU, most first: of hundreds only they can have kept others from running. */
  busiestOf(lane: number): readonly number[] {
    const pid = this.profile.lanes[lane]?.pid ?? -1;
    let busiest = this.busiestByPid.get(pid);
    if (busiest === undefined) {
      const usedNs = new Map(this.threadsOf(lane).map(thread => [thread, this.sumsOf(thread).at(-1) ?? 0]));
      busiest = [...usedNs.keys()]
        .sort((a, b) => (usedNs.get(b) ?? 0) - (usedNs.get(a) ?? 0))
        .slice(0, maxBusiest);
      this.busiestByPid.set(pid, busiest);
    }
    return busiest;
  }

  /** How many tasks of a loop's lane lived in a stretch of time, without the one whose step it was (-1: none). */
  tasksBeside(loop: number, step: { startNs: number; endNs: number; task: number }): number {
    const { startsNs, endsNs } = this.livesOf(loop);
    const count = countUntil(startsNs, step.endNs) - countUntil(endsNs, step.startNs);
    const own = this.profile.lanes[step.task];
    const isOwnCounted = own?.parent === loop && own.startNs < step.endNs && own.endNs > step.startNs;
    return isOwnCounted ? count - 1 : count;
  }

  /** The lane's first sample that ends after a moment. Questions mostly go on in time, so it looks near the last one first. */
  private seek(lane: number, timeNs: number): number {
    const { endNs } = this.profile.samples;
    const first = this.profile.lanes[lane]?.firstSample ?? 0;
    const end = laneEnd(this.profile, lane);
    let at = this.lastSought[lane] ?? first;
    const isBehind = at === first || (endNs[at - 1] ?? 0) <= timeNs;
    const nearEnd = Math.min(end, at + nearSamples);
    while (isBehind && at < nearEnd && (endNs[at] ?? 0) <= timeNs) at++;
    if (!isBehind || (at === nearEnd && at < end)) at = firstSampleAfter(this.profile, lane, timeNs);
    this.lastSought[lane] = at;
    return at;
  }

  private livesOf(loop: number): { startsNs: Float64Array; endsNs: Float64Array } {
    const made = this.lives.get(loop);
    if (made !== undefined) return made;
    const tasks = this.profile.lanes.filter(({ kind, parent }) => kind === 'task' && parent === loop);
    const lives = {
      startsNs: Float64Array.from(tasks, ({ startNs }) => startNs).sort(),
      endsNs: Float64Array.from(tasks, ({ endNs }) => endNs).sort(),
    };
    this.lives.set(loop, lives);
    return lives;
  }

  private cpuUntil(lane: number, sums: Float64Array, first: number, timeNs: number): number {
    const { samples } = this.profile;
    const at = this.seek(lane, timeNs);
    const whole = sums[at - first] ?? sums[sums.length - 1] ?? 0;
    if (at >= laneEnd(this.profile, lane)) return whole;
    const weightNs = samples.weightNs[at] ?? 0;
    const insideNs = timeNs - ((samples.endNs[at] ?? 0) - weightNs);
    if (insideNs <= 0 || weightNs <= 0) return whole;
    return whole + (known(samples.cpuNs[at]) * insideNs) / weightNs;
  }

  /** CPU time used before each of the lane's samples, and in all of them. */
  private sumsOf(lane: number): Float64Array {
    const made = this.cpuSums.get(lane);
    if (made !== undefined) return made;
    const { firstSample = 0, sampleCount = 0 } = this.profile.lanes[lane] ?? {};
    const sums = new Float64Array(sampleCount + 1);
    for (let i = 0; i < sampleCount; i++) {
      sums[i + 1] = (sums[i] ?? 0) + known(this.profile.samples.cpuNs[firstSample + i]);
    }
    this.cpuSums.set(lane, sums);
    return sums;
  }
}

function known(cpuNs: number | undefined): number {
  return cpuNs === undefined || Number.isNaN(cpuNs) ? 0 : cpuNs;
}

/** How many of the ascending times are before a moment, or at it. */
function countUntil(timesNs: Float64Array, momentNs: number): number {
  let low = 0;
  let high = timesNs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timesNs[middle] ?? 0) <= momentNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
