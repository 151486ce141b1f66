/** A process of this machine, as far as this user may know it. */
export interface RunningProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Words of the command line. */
  readonly command: readonly string[];
  /** Path of the program as this process sees it; '' when that is not told. */
  readonly executable: string;
  /** Set when the process runs Python, be it inside another program. */
  readonly python: PythonInside | undefined;
  /** When it was started, as milliseconds of the epoch. */
  readonly startedAtMs: number;
  /** Processor time since it was started. */
  readonly cpuSeconds: number;
  /** Processor time per time in the last moment, 1 being one processor; undefined when not measured. */
  readonly cpuShare: number | undefined;
  /** Name of the user whom it belongs to; '' when that is not told. */
  readonly user: string;
  /** It belongs to the user who asks. */
  readonly isOwn: boolean;
  /** Its working directory as it sees it itself; '' when that is not told. */
  readonly cwd: string;
  /** Where its `/` is: another folder than `/` in a change root. */
  readonly root: string;
}

/** The Python in a process. */
export interface PythonInside {
  readonly implementation: 'cpython' | 'pypy';
  /** `3.12.1`, `3.12` when the last part is not told, '' when nothing is. */
  readonly version: string;
  readonly isFreeThreaded: boolean;
}

/** The minor version of Python 3; undefined when it is not told, or another major one. */
export function minorVersion({ version }: Pick<PythonInside, 'version'>): number | undefined {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 ? minor : undefined;
}

/** What to choose from, best first: Python before the rest, own processes before others', newest first. */
export function inOrderOfInterest(processes: readonly RunningProcess[]): RunningProcess[] {
  const isLater = (a: boolean, b: boolean) => Number(b) - Number(a);
  return [...processes].sort(
    (a, b) =>
      isLater(a.python !== undefined, b.python !== undefined) ||
      isLater(a.isOwn, b.isOwn) ||
      b.startedAtMs - a.startedAtMs ||
      b.pid - a.pid,
  );
}

/** Python's own options that have a value in the next word (`python --help`), alone or last of several letters. */
const pythonOptions = /^(-[a-zA-Z]*[XW]|--check-hash-based-pycs)$/;
/** Those of debugpy's command line, which runs the user's program. */
const debugpyOptions = /^--(listen|connect|log-to|adapter-access-token|parent-session-pid|configure-.+)$/;

/** What to call the process in a sentence: its script or module, else its program. One under debugpy is the program. */
export function shortName({ command, executable, python }: RunningProcess): string {
  const program = baseName(command[0] || executable);
  if (python === undefined) return program;
  const words = startedProgram(command.slice(1), pythonOptions);
  const isDebugger = baseName(words[0] ?? '') === 'debugpy';
  const [word] = isDebugger ? startedProgram(words.slice(1), debugpyOptions) : words;
  return word === undefined ? program : baseName(word);
}

/** The script or module and what follows it; empty where there is none, as with `-c`. */
function startedProgram(words: readonly string[], optionsWithValue: RegExp): readonly string[] {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (/^-[a-zA-Z]*m$/.test(word)) return words.slice(at + 1);
    if (/^-[a-zA-Z]*c$/.test(word)) return [];
    if (optionsWithValue.test(word)) at++;
    else if (!word.startsWith('-')) return words.slice(at);
  }
  return [];
}

function baseName(path: string): string {
  return path.slice(path.search(/[^/\\]*$/)) || path;
}
