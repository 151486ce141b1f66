import * as vscode from 'vscode';
import {
  type CommandId,
  commands,
  quickMenuCommand,
  resultKeys,
  type VariableCommand,
} from '../shared/contributions';
import type { AskedEngine } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { askWhatToAttach, type KnownProcess } from './attaching';
import type { DebuggedProcesses } from './debug/debuggedProcesses';
import { Disposable } from './disposable';
import type { Doctor } from './doctor';
import type { EngineChooser } from './engineChooser';
import type { Failures } from './failures';
import type { InlineTimings } from './inlineTimings';
import { selectInterpreter } from './interpreter';
import type { LaunchRequest } from './launching';
import type { LivePicture } from './livePicture';
import { type LocateParts, locateSource } from './locateSource';
import type { Log } from './log';
import { profileCell } from './notebookCell';
import type { ProfilingSession, Recorded } from './profilingSession';
import type { ResultEditor } from './resultEditor';
import { type RunCommandParts, RunCommands } from './runCommands';
import { isForeign, runPathIn } from './runPicker';
import { fileRequest, requestOfRun } from './runRequest';
import { openSampleWorkspace, samplePath } from './sample';
import { savedPythonFile } from './savedFile';
import type { SettingsReader } from './settingsReader';
import { startCommands } from './startCommands';

export interface CommandParts extends RunCommandParts, LocateParts {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly failures: Failures;
  readonly inline: InlineTimings;
  readonly session: ProfilingSession;
  readonly live: LivePicture;
  readonly doctor: Doctor;
  readonly engines: EngineChooser;
  readonly settings: SettingsReader;
  readonly onRecorded: (recorded: Recorded) => Promise<void>;
  readonly processes: DebuggedProcesses;
}

type Handler = (...args: unknown[]) => unknown;

export type CommandName = CommandId | VariableCommand | typeof quickMenuCommand;

/** What every command does. All of them work before the server runs: it is started by whoever needs it. */
export class Commands extends Disposable {
  private readonly runCommands: RunCommands;
  private readonly table: Readonly<Record<CommandName, Handler>>;

  constructor(private readonly parts: CommandParts) {
    super();
    this.runCommands = new RunCommands(parts);
    this.table = {
      ...this.sessionCommands(),
      ...this.runTable(),
      ...startCommands(parts),
      ...keyTable(parts.results),
      [commands.showLog]: () => parts.log.show(),
      [commands.selectInterpreter]: () => selectInterpreter(),
      [commands.selectEngine]: argument => parts.doctor.select(argument),
      [commands.doctor]: () => parts.doctor.show(),
      [commands.restartServer]: () => parts.connection.restart(),
      [quickMenuCommand]: () => (parts.session.keepsLast ? showRecordingMenu() : showQuickMenu()),
    };
  }

  /** Carries out a command and resolves to its answer; its failure is shown, not thrown. */
  async run(id: CommandName, ...args: unknown[]): Promise<unknown> {
    try {
      return await this.table[id](...args);
    } catch (error) {
      this.parts.failures.show(error);
      return undefined;
    }
  }

  private sessionCommands() {
    const { activeRun, inline, live, session } = this.parts;
    return {
      [commands.profileFile]: (argument?: unknown) => this.profile(argument, undefined),
      [commands.profileFileCounts]: (argument?: unknown) => this.profile(argument, 'cprofile'),
      [commands.attach]: (argument?: unknown) => this.attach(argument),
      [commands.profileCell]: (argument?: unknown) => this.profileCell(argument),
      [commands.profileFileLast]: (argument?: unknown) => this.profileLast(argument),
      [commands.keepLast]: () => session.keepLast(),
      [commands.stop]: () => session.stop(),
      [commands.toggleLive]: () => live.toggle(),
      [commands.clear]: () => activeRun.clear(),
      [commands.toggleInline]: () => inline.toggle(),
      [commands.unwindSelection]: () => activeRun.select(null, undefined),
    };
  }

  private runTable() {
    const { context, runs } = this.parts;
    return {
      [commands.revealInFlameGraph]: (argument?: unknown) => this.runCommands.revealInFlameGraph(argument),
      [commands.openRun]: (argument?: unknown) => this.runCommands.open(argument),
      [commands.openProfile]: () => this.runCommands.openProfile(),
      [commands.openWith]: (argument?: unknown) => this.runCommands.openWith(argument),
      [commands.locateSource]: (argument?: unknown) => locateSource(argument, this.parts),
      [commands.openLastRun]: () => this.runCommands.openLast(),
      [commands.showRunInEditor]: (argument?: unknown) => this.runCommands.showInEditor(argument),
      [commands.renameRun]: (argument?: unknown) => this.runCommands.rename(argument),
      [commands.deleteRun]: (argument?: unknown) => this.runCommands.delete(argument),
      [commands.exportRun]: (argument?: unknown) => this.runCommands.export(argument),
      [commands.refreshRuns]: () => runs.refresh(),
      [commands.showAsText]: (argument?: unknown) => this.runCommands.showAsText(argument),
      [commands.openSample]: async () =>
        this.runCommands.openPath(await samplePath(context.extensionUri), {
          column: vscode.ViewColumn.Active,
        }),
      [commands.openSampleWorkspace]: () => openSampleWorkspace(context),
    };
  }

