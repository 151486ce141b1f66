import type { GapClass } from '../../../shared/gaps';

/** What one look at a thread says about its interval. Equal ones are the same object. */
export interface Reason {
  /** Undefined: the thread was off the CPU and its stack does not tell why. */
  readonly gapClass: GapClass | undefined;
  readonly isOffCpu: boolean;
  /** It waits for work, or by a timer of its own: nobody is delayed. */
  readonly isIdle: boolean;
  /** A call may be going on there, so that something unknown to us may block. */
  readonly mayBlock: boolean;
}

const known = new Map<string, Reason>();

/** The one reason with these facts: millions of looks share a few of them. */
export function reasonOf(reason: Reason): Reason {
  const key = `${reason.gapClass} ${reason.isOffCpu} ${reason.isIdle} ${reason.mayBlock}`;
  const made = known.get(key) ?? reason;
  known.set(key, made);
  return made;
}

/** A wait of this class. */
export function waitFor(
  gapClass: GapClass | undefined,
  facts: { isIdle?: boolean; mayBlock?: boolean } = {},
) {
  const { isIdle = false, mayBlock = true } = facts;
  return reasonOf({ gapClass, isOffCpu: true, isIdle, mayBlock });
}

/** Computing of this class. */
export function workOf(gapClass: GapClass): Reason {
  return reasonOf({ gapClass, isOffCpu: false, isIdle: false, mayBlock: false });
}
