import { grown } from '../../columns/growingColumn';
import { readLane } from '../selection';
import type { Steps } from '../steps';
import type { HolderSearch } from './holders';
import { loopPlace } from './loopPlaces';
import type { ReasonReader } from './offCpu';
import { type Reason, reasonOf, waitFor } from './reason';

const minGapNs = 1e6;
const samplesPerStep = 4096;
const firstRoom = 64;

const betweenSteps = reasonOf({ gapClass: 'loop.idle', isOffCpu: false, isIdle: true, mayBlock: true });
const polling = waitFor('loop.idle', { isIdle: true });
const heldUp = waitFor(undefined, { mayBlock: false });

/** Neighbouring samples of a thread with one reason at one line, off the CPU and outside of its event loop's steps. */
export interface Stretch {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly reason: Reason;
  /** The frame of own code, -1 none. */
  readonly frame: number;
  /** The stack with which it began. */
  readonly node: number;
  /** NaN unknown. */
  readonly cpuNs: number;
  readonly sampleCount: number;
}

/** Stretches in columns, each lane's in the order of time. */
export class StretchTable {
  length = 0;
  startNs = new Float64Array(firstRoom);
  endNs = new Float64Array(firstRoom);
  lane = new Int32Array(firstRoom);
  private frame = new Int32Array(firstRoom);
  private node = new Int32Array(firstRoom);
  private cpuNs = new Float64Array(firstRoom);
  private sampleCount = new Int32Array(firstRoom);
  private readonly reason: Reason[] = [];

  /** Appends a stretch. */
  add(stretch: Stretch): void {
    const at = this.length++;
    if (at === this.lane.length) this.grow();
    this.lane[at] = stretch.lane;
    this.startNs[at] = stretch.startNs;
    this.endNs[at] = stretch.endNs;
    this.frame[at] = stretch.frame;
    this.node[at] = stretch.node;
    this.cpuNs[at] = stretch.cpuNs;
    this.sampleCount[at] = stretch.sampleCount;
    this.reason.push(stretch.reason);
  }

  /** One of the stretches. */
  at(index: number): Stretch {
    return {
      lane: this.lane[index] ?? -1,
      startNs: this.startNs[index] ?? 0,
      endNs: this.endNs[index] ?? 0,
      reason: this.reason[index] ?? heldUp,
      frame: this.frame[index] ?? -1,
      node: this.node[index] ?? -1,
      cpuNs: this.cpuNs[index] ?? Number.NaN,
      sampleCount: this.sampleCount[index] ?? 0,
    };
  }

  private grow(): void {
    const needed = this.length;
    this.lane = grown(this.lane, needed, Int32Array);
    this.startNs = grown(this.startNs, needed, Float64Array);
    this.endNs = grown(this.endNs, needed, Float64Array);
    this.frame = grown(this.frame, needed, Int32Array);
    this.node = grown(this.node, needed, Int32Array);
    this.cpuNs = grown(this.cpuNs, needed, Float64Array);
    this.sampleCount = grown(this.sampleCount, needed, Int32Array);
  }
}

/** Adds the stretches of a thread's lane to a table. */
export function* threadStretches(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  into: StretchTable,
): Steps<void> {
  const finder = new StretchFinder(search, reasons, lane, into);
  yield* readLane(search.profile, { lane, most: samplesPerStep }, (first, end) => finder.read(first, end));
  finder.close();
}

/** The stretch that is going on. */
interface OpenStretch extends Stretch {
  endNs: number;
  cpuNs: number;
  sampleCount: number;
}

class StretchFinder {
  private open: OpenStretch | undefined;

  constructor(
    private readonly search: HolderSearch,
    private readonly reasons: ReasonReader,
    private readonly lane: number,
    private readonly into: StretchTable,
  ) {}

  /** Reads the lane's next samples. */
  read(first: number, last: number): void {
    const { profile, reader } = this.search;
    const { node: nodes, endNs: endsNs, weightNs, cpuNs } = profile.samples;
    const hasCpu = cpuNs.length > 0;
    for (let i = first; i < last; i++) {
      const node = nodes[i] ?? -1;
      const reason = node < 0 ? undefined : this.reasonOutsideSteps(i, node);
      const { open } = this;
      // Most samples of a thread that computes neither end a stretch nor begin one.
      if (open === undefined && reason?.isOffCpu !== true) continue;
      const frame = node < 0 ? -1 : reader.ownFrame(node);
      const endNs = endsNs[i] ?? 0;
      const startNs = endNs - (weightNs[i] ?? 0);
      const isMore =
        open !== undefined &&
        open.reason === reason &&
        open.frame === frame &&
        startNs <= open.endNs + minGapNs;
      if (!isMore) this.close();
      if (reason?.isOffCpu !== true) continue;
      const { lane } = this;
      this.open ??= { lane, startNs, endNs, reason, frame, node, cpuNs: 0, sampleCount: 0 };
      this.open.endNs = endNs;
      this.open.cpuNs += hasCpu ? (cpuNs[i] ?? Number.NaN) : Number.NaN;
      this.open.sampleCount++;
    }
  }

  /** Ends the stretch that is going on. */
  close(): void {
    const { open } = this;
    if (open && open.endNs - open.startNs >= minGapNs) this.into.add(open);
    this.open = undefined;
  }

  private reasonOutsideSteps(sample: number, node: number): Reason | undefined {
    const place = this.search.reader.place[node] ?? 0;
    if (place === loopPlace.step) return undefined;
    if (place !== loopPlace.outside) return place === loopPlace.poll ? polling : betweenSteps;
    const reason = this.reasons.of(this.lane, sample);
    return !reason.isOffCpu && this.reasons.isHeldUp(sample) ? heldUp : reason;
  }
}