  private async profileCell(argument: unknown): Promise<void> {
    const cell = cellOf(argument);
    if (!cell) throw new PyrolensError('notPythonCell');
    const { context, runs, settings, onRecorded } = this.parts;
    await profileCell(cell, { extensionUri: context.extensionUri, root: runs.root, settings, onRecorded });
  }

  private async profile(argument: unknown, engine: AskedEngine | undefined): Promise<void> {
    this.parts.session.requireIdle();
    await this.parts.session.start(await requestFor(argument, engine));
  }

  private async profileLast(argument: unknown): Promise<void> {
    const { session, settings } = this.parts;
    session.requireIdle();
    const request = await requestFor(argument, 'tracer');
    const lastSeconds = settings.forResource(request.resource)['tracer.lastSeconds'];
    await session.start({ ...request, options: { ...request.options, lastSeconds } });
  }

  /** `argument`: `{ pid, isUnderDebugger }` of a process that is known already. */
  private async attach(argument: unknown): Promise<void> {
    const { session, context, engines } = this.parts;
    session.requireIdle();
    await session.start(
      await askWhatToAttach({ memory: context.globalState, engines }, knownProcess(argument)),
    );
  }
}

/** Commands that press a key in the result editor. */
function keyTable(results: ResultEditor): Record<keyof typeof resultKeys, Handler> {
  const entries = Object.entries(resultKeys).map(([id, key]) => [id, () => results.pressKey(key)]);
  return Object.fromEntries(entries) as Record<keyof typeof resultKeys, Handler>;
}

function knownProcess(argument: unknown): KnownProcess | undefined {
  const { pid, isUnderDebugger } = (argument ?? {}) as { pid?: unknown; isUnderDebugger?: unknown };
  return typeof pid === 'number' ? { pid, isUnderDebugger: isUnderDebugger === true } : undefined;
}

/** The cell's own menu hands it over; from the palette it is the one that the cursor is in. */
function cellOf(argument: unknown): vscode.NotebookCell | undefined {
  const handed = argument as vscode.NotebookCell | undefined;
  if (handed?.notebook !== undefined) return handed;
  const editor = vscode.window.activeNotebookEditor;
  return editor?.notebook.cellAt(editor.selection.start);
}

/** The editor's title menu hands over its file, the result editor its run; else it is the file in the editor. */
async function requestFor(argument: unknown, engine: AskedEngine | undefined): Promise<LaunchRequest> {
  const runPath = runPathIn(argument);
  if (runPath !== undefined && !isForeign(runPath)) return requestOfRun(runPath, engine);
  const file = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  if (!file) throw new PyrolensError('notPythonFile');
  return fileRequest(await savedPythonFile(file), engine);
}

/** What can be done with a recording that keeps its last seconds: from the status item. */
async function showRecordingMenu(): Promise<void> {
  await pickCommand([
    { label: `$(history) ${vscode.l10n.t('Keep the Last Seconds')}`, command: commands.keepLast },
    { label: `$(debug-stop) ${vscode.l10n.t('Stop Profiling')}`, command: commands.stop },
  ]);
}

/** What can be done with the numbers on the lines: from the status item. */
async function showQuickMenu(): Promise<void> {
  await pickCommand([
    { label: `$(graph) ${vscode.l10n.t('Reveal in Flame Graph')}`, command: commands.revealInFlameGraph },
    { label: `$(filter) ${vscode.l10n.t('Show the Whole Run Again')}`, command: commands.unwindSelection },
    { label: `$(eye) ${vscode.l10n.t('Show or Hide Timings')}`, command: commands.toggleInline },
    { label: `$(note) ${vscode.l10n.t('Show Profile as Text')}`, command: commands.showAsText },
    { label: `$(history) ${vscode.l10n.t('Open Recorded Profile')}`, command: commands.openRun },
    { label: `$(folder-opened) ${vscode.l10n.t('Open Profile…')}`, command: commands.openProfile },
    { label: `$(clear-all) ${vscode.l10n.t('Clear')}`, command: commands.clear },
  ]);
}

async function pickCommand(items: readonly (vscode.QuickPickItem & { command: CommandId })[]): Promise<void> {
  const picked = await vscode.window.showQuickPick(items, { title: 'Pyrolens' });
  if (picked) await vscode.commands.executeCommand(picked.command);
}
