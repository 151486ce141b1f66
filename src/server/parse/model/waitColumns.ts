import type { UsageTable, WaitTable } from '../../../shared/profile';
import { Rows } from './rows';

/** What waits were for, and what the kernel counted, while it is read: times are absolute, lanes in the order of reading. */
export class WaitColumns {
  readonly waits = new Rows([
    'lane',
    'kind',
    'startNs',
    'durationNs',
    'object',
    'name',
    'holderLane',
    'frame',
  ]);
  readonly usages = new Rows([
    'lane',
    'startNs',
    'durationNs',
    'kernelNs',
    'minorFaults',
    'majorFaults',
    'throttledNs',
  ]);

  /** The table of waits, undefined when none was known. */
  finishWaits(startNs: number, newLane: Int32Array): WaitTable | undefined {
    const { waits } = this;
    if (waits.length === 0) return undefined;
    return {
      length: waits.length,
      lane: waits.indexes('lane', newLane),
      kind: Uint8Array.from(waits.counts('kind')),
      startNs: waits.times('startNs', startNs),
      durationNs: waits.amounts('durationNs'),
      object: waits.amounts('object'),
      name: waits.indexes('name'),
      holderLane: waits.indexes('holderLane', newLane),
      frame: waits.indexes('frame'),
    };
  }

  /** The table of what the kernel counted, undefined when that was never much. */
  finishUsages(startNs: number, newLane: Int32Array): UsageTable | undefined {
    const { usages } = this;
    if (usages.length === 0) return undefined;
    return {
      length: usages.length,
      lane: usages.indexes('lane', newLane),
      startNs: usages.times('startNs', startNs),
      durationNs: usages.amounts('durationNs'),
      kernelNs: usages.amounts('kernelNs'),
      minorFaults: usages.amounts('minorFaults'),
      majorFaults: usages.amounts('majorFaults'),
      throttledNs: usages.amounts('throttledNs'),
    };
  }
}
