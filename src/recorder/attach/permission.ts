import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { DenialCause } from '../../shared/attachDenials';
import { parseStatus } from '../processList/procTexts';

/** What decides whether a process may be looked at. */
export interface PermissionFacts {
  readonly platform: NodeJS.Platform;
  /** Linux: the kernel's own answer for this process; elsewhere true. */
  readonly isReadable: boolean;
  readonly uid: number;
  readonly targetUid: number;
  /** Linux: may look at any process, whoever owns it. */
  readonly hasPtraceCapability: boolean;
  /** `kernel.yama.ptrace_scope`; undefined without Yama. */
  readonly yamaScope: number | undefined;
  readonly isInContainer: boolean;
}

/** Why the process may not be looked at; undefined when it may. */
export function denialOf(facts: PermissionFacts): DenialCause | undefined {
  if (facts.platform === 'darwin') return facts.uid === 0 ? undefined : 'macRoot';
  if (facts.isReadable) return undefined;
  if (facts.yamaScope === 3) return 'yamaNever';
  if (facts.isInContainer && !facts.hasPtraceCapability && isContainersFault(facts)) return 'container';
  if (facts.uid !== facts.targetUid && facts.uid !== 0) return 'otherUser';
  if (facts.yamaScope === 2 && !facts.hasPtraceCapability) return 'yamaRoot';
  if (facts.yamaScope === 1 && !facts.hasPtraceCapability) return 'yamaChildren';
  return 'protected';
}

/** Root without the right, or a limit that cannot be lifted from inside. */
function isContainersFault({ uid, targetUid, yamaScope }: PermissionFacts): boolean {
  return uid === 0 || (uid === targetUid && (yamaScope ?? 0) > 0);
}

/** Asks the system. On Windows a process of the user's own can always be looked at; others' show when it is tried. */
export async function permissionFacts(pid: number): Promise<PermissionFacts> {
  const uid = process.geteuid?.() ?? 0;
  const everywhere = { platform: process.platform, uid, targetUid: uid, isReadable: true } as const;
  const none = { hasPtraceCapability: false, yamaScope: undefined, isInContainer: false } as const;
  if (process.platform !== 'linux') return { ...everywhere, ...none };
  const [own, target, scope] = await Promise.all([
    textOf('/proc/self/status'),
    textOf(`/proc/${pid}/status`),
    textOf('/proc/sys/kernel/yama/ptrace_scope'),
  ]);
  return {
    ...everywhere,
    isReadable: await isMemoryReadable(pid),
    targetUid: parseStatus(target)?.uid ?? uid,
    hasPtraceCapability: parseStatus(own)?.hasPtraceCapability ?? false,
    yamaScope: scope === '' ? undefined : Number(scope),
    isInContainer: await isInContainer(),
  };
}

/** Opening a process's memory needs the right that tools need to look at it (ptrace(2), `PTRACE_MODE_ATTACH`). */
async function isMemoryReadable(pid: number): Promise<boolean> {
  const memory = await open(`/proc/${pid}/mem`, 'r').catch(() => undefined);
  await memory?.close();
  return memory !== undefined;
}

/** Docker and Podman leave a file; others say it to their first process, or show in its control group. */
async function isInContainer(): Promise<boolean> {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true;
  if (process.env['container']) return true;
  return /docker|kubepods|containerd|\/lxc\//.test(await textOf('/proc/1/cgroup'));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
