import type { LoopTables } from '../../../shared/profile';
import { Rows } from './rows';

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

  readonly missedWakes = new Rows(['lane', 'startNs', 'durationNs', 'holderLane', 'frame']);

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
      missedWakes: this.missedWakeTable(startNs, newLane),
    };
  }

  private missedWakeTable(startNs: number, newLane: Int32Array): LoopTables['missedWakes'] {
    const { missedWakes } = this;
    return {
      length: missedWakes.length,
      lane: missedWakes.indexes('lane', newLane),
      startNs: missedWakes.times('startNs', startNs),
      durationNs: missedWakes.amounts('durationNs'),
      holderLane: missedWakes.indexes('holderLane', newLane),
      frame: missedWakes.indexes('frame'),
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
