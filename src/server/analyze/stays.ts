import { type Profile, sampleState } from '../../shared/profile';
import { finished, type Steps } from './steps';

/**
 * All stretches in which a lane stays at one stack, computing or not computing, without a gap: waiting threads are seen there
 * time and again. In the order of their starts. The times stand here once more because lanes interleave: looked up
 * sample by sample they would cost most of the time of a walk.
 */
export interface Stays {
  readonly length: number;
  readonly lane: Int32Array;
  readonly node: Int32Array;
  readonly isBusy: Uint8Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** The latest end in each block of `staysPerBlock`: a stretch of time is found without looking at all stays before it. */
  readonly blockEndNs: Float64Array;
}

/** A power of two. */
export const staysPerBlock = 1024;

const known = new WeakMap<Profile, Stays>();

/** The stays of all lanes. Made once per profile by merging the lanes, each of which is in order already. */
export function staysByStart(profile: Profile): Stays {
  return known.get(profile) ?? finished(makingStays(profile));
}

/** The same step by step. */
export function* makingStays(profile: Profile): Steps<Stays> {
  const made = known.get(profile) ?? (yield* mergeLanes(profile));
  known.set(profile, made);
  return made;
}

const staysPerStep = 8192;

function* mergeLanes(profile: Profile): Steps<Stays> {
  const { samples } = profile;
  const heap = new LaneHeap(profile);
  const lane = new Int32Array(samples.length);
  const node = new Int32Array(samples.length);
  const busy = new Uint8Array(samples.length);
  const startNs = new Float64Array(samples.length);
  const endNs = new Float64Array(samples.length);
  let length = 0;
  for (; heap.take(); length++) {
    lane[length] = heap.takenLane;
    node[length] = samples.node[heap.first] ?? -1;
    busy[length] = isBusy(samples.state[heap.first]) ? 1 : 0;
    startNs[length] = heap.takenStartNs;
    endNs[length] = samples.endNs[heap.last] ?? 0;
    if (length % staysPerStep === 0) yield;
  }
  return {
    length,
    blockEndNs: blockEnds(endNs, length),
    lane: lane.slice(0, length),
    node: node.slice(0, length),
    isBusy: busy.slice(0, length),
    startNs: startNs.slice(0, length),
    endNs: endNs.slice(0, length),
  };
}

function blockEnds(endNs: Float64Array, length: number): Float64Array {
  const ends = new Float64Array(Math.ceil(length / staysPerBlock)).fill(Number.NEGATIVE_INFINITY);
  for (let stay = 0; stay < length; stay++) {
    const block = Math.floor(stay / staysPerBlock);
    ends[block] = Math.max(ends[block] ?? 0, endNs[stay] ?? 0);
  }
  return ends;
}

/** A binary heap of lanes by the start of their next stay. */
class LaneHeap {
  /** The stay that was taken out last. */
  takenLane = 0;
  takenStartNs = 0;
  first = 0;
  last = 0;
  private size = 0;
  private readonly lane: Int32Array;
  private readonly startNs: Float64Array;
  private readonly next: Int32Array;
  private readonly end: Int32Array;

  constructor(private readonly profile: Profile) {
    const { lanes } = profile;
    this.next = Int32Array.from(lanes, lane => lane.firstSample);
    this.end = Int32Array.from(lanes, lane => lane.firstSample + lane.sampleCount);
    this.lane = new Int32Array(lanes.length);
    this.startNs = new Float64Array(lanes.length);
    lanes.forEach((lane, index) => {
      if (lane.sampleCount > 0) this.push(index);
    });
  }

  /** Takes out the stay that starts first; false when there is none left. */
  take(): boolean {
    if (this.size === 0) return false;
    const lane = this.lane[0] ?? 0;
    this.takenLane = lane;
    this.takenStartNs = this.startNs[0] ?? 0;
    this.first = this.next[lane] ?? 0;
    this.last = this.lastOfStay(this.first, this.end[lane] ?? 0);
    const next = this.last + 1;
    this.next[lane] = next;
    if (next < (this.end[lane] ?? 0)) this.sink(lane, this.startOf(next));
    else {
      this.size--;
      this.sink(this.lane[this.size] ?? 0, this.startNs[this.size] ?? 0);
    }
    return true;
  }

  private lastOfStay(first: number, end: number): number {
    const { node, state, endNs } = this.profile.samples;
    let last = first;
    for (let next = first + 1; next < end; next++) {
      const isSame = node[next] === node[first] && isBusy(state[next]) === isBusy(state[first]);
      if (!isSame || this.startOf(next) > (endNs[last] ?? 0)) break;
      last = next;
    }
    return last;
  }

  private startOf(sample: number): number {
    return (this.profile.samples.endNs[sample] ?? 0) - (this.profile.samples.weightNs[sample] ?? 0);
  }

  private push(lane: number): void {
    const startNs = this.startOf(this.next[lane] ?? 0);
    let at = this.size++;
    for (let up = (at - 1) >> 1; at > 0 && (this.startNs[up] ?? 0) > startNs; up = (at - 1) >> 1) {
      this.move(up, at);
      at = up;
    }
    this.set(at, lane, startNs);
  }

  /** Puts a lane in place of the first one. */
  private sink(lane: number, startNs: number): void {
    let at = 0;
    for (let child = 1; child < this.size; child = 2 * at + 1) {
      const right = child + 1;
      const least =
        right < this.size && (this.startNs[right] ?? 0) < (this.startNs[child] ?? 0) ? right : child;
      if ((this.startNs[least] ?? 0) >= startNs) break;
      this.move(least, at);
      at = least;
    }
    this.set(at, lane, startNs);
  }

  private move(from: number, to: number): void {
    this.lane[to] = this.lane[from] ?? 0;
    this.startNs[to] = this.startNs[from] ?? 0;
  }

  private set(at: number, lane: number, startNs: number): void {
    this.lane[at] = lane;
    this.startNs[at] = startNs;
  }
}

function isBusy(state = 0): boolean {
  return (state & sampleState.waiting) === 0;
}
