import { PyrolensError } from '../../shared/failures';
import { engineNamed } from '../engines/index';
import { readGitState } from '../gitState';
import { type AttachPlan, writeLaunchPlan } from '../launchPlan';
import { shortName } from '../processList/index';
import { createRun, deleteRun } from '../runFolder';
import type { PythonProcess } from './attachable';
import type { AttachChoice } from './attachEngine';
import { seesFolder } from './remoteInterpreter';

/** What is the same whatever program is attached to. */
export type AttachSettings = Pick<
  AttachPlan,
  'collectorsDir' | 'rateHz' | 'options' | 'clearTerminal' | 'texts'
> & {
  /** Folder of the runs. */
  readonly root: string;
  /** undefined: until it is stopped. */
  readonly durationSeconds: number | undefined;
  /** A debugger is at work in the program. */
  readonly isUnderDebugger?: boolean;
};

/** Creates the run and writes the launcher's plan. Fails with `attachUnsupported` or the storage's failure. */
export async function prepareAttach(
  program: PythonProcess,
  choice: AttachChoice,
  settings: AttachSettings,
): Promise<AttachPlan> {
  const { root, durationSeconds, isUnderDebugger: _noted, ...rest } = settings;
  const name = shortName(program);
  const runDir = await createAttachedRun(program, choice, settings);
  const plan: AttachPlan = {
    ...rest,
    ...choice,
    name,
    runDir,
    attach: { pid: program.pid, ...(durationSeconds === undefined ? {} : { durationSeconds }) },
  };
  await requireVisible(program, plan);
  await writeLaunchPlan(plan);
  return plan;
}

async function createAttachedRun(
  program: PythonProcess,
  { engine, toolVersion }: AttachChoice,
  { root, rateHz, isUnderDebugger }: AttachSettings,
): Promise<string> {
  const { dir } = await createRun(root, {
    name: shortName(program),
    engine,
    engineVersion: toolVersion || engineNamed(engine).version,
    rateHzAsked: rateHz,
    command: program.command,
    script: '',
    cwd: program.cwd,
    interpreter: { path: program.executable, version: program.python.version },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    exit: undefined,
    git: program.root === '/' && program.cwd !== '' ? await readGitState(program.cwd) : undefined,
    sources: undefined,
    ...(isUnderDebugger ? { isUnderDebugger } : {}),
  });
  return dir;
}

/** What runs in the program, or beside it in its root folder, reads our collectors and writes into the run's folder. */
async function requireVisible(program: PythonProcess, plan: AttachPlan): Promise<void> {
  if (plan.interpreter.length === 0) return;
  for (const folder of [plan.collectorsDir, plan.runDir]) {
    if (await seesFolder(program, folder)) continue;
    await deleteRun(plan.runDir);
    const reason = `it runs in another root folder, from which ${folder} cannot be seen`;
    throw new PyrolensError('attachUnsupported', { name: plan.name, pid: String(program.pid), reason });
  }
}
