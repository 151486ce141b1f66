import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { EngineOptions } from '../recorder/engines/engine';
import { type Entry, engineNamed, programName, programWords } from '../recorder/engines/index';
import { requireFreeWords } from '../recorder/engines/toolWords';
import { parseEnvFile } from '../recorder/envFile';
import { readGitState } from '../recorder/gitState';
import { type LauncherTexts, type LaunchPlan, writeLaunchPlan } from '../recorder/launchPlan';
import { type ChosenEngine, plannedTool } from '../recorder/preflight/chooseEngine';
import { firstUsablePython, type PythonFacts } from '../recorder/pythonProbe';
import { createRun } from '../recorder/runFolder';
import { shebangPython } from '../recorder/shebang';
import { type AskedEngine, type EngineName, engineFacts } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import type { RunManifest } from '../shared/manifest';
import { rateSettingOf, type Settings } from '../shared/settings';
import type { EngineChooser } from './engineChooser';
import { findInterpreter } from './interpreter';
import type { Log } from './log';
import { saveBeforeRun } from './savedFile';
import type { SettingsReader } from './settingsReader';

/** A program to profile, wherever it was asked for. What is left out is found as for «Profile Current File». */
export interface LaunchRequest {
  /** A script's path is absolute. */
  readonly entry: Entry;
  readonly args: readonly string[];
  /** undefined: the one in the settings. */
  readonly engine?: AskedEngine | undefined;
  readonly options: EngineOptions;
  /** Whose settings and interpreter hold: the script, or the folder that it is started in. */
  readonly resource: vscode.Uri;
  readonly cwd?: string | undefined;
  /** Interpreter with arguments of its own (`uv run python`), or whatever the script's first line names. */
  readonly python?: readonly string[] | 'shebang' | undefined;
  /** Arguments of the interpreter: `-X dev`, `-O`. */
  readonly pythonArgs?: readonly string[] | undefined;
  /** Variables to add; null takes one away. They win over those of `envFile`. */
  readonly env?: Readonly<Record<string, string | null>> | undefined;
  /** Read at each start; one that does not exist is passed over, as debugpy does. */
  readonly envFile?: string | undefined;
  readonly rateHz?: number | undefined;
  /** What the run is called: the script's base name or the module if left out. */
  readonly name?: string | undefined;
  /** The file that the run is about, where something else starts it: a file of tests. */
  readonly script?: string | undefined;
  /** Title of the terminal. */
  readonly title?: string | undefined;
}

/** Everything is on disk: the launcher needs nothing but the run folder. */
export interface PreparedLaunch {
  readonly runDir: string;
  readonly name: string;
  readonly title: string;
  readonly cwd: string;
  readonly settings: Settings;
  /** Only the last seconds are kept, and can be asked for. */
  readonly keepsLast: boolean;
}

export interface LaunchingParts {
  readonly extensionUri: vscode.Uri;
  readonly settings: SettingsReader;
  readonly engines: EngineChooser;
  readonly log: Log;
  /** Folder that gets the run's own. */
  readonly root: string;
}

interface LaunchFacts {
  readonly request: LaunchRequest;
  readonly name: string;
  readonly cwd: string;
  readonly chosen: ChosenEngine;
  readonly python: PythonFacts;
  readonly env: Readonly<Record<string, string | null>>;
  readonly git: RunManifest['git'];
  readonly settings: Settings;
}

/** Saves the script, finds the interpreter and creates the run folder. Fails with the reason. */
export async function prepareLaunch(request: LaunchRequest, parts: LaunchingParts): Promise<PreparedLaunch> {
  if (request.entry.kind === 'script') await saveBeforeRun(request.entry.path);
  const settings = parts.settings.forResource(request.resource);
  const cwd = request.cwd ?? workingDirectory(request);
  const [python, env, git] = await Promise.all([
    pythonFor(request, { cwd, setting: settings.python, log: parts.log }),
    environmentOf(request, parts.log),
    readGitState(sourceFolder(request, cwd)),
  ]);
  const chosen = await parts.engines.choose(request.engine ?? settings.engine, python);
  const name = request.name ?? programName(request.entry);
  const facts = { request, name, cwd, chosen, python, env, git, settings };
  const runDir = await createRunFolder(facts, parts);
  const keepsLast = lastSecondsOf(facts) !== undefined;
  return { runDir, name, title: request.title ?? `Pyrolens: ${name}`, cwd, settings, keepsLast };
}

async function createRunFolder(facts: LaunchFacts, parts: LaunchingParts): Promise<string> {
  const { request, python, settings } = facts;
  const options = optionsOf(facts);
  const { dir } = await createRun(parts.root, firstManifest(facts));
  await writeLaunchPlan({
    interpreter: [...python.command, ...(request.pythonArgs ?? [])],
    entry: request.entry,
    args: request.args,
    options,
    ...plannedTool(facts.chosen.tool, facts.env),
    runDir: dir,
    collectorsDir: collectorsFolder(parts.extensionUri),
    rateHz: rateOf(facts.chosen.engine, facts),
    chosenRateHz: request.rateHz,
    engine: facts.chosen.engine,
    substitute: substituteOf(facts),
    cwd: facts.cwd,
    clearTerminal: settings['run.clearTerminal'],
    texts: launcherTexts(),
  });
  return dir;
}

