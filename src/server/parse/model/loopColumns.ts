import type { LoopTables } from '../../../shared/profile';
import { GrowingFloat64 } from '../../columns/growingColumn';
import { boundedAmount, boundedTime } from './bounds';

/** Rows of numbers by the names of their columns. */
class Rows<Name extends string> {
  private readonly columns: ReadonlyMap<Name, GrowingFloat64>;

  constructor(private readonly names: readonly Name[]) {
    this.columns = new Map(names.map(name => [name, new GrowingFloat64()]));
  }

  get length(): number {
    return this.columns.values().next().value?.length ?? 0;
  }

  add(row: Readonly<Record<Name, number>>): void {
    for (const name of this.names) this.columns.get(name)?.push(row[name]);
  }

  /** Times relative to the start of the profile. */
  times(name: Name, startNs: number): Float64Array {
    return this.values(name).map(value => boundedTime(value - startNs));
  }

  /** Durations and counts. */
  amounts(name: Name): Float64Array {
    return this.values(name).map(boundedAmount);
  }

  counts(name: Name): Int32Array {
    return Int32Array.from(this.amounts(name), value => Math.min(value, 0x7fffffff));
  }

  /** Indexes, -1 for none, which `newIndex` renames. */
  indexes(name: Name, newIndex?: Int32Array): Int32Array {
    return Int32Array.from(this.values(name), old => (newIndex ? (newIndex[old] ?? -1) : old));
  }

  private values(name: Name): Float64Array {
    return this.columns.get(name)?.toArray() ?? new Float64Array();
  }
}

/** What event loops measured, while it is read: times are absolute, lanes in the order of reading. */
export class LoopColumns {
  readonly steps = new Rows([
    'lane',
    'startNs',
    'durationNs',
    'cpuNs',
    'delayNs',
    'readyCount',
    'task',
    'frame',
  ]);
  readonly delays = new Rows(['lane', 'startNs', 'delayNs', 'task', 'frame']);
  readonly rounds = new Rows([
    'lane',
    'startNs',
    'durationNs',
    'stepCount',
    'cpuNs',
    'delayedCount',
    'readyCount',
  ]);
  readonly seconds = new Rows([
    'lane',
    'startNs',
    'durationNs',
    'roundCount',
    'stepCount',
    'busyNs',
    'pollNs',
    'cpuNs',
    'longestNs',
    'longestDelayNs',
    'readyCount',
  ]);

  /** The tables, undefined when nothing was measured. */
  finish(startNs: number, newLane: Int32Array): LoopTables | undefined {
    const { steps, delays, rounds, seconds } = this;
    if (steps.length + rounds.length + seconds.length === 0) return undefined;
    return {
      steps: {
        length: steps.length,
        lane: steps.indexes('lane', newLane),
        startNs: steps.times('startNs', startNs),
        durationNs: steps.amounts('durationNs'),
        cpuNs: steps.amounts('cpuNs'),
        delayNs: steps.amounts('delayNs'),
        readyCount: steps.counts('readyCount'),
        task: steps.indexes('task', newLane),
        frame: steps.indexes('frame'),
      },
      delays: {
        length: delays.length,
        lane: delays.indexes('lane', newLane),
        startNs: delays.times('startNs', startNs),
        delayNs: delays.amounts('delayNs'),
        task: delays.indexes('task', newLane),
        frame: delays.indexes('frame'),
      },
      rounds: {
        length: rounds.length,
        lane: rounds.indexes('lane', newLane),
        startNs: rounds.times('startNs', startNs),
        durationNs: rounds.amounts('durationNs'),
        stepCount: rounds.counts('stepCount'),
        cpuNs: rounds.amounts('cpuNs'),
        delayedCount: rounds.counts('delayedCount'),
        readyCount: rounds.counts('readyCount'),
      },
      seconds: this.secondTable(startNs, newLane),
    };
  }

  private secondTable(startNs: number, newLane: Int32Array): LoopTables['seconds'] {
    const { seconds } = this;
    return {
      length: seconds.length,
      lane: seconds.indexes('lane', newLane),
      startNs: seconds.times('startNs', startNs),
      durationNs: seconds.amounts('durationNs'),
      roundCount: seconds.counts('roundCount'),
      stepCount: seconds.counts('stepCount'),
      busyNs: seconds.amounts('busyNs'),
      pollNs: seconds.amounts('pollNs'),
      cpuNs: seconds.amounts('cpuNs'),
      longestNs: seconds.amounts('longestNs'),
      longestDelayNs: seconds.amounts('longestDelayNs'),
      readyCount: seconds.counts('readyCount'),
    };
  }
}
