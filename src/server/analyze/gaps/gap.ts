import type { GapClass, GapConfidence, GapRole } from '../../../shared/gaps';
import type { WaitKind } from '../../../shared/profile';
import type { HandoffFacts } from './handoffGaps';

/** One gap of one lane. Times are nanoseconds from the run's start, frames are indexes into the profile's. */
export interface Gap {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly gapClass: GapClass;
  /** An event loop did not poll meanwhile, because of `gapClass`. */
  readonly isLoopBlocked: boolean;
  readonly role: GapRole;
  readonly confidence: GapConfidence;
  /** The line of own code that waited or blocked, -1 unknown. */
  readonly victimFrame: number;
  /** Who had what this gap waited for. */
  readonly holder: Holder | undefined;
  /** NaN unknown. */
  readonly cpuNs: number;
  readonly sampleCount: number;
  /** The task whose step it was, -1 when there is none. */
  readonly task: number;
  /** Other tasks of the loop that were there and could not run. */
  readonly delayedTasks: number;
  /** Generation of the garbage collection, -1 when it is none. */
  readonly generation: number;
  /** Where the loop measured itself: how long the longest of the delayed waited for this gap, at least. */
  readonly longestDelayNs?: number;
  /** Of a measured round: how many steps it had. */
  readonly stepCount?: number;
  /** What was measured of the executor's job that it waited for. */
  readonly handoff?: HandoffFacts;
  /** The object that it waited for, where that was read from inside the program. */
  readonly awaited?: AwaitedObject;
}

/** A lock or a signal. `name` is how the program calls the lock, or what kind of thing the signal is; it may be empty. */
export interface AwaitedObject {
  readonly kind: WaitKind;
  readonly name: string;
}

/** A lane and the line that it executed for most of a gap. */
export interface Holder {
  readonly lane: number;
  readonly frame: number;
  /** Share of the gap in which it was seen there, 0–1. */
  readonly share: number;
  /** It was read from inside the program; otherwise stacks, sources and CPU times suggest it. */
  readonly isKnown?: boolean;
  /** Where it entered the lock, or ended the wait; -1 or left out: unknown. */
  readonly actFrame?: number;
}
