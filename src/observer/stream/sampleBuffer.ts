import { waitReasonIndex } from '../../shared/profile';
import { type RecordWriter, stateBits, stateOf } from './recordWriter';

/** Unknown CPU time. */
export const cpuUnknown = -1;

const queuedReason = waitReasonIndex('sched.runq');
const initialTicks = 2_048;
const initialSamples = 8_192;

/** The last sample of a lane that is still held; -1 none. */
export interface LaneTail {
  lastSample: number;
}

/** What a look found of a thread. */
export interface Look {
  readonly lane: number;
  readonly stack: number;
  /** `stateBits`. */
  readonly bits: number;
  /** Index into `waitReasons`. */
  readonly reason: number;
  /** The lane of the asyncio task that it runs; -1 none. */
  readonly taskLane: number;
  /** What it used of a processor is known, and comes with `creditCpu`. */
  readonly hasCpu: boolean;
}

/**
 * Holds ticks before they are written, because the kernel tells a thread's times in lumps, on a processor and in the
 * queue for one: what a lump says belongs to the samples before it, each up to its own weight.
 */
export class SampleBuffer {
  private tickCount = 0;
  private sampleCount = 0;
  private tickNs = new Float64Array(initialTicks);
  private tickFirst = new Int32Array(initialTicks);
  private lanes: LaneTail[] = [];
  private laneIds = new Int32Array(initialSamples);
  private stacks = new Int32Array(initialSamples);
  private taskLanes = new Int32Array(initialSamples);
  private bits = new Uint8Array(initialSamples);
  private reasons = new Uint8Array(initialSamples);
  private cpuNs = new Float64Array(initialSamples);
  private queuedNs = new Float64Array(initialSamples);
  private weightsNs = new Float64Array(initialSamples);
  /** The sample before of the same lane; -1 none held. */
  private before = new Int32Array(initialSamples);

  /** `previousNs`: the tick before the first. */
  constructor(private previousNs: number) {}

  /** The time of the last tick that was written: the base of the next chunk. */
  private writtenNs = 0;
  private lastNs = 0;

  get baseNs(): number {
    return this.writtenNs || this.previousNs;
  }

  /** What was before is nobody's time. Call it before the first tick. */
  startAt(nowNs: number): void {
    this.previousNs = nowNs;
  }

  /** Begins a tick; its samples follow. */
  tick(nowNs: number): void {
    if (this.tickCount === this.tickNs.length) this.growTicks();
    this.tickNs[this.tickCount] = nowNs;
    this.tickFirst[this.tickCount] = this.sampleCount;
    this.tickCount++;
    this.lastNs = this.lastNs || this.baseNs;
    this.currentWeightNs = nowNs - this.lastNs;
    this.lastNs = nowNs;
  }

  private currentWeightNs = 0;

  /** Adds a sample to the tick. */
  sample(lane: LaneTail & Look): void {
    if (this.sampleCount === this.stacks.length) this.growSamples();
    const index = this.sampleCount++;
    this.lanes[index] = lane;
    this.laneIds[index] = lane.lane;
    this.stacks[index] = lane.stack;
    this.taskLanes[index] = lane.taskLane;
    this.bits[index] = lane.bits;
    this.reasons[index] = lane.reason;
    this.cpuNs[index] = lane.hasCpu ? 0 : cpuUnknown;
    this.queuedNs[index] = 0;
    this.weightsNs[index] = this.currentWeightNs;
    this.before[index] = lane.lastSample;
    lane.lastSample = index;
  }

  /** Shares CPU time out over the lane's latest samples, from the last one back. */
  creditCpu(lane: LaneTail, usedNs: number): void {
    let restNs = usedNs;
    for (let index = lane.lastSample; index >= 0 && restNs > 0; index = this.before[index] ?? -1) {
      const known = this.cpuNs[index] ?? cpuUnknown;
      if (known === cpuUnknown) return;
      const part = Math.min(restNs, Math.max((this.weightsNs[index] ?? 0) - known, 0));
      this.cpuNs[index] = known + part;
      restNs -= part;
    }
  }

