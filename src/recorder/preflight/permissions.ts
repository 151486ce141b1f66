import type { PreflightTextKey } from '../../shared/preflight';
import type { PtraceRights } from './ptraceRights';

/** What decides whether one process may look into another. */
export interface MachineFacts extends PtraceRights {
  readonly platform: string;
  readonly isRoot: boolean;
  /** Whether a process could look into its own child when it tried. */
  readonly childProbe: 'allowed' | 'refused' | 'unknown';
}

/** Whose program it is that a profiler is to look into. */
export type Watched = 'launched' | 'sameUser' | 'otherUser';

/**
 * What forbids to look into a program from outside; undefined: nothing does. Our launcher is the parent of what it
 * launches, and the gate in the program permits the launcher's other children too (`start_gate.py`), so that Yama's
 * scope 1 is no obstacle there. After the kernel's documentation of Yama and of ptrace's access checks.
 */
export function barrierTo(watched: Watched, facts: MachineFacts): PreflightTextKey | undefined {
  if (facts.platform === 'linux') return linuxBarrier(watched, facts);
  if (facts.isRoot) return undefined;
  if (facts.platform === 'darwin') return 'macRoot';
  return watched === 'otherUser' ? 'otherUser' : undefined;
}

function linuxBarrier(watched: Watched, facts: MachineFacts): PreflightTextKey | undefined {
  if (facts.ptraceScope === 3) return 'yamaOff';
  if (facts.childProbe === 'refused' && (facts.hasPtraceRight || (facts.ptraceScope ?? 0) < 2)) {
    return facts.canHavePtraceRight ? 'ptraceRefused' : 'containerPtrace';
  }
  if (facts.hasPtraceRight) return undefined;
  const missing = missingRight(watched, facts.ptraceScope ?? 0);
  return missing === undefined || facts.canHavePtraceRight ? missing : 'containerPtrace';
}

/** What CAP_SYS_PTRACE would be needed for. */
function missingRight(watched: Watched, scope: number): PreflightTextKey | undefined {
  if (scope === 2) return 'yamaAdmin';
  if (watched === 'otherUser') return 'otherUser';
  return scope === 1 && watched === 'sameUser' ? 'yamaStrangers' : undefined;
}
