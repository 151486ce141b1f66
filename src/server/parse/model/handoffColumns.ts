import type { HandoffTable } from '../../../shared/profile';
import { Rows } from './rows';

const stages = [
  'queueNs',
  'requestPickleNs',
  'requestSendNs',
  'requestUnpickleNs',
  'runNs',
  'resultPickleNs',
  'resultSendNs',
  'resultUnpickleNs',
] as const;

/** Jobs that were handed to executors, while they are read: times are absolute, lanes in the order of reading. */
export class HandoffColumns {
  readonly rows = new Rows([
    'lane',
    'task',
    'frame',
    'workerLane',
    'workerPid',
    'startNs',
    ...stages,
    'requestBytes',
    'resultBytes',
  ]);

  /** The table, undefined when there was none. */
  finish(startNs: number, newLane: Int32Array): HandoffTable | undefined {
    const { rows } = this;
    if (rows.length === 0) return undefined;
    const amounts = [...stages, 'requestBytes', 'resultBytes'] as const;
    const columns = Object.fromEntries(amounts.map(name => [name, rows.amounts(name)]));
    return {
      ...(columns as Record<(typeof amounts)[number], Float64Array>),
      length: rows.length,
      lane: rows.indexes('lane', newLane),
      task: rows.indexes('task', newLane),
      frame: rows.indexes('frame'),
      workerLane: rows.indexes('workerLane', newLane),
      workerPid: rows.counts('workerPid'),
      startNs: rows.times('startNs', startNs),
    };
  }
}