  /** Shares the time in the queue for a processor out alike, over what is left when the CPU time was credited. */
  creditQueue(lane: LaneTail, queuedNs: number): void {
    let restNs = queuedNs;
    for (let index = lane.lastSample; index >= 0 && restNs > 0; index = this.before[index] ?? -1) {
      const knownNs = Math.max(this.cpuNs[index] ?? 0, 0) + (this.queuedNs[index] ?? 0);
      const part = Math.min(restNs, Math.max((this.weightsNs[index] ?? 0) - knownNs, 0));
      this.queuedNs[index] = (this.queuedNs[index] ?? 0) + part;
      restNs -= part;
    }
  }

  /** Writes the ticks up to a moment into the records and forgets them. */
  writeUntil(untilNs: number, records: RecordWriter): void {
    let tick = 0;
    for (; tick < this.tickCount && (this.tickNs[tick] ?? 0) <= untilNs; tick++)
      this.writeTick(tick, records);
    this.drop(tick);
  }

  private writeTick(tick: number, records: RecordWriter): void {
    const nowNs = this.tickNs[tick] ?? 0;
    const [first, end] = [this.tickFirst[tick] ?? 0, this.endOf(tick)];
    records.add('tick', Math.round(nowNs - this.baseNs), end - first);
    for (let index = first; index < end; index++) {
      records.varint(this.laneIds[index] ?? 0);
      records.varint(this.stacks[index] ?? 0);
      const taskLane = this.taskLanes[index] ?? -1;
      const taskBit = taskLane < 0 ? 0 : stateBits.taskFollows;
      records.varint(stateOf((this.bits[index] ?? 0) | taskBit, this.reasonOf(index)));
      records.varint(Math.round(this.cpuNs[index] ?? cpuUnknown) + 1);
      if (taskLane >= 0) records.varint(taskLane);
    }
    this.writtenNs = nowNs;
  }

  private reasonOf(index: number): number {
    const isQueued = (this.queuedNs[index] ?? 0) * 2 > (this.weightsNs[index] ?? 0);
    return isQueued ? queuedReason : (this.reasons[index] ?? 0);
  }

  private endOf(tick: number): number {
    return tick + 1 < this.tickCount ? (this.tickFirst[tick + 1] ?? 0) : this.sampleCount;
  }

  /** Moves what is still held to the front. */
  private drop(ticks: number): void {
    const samples = ticks < this.tickCount ? (this.tickFirst[ticks] ?? 0) : this.sampleCount;
    for (const lane of new Set(this.lanes)) lane.lastSample = Math.max(lane.lastSample - samples, -1);
    this.tickNs.copyWithin(0, ticks, this.tickCount);
    this.tickFirst.copyWithin(0, ticks, this.tickCount);
    this.tickCount -= ticks;
    for (let tick = 0; tick < this.tickCount; tick++) {
      this.tickFirst[tick] = (this.tickFirst[tick] ?? 0) - samples;
    }
    this.lanes.splice(0, samples);
    const { laneIds, stacks, taskLanes, bits, reasons, cpuNs, queuedNs, weightsNs, before } = this;
    for (const column of [laneIds, stacks, taskLanes, bits, reasons, cpuNs, queuedNs, weightsNs, before]) {
      column.copyWithin(0, samples, this.sampleCount);
    }
    this.sampleCount -= samples;
    for (let index = 0; index < this.sampleCount; index++) {
      this.before[index] = Math.max((this.before[index] ?? 0) - samples, -1);
    }
  }

  private growTicks(): void {
    this.tickNs = doubled(this.tickNs, new Float64Array(this.tickNs.length * 2));
    this.tickFirst = doubled(this.tickFirst, new Int32Array(this.tickFirst.length * 2));
  }

  private growSamples(): void {
    const length = this.stacks.length * 2;
    this.laneIds = doubled(this.laneIds, new Int32Array(length));
    this.stacks = doubled(this.stacks, new Int32Array(length));
    this.taskLanes = doubled(this.taskLanes, new Int32Array(length));
    this.bits = doubled(this.bits, new Uint8Array(length));
    this.reasons = doubled(this.reasons, new Uint8Array(length));
    this.cpuNs = doubled(this.cpuNs, new Float64Array(length));
    this.queuedNs = doubled(this.queuedNs, new Float64Array(length));
    this.weightsNs = doubled(this.weightsNs, new Float64Array(length));
    this.before = doubled(this.before, new Int32Array(length));
  }
}

function doubled<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
