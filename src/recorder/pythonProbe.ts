import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { PyrolensError } from '../shared/failures';

const run = promisify(execFile);
const timeoutMs = 15_000;
const oldestVersion = [3, 9] as const;

/** What a Python interpreter says of itself. */
export interface PythonFacts {
  /** Interpreter and its own arguments, ready to be followed by a script. */
  readonly command: readonly string[];
  /** `3.12.1`. */
  readonly version: string;
  /** `cpython`, `pypy` … */
  readonly implementation: string;
  readonly executable: string;
  /** The interpreter that a virtual environment was made from; the executable itself otherwise. */
  readonly baseExecutable: string;
  readonly isFreeThreaded: boolean;
}

const question = `import json, sys, sysconfig
print(json.dumps({
  "version": "%d.%d.%d" % tuple(sys.version_info[:3]),
  "implementation": sys.implementation.name,
  "executable": sys.executable,
  "baseExecutable": getattr(sys, "_base_executable", None) or sys.executable,
  "isFreeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))`;

const known = new Map<string, Promise<PythonFacts>>();

/**
 * Runs the interpreter once, isolated, and returns what it says. Answers are kept by path and modification time.
 * `cwd` matters to wrappers that look for a project (`uv run python`). Fails with `pythonBroken` (cannot be run) or `pythonTooOld` (below 3.9).
 */
export async function probePython(command: readonly string[], cwd?: string): Promise<PythonFacts> {
  const key = await cacheKey(command, cwd);
  const answer = known.get(key) ?? ask(command, cwd);
  known.set(key, answer);
  try {
    return requireVersion(await answer);
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

/** A replaced interpreter or a re-made virtual environment is asked anew. */
async function cacheKey(command: readonly string[], cwd: string | undefined): Promise<string> {
  const path = command[0] ?? '';
  const modified = await stat(path).then(
    facts => facts.mtimeMs,
    () => 0,
  );
  const target = await realpath(path).catch(() => path);
  return JSON.stringify([command, cwd, target, modified]);
}

async function ask(command: readonly string[], cwd: string | undefined): Promise<PythonFacts> {
  const [program = '', ...args] = command;
  let output: string;
  try {
    const options = { cwd, timeout: timeoutMs, windowsHide: true, encoding: 'utf8' } as const;
    output = (await run(program, [...args, '-I', '-c', question], options)).stdout;
  } catch (error) {
    throw brokenPython(program, error);
  }
  return { command, ...readAnswer(program, output) };
}

function brokenPython(path: string, error: unknown): PyrolensError {
  const failure = error as { killed?: boolean; stderr?: string; message?: string };
  const said = failure.stderr?.trim().split('\n').at(-1);
  const reason = failure.killed ? `no answer within ${timeoutMs / 1000} s` : said || failure.message || '';
  // Python 2 and 3.3 do not know -I: the version is the better cause to name.
  if (/unknown option:? -I/i.test(failure.stderr ?? ''))
    return new PyrolensError('pythonTooOld', { path, version: '2' });
  return new PyrolensError('pythonBroken', { path, reason });
}

function readAnswer(path: string, output: string): Omit<PythonFacts, 'command'> {
  try {
    const line = output.trim().split('\n').at(-1) ?? '';
    const facts = JSON.parse(line) as Omit<PythonFacts, 'command'>;
    if (typeof facts.version === 'string' && typeof facts.executable === 'string') return facts;
  } catch {
    // Falls through: whatever it printed was not the answer.
  }
  throw new PyrolensError('pythonBroken', { path, reason: `it answered «${output.trim().slice(0, 80)}»` });
}

/**
 * The first candidate that runs and is new enough. Fails with `noPython` when there are none, else with the first
 * candidate's own failure.
 */
export async function firstUsablePython(
  candidates: Iterable<readonly string[]>,
  cwd?: string,
): Promise<PythonFacts> {
  let firstFailure: unknown;
  for (const command of candidates) {
    try {
      return await probePython(command, cwd);
    } catch (error) {
      firstFailure ??= error;
    }
  }
  throw firstFailure ?? new PyrolensError('noPython');
}

function requireVersion(facts: PythonFacts): PythonFacts {
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  const isNewEnough = major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1]);
  if (isNewEnough) return facts;
  throw new PyrolensError('pythonTooOld', { path: facts.executable, version: facts.version });
}
