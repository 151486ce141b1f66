import { open, readFile } from 'node:fs/promises';
import type { DenialCause } from '../../shared/attachDenials';
import { type PtraceRights, readPtraceRights } from '../preflight/ptraceRights';
import { parseStatus } from '../processList/procTexts';

/** What decides whether a process may be looked at. */
export interface PermissionFacts extends PtraceRights {
  readonly platform: NodeJS.Platform;
  /** Linux: the kernel's own answer for this process; elsewhere true. */
  readonly isReadable: boolean;
  readonly uid: number;
  readonly targetUid: number;
}

/** Why the process may not be looked at; undefined when it may. */
export function denialOf(facts: PermissionFacts): DenialCause | undefined {
  if (facts.platform === 'darwin') return facts.uid === 0 ? undefined : 'macRoot';
  if (facts.isReadable) return undefined;
  if (facts.ptraceScope === 3) return 'yamaNever';
  if (!facts.canHavePtraceRight && !facts.hasPtraceRight && isContainersFault(facts)) return 'container';
  if (facts.uid !== facts.targetUid && facts.uid !== 0) return 'otherUser';
  if (facts.ptraceScope === 2 && !facts.hasPtraceRight) return 'yamaRoot';
  if (facts.ptraceScope === 1 && !facts.hasPtraceRight) return 'yamaChildren';
  return 'protected';
}

/** Root without the right, or a limit that cannot be lifted from inside. */
function isContainersFault({ uid, targetUid, ptraceScope }: PermissionFacts): boolean {
  return uid === 0 || (uid === targetUid && (ptraceScope ?? 0) > 0);
}

/** Asks the system. On Windows a process of the user's own can always be looked at; others' show when it is tried. */
export async function permissionFacts(pid: number): Promise<PermissionFacts> {
  const isLinux = process.platform === 'linux';
  const uid = process.geteuid?.() ?? 0;
  const [rights, isReadable, status] = await Promise.all([
    readPtraceRights(),
    isLinux ? isMemoryReadable(pid) : true,
    isLinux ? readFile(`/proc/${pid}/status`, 'utf8').catch(() => '') : '',
  ]);
  const targetUid = parseStatus(status)?.uid ?? uid;
  return { platform: process.platform, uid, targetUid, isReadable, ...rights };
}

/** Opening a process's memory needs the right that tools need to look at it (ptrace(2), `PTRACE_MODE_ATTACH`). */
async function isMemoryReadable(pid: number): Promise<boolean> {
  const memory = await open(`/proc/${pid}/mem`, 'r').catch(() => undefined);
  await memory?.close();
  return memory !== undefined;
}
