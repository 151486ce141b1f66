import { existsSync } from 'node:fs';

/** Whose structures and numbers of system calls the observer knows. */
const architectures: readonly string[] = ['x64', 'arm64'];
/** Processes' memory, and how long their threads ran: kernels without CONFIG_SCHED_INFO do not tell, nor does gVisor. */
const needed = ['/proc/self/mem', '/proc/self/schedstat'];

/** Whether this machine tells the observer what it needs, as far as that shows without a process to look at. */
export function isObservable(architecture: string = process.arch): boolean {
  return (
    process.platform === 'linux' &&
    architectures.includes(architecture) &&
    needed.every(path => existsSync(path))
  );
}
