import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { lastReason } from '../recorder/engineLog';
import { engineNamed, programName, programWords } from '../recorder/engines/index';
import { readGitState } from '../recorder/gitState';
import { type LaunchPlan, launcherTextsEnglish } from '../recorder/launchPlan';
import { passSignalsTo } from '../recorder/passSignals';
import type { ExitStatus } from '../recorder/recordedTarget';
import { createRun, hasParts, readRunManifest } from '../recorder/runFolder';
import { TargetProcess } from '../recorder/targetProcess';
import { engineFacts } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { manifestFileName } from '../shared/manifest';
import type { ProfileOptions } from './commandLine';
import { runsFolder } from './dataFolder';
import { engineFor } from './engineFor';
import { findPython } from './findPython';

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
  const { entry } = options;
  const script = entry.kind === 'script' ? resolve(entry.path) : '';
  if (script !== '' && !existsSync(script)) throw new PyrolensError('fileMissing', { path: script });
  const plan = await preparePlan(options, script);
  let target: TargetProcess | undefined;
  const undoSignals = passSignalsTo(() => target);
  target = await TargetProcess.start(plan);
  const status = await target.ended;
  if (!(await hasParts(plan.runDir, await readRunManifest(plan.runDir)))) {
    throw new PyrolensError('nothingRecorded', {
      name: programName(entry),
      exitCode: String(status.code ?? 1),
      reason: await lastReason(plan.runDir),
    });
  }
  return { path: join(plan.runDir, manifestFileName), status, undoSignals };
}

async function preparePlan(options: ProfileOptions, script: string): Promise<LaunchPlan> {
  const cwd = process.cwd();
  const folder = script === '' ? cwd : dirname(script);
  const [python, git] = await Promise.all([
    findPython(options.python, folder, options.pythonArgs),
    readGitState(folder),
  ]);
  const { engine, ...tool } = await engineFor(options, python);
  const { rateHz } = options;
  const { dir } = await createRun(options.runsDir ?? runsFolder(), {
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
    exit: undefined,
    git,
    sources: undefined,
  });
  return {
    interpreter: python.command,
    // As typed: the program sees its own `sys.argv[0]`.
    entry: options.entry,
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
