import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isProcessAlive } from '../processAlive';
import { isLinuxProcessRunning, linuxCpuSeconds, linuxProcess, linuxProcesses } from './linuxProcesses';
import { parsePs, psArguments } from './psProcesses';
import { inOrderOfInterest, type RunningProcess } from './runningProcess';
import { parsePowerShell, powerShellScript } from './windowsProcesses';

export { minorVersion, type PythonInside, type RunningProcess, shortName } from './runningProcess';

const run = promisify(execFile);
const limits = { maxBuffer: 32 * 1024 * 1024, timeout: 20_000, windowsHide: true, encoding: 'utf8' } as const;
const shareOverMs = 250;

/**
 * The processes of this machine, the most interesting first; this process is left out. On Linux Python's own share of
 * the processor is watched for a quarter of a second. Fails when the system does not tell.
 */
export async function listProcesses(): Promise<RunningProcess[]> {
  const all = (await processes()).filter(({ pid }) => pid !== process.pid);
  return inOrderOfInterest(process.platform === 'linux' ? await withShares(all) : all);
}

/** One process; undefined when there is none of that number. */
export async function findProcess(pid: number): Promise<RunningProcess | undefined> {
  if (process.platform === 'linux') return linuxProcess(pid);
  return (await processes()).find(found => found.pid === pid);
}

/** True while the process runs: one that has ended and was not collected by its parent does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return isProcessAlive(pid) && (process.platform !== 'linux' || isLinuxProcessRunning(pid));
}

async function processes(): Promise<RunningProcess[]> {
  if (process.platform === 'linux') return linuxProcesses();
  if (process.platform === 'win32') {
    const args = ['-NoProfile', '-NonInteractive', '-Command', powerShellScript];
    return parsePowerShell((await run('powershell.exe', args, limits)).stdout);
  }
  const { stdout } = await run('ps', psArguments, { ...limits, env: { ...process.env, LC_ALL: 'C' } });
  return parsePs(stdout, { uid: process.geteuid?.() ?? -1, nowMs: Date.now() });
}

async function withShares(all: readonly RunningProcess[]): Promise<RunningProcess[]> {
  const startedAtMs = performance.now();
  const before = new Map(all.map(found => [found.pid, found.cpuSeconds]));
  await delay(shareOverMs);
  return Promise.all(
    all.map(async found => {
      if (found.python === undefined) return found;
      const cpuSeconds = await linuxCpuSeconds(found.pid);
      if (cpuSeconds === undefined) return found;
      const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
      const cpuShare = (cpuSeconds - (before.get(found.pid) ?? cpuSeconds)) / elapsedSeconds;
      return { ...found, cpuSeconds, cpuShare };
    }),
  );
}
