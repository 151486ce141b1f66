/** The processes of macOS, as `ps` prints them. */
import { pythonOfExecutable } from './pythonNames';
import type { RunningProcess } from './runningProcess';

/** Arguments for `ps`: every process, wide, columns without headings, the command last because it holds spaces. */
export const psArguments = ['-axww', '-o', 'pid=,ppid=,uid=,user=,etime=,time=,%cpu=,command='];

const row = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+([\d.,]+)\s+(.*)$/;

/** Reads what `ps` printed. `ps` separates words by spaces, so a path with spaces comes apart. */
export function parsePs(
  text: string,
  asker: { readonly uid: number; readonly nowMs: number },
): RunningProcess[] {
  return text.split('\n').flatMap(line => {
    const [, pid, parentPid, uid, user = '', age = '', cpu = '', percent = '', words = ''] =
      row.exec(line) ?? [];
    if (pid === undefined) return [];
    const executable = programIn(words);
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        command: words.split(/\s+/),
        executable,
        python: pythonOfExecutable(executable),
        startedAtMs: asker.nowMs - secondsOf(age) * 1000,
        cpuSeconds: secondsOf(cpu),
        cpuShare: Number(percent.replace(',', '.')) / 100,
        user,
        isOwn: Number(uid) === asker.uid,
        cwd: '',
        root: '/',
      },
    ];
  });
}

/** A path up to a known program's name, which may stand behind spaces; else the first word. */
function programIn(words: string): string {
  return /^\/.*?\/(?:Python|(?:python|pypy)[\d.]*t?)(?=\s|$)/.exec(words)?.[0] ?? words.split(/\s+/)[0] ?? '';
}

/** `[[days-]hours:]minutes:seconds`, with hundredths at times. */
function secondsOf(text: string): number {
  const [clock = '', days = '0'] = text.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part.replace(',', '.')), 0);
  return Number(days) * 86_400 + seconds;
}
