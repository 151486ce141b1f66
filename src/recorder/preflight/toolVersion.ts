import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EngineName, engineFacts, minToolVersionFor } from '../../shared/engines';
import type { Said } from '../../shared/preflight';
import { type Environment, withPythonPath } from '../engines/engine';
import { type BriefRun, runBriefly } from './briefRun';
import { engineTool } from './engineTools';
import type { ReadyTool, ToolPlace, ToolSearch, UnusableTool } from './toolFinding';

const defaultTimeoutMs = 5_000;
/** Importing memray brings in a whole user interface. */
const libraryTimeoutMs = 20_000;
const shownChars = 80;

/** Says whether a module can be imported, without the working folder, and its version. */
const question = `import importlib, importlib.util, sys
sys.path[:] = [entry for entry in sys.path if entry]
name = sys.argv[1]
for depth in range(name.count(".") + 1):
    if importlib.util.find_spec(".".join(name.split(".")[: depth + 1])) is None:
        print("pyrolens missing")
        sys.exit()
module = importlib.import_module(name)
print("pyrolens", getattr(module, "__version__", "?"), module.__file__)
`;

/** Asks a program for its version. What it answers decides whether it can be used. */
export async function askProgram(
  engine: EngineName,
  search: ToolSearch,
  found: { readonly path: string; readonly place: ToolPlace },
): Promise<ReadyTool | UnusableTool> {
  const { path, place } = found;
  const timeoutMs = search.timeoutMs ?? defaultTimeoutMs;
  const run = await runBriefly([path, '--version'], { timeoutMs, env: search.environment });
  const said = `${run.stdout}\n${run.stderr}`.trim();
  // Both programs answer with their name and their version: «py-spy 0.4.3».
  const version = new RegExp(`^${engine}\\s+v?(\\d+\\.\\d+[\\w.]*)`, 'im').exec(said)?.[1];
  const failure = failureOf(run, { engine, path, timeoutMs });
  if (failure) return { state: 'unusable', place, problem: failure };
  if (version === undefined) return { state: 'unusable', place, problem: garbage(engine, path, said) };
  const problem = tooOld(engine, search, { path, version });
  if (problem) return { state: 'unusable', place, problem };
  return { state: 'ready', place, command: [path], pythonPath: undefined, version };
}

/** Asks the interpreter whether it can import the library, from `folder` or from its own environment. */
export async function askLibrary(
  engine: EngineName,
  search: ToolSearch,
  folder: string | undefined,
): Promise<ReadyTool | UnusableTool | undefined> {
  if (folder !== undefined && !existsSync(folder)) return undefined;
  const place: ToolPlace = folder === undefined ? 'environment' : 'toolsFolder';
  const env = folder === undefined ? search.environment : withPythonPath(search.environment, folder);
  const answer = await importModule(engine, search, env);
  if (answer === undefined) return undefined;
  if ('text' in answer) return { state: 'unusable', place, problem: answer };
  const problem = tooOld(engine, search, answer);
  if (problem) return { state: 'unusable', place, problem };
  return { state: 'ready', place, command: answer.command, pythonPath: folder, version: answer.version };
}

/** Asks the interpreter whether it has the engine as a part of its own. */
export async function askModule(
  engine: EngineName,
  search: ToolSearch,
): Promise<ReadyTool | UnusableTool | undefined> {
  const place: ToolPlace = 'interpreter';
  const answer = await importModule(engine, search, search.environment);
  if (answer === undefined) return undefined;
  if ('text' in answer) return { state: 'unusable', place, problem: answer };
  return {
    state: 'ready',
    place,
    command: answer.command,
    pythonPath: undefined,
    version: search.python.version,
  };
}

interface Imported {
  readonly command: readonly string[];
  readonly version: string;
  readonly path: string;
}

/** undefined: the module is not there. A sentence: it is there and does not work. */
async function importModule(
  engine: EngineName,
  search: ToolSearch,
  env: Environment,
): Promise<Imported | Said | undefined> {
  const tool = engineTool(engine);
  if (tool.kind !== 'library' && tool.kind !== 'module') return undefined;
  const { command, executable } = search.python;
  const timeoutMs = search.timeoutMs ?? libraryTimeoutMs;
  // What belongs to Python is not looked for in the program's environment, where a file may have its name.
  const isolated = tool.kind === 'module' ? ['-I'] : [];
  const run = await runBriefly([...command, ...isolated, '-c', question, tool.module], { timeoutMs, env });
  if (/^pyrolens missing$/m.test(run.stdout)) return undefined;
  const problem = failureOf(run, { engine, path: `${executable} -m ${tool.module}`, timeoutMs });
  if (problem) return problem;
  const [, version = '', path = ''] = /^pyrolens (\S+) (.*)$/m.exec(run.stdout) ?? [];
  if (path === '') return garbage(engine, executable, run.stdout.trim());
  return { command: [...command, '-m', tool.module], version, path: dirname(path) };
}

function failureOf(
  run: BriefRun,
  { engine, path, timeoutMs }: { engine: EngineName; path: string; timeoutMs: number },
): Said | undefined {
  const facts = { engine: engineFacts(engine).label, path };
  if (run.how === 'timedOut') {
    return { text: 'toolHangs', facts: { ...facts, seconds: String(timeoutMs / 1000) } };
  }
  if (run.how === 'notStarted') return { text: 'toolBroken', facts: { ...facts, reason: run.reason } };
  if (run.code === 0) return undefined;
  const lastWords = run.stderr.trim().split('\n').at(-1) || run.stdout.trim().split('\n').at(-1);
  // Loaders and shells begin with the path, which is named already.
  const said = lastWords?.replace(`${path}: `, '').slice(0, 4 * shownChars);
  const reason = said || run.reason || `exit code ${run.code}`;
  return { text: 'toolBroken', facts: { ...facts, reason } };
}

function garbage(engine: EngineName, path: string, said: string): Said {
  return {
    text: 'toolGarbage',
    facts: { engine: engineFacts(engine).label, path, said: said.slice(0, shownChars) },
  };
}

function tooOld(
  engine: EngineName,
  { python }: ToolSearch,
  { path, version }: { readonly path: string; readonly version: string },
): Said | undefined {
  const needed = minToolVersionFor(engine, Number(python.version.split('.')[1]));
  if (needed === undefined || isAtLeast(version, needed)) return undefined;
  const { label } = engineFacts(engine);
  return { text: 'toolTooOld', facts: { engine: label, path, version, needed, python: python.version } };
}

function isAtLeast(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10));
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
