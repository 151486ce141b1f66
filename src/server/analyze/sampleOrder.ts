import type { Profile } from '../../shared/profile';

const orders = new WeakMap<Profile, Uint32Array>();

/**
 * All samples of all lanes by the start of their interval, as indexes. Made once per profile by merging the lanes,
 * each of which is in order already: a heap holds the next sample of each.
 */
export function samplesByStart(profile: Profile): Uint32Array {
  const known = orders.get(profile);
  if (known) return known;
  const order = mergeLanes(profile);
  orders.set(profile, order);
  return order;
}

function mergeLanes(profile: Profile): Uint32Array {
  const heap = new LaneHeap(profile);
  const order = new Uint32Array(profile.samples.length);
  for (let i = 0; i < order.length; i++) order[i] = heap.take();
  return order;
}

/** A binary heap of lanes by the start of their next sample. */
class LaneHeap {
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

  /** The index of the sample that starts first, taken out. */
  take(): number {
    const lane = this.lane[0] ?? 0;
    const sample = this.next[lane] ?? 0;
    this.next[lane] = sample + 1;
    if (sample + 1 < (this.end[lane] ?? 0)) this.sink(lane, this.startOf(sample + 1));
    else {
      this.size--;
      this.sink(this.lane[this.size] ?? 0, this.startNs[this.size] ?? 0);
    }
    return sample;
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
