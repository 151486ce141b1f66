import type { Profile } from '../../../shared/profile';
import { firstSampleAfter, laneEnd } from '../selection';
import type { Steps } from '../steps';

/** So far ahead a look from one sample to the next is cheaper than a search. */
const nearSamples = 32;

const maxBusiest = 32;

/** Looks up what a lane did in a stretch of time. */
export class LaneClock {
  private readonly cpuSums: (Float64Array | undefined)[];
  private readonly lives = new Map<number, { startsNs: Float64Array; endsNs: Float64Array }>();
  private readonly first: Int32Array;
  private readonly end: Int32Array;
  private readonly lastSought: Int32Array;
  private readonly last = {
    startNs: Number.NaN,
    endNs: Number.NaN,
    busiest: [] as readonly number[],
    cpuNs: new Float64Array(maxBusiest),
  };
  /** The threads of all processes. */
  readonly threads: number[] = [];
  private readonly threadsByPid = new Map<number, number[]>();
  private readonly busiestByPid = new Map<number, readonly number[]>();

  constructor(private readonly profile: Profile) {
    this.cpuSums = profile.lanes.map(() => undefined);
    this.first = Int32Array.from(profile.lanes, ({ firstSample }) => firstSample);
    this.end = Int32Array.from(profile.lanes, (_, lane) => laneEnd(profile, lane));
    this.lastSought = this.first.slice();
    profile.lanes.forEach(({ kind, pid }, lane) => {
      if (kind !== 'thread') return;
      this.threads.push(lane);
      const threads = this.threadsByPid.get(pid);
      if (threads) threads.push(lane);
      else this.threadsByPid.set(pid, [lane]);
    });
  }

  /** Adds up the CPU time of all lanes beforehand: asked for one by one, the first question would take long. */
  *prepare(): Steps<void> {
    if (this.profile.samples.cpuNs.length === 0) return;
    for (const threads of this.threadsByPid.values()) {
      for (const lane of threads) {
        this.sumsOf(lane);
        yield;
      }
    }
  }

  /** CPU time of a lane between two moments, samples at the edges counted in part. NaN when it is unknown. */
  cpuNs(lane: number, startNs: number, endNs: number): number {
    if (this.profile.samples.cpuNs.length === 0) return Number.NaN;
    return this.usedNs(lane, startNs, endNs);
  }

  /**
   * CPU time of the threads of `busiestOf` between two moments, in their order. Valid until the next call: threads are looked
   * at together, so the same stretch is asked for again and again.
   */
  cpuOfBusiest(lane: number, startNs: number, endNs: number): Float64Array {
    const busiest = this.busiestOf(lane);
    const { last } = this;
    if (last.startNs === startNs && last.endNs === endNs && last.busiest === busiest) return last.cpuNs;
    for (let at = 0; at < busiest.length; at++) {
      last.cpuNs[at] = this.usedNs(busiest[at] ?? 0, startNs, endNs);
    }
    last.startNs = startNs;
    last.endNs = endNs;
    last.busiest = busiest;
    return last.cpuNs;
  }

  /** Visits the lane's samples that overlap a stretch of time, in order, with how long each does. */
  eachOverlap(
    lane: number,
    startNs: number,
    endNs: number,
    visit: (sample: number, overlapNs: number) => void,
  ): void {
    const { samples } = this.profile;
    const end = this.end[lane] ?? 0;
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
  seek(lane: number, timeNs: number): number {
    const { endNs } = this.profile.samples;
    const first = this.first[lane] ?? 0;
    const end = this.end[lane] ?? 0;
    let at = this.lastSought[lane] ?? first;
    const nearFirst = Math.max(first, at - nearSamples);
    const nearEnd = Math.min(end, at + nearSamples);
    while (at > nearFirst && (endNs[at - 1] ?? 0) > timeNs) at--;
    while (at < nearEnd && (endNs[at] ?? 0) <= timeNs) at++;
    const isFar = (at === nearFirst && at > first) || (at === nearEnd && at < end);
    if (isFar) at = firstSampleAfter(this.profile, lane, timeNs);
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

  /** The earlier moment first: looking goes on from the last one. */
  private usedNs(lane: number, startNs: number, endNs: number): number {
    const sums = this.sumsOf(lane);
    const first = this.first[lane] ?? 0;
    const from = this.seek(lane, startNs);
    if (this.isExactly(lane, from, startNs, endNs))
      return (sums[from + 1 - first] ?? 0) - (sums[from - first] ?? 0);
    const beforeNs = (sums[from - first] ?? 0) + this.partNs(lane, from, startNs);
    const to = this.seek(lane, endNs);
    return (sums[to - first] ?? 0) + this.partNs(lane, to, endNs) - beforeNs;
  }

  /** Threads are mostly looked at together: a stretch of one sample is one sample of the others too. */
  private isExactly(lane: number, at: number, startNs: number, endNs: number): boolean {
    const { endNs: endsNs, weightNs } = this.profile.samples;
    const nextEndNs = endsNs[at + 1] ?? 0;
    return (
      endsNs[at] === endNs &&
      endNs - (weightNs[at] ?? 0) === startNs &&
      at + 1 < (this.end[lane] ?? 0) &&
      nextEndNs > endNs &&
      nextEndNs - (weightNs[at + 1] ?? 0) >= endNs
    );
  }

  /** CPU time of the part of a sample that lies before a moment; none behind the lane's last one. */
  private partNs(lane: number, at: number, timeNs: number): number {
    const { samples } = this.profile;
    if (at >= (this.end[lane] ?? 0)) return 0;
    const weightNs = samples.weightNs[at] ?? 0;
    const insideNs = timeNs - ((samples.endNs[at] ?? 0) - weightNs);
    if (insideNs <= 0 || weightNs <= 0) return 0;
    return (known(samples.cpuNs[at]) * insideNs) / weightNs;
  }

  /** CPU time used before each of the lane's samples, and in all of them. */
  private sumsOf(lane: number): Float64Array {
    const made = this.cpuSums[lane];
    if (made !== undefined) return made;
    const { firstSample = 0, sampleCount = 0 } = this.profile.lanes[lane] ?? {};
    const { cpuNs } = this.profile.samples;
    const sums = new Float64Array(sampleCount + 1);
    let sumNs = 0;
    for (let i = 0; i < sampleCount; i++) {
      sumNs += known(cpuNs[firstSample + i]);
      sums[i + 1] = sumNs;
    }
    this.cpuSums[lane] = sums;
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
