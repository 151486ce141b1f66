import {
  type KernelWaitTable,
  resourceKinds,
  transferDirections,
  type WaitResource,
  waitReasonIndex,
  waitReasons,
} from '../../../shared/profile';
import { Rows } from './rows';

const amounts = ['askedBytes', 'queuedBytes', 'unsentBytes', 'readableBytes'] as const;

/** What the kernel said of waiting threads, while it is read: times are absolute, lanes in the order of reading. */
export class KernelWaitColumns {
  readonly rows = new Rows(['lane', 'atNs', 'node', 'reason', 'direction', 'resource', ...amounts]);
  private readonly resources: WaitResource[] = [];

  /** Adds a resource and returns its index; `kind` is one of `resourceKinds`, as far as those are known here. */
  resource(kind: number, name: string, capacityBytes: number): number {
    return this.resources.push({ kind: resourceKinds[kind] ?? 'other', name, capacityBytes }) - 1;
  }

  /** The table, undefined when the kernel said nothing. */
  finish(startNs: number, newLane: Int32Array, newNode: Int32Array): KernelWaitTable | undefined {
    const { rows } = this;
    if (rows.length === 0) return undefined;
    const columns = Object.fromEntries(amounts.map(name => [name, rows.unknowns(name)]));
    return {
      ...(columns as Record<(typeof amounts)[number], Float64Array>),
      length: rows.length,
      resources: this.resources,
      lane: rows.indexes('lane', newLane),
      atNs: rows.times('atNs', startNs),
      node: rows.indexes('node', newNode),
      reason: Uint8Array.from(rows.counts('reason'), knownReason),
      direction: Uint8Array.from(rows.counts('direction'), value =>
        value < transferDirections.length ? value : 0,
      ),
      resource: rows.indexes('resource'),
    };
  }
}

/** A reason that a newer writer knows is one that this reader does not. */
function knownReason(reason: number): number {
  return reason < waitReasons.length ? reason : waitReasonIndex('unknown');
}
