import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { lastReason } from '../recorder/engineLog';
import { engineNamed } from '../recorder/engines/index';
import { readGitState } from '../recorder/gitState';
import { type LaunchPlan, launcherTextsEnglish } from '../recorder/launchPlan';
import { passSignalsTo } from '../recorder/passSignals';
import { firstUsablePython, type PythonFacts } from '../recorder/pythonProbe';
import { findInterpreters } from '../recorder/pythonSearch';
import { createRun, hasParts, readRunManifest } from '../recorder/runFolder';
import { type ExitStatus, TargetProcess } from '../recorder/targetProcess';
import { engineFacts } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { manifestFileName } from '../shared/manifest';
import type { ProfileOptions } from './commandLine';
import { runsFolder } from './dataFolder';
import { toolAt } from './toolAt';

/** A program that has run to its end, and where its profile is. */
export interface ProfiledScript {
  /** Path of the run's manifest. */
  readonly path: string;
  readonly status: ExitStatus;
  /** Stops hiding from signals: call it before exiting like the program. */
  readonly undoSignals: () => void;
}

/** Runs a script under an engine in this terminal. Fails with a `PyrolensError` when it cannot be measured. */
export async function profileScript(options: ProfileOptions): Promise<ProfiledScript> {
  const script = resolve(options.script);
  if (!existsSync(script)) throw new PyrolensError('fileMissing', { path: script });
  const plan = await preparePlan(options, script);
  let target: TargetProcess | undefined;
  const undoSignals = passSignalsTo(() => target);
  target = await TargetProcess.start(plan);
  const status = await target.ended;
  if (!(await hasParts(plan.runDir, await readRunManifest(plan.runDir)))) {
    throw new PyrolensError('nothingRecorded', {
      name: basename(script),
      exitCode: String(status.code ?? 1),
      reason: await lastReason(plan.runDir),
    });
  }
  return { path: join(plan.runDir, manifestFileName), status, undoSignals };
}

async function preparePlan(options: ProfileOptions, script: string): Promise<LaunchPlan> {
  const cwd = process.cwd();
  const [python, git] = await Promise.all([
    findPython(options.python, script),
    readGitState(dirname(script)),
  ]);
  const { name: engine, version } = engineNamed(options.engine);
  const { rateHz } = options;
  const tool = await toolAt(options.tool);
  const { dir } = await createRun(runsFolder(), {
    name: basename(script),
    engine,
    engineVersion: tool.toolVersion ?? version,
    rateHzAsked: engineFacts(engine).depth === 'statistical' ? rateHz : 0,
    command: [...python.command, options.script, ...options.args],
    script,
    cwd,
    interpreter: { path: python.executable, version: python.version },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    exit: undefined,
    git,
    sources: undefined,
  });
  return {
    interpreter: python.command,
    // As typed: the program sees its own `sys.argv[0]`.
    entry: { kind: 'script', path: options.script },
    args: options.args,
    options: { children: true, native: false },
    ...tool,
    runDir: dir,
    collectorsDir: join(__dirname, 'collectors'),
    rateHz,
    engine,
    cwd,
    clearTerminal: false,
    texts: launcherTextsEnglish,
  };
}

async function findPython(named: string | undefined, script: string): Promise<PythonFacts> {
  if (named !== undefined) return firstUsablePython([[named]]);
  const search = { scriptDir: dirname(script), workspaceDir: process.cwd(), environment: process.env };
  return firstUsablePython((await findInterpreters(search)).map(path => [path]));
}
