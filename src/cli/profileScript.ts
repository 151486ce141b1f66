import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { lastReason } from '../recorder/engineLog';
import { type Entry, engineNamed, programName, programWords } from '../recorder/engines/index';
import { requireFreeWords } from '../recorder/engines/toolWords';
import { readGitState } from '../recorder/gitState';
import { type LaunchPlan, launcherTextsEnglish } from '../recorder/launchPlan';
import { passSignalsTo } from '../recorder/passSignals';
import { findProgram } from '../recorder/programSearch';
import type { PythonFacts } from '../recorder/pythonProbe';
import type { ExitStatus } from '../recorder/recordedTarget';
import { createRun, hasParts, readRunManifest } from '../recorder/runFolder';
import { shebangPython } from '../recorder/shebang';
import { TargetProcess } from '../recorder/targetProcess';
import { type EngineName, engineFacts } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { manifestFileName } from '../shared/manifest';
import { rateSettingOf, settingDefaults } from '../shared/settings';
import type { ProfileOptions } from './commandLine';
import { runsFolder } from './dataFolder';
import { engineFor } from './engineFor';
import { findPython } from './findPython';
import { answerKeepSignal } from './keep';

/** A program that has run to its end, and where its profile is. */
export interface ProfiledScript {
  /** Path of the run's manifest. */
  readonly path: string;
  readonly status: ExitStatus;
  /** Stops hiding from signals: call it before exiting like the program. */
  readonly undoSignals: () => void;
}

/** Runs a script under an engine in this terminal. Fails with a `PyrolensError` when it cannot be measured. */
export async function profileScript(asked: ProfileOptions): Promise<ProfiledScript> {
  const options = await withOwnPython(asked);
  const { entry } = options;
  const script = entry.kind === 'script' ? resolve(entry.path) : '';
  if (script !== '' && !existsSync(script)) {
    const advice = 'Name a script, a module with -m, or a command that runs Python.';
    throw new PyrolensError('fileMissing', { path: script, advice });
  }
  const plan = await preparePlan(options, script);
  let target: TargetProcess | undefined;
  const undoSignals = passSignalsTo(() => target);
  target = await TargetProcess.start(plan);
  const stopAnswering = answerKeepSignal(plan);
  const status = await target.ended;
  stopAnswering();
  if (!(await hasParts(plan.runDir, await readRunManifest(plan.runDir)))) {
    throw new PyrolensError('nothingRecorded', {
      name: programName(entry),
      exitCode: String(status.code ?? 128 + constants.signals[status.signal ?? 'SIGTERM']),
      reason: await lastReason(plan.runDir),
    });
  }
  return { path: join(plan.runDir, manifestFileName), status, undoSignals };
}

/** What the script itself asks for: a command on PATH names its Python, a script for uv its dependencies. */
async function withOwnPython(options: ProfileOptions): Promise<ProfileOptions> {
  const { entry, python } = options;
  if (entry.kind !== 'script') return options;
  if (python !== undefined) return { ...options, pythonArgs: await withDependencies(options, entry.path) };
  if (basename(entry.path) !== entry.path || existsSync(entry.path)) return options;
  const command = await findProgram(entry.path);
  const words = command === undefined ? undefined : await shebangPython(command);
  if (command === undefined || words === undefined) return options;
  return {
    ...options,
    entry: { kind: 'script', path: command },
    python: words[0],
    pythonArgs: words.slice(1),
  };
}

const scriptMetadata = /^# \/\/\/ script\s*$/m;

/** The words of `uv run … python`, with what the script's own metadata (PEP 723) asks for. */
async function withDependencies(
  { python = '', pythonArgs }: ProfileOptions,
  script: string,
): Promise<readonly string[]> {
  const isUv = /^uv(?:\.exe)?$/.test(basename(python)) && pythonArgs[0] === 'run' && existsSync(script);
  if (!isUv || !scriptMetadata.test(await readFile(script, 'utf8'))) return pythonArgs;
  return ['run', '--with-requirements', script, ...pythonArgs.slice(1)];
}

/** The script that an environment has for a package's command, else the module of the command's name. */
async function entryOf({ entry, command }: ProfileOptions, python: PythonFacts): Promise<Entry> {
  const path = command === undefined ? undefined : join(dirname(python.executable), command);
  const words = path === undefined ? undefined : await shebangPython(path).catch(() => undefined);
  return path === undefined || words === undefined ? entry : { kind: 'script', path };
}

async function preparePlan(asked: ProfileOptions, script: string): Promise<LaunchPlan> {
  const cwd = process.cwd();
  const folder = script === '' ? cwd : dirname(script);
  const [python, git] = await Promise.all([
    findPython(asked.python, folder, asked.pythonArgs),
    readGitState(folder),
  ]);
  const options = { ...asked, entry: await entryOf(asked, python) };
  const { engine, substitute, ...tool } = await engineFor(options, python);
  requireFreeWords(engine, options.options.words ?? []);
  const rateFor = (name: EngineName) => options.rateHz ?? settingDefaults[rateSettingOf(name)];
  const rateHz = rateFor(engine);
  const { dir } = await createRun(resolve(options.runsDir ?? runsFolder()), {
    name: programName(options.entry),
    isRenamed: false,
    engine,
    engineVersion: tool.toolVersion || engineNamed(engine).version,
    rateHzAsked: engineFacts(engine).depth === 'statistical' ? rateHz : 0,
    command: [...python.command, ...programWords(options)],
    script,
    cwd,
    interpreter: { path: python.executable, version: python.version },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    lastSeconds: options.options.lastSeconds,
    exit: undefined,
    git,
    sources: undefined,
  });
  return {
    interpreter: python.command,
    // As typed: the program sees its own `sys.argv[0]`.
    entry: options.entry,
    args: options.args,
    options: options.options,
    ...tool,
    runDir: dir,
    collectorsDir: join(__dirname, 'collectors'),
    rateHz,
    engine,
    substitute: substitute && { engine: substitute, rateHz: rateFor(substitute) },
    cwd,
    clearTerminal: false,
    texts: launcherTextsEnglish,
  };
}
