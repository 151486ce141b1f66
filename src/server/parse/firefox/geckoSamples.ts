/**
 * Puts a thread's samples on the time axis. A sample weighs the time since the tick before it. A thread that was left
 * out at some ticks (idle ones are, in some modes) did not spend that time in its next stack, so the tick before is
 * the latest one at which any thread of the process was looked at.
 */
import { sampleState } from '../../../shared/profile';
import type { Slicer } from '../../slicer';
import type { ProfileBuilder } from '../model/profileBuilder';
import { follows, type SampleRow } from '../model/sampleColumns';
import { timeOrder } from '../model/timeOrder';
import type { GeckoThread } from './geckoProcess';
import { type GeckoStacks, missingStack } from './geckoStacks';
import { IntervalCursor, type MarkedStates } from './geckoStates';

/** A thread's samples in the order of time, in the file's milliseconds. */
export interface GeckoSamples {
  readonly length: number;
  readonly stack: Int32Array;
  readonly timeMs: Float64Array;
  /** Empty when all samples weigh the same. */
  readonly weight: Float64Array;
  readonly weightType: string;
  /** In the unit that `meta.sampleUnits` names; empty when unknown. */
  readonly cpu: Float64Array;
}

/** What holds for all threads of a process. */
export interface GeckoSampling {
  readonly builder: ProfileBuilder;
  readonly slicer: Slicer;
  /** Added to the file's milliseconds to bring processes onto one clock. */
  readonly shiftMs: number;
  /** Interval of the sampler, NaN unknown. */
  readonly intervalMs: number;
  /** Nanoseconds in a unit of CPU time, NaN when the file counts none. */
  readonly cpuUnitNs: number;
  /** Some thread's markers say when it was on the CPU. */
  readonly hasCpuMarkers: boolean;
  /** All moments at which any thread was looked at, rising. Empty when that tells nothing. */
  readonly ticksMs: Float64Array;
}

/** What became of a thread's samples. */
export interface AddedSamples {
  readonly startNs: number;
  readonly endNs: number;
  readonly missing: number;
}

/** A silence longer than so many intervals is no long sample: nobody was looking. */
const maxIntervals = 20;
const maxGapsAsked = 10_000;
/** So many samples are added between two looks at the clock. */
const batch = 4096;
/** No stack of a file, which has indexes from -1 on. */
const noStack = -2;

/** A thread's samples; those without a time are left out. */
export function geckoSamples({ own }: GeckoThread): GeckoSamples {
  const table = own.tables.get('samples');
  const stack = table?.index('stack') ?? new Int32Array(0);
  const times = timesOf(table?.number('time'), table?.number('timeDeltas'));
  const columns = {
    stack,
    timeMs: times,
    weight: table?.number('weight') ?? new Float64Array(0),
    weightType: table?.texts.get('weightType') ?? 'samples',
    cpu: table?.number('threadCPUDelta') ?? new Float64Array(0),
  };
  const length = Math.min(stack.length, times.length);
  const order = timeOrder(times.subarray(0, length));
  if (order === undefined) return { ...columns, length };
  const sorted = (column: Float64Array) =>
    column.length === 0 ? column : Float64Array.from(order, index => column[index] ?? Number.NaN);
  return {
    ...columns,
    length,
    stack: Int32Array.from(order, index => stack[index] as number),
    timeMs: sorted(times),
    weight: sorted(columns.weight),
    cpu: sorted(columns.cpu),
  };
}

/** Absolute times; from version 50 on a file may hold the differences instead. */
function timesOf(time: Float64Array | undefined, deltas: Float64Array | undefined): Float64Array {
  if (time !== undefined && time.length > 0) return time;
  let sum = 0;
  return (deltas ?? new Float64Array(0)).map(delta => {
    sum += Number.isNaN(delta) ? 0 : delta;
    return sum;
  });
}

/** All moments of several threads, rising, each once. */
export function ticksOf(threads: readonly GeckoSamples[]): Float64Array {
  let lists = threads.map(({ timeMs, length }) => timeMs.subarray(0, length));
  // Times that are missing are in no order.
  if (!lists.every(isRising)) lists = lists.map(list => list.filter(time => !Number.isNaN(time)).sort());
  while (lists.length > 1) {
    const merged: Float64Array[] = [];
    for (let i = 0; i < lists.length; i += 2) {
      merged.push(mergedTimes(lists[i] as Float64Array, lists[i + 1] ?? new Float64Array(0)));
    }
    lists = merged;
  }
  return lists[0] ?? new Float64Array(0);
}

function isRising(times: Float64Array): boolean {
  if (Number.isNaN(times[0] ?? 0)) return false;
  for (let i = 1; i < times.length; i++) {
    if (!((times[i] as number) >= (times[i - 1] as number))) return false;
  }
  return true;
}

/** What is in either of two rising lists: threads are mostly looked at together. */
function mergedTimes(a: Float64Array, b: Float64Array): Float64Array {
  // Counted first: room for both would be twice what is needed, and mostly one holds the other.
  const count = mergeTimes(a, b, undefined);
  if (count === a.length) return a;
  if (count === b.length) return b;
  const merged = new Float64Array(count);
  mergeTimes(a, b, merged);
  return merged;
}

