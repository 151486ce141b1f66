/**
 * «Attach to Process…»: which process, whether it may be looked at, for how long; then the same road as a launch. What
 * stands in the way is said before anything else is asked.
 */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { type PythonProcess, requireAttachable } from '../recorder/attach/attachable';
import { type AttachChoice, chooseAttachEngine, pythonFactsOf } from '../recorder/attach/attachEngine';
import { prepareAttach } from '../recorder/attach/prepareAttach';
import { requireFreeWords } from '../recorder/engines/toolWords';
import { shortName } from '../recorder/processList/index';
import { engineNames } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { rateSettingOf } from '../shared/settings';
import { pickDuration } from './attachDuration';
import type { EngineChooser } from './engineChooser';
import { sentenceFor } from './failureSentences';
import { collectorsFolder, launcherTexts, type PreparedLaunch } from './launching';
import { pickProcess } from './processPicker';
import type { SettingsReader } from './settingsReader';

/** A running process to be recorded. */
export interface AttachRequest {
  readonly program: PythonProcess;
  readonly choice: AttachChoice;
  /** What to call it. */
  readonly name: string;
  /** undefined: until it is stopped. */
  readonly durationSeconds: number | undefined;
  /** A debugger is at work in it: its times are distorted. */
  readonly isUnderDebugger: boolean;
}

/** A process that is known already. */
export interface KnownProcess {
  readonly pid: number;
  readonly isUnderDebugger: boolean;
}

/** Asks the user. Fails with the reason why it cannot be recorded. */
export async function askWhatToAttach(
  parts: { readonly memory: vscode.Memento; readonly engines: EngineChooser },
  known?: KnownProcess,
): Promise<AttachRequest> {
  const program = await requireAttachable(known?.pid ?? (await pickProcess()));
  const choice = await chooseEngine(program, parts.engines);
  const durationSeconds = await pickDuration(parts.memory, shortName(program));
  const isUnderDebugger = known?.isUnderDebugger ?? false;
  return { program, choice, name: shortName(program), durationSeconds, isUnderDebugger };
}

/** Creates the run folder. Fails with `processGone`, or with the reason why it cannot be recorded any more. */
export async function prepareAttachedRun(
  request: AttachRequest,
  parts: { readonly extensionUri: vscode.Uri; readonly settings: SettingsReader; readonly root: string },
): Promise<PreparedLaunch> {
  const settings = parts.settings.current;
  // Asked again: the same request may come a while later, from the terminal.
  const program = await requireAttachable(request.program.pid);
  const words = settings.engineArguments[request.choice.engine] ?? [];
  requireFreeWords(request.choice.engine, words);
  const { runDir, name } = await prepareAttach(program, request.choice, {
    root: parts.root,
    collectorsDir: collectorsFolder(parts.extensionUri),
    rateHz: settings[rateSettingOf(request.choice.engine)],
    options: { children: true, native: false, words },
    clearTerminal: settings['run.clearTerminal'],
    texts: launcherTexts(),
    durationSeconds: request.durationSeconds,
    isUnderDebugger: request.isUnderDebugger,
  });
  const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return { runDir, name, title: `Pyrolens: ${name}`, cwd, settings, keepsLast: false };
}

/** The engine, installed first when it is missing and the user agrees; whoever does not, attaches to nothing. */
async function chooseEngine(program: PythonProcess, engines: EngineChooser): Promise<AttachChoice> {
  const wishes = { findTool: engines.findTool.bind(engines) };
  try {
    return await chooseAttachEngine(program, wishes);
  } catch (error) {
    const { code, facts } = PyrolensError.from(error);
    const missing = engineNames.find(name => name === facts['engine']);
    if (code !== 'attachNeedsTool' || missing === undefined) throw error;
    const install = vscode.l10n.t('Install {0}', facts['tool'] ?? missing);
    const { text } = sentenceFor(code, facts);
    const taken = await vscode.window.showWarningMessage(text, { modal: true }, install);
    if (taken === undefined) throw new vscode.CancellationError();
    await engines.install(missing, pythonFactsOf(program));
    return chooseAttachEngine(program, wishes);
  }
}
