import * as vscode from 'vscode';
import { type CommandId, commands, quickMenuCommand, type VariableCommand } from '../shared/contributions';
import type { EngineName } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import type { DebuggedProcesses } from './debug/debuggedProcesses';
import { Disposable } from './disposable';
import type { Failures } from './failures';
import type { InlineTimings } from './inlineTimings';
import { selectInterpreter } from './interpreter';
import type { LaunchRequest } from './launching';
import { type LocateParts, locateSource } from './locateSource';
import type { Log } from './log';
import type { ProfilingSession } from './profilingSession';
import { type RunCommandParts, RunCommands } from './runCommands';
import { isForeign, runPathIn } from './runPicker';
import { fileRequest, requestOfRun } from './runRequest';
import { openSampleWorkspace, samplePath } from './sample';
import { savedPythonFile } from './savedFile';
import { startCommands } from './startCommands';

export interface CommandParts extends RunCommandParts, LocateParts {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly failures: Failures;
  readonly inline: InlineTimings;
  readonly session: ProfilingSession;
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
      [commands.showLog]: () => parts.log.show(),
      [commands.selectInterpreter]: () => selectInterpreter(),
      [commands.restartServer]: () => parts.connection.restart(),
      [quickMenuCommand]: () => showQuickMenu(),
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
    const { activeRun, inline, session } = this.parts;
    return {
      [commands.profileFile]: (argument?: unknown) => this.profile(argument, 'bundled-sampler'),
      [commands.profileFileCounts]: (argument?: unknown) => this.profile(argument, 'cprofile'),
      [commands.stop]: () => session.stop(),
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
        this.runCommands.openPath(await samplePath(context.extensionUri), vscode.ViewColumn.Active),
      [commands.openSampleWorkspace]: () => openSampleWorkspace(context),
    };
  }

  private async profile(argument: unknown, engine: EngineName): Promise<void> {
    this.parts.session.requireIdle();
    await this.parts.session.start(await requestFor(argument, engine));
  }
}

/** The editor's title menu hands over its file, the result editor its run; else it is the file in the editor. */
async function requestFor(argument: unknown, engine: EngineName): Promise<LaunchRequest> {
  const runPath = runPathIn(argument);
  if (runPath !== undefined && !isForeign(runPath)) return requestOfRun(runPath, engine);
  const file = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  if (!file) throw new PyrolensError('notPythonFile');
  return fileRequest(await savedPythonFile(file), engine);
}

/** What can be done with the numbers on the lines: from the status item. */
async function showQuickMenu(): Promise<void> {
  const items = [
    { label: `$(graph) ${vscode.l10n.t('Reveal in Flame Graph')}`, command: commands.revealInFlameGraph },
    { label: `$(filter) ${vscode.l10n.t('Show the Whole Run Again')}`, command: commands.unwindSelection },
    { label: `$(eye) ${vscode.l10n.t('Show or Hide Timings')}`, command: commands.toggleInline },
    { label: `$(note) ${vscode.l10n.t('Show Profile as Text')}`, command: commands.showAsText },
    { label: `$(history) ${vscode.l10n.t('Open Recorded Profile')}`, command: commands.openRun },
    { label: `$(folder-opened) ${vscode.l10n.t('Open Profile…')}`, command: commands.openProfile },
    { label: `$(clear-all) ${vscode.l10n.t('Clear')}`, command: commands.clear },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: 'Pyrolens' });
  if (picked) await vscode.commands.executeCommand(picked.command);
}
