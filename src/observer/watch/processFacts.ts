import { readFileSync, readlinkSync } from 'node:fs';

/** Text of a file below `/proc/PID`; undefined when it is gone or hidden. */
function procText(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** What the kernel says of a process at a moment. */
export interface ProcessState {
  readonly parentPid: number;
  /** In clock ticks since boot: with the number it names a process once and for all. */
  readonly startTicks: number;
  /** It has ended, only its parent has not asked yet. */
  readonly isZombie: boolean;
}

/** Undefined when there is no such process. */
export function processState(pid: number): ProcessState | undefined {
  // The name may hold spaces and parentheses: the fields follow the last one (proc_pid_stat(5), fields 3, 4 and 22).
  const fields = procText(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  if (fields === undefined) return undefined;
  const [state = '', parent = '0'] = fields;
  return {
    parentPid: Number(parent),
    startTicks: Number(fields[19] ?? 0),
    isZombie: state === 'Z' || state === 'X',
  };
}

/** The words of the command line. */
export function commandWords(pid: number): string[] {
  return (procText(pid, 'cmdline') ?? '').split('\0').slice(0, -1);
}

/** The current folder, as the process sees it; empty when it may not be read. */
export function currentFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** The processes that a thread of a process started and that live. */
export function childrenOf(pid: number, tid: number): number[] {
  return (procText(pid, `task/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
}

const trackers = [
  'multiprocessing.resource_tracker',
  'multiprocessing.semaphore_tracker',
  'loky.backend.resource_tracker',
];
const forkServer = 'multiprocessing.forkserver';

/**
 * Whether it is a helper of multiprocessing that runs nothing of the program, by its command line and its parent's.
 * Children of the fork server do, and have its command line.
 */
export function isHelper(words: readonly string[], parentWords: readonly string[]): boolean {
  const code = codeOf(words);
  if (trackers.some(name => code.includes(name))) return true;
  return code.includes(forkServer) && !codeOf(parentWords).includes(forkServer);
}

function codeOf(words: readonly string[]): string {
  return words.includes('-c') ? (words[words.indexOf('-c') + 1] ?? '') : '';
}
