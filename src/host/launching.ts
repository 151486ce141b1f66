import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { engineNamed } from '../recorder/engines/index';
import { readGitState } from '../recorder/gitState';
import { type LauncherTexts, writeLaunchPlan } from '../recorder/launchPlan';
import { type ChosenEngine, plannedTool } from '../recorder/preflight/chooseEngine';
import type { PythonFacts } from '../recorder/pythonProbe';
import { createRun } from '../recorder/runFolder';
import type { AskedEngine } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import type { RunManifest } from '../shared/manifest';
import type { Settings } from '../shared/settings';
import type { EngineChooser } from './engineChooser';
import { findInterpreter } from './interpreter';
import type { Log } from './log';
import type { SettingsReader } from './settingsReader';

/** What the user asked to be profiled. */
export interface LaunchRequest {
  readonly file: vscode.Uri;
  /** undefined: the one in the settings. */
  readonly engine: AskedEngine | undefined;
}

/** What a launch is prepared with. */
export interface LaunchParts {
  readonly extensionUri: vscode.Uri;
  readonly settings: SettingsReader;
  readonly engines: EngineChooser;
  readonly log: Log;
  /** Folder of the runs. */
  readonly root: string;
}

/** Everything is on disk: the launcher needs nothing but the run folder. */
export interface PreparedLaunch {
  readonly runDir: string;
  /** The saved file; another one than asked for when it was untitled. */
  readonly file: vscode.Uri;
  readonly name: string;
  readonly cwd: string;
}

interface LaunchFacts {
  readonly file: vscode.Uri;
  readonly chosen: ChosenEngine;
  readonly python: PythonFacts;
  readonly git: RunManifest['git'];
  readonly settings: Settings;
  readonly cwd: string;
}

/** Saves the file, finds the interpreter, sees to it that the engine can run, and creates the run folder. Fails with the reason. */
export async function prepareLaunch(request: LaunchRequest, parts: LaunchParts): Promise<PreparedLaunch> {
  const file = await savedFile(request.file);
  const settings = parts.settings.forResource(file);
  const [python, git] = await Promise.all([
    findInterpreter(file, settings.python, parts.log),
    readGitState(dirname(file.fsPath)),
  ]);
  const cwd = workingDirectory(file);
  const chosen = await parts.engines.choose(request.engine ?? settings.engine, python);
  const facts = { file, chosen, python, git, settings, cwd };
  const runDir = await createRunFolder(facts, parts);
  return { runDir, file, name: basename(file.fsPath), cwd };
}

async function createRunFolder(facts: LaunchFacts, parts: LaunchParts): Promise<string> {
  const { python, settings, cwd, chosen } = facts;
  const { dir } = await createRun(parts.root, firstManifest(facts));
  await writeLaunchPlan({
    interpreter: python.command,
    entry: { kind: 'script', path: facts.file.fsPath },
    args: [],
    options: { children: true, native: false },
    ...plannedTool(chosen.tool),
    runDir: dir,
    collectorsDir: vscode.Uri.joinPath(parts.extensionUri, 'dist', 'collectors').fsPath,
    rateHz: settings['sampler.rate'],
    engine: chosen.engine,
    cwd,
    clearTerminal: settings['run.clearTerminal'],
    texts: launcherTexts(),
  });
  return dir;
}

function firstManifest(facts: LaunchFacts): Omit<RunManifest, 'version' | 'id'> {
  const { python, settings, chosen } = facts;
  const script = facts.file.fsPath;
  const engine = engineNamed(chosen.engine);
  return {
    name: basename(script),
    engine: engine.name,
    engineVersion: chosen.tool.version || engine.version,
    rateHzAsked: engine.name === 'bundled-sampler' ? settings['sampler.rate'] : 0,
    command: [...python.command, script],
    script,
    cwd: facts.cwd,
    interpreter: { path: python.executable, version: python.version },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    exit: undefined,
    git: facts.git,
    sources: undefined,
  };
}

/** A workspace folder is where a program is started from; without one, its own folder. */
function workingDirectory(file: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath ?? dirname(file.fsPath);
}

/** The file as it is on disk: an edited one is saved first, an untitled one asks where. */
async function savedFile(uri: vscode.Uri): Promise<vscode.Uri> {
  const document = await vscode.workspace.openTextDocument(uri).then(
    opened => opened,
    () => {
      throw new PyrolensError('fileMissing', { path: uri.fsPath });
    },
  );
  if (document.isUntitled) return saveUntitled(document);
  if (uri.scheme !== 'file' || document.languageId !== 'python') throw new PyrolensError('notPythonFile');
  if (document.isDirty && !(await document.save())) {
    throw new PyrolensError('storageUnwritable', {
      path: uri.fsPath,
      reason: vscode.l10n.t('it could not be saved'),
    });
  }
  return uri;
}

/** Python needs a file: the save dialog opens, and cancelling it cancels the run. */
async function saveUntitled(document: vscode.TextDocument): Promise<vscode.Uri> {
  if (document.languageId !== 'python') throw new PyrolensError('notPythonFile');
  const saved = await vscode.workspace.save(document.uri);
  if (!saved) throw new vscode.CancellationError();
  return saved;
}

function launcherTexts(): LauncherTexts {
  return {
    summary: vscode.l10n.t('Pyrolens: {status} after {duration}, profile kept.'),
    exitCode: vscode.l10n.t('exit code {0}'),
    exitSignal: vscode.l10n.t('ended by {0}'),
    pressAnyKey: vscode.l10n.t('Press any key to close this terminal.'),
    pressAnyKeyOrRun: vscode.l10n.t('Press r to profile again, any other key to close this terminal.'),
  };
}
