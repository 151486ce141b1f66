import { join } from 'node:path';
import { requireAttachable } from '../recorder/attach/attachable';
import { chooseAttachEngine } from '../recorder/attach/attachEngine';
import { AttachedProcess } from '../recorder/attach/attachedProcess';
import { prepareAttach } from '../recorder/attach/prepareAttach';
import { launcherTextsEnglish } from '../recorder/launchPlan';
import { passSignalsTo } from '../recorder/passSignals';
import { findTool } from '../recorder/preflight/findTool';
import type { ToolFinding } from '../recorder/preflight/toolFinding';
import type { PythonFacts } from '../recorder/pythonProbe';
import { hasParts, readRunManifest } from '../recorder/runFolder';
import type { EngineName } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { inert } from '../shared/inertText';
import { manifestFileName } from '../shared/manifest';
import { rateSettingOf, settingDefaults } from '../shared/settings';
import type { AttachOptions } from './commandLine';
import { runsFolder, toolsFolder } from './dataFolder';
import { toolAt } from './toolAt';

/**
 * Records a running process until Ctrl+C, for the asked time, or until it ends; returns the path of the run's manifest.
 * What happens is said on standard error. Fails with a `PyrolensError` when it cannot be recorded.
 */
export async function attachProcess(options: AttachOptions): Promise<string> {
  const program = await requireAttachable(options.pid);
  const choice = await chooseAttachEngine(program, {
    engine: options.engine,
    findTool: (name, python) => toolFor(name, python, options.tool),
  });
  const plan = await prepareAttach(program, choice, {
    root: runsFolder(),
    collectorsDir: join(__dirname, 'collectors'),
    rateHz: options.rateHz ?? settingDefaults[rateSettingOf(choice.engine)],
    options: { children: true, native: false },
    clearTerminal: false,
    texts: launcherTextsEnglish,
    durationSeconds: options.durationSeconds,
  });
  const say = (text: string) => process.stderr.write(`${inert(text.replace('{name}', plan.name))}\n`);
  let target: AttachedProcess | undefined;
  const undoSignals = passSignalsTo(() => target);
  try {
    target = await AttachedProcess.start(plan, () => say(plan.texts.waitingForPython));
    if (await target.hasBegun()) say(plan.texts.attached);
    await target.ended;
  } finally {
    undoSignals();
  }
  await requireSomething(plan.runDir, options.pid);
  return join(plan.runDir, manifestFileName);
}

/** The named tool unasked, else what is found where tools are. */
async function toolFor(
  engine: EngineName,
  python: PythonFacts,
  named: string | undefined,
): Promise<ToolFinding> {
  const search = { python, toolsDir: toolsFolder(), environment: process.env };
  if (named === undefined) return findTool(engine, search);
  const { tool: command, toolVersion: version = '' } = await toolAt(named);
  return { state: 'ready', place: 'path', command, pythonPath: undefined, version };
}

async function requireSomething(runDir: string, pid: number): Promise<void> {
  const manifest = await readRunManifest(runDir);
  if (await hasParts(runDir, manifest)) return;
  const { name, engine } = manifest;
  throw new PyrolensError('attachFailed', { name, pid: String(pid), engine, reason: 'It saw nothing.' });
}
