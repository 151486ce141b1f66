/**
 * Reads a command as people write it: `python -X dev app.py`, `uv run app.py`, `poetry run python -m shop`. What starts
 * Python there is told apart from the program, which is measured.
 */

/** The program's own words (`SCRIPT|-m MODULE|-c CODE [ARGS…]`), and the Python that the words before it name. */
export interface WrittenProgram {
  /** undefined: none is named. */
  readonly python: string | undefined;
  /** Words of the interpreter's command behind its program: `run python` of `uv`, `-X dev`. */
  readonly pythonArgs: readonly string[];
  readonly words: readonly string[];
  /** The command of a package that `words` run as a module of the same name, which need not be its module. */
  readonly command?: string;
}

const pythonName = /^(?:python|pypy)[\d.]*t?(?:\.exe)?$/i;
const scriptName = /\.pyw?$/i;

/** Options of the interpreter that take the next word, where it is not joined to them. */
const pythonValues: readonly string[] = ['-X', '-W', '--check-hash-based-pycs'];

const condaValues = ['-n', '--name', '-p', '--prefix', '--cwd'];

/** Tools that run a command in a project's environment, with those of their options that take the next word. */
const runners: Readonly<Record<string, readonly string[]>> = {
  uv: [
    '--with',
    '--with-editable',
    '--with-requirements',
    '--env-file',
    '--extra',
    '--no-extra',
    '--group',
    '--no-group',
    '--only-group',
    '--package',
    '--project',
    '--directory',
    '--python',
    '-p',
    '--index',
    '--default-index',
    '--config-file',
    '--cache-dir',
    '-w',
  ],
  poetry: ['-C', '--directory', '-P', '--project'],
  pdm: ['-p', '--project', '--venv', '-c', '--config'],
  pipenv: ['--python', '--pypi-mirror'],
  hatch: ['-e', '--env', '-p', '--project', '--data-dir', '--cache-dir', '--config'],
  rye: [],
  pixi: ['-e', '--environment', '--manifest-path', '--platform'],
  conda: condaValues,
  mamba: condaValues,
  micromamba: [...condaValues, '-r', '--root-prefix', '-e', '--env'],
};

/** Words without a Python in front of the program are the program's own. */
export function readWrittenProgram(words: readonly string[]): WrittenProgram {
  const [first = ''] = words;
  const name = baseName(first).replace(/\.exe$/i, '');
  if (pythonName.test(name)) return withPython(first, [], words.slice(1));
  const values = Object.hasOwn(runners, name) ? (runners[name] ?? []) : undefined;
  const runAt = values === undefined ? -1 : 1 + countOptions(words.slice(1), values);
  if (values === undefined || words[runAt] !== 'run') return { python: undefined, pythonArgs: [], words };
  const commandAt = runAt + 1 + countOptions(words.slice(runAt + 1), values);
  const [command = '', ...rest] = words.slice(commandAt);
  // Ours is no script to uv: `python` stands before it.
  const run = words.slice(1, commandAt).filter(word => word !== '--script' && word !== '-s');
  if (pythonName.test(baseName(command))) return withPython(first, [...run, command], rest);
  const inEnvironment = { python: first, pythonArgs: [...run, 'python'] };
  if (command === '' || isFile(command)) return { ...inEnvironment, words: words.slice(commandAt) };
  const isModule = command === '-m' || command === '--module';
  if (isModule) return { ...inEnvironment, words: ['-m', ...rest] };
  return { ...inEnvironment, words: ['-m', command, ...rest], command };
}

function withPython(python: string, before: readonly string[], rest: readonly string[]): WrittenProgram {
  const count = countOptions(rest, pythonValues);
  return { python, pythonArgs: [...before, ...rest.slice(0, count)], words: rest.slice(count) };
}

/** How many words at the beginning are options and their values; `-m`, `-c` and `--` belong to the program. */
function countOptions(words: readonly string[], values: readonly string[]): number {
  let count = 0;
  for (let word = words[0]; word !== undefined; word = words[count]) {
    if (!word.startsWith('-') || ['-', '-m', '-c', '--module'].includes(word)) break;
    count += values.includes(word) ? 2 : 1;
  }
  return Math.min(count, words.length);
}

function isFile(command: string): boolean {
  return scriptName.test(command) || /[\\/]/.test(command);
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
