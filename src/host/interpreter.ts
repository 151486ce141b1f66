/**
 * Which Python runs a file. In this order, all optional: the Python Environments extension, the Python extension, the
 * setting `pyrolens.python`, a `.venv` or `venv` of the workspace, the active environment's variables, PATH. Whatever
 * does not run is passed over, unless it was chosen explicitly: then its own failure is the answer.
 */

import { isAbsolute, resolve } from 'node:path';
import * as vscode from 'vscode';
import { firstUsablePython, type PythonFacts } from '../recorder/pythonProbe';
import { findInterpreters, interpreterIn } from '../recorder/pythonSearch';
import type { Log } from './log';

const environmentsExtensionId = 'ms-python.vscode-python-envs';
const pythonExtensionId = 'ms-python.python';
/** Both may still be looking for environments when they are asked first; now and then they never get ready. */
const answerTimeoutMs = 20_000;

/** The parts of the Python Environments extension's API that are used; everything may be missing in a fork. */
interface EnvironmentsApi {
  getEnvironment?(scope: vscode.Uri): Promise<PythonEnvironment | undefined>;
  resolveEnvironment?(path: vscode.Uri): Promise<PythonEnvironment | undefined>;
}

interface PythonEnvironment {
  readonly environmentPath?: vscode.Uri;
  readonly execInfo?: {
    readonly run?: { readonly executable?: string; readonly args?: readonly string[] };
  };
}

/** The parts of the classic Python extension's API that are used. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath?(resource: vscode.Uri): { readonly path?: string } | undefined;
    resolveEnvironment?(
      path: unknown,
    ): Promise<{ readonly executable?: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/**
 * Finds the interpreter for a file, or for a folder where a module is started; `searchFrom` is the folder from which
 * environments are looked for upwards. Fails with `noPython`, `pythonTooOld` or `pythonBroken`.
 */
export async function findInterpreter(
  file: vscode.Uri,
  place: { readonly setting: string; readonly searchFrom: string; readonly log: Log },
): Promise<PythonFacts> {
  const { setting, searchFrom, log } = place;
  const chosen =
    (await guarded(log, () => fromEnvironmentsExtension(file))) ??
    (await guarded(log, () => fromPythonExtension(file))) ??
    fromSetting(setting, vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath ?? searchFrom);
  if (chosen) {
    log.info(`Python: ${chosen.command.join(' ')} (${chosen.from})`);
    return firstUsablePython([chosen.command]);
  }
  const workspaceDir = vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath;
  const found = await findInterpreters({
    scriptDir: searchFrom,
    workspaceDir,
    environment: process.env,
  });
  const python = await firstUsablePython(found.map(path => [path]));
  log.info(`Python: ${python.command.join(' ')} (searched)`);
  return python;
}

interface Chosen {
  readonly command: readonly string[];
  readonly from: string;
}

/** Another extension's fault, or its silence, is no reason not to profile. */
async function guarded(log: Log, find: () => Promise<Chosen | undefined>): Promise<Chosen | undefined> {
  try {
    return await inTime(find());
  } catch (error) {
    log.warn(`A Python extension could not say which interpreter to use: ${String(error)}`);
    return undefined;
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no answer within ${answerTimeoutMs / 1000} s`);
    timer = setTimeout(() => reject(error), answerTimeoutMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Installed is not enabled: the effective setting decides, and a disabled one exports nothing. */
async function environmentsApi(scope?: vscode.Uri): Promise<EnvironmentsApi | undefined> {
  const extension = vscode.extensions.getExtension<EnvironmentsApi | undefined>(environmentsExtensionId);
  const isEnabled = vscode.workspace.getConfiguration('python', scope).get('useEnvironmentsExtension', true);
  return isEnabled ? extension?.activate() : undefined;
}

async function fromEnvironmentsExtension(file: vscode.Uri): Promise<Chosen | undefined> {
  const api = await environmentsApi(file);
  const environment = await api?.getEnvironment?.(file);
  if (!environment) return undefined;
  const path = environment.environmentPath;
  const resolved = path && api?.resolveEnvironment ? await api.resolveEnvironment(path) : environment;
  const run = (resolved ?? environment).execInfo?.run;
  if (!run?.executable) return undefined;
  return { command: [run.executable, ...(run.args ?? [])], from: environmentsExtensionId };
}

async function fromPythonExtension(file: vscode.Uri): Promise<Chosen | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi | undefined>(pythonExtensionId);
  const environments = (await extension?.activate())?.environments;
  const active = environments?.getActiveEnvironmentPath?.(file);
  if (!active?.path) return undefined;
  const executable = (await environments?.resolveEnvironment?.(active))?.executable?.uri?.fsPath;
  return executable ? { command: [executable], from: pythonExtensionId } : undefined;
}

/** Relative paths count from the workspace folder; `~` and `${workspaceFolder}` are understood; a folder is an environment. */
function fromSetting(setting: string, folder: string): Chosen | undefined {
  if (setting.trim() === '') return undefined;
  const home = process.env['HOME'] ?? process.env['USERPROFILE'] ?? '~';
  const path = setting
    .trim()
    .replace(/^~(?=[\\/])/, home)
    .replace(/\$\{workspaceFolder\}/g, () => folder);
  const isBareName = !/[\\/]/.test(path);
  const absolute = isAbsolute(path) || isBareName ? path : resolve(folder, path);
  return { command: [/[\\/]$/.test(path) ? interpreterIn(absolute) : absolute], from: 'pyrolens.python' };
}

/**
 * Lets the user choose: through the extension whose choice counts, where there is one, else by a file dialog into our
 * setting.
 */
export async function selectInterpreter(): Promise<void> {
  // With both installed this picker sets the environments extension's choice too.
  if (vscode.extensions.getExtension(pythonExtensionId)) {
    await vscode.commands.executeCommand('python.setInterpreter');
  } else if (await environmentsApi()) {
    await vscode.commands.executeCommand('python-envs.set');
  } else {
    await selectInterpreterFile();
  }
}

async function selectInterpreterFile(): Promise<void> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Python interpreter for profiling'),
      openLabel: vscode.l10n.t('Use This Interpreter'),
      canSelectMany: false,
    })) ?? [];
  if (!picked) return;
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration('pyrolens').update('python', picked.fsPath, target);
}
