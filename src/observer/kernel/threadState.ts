import { type ProcFile, procText } from './procFile';

const closing = 0x29;
const [letterT, letterTracing] = [0x54, 0x74];

/** Whether a thread is stopped by a signal or a debugger, from `/proc/PID/task/TID/stat` (field 3 of proc_pid_stat(5)). */
export function isStopped(file: ProcFile | undefined): boolean {
  if (!file?.read()) return false;
  // The name may hold spaces and parentheses: the fields follow the last one.
  const state = procText.bytes[procText.bytes.lastIndexOf(closing, procText.length - 1) + 2];
  return state === letterT || state === letterTracing;
}
