import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Linux grants this process where it wants to look into others. */
export interface PtraceRights {
  /** Yama's `kernel.yama.ptrace_scope`; undefined where there is no Yama. */
  readonly ptraceScope: number | undefined;
  /** CAP_SYS_PTRACE is in force for this process. */
  readonly hasPtraceRight: boolean;
  /** CAP_SYS_PTRACE can be had here at all; false in a container that was started without it. */
  readonly canHavePtraceRight: boolean;
}

/** Bit of CAP_SYS_PTRACE in the masks of `/proc/self/status` (`linux/capability.h`). */
const ptraceBit = 19n;

/**
 * Reads them from the kernel's files below `proc`. Where these say nothing, as on other systems, no right is assumed
 * and none is ruled out: only an attempt tells.
 */
export async function readPtraceRights(proc = '/proc'): Promise<PtraceRights> {
  const [yama, status] = await Promise.all([
    textOf(join(proc, 'sys/kernel/yama/ptrace_scope')),
    textOf(join(proc, 'self/status')),
  ]);
  const scope = Number.parseInt(yama, 10);
  return {
    ptraceScope: Number.isNaN(scope) ? undefined : scope,
    hasPtraceRight: isInMask(status, 'CapEff') ?? false,
    canHavePtraceRight: isInMask(status, 'CapBnd') ?? true,
  };
}

function isInMask(status: string, name: 'CapEff' | 'CapBnd'): boolean | undefined {
  const mask = new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1];
  return mask === undefined ? undefined : ((BigInt(`0x${mask}`) >> ptraceBit) & 1n) === 1n;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