function mergeTimes(a: Float64Array, b: Float64Array, to: Float64Array | undefined): number {
  let [length, atA, atB] = [0, 0, 0];
  while (atA < a.length || atB < b.length) {
    const timeA = atA < a.length ? (a[atA] as number) : Number.POSITIVE_INFINITY;
    const timeB = atB < b.length ? (b[atB] as number) : Number.POSITIVE_INFINITY;
    if (timeA <= timeB) atA++;
    if (timeB <= timeA) atB++;
    if (to !== undefined) to[length] = Math.min(timeA, timeB);
    length++;
  }
  return length;
}

/**
 * The sampler's interval: the file's own word unless its samples lie much further apart (converters have been seen
 * to write seconds), else the usual distance of the samples. NaN when there are too few to tell.
 */
export function intervalOf(statedMs: number, threads: readonly GeckoSamples[]): number {
  const most = threads.reduce<GeckoSamples | undefined>(
    (best, samples) => (samples.length > (best?.length ?? 1) ? samples : best),
    undefined,
  );
  if (most === undefined) return statedMs;
  const gaps = new Float64Array(Math.min(most.length - 1, maxGapsAsked));
  for (let i = 0; i < gaps.length; i++) gaps[i] = (most.timeMs[i + 1] as number) - (most.timeMs[i] as number);
  const usualMs = gaps.sort()[(gaps.length - 1) >> 1] as number;
  return statedMs * 5 >= usualMs || !(usualMs > 0) ? statedMs : usualMs;
}

/** About how many rows the samples will take: neighbours with the same stack mostly make one. */
export function runCountOf({ stack, cpu, length }: GeckoSamples): number {
  if (cpu.length > 0) return length;
  let count = 0;
  for (let i = 0; i < length; i++) if (i === 0 || stack[i] !== stack[i - 1]) count++;
  return count;
}

/** True when a thread was left out at some ticks, so that the other threads' ticks have to be asked. */
export function hasGaps({ timeMs, length }: GeckoSamples, intervalMs: number): boolean {
  for (let i = 1; i < length; i++) {
    if ((timeMs[i] as number) - (timeMs[i - 1] as number) > intervalMs * 1.5) return true;
  }
  return false;
}

/** Adds one thread's samples to its lane. */
export class GeckoSampleWriter {
  private missing = 0;
  private startNs = Number.POSITIVE_INFINITY;
  private endNs = Number.NEGATIVE_INFINITY;
  private tick = 0;
  /** The stack that came last, with its node. */
  private stack = noStack;
  private node = -1;
  /** The stack and state of the last row, when that is of this thread and knows no CPU time. */
  private rowStack = noStack;
  private rowState = 0;
  private readonly onCpu: IntervalCursor;
  private readonly offCpu: IntervalCursor;
  private readonly hasGil: IntervalCursor;
  private readonly hasGilMarkers: boolean;
  private isPlain = false;
  /** Filled anew for each sample. */
  private readonly row: SampleRow;

  constructor(
    private readonly lane: number,
    private readonly stacks: GeckoStacks,
    states: MarkedStates,
    private readonly sampling: GeckoSampling,
  ) {
    this.row = { lane, node: -1, endNs: 0, weightNs: 0, cpuNs: Number.NaN, state: 0, task: -1 };
    this.onCpu = new IntervalCursor(states.onCpu);
    this.offCpu = new IntervalCursor(states.offCpu);
    this.hasGil = new IntervalCursor(states.hasGil);
    this.hasGilMarkers = states.hasGil.start.length > 0;
  }

  /** Adds them all, pausing now and then. */
  async add(samples: GeckoSamples, share: number): Promise<AddedSamples> {
    this.isPlain = this.isPlainThread(samples);
    for (let from = 0; from < samples.length; from += batch) {
      const end = Math.min(from + batch, samples.length);
      for (let i = from; i < end; ) {
        if (samples.stack[i] === this.rowStack && this.isPlain) i = this.addRun(samples, i, end);
        if (i < end) this.addOne(samples, i++);
      }
      await this.sampling.slicer.pauseIfDue(share);
    }
    return { startNs: this.startNs, endNs: this.endNs, missing: this.missing };
  }

  private addOne(samples: GeckoSamples, i: number): void {
    const stack = samples.stack[i] as number;
    const timeMs = samples.timeMs[i] as number;
    if (stack !== this.stack) {
      this.stack = stack;
      this.node = this.stacks.nodeOf(stack);
    }
    if (Number.isNaN(timeMs)) return;
    if (this.node === missingStack) {
      this.missing++;
      return;
    }
    const weight = samples.weight.length === 0 ? 1 : (samples.weight[i] ?? 1);
    if (samples.weightType === 'bytes') {
      this.sampling.builder.aggregate(this.lane, this.node, weight);
      return;
    }
    const isTraced = samples.weightType === 'tracing-ms';
    const weightMs = isTraced ? weight : this.elapsedMs(samples, i, Math.abs(weight));
    // Traced stretches begin at their time; samples end there.
    const endMs = timeMs + this.sampling.shiftMs + (isTraced ? weightMs : 0);
    const weightNs = weightMs * 1e6;
    if (!(weightNs >= 0)) return;
    const cpu = samples.cpu.length === 0 ? Number.NaN : (samples.cpu[i] ?? Number.NaN);
    const cpuNs = Math.min(cpu * this.sampling.cpuUnitNs, weightNs);
    const state = this.stateOf(stack, timeMs, cpuNs / weightNs);
    this.write(endMs * 1e6, weightNs, { cpuNs, state });
  }