/** The request's own words for the tool, else those of the settings. */
function optionsOf({ request, chosen, settings }: LaunchFacts): EngineOptions {
  const words = request.options.words ?? settings.engineArguments[chosen.engine] ?? [];
  requireFreeWords(chosen.engine, words);
  return { ...request.options, words };
}

/** What was asked for, else what the setting says for that engine. */
function rateOf(engine: EngineName, { request, settings }: LaunchFacts): number {
  return request.rateHz ?? settings[rateSettingOf(engine)];
}

function substituteOf(facts: LaunchFacts): LaunchPlan['substitute'] {
  const { substitute } = facts.chosen;
  return substitute && { engine: substitute, rateHz: rateOf(substitute, facts) };
}

/** Only the tracer can keep the last seconds. */
function lastSecondsOf({ request, chosen }: LaunchFacts): number | undefined {
  return chosen.engine === 'tracer' ? request.options.lastSeconds : undefined;
}

/** Where the bundled Python is. */
export function collectorsFolder(extensionUri: vscode.Uri): string {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'collectors').fsPath;
}

function firstManifest(facts: LaunchFacts): Omit<RunManifest, 'version' | 'id'> {
  const { request, python } = facts;
  const engine = engineNamed(facts.chosen.engine);
  return {
    name: facts.name,
    isRenamed: false,
    engine: engine.name,
    engineVersion: facts.chosen.tool.version || engine.version,
    rateHzAsked: engineFacts(engine.name).depth === 'statistical' ? rateOf(engine.name, facts) : 0,
    command: [...python.command, ...(request.pythonArgs ?? []), ...programWords(request)],
    script: request.script ?? (request.entry.kind === 'script' ? request.entry.path : ''),
    cwd: facts.cwd,
    interpreter: { path: python.executable, version: python.version },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    lastSeconds: lastSecondsOf(facts),
    exit: undefined,
    git: facts.git,
    sources: undefined,
  };
}

/** A workspace folder is where a program is started from; without one, its own folder. */
function workingDirectory({ entry, resource }: LaunchRequest): string {
  const folder = vscode.workspace.getWorkspaceFolder(resource)?.uri.fsPath;
  return folder ?? (entry.kind === 'script' ? dirname(entry.path) : resource.fsPath);
}

function sourceFolder({ entry }: LaunchRequest, cwd: string): string {
  return entry.kind === 'script' ? dirname(entry.path) : cwd;
}

async function pythonFor(
  request: LaunchRequest,
  place: { cwd: string; setting: string; log: Log },
): Promise<PythonFacts> {
  const { python } = request;
  if (python === undefined) {
    const searchFrom = sourceFolder(request, place.cwd);
    return findInterpreter(request.resource, { ...place, searchFrom });
  }
  const command = python === 'shebang' ? await pythonOfScript(request.entry) : python;
  const [program = '', ...args] = command;
  const isRelativePath = /[\\/]/.test(program) && !isAbsolute(program);
  return firstUsablePython([[isRelativePath ? resolve(place.cwd, program) : program, ...args]], place.cwd);
}

async function pythonOfScript(entry: Entry): Promise<readonly string[]> {
  const command = entry.kind === 'script' ? await shebangPython(entry.path) : undefined;
  if (command) return command;
  throw new PyrolensError('wrongConfiguration', {
    name: programName(entry),
    reason: vscode.l10n.t('its first line names no Python, so «python» cannot be "shebang".'),
  });
}

async function environmentOf({ env, envFile }: LaunchRequest, log: Log): Promise<LaunchFacts['env']> {
  if (envFile === undefined) return env ?? {};
  const text = await readFile(envFile, 'utf8').catch((error: Error) => {
    log.info(`No variables from ${envFile}: ${error.message}`);
    return '';
  });
  return { ...parseEnvFile(text, process.env), ...env };
}

/** The launcher's sentences in the editor's language. */
export function launcherTexts(): LauncherTexts {
  return {
    summary: vscode.l10n.t('Pyrolens: {status} after {duration}, profile kept.'),
    attached: vscode.l10n.t('Pyrolens: recording {name}. Press Ctrl+C to stop and keep the profile.'),
    attachSummary: vscode.l10n.t(
      'Pyrolens: recorded {name} for {duration}, profile kept. The program goes on.',
    ),
    attachedEnded: vscode.l10n.t('Pyrolens: {name} has ended after {duration} of recording, profile kept.'),
    waitingForPython: vscode.l10n.t('Pyrolens: waiting for {name} to reach Python code.'),
    exitCode: vscode.l10n.t('exit code {0}'),
    exitSignal: vscode.l10n.t('ended by {0}'),
    pressAnyKey: vscode.l10n.t('Press any key to close this terminal.'),
    pressAnyKeyOrRun: vscode.l10n.t('Press r to profile again, any other key to close this terminal.'),
  };
}
