import type { Slicer } from '../../slicer';
import type { ByteStrings } from '../bytes/byteStrings';
import type { ProfileBuilder } from '../model/profileBuilder';
import { type GeckoMeta, geckoMeta } from './geckoMeta';
import type { GeckoProcess, GeckoThread } from './geckoProcess';
import {
  type GeckoSamples,
  GeckoSampleWriter,
  type GeckoSampling,
  geckoSamples,
  hasGaps,
  intervalOf,
  runCountOf,
  ticksOf,
} from './geckoSamples';
import { type GeckoFrameFacts, GeckoStacks, hasOwnStacks } from './geckoStacks';
import { type MarkedStates, markedStates } from './geckoStates';

/** The format does not say which generation was collected. */
const unknownGeneration = 255;

/** A thread on its way into the profile; its columns are dropped as soon as they are there. */
interface PendingThread {
  readonly thread: GeckoThread;
  readonly samples: GeckoSamples;
  readonly states: MarkedStates;
}

/** Makes lanes of the threads of all processes and files of a run, and remembers what is true of them together. */
export class GeckoLanes {
  readonly facts: GeckoFrameFacts = {
    hasExecutingLines: false,
    hasDefinitionLines: false,
    fileCount: 0,
    pathCount: 0,
  };
  startNs = Number.POSITIVE_INFINITY;
  endNs = Number.NEGATIVE_INFINITY;
  hasCpu = false;
  /** The first process's interval, NaN unknown. */
  intervalMs = Number.NaN;
  isTraced = false;
  isBytes = false;
  private readonly pids = new Map<string, number>();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly slicer: Slicer,
  ) {}

  /** Adds one file's processes; `firstMeta` has the clock of the run. Returns how many samples have no stack. */
  async add(
    processes: readonly GeckoProcess[],
    strings: ByteStrings,
    firstMeta: Readonly<Record<string, unknown>>,
  ): Promise<number> {
    const clockMs = geckoMeta(firstMeta).startTimeMs;
    let missing = 0;
    for (const process of processes) missing += await this.addProcess(process, strings, clockMs);
    return missing;
  }

  private async addProcess(process: GeckoProcess, strings: ByteStrings, clockMs: number): Promise<number> {
    const meta = geckoMeta(process.meta);
    const pending = process.threads.splice(0).map(
      (thread): PendingThread => ({
        thread,
        samples: geckoSamples(thread),
        states: markedStates(thread.own, process.shared, strings),
      }),
    );
    const sampling = this.samplingOf(pending, meta, clockMs);
    const context = { builder: this.builder, strings, facts: this.facts, ...meta };
    const shared = new GeckoStacks(process.shared, process.shared, context);
    const pid = meta.isTachyon ? tachyonPid(pending, meta) : undefined;
    const rowCount = pending.reduce((sum, { samples }) => sum + runCountOf(samples), 0);
    this.builder.samples.reserve(this.builder.samples.length + rowCount);
    let missing = 0;
    while (pending.length > 0) {
      const { thread, samples: own, states } = pending.shift() as PendingThread;
      const stacks = hasOwnStacks(thread) ? new GeckoStacks(thread.own, process.shared, context) : shared;
      const lane = this.laneOf(thread, pid);
      const added = await new GeckoSampleWriter(lane, stacks, states, sampling).add(own, 0.9);
      missing += added.missing;
      this.startNs = Math.min(this.startNs, added.startNs);
      this.endNs = Math.max(this.endNs, added.endNs);
      this.addPauses(lane, states, sampling.shiftMs);
    }
    return missing;
  }

  private samplingOf(pending: readonly PendingThread[], meta: GeckoMeta, clockMs: number): GeckoSampling {
    const all = pending.map(({ samples }) => samples);
    const isMarked = pending.some(({ states }) => states.onCpu.start.length > 0);
    const intervalMs = intervalOf(meta.intervalMs, all);
    if (Number.isNaN(this.intervalMs)) this.intervalMs = intervalMs;
    const needsTicks = all.length > 1 && all.some(samples => hasGaps(samples, intervalMs));
    const hasCpuTimes = all.some(samples => samples.cpu.length > 0) && !Number.isNaN(meta.cpuUnitNs);
    this.hasCpu ||= hasCpuTimes;
    this.isTraced ||= all.some(samples => samples.weightType === 'tracing-ms');
    this.isBytes ||= all.some(samples => samples.weightType === 'bytes');
    return {
      builder: this.builder,
      slicer: this.slicer,
      shiftMs: meta.startTimeMs - clockMs || 0,
      intervalMs,
      cpuUnitNs: meta.cpuUnitNs,
      hasCpuMarkers: isMarked,
      ticksMs: needsTicks ? ticksOf(all) : new Float64Array(0),
    };
  }

  private laneOf(thread: GeckoThread, knownPid: number | undefined): number {
    const { name, tid, pid } = thread;
    return this.builder.lane({
      kind: 'thread',
      parent: -1,
      pid: knownPid ?? this.pidOf(pid),
      tid: leadingNumber(tid),
      name: name || thread.processName,
      isMain: thread.isMain ?? (name === 'GeckoMain' || (tid !== '' && tid === pid)),
    });
  }

  /** Pids are texts («123», «123.1», «Unknown Process 2»); different ones must stay different. */
  private pidOf(text: string): number {
    const known = this.pids.get(text);
    if (known !== undefined) return known;
    const number = leadingNumber(text);
    const isTaken = number === 0 ? this.pids.size > 0 : [...this.pids.values()].includes(number);
    const pid = isTaken ? -this.pids.size - 1 : number;
    this.pids.set(text, pid);
    return pid;
  }

  private addPauses(lane: number, { gc }: MarkedStates, shiftMs: number): void {
    gc.start.forEach((startMs, index) => {
      const durationNs = ((gc.end[index] ?? startMs) - startMs) * 1e6;
      this.builder.gcPause({
        startNs: (startMs + shiftMs) * 1e6,
        durationNs,
        generation: unknownGeneration,
        lane,
      });
    });
  }
}

function leadingNumber(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** CPython writes the profiler's own pid; on Linux the main thread's id is that of the program. */
function tachyonPid(pending: readonly PendingThread[], meta: GeckoMeta): number {
  const main = pending.find(({ thread }) => thread.isMain === true);
  return meta.platform === 'Linux' && main ? leadingNumber(main.thread.tid) : 0;
}