  /** True when nothing but its stack tells the state of a sample, and nothing but its time its weight. */
  private isPlainThread({ weight, weightType, cpu }: GeckoSamples): boolean {
    const hasMarkers = this.sampling.hasCpuMarkers || this.hasGilMarkers;
    return !hasMarkers && weight.length === 0 && weightType === 'samples' && cpu.length === 0;
  }

  /**
   * Adds those that prolong the last row, which most do. Answers the first that does not, or `end`. The numbers stay here
   * meanwhile: handing each on would cost more than adding it.
   */
  private addRun(samples: GeckoSamples, from: number, end: number): number {
    const { stack, timeMs } = samples;
    const { builder, shiftMs, intervalMs } = this.sampling;
    const row = builder.samples.lastRow();
    const limitMs = Number.isNaN(intervalMs) ? Number.POSITIVE_INFINITY : intervalMs * 1.5;
    let { startNs } = this;
    let { endNs, weightNs } = row;
    let i = from;
    for (; i < end && stack[i] === this.rowStack; i++) {
      const time = timeMs[i] as number;
      const gapMs = time - (timeMs[i - 1] as number);
      const elapsedNs = (gapMs <= limitMs ? gapMs : this.elapsedMs(samples, i, 1)) * 1e6;
      const untilNs = (time + shiftMs) * 1e6;
      if (!follows(untilNs, elapsedNs, endNs)) break;
      startNs = Math.min(startNs, untilNs - elapsedNs);
      weightNs += untilNs - endNs;
      endNs = untilNs;
    }
    this.startNs = startNs;
    this.endNs = Math.max(this.endNs, endNs);
    builder.samples.prolongTo({ endNs, weightNs, more: i - from });
    return i;
  }

  private write(endNs: number, weightNs: number, { cpuNs, state }: { cpuNs: number; state: number }): void {
    const { samples } = this.sampling.builder;
    this.startNs = Math.min(this.startNs, endNs - weightNs);
    this.endNs = Math.max(this.endNs, endNs);
    // Most samples are one more of the same.
    const isSame = this.stack === this.rowStack && state === this.rowState && Number.isNaN(cpuNs);
    if (isSame && samples.prolong(endNs, weightNs)) return;
    const { row } = this;
    row.node = this.node;
    row.endNs = endNs;
    row.weightNs = weightNs;
    row.cpuNs = cpuNs;
    row.state = state;
    samples.addSame(row);
    this.rowStack = Number.isNaN(cpuNs) ? this.stack : noStack;
    this.rowState = state;
  }

  /** Time since the tick before, by the thread's own ticks or by those of its process. */
  private elapsedMs({ timeMs, length }: GeckoSamples, i: number, count: number): number {
    const { intervalMs, ticksMs } = this.sampling;
    const time = timeMs[i] as number;
    const nominalMs = intervalMs * (count > 0 ? count : 1);
    if (i === 0) return length === 0 || Number.isNaN(nominalMs) ? 0 : nominalMs;
    const gapMs = time - (timeMs[i - 1] as number);
    if (Number.isNaN(nominalMs) || gapMs <= nominalMs * 1.5) return gapMs;
    const sinceTickMs = Math.min(gapMs, time - this.tickBefore(time - intervalMs / 2, ticksMs));
    return sinceTickMs > nominalMs * maxIntervals ? nominalMs : sinceTickMs;
  }

  private tickBefore(timeMs: number, ticksMs: Float64Array): number {
    while (this.tick < ticksMs.length && (ticksMs[this.tick] as number) < timeMs) this.tick++;
    return this.tick === 0 ? Number.NEGATIVE_INFINITY : (ticksMs[this.tick - 1] as number);
  }

  /** By the best evidence there is: CPU time, what the sampler saw of the CPU, the GIL, the function on top. */
  private stateOf(stack: number, timeMs: number, cpuShare: number): number {
    if (!Number.isNaN(cpuShare)) return cpuShare < 0.5 ? sampleState.waiting : 0;
    if (this.sampling.hasCpuMarkers) {
      return this.offCpu.startAt(timeMs) > this.onCpu.startAt(timeMs) ? sampleState.waiting : 0;
    }
    if (this.hasGilMarkers && this.hasGil.startAt(timeMs) > Number.NEGATIVE_INFINITY) return 0;
    return this.stacks.waitsOnTop(stack) ? sampleState.waiting | sampleState.guessed : 0;
  }
}
