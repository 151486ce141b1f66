import type { ResourceKind, TransferDirection } from '../../../shared/profile';

/** What the system did with the calls of one line that move data to or from one kind of thing. */
export interface HotCall {
  /** The line of own code, as a frame of the profile. */
  readonly frame: number;
  readonly direction: TransferDirection;
  readonly kind: ResourceKind;
  /** Peers or paths, those first at which it was seen most often. Not all have a name. */
  readonly names: readonly string[];
  /** Bytes that fit into the thing; NaN unknown. */
  readonly capacityBytes: number;
  /** Time of all threads in these calls. */
  readonly totalNs: number;
  /** The part of it in which the kernel made threads wait for this thing. */
  readonly waitedNs: number;
  /** The part of it on the CPU. */
  readonly cpuNs: number;
  /** How often the kernel was asked about a thread that waited here. */
  readonly lookCount: number;
  /** Looks at which there was no room: bytes in a send queue, or a pipe filled up. */
  readonly fullCount: number;
  /** Looks at which nothing had come. */
  readonly emptyCount: number;
  /** What a call was asked to move, as a rule; NaN unknown. */
  readonly askedBytes: number;
  /** What lay in the queue; undefined where that is not known. */
  readonly queue: QueueLengths | undefined;
}

/** The length of a queue, look by look. */
export interface QueueLengths {
  readonly atNs: readonly number[];
  readonly bytes: readonly number[];
  readonly medianBytes: number;
  readonly maxBytes: number;
  /** What of it the peer or the network had not taken yet, as a rule; NaN unknown. */
  readonly unsentBytes: number;
}

/** The value in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
