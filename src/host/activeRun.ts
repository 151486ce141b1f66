import * as vscode from 'vscode';
import type { RunSummary, Selection } from '../shared/api';
import { contextKeys, memoryKeys } from '../shared/contributions';
import { Disposable } from './disposable';
import type { Failures } from './failures';
import type { RequestOptions } from './languageClient';
import type { RunStore } from './runStore';
import type { ServerConnection } from './serverConnection';

const rememberedKey = memoryKeys.activeRun;

/**
 * The run whose numbers stand in the source editors, and what they are narrowed to. Remembered in the workspace, so
 * that a reload brings it back, and loaded again when the server has crashed.
 */
export class ActiveRun extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  /** Another run, none, or another selection. */
  readonly onDidChange = this.changed.event;
  private currentSummary: RunSummary | undefined;
  private currentSelection: Selection | undefined;

  constructor(
    private readonly parts: {
      readonly connection: ServerConnection;
      readonly runs: RunStore;
      readonly memory: vscode.Memento;
      readonly failures: Failures;
    },
  ) {
    super();
    this.register(parts.connection.onRestarted(() => void this.reload()));
  }

  get summary(): RunSummary | undefined {
    return this.currentSummary;
  }

  get selection(): Selection | undefined {
    return this.currentSelection;
  }

  /** Path of the run that was active before the window was reloaded. */
  get rememberedPath(): string | undefined {
    return this.parts.memory.get<string>(rememberedKey);
  }

  /** Loads a run and puts its numbers into the editors. */
  async activate(path: string, options: RequestOptions = {}): Promise<RunSummary> {
    const summary = await this.parts.connection.request('openRun', { path }, options);
    return this.show(summary);
  }

  /** Puts the numbers of a run into the editors that the server has read already. */
  async show(summary: RunSummary): Promise<RunSummary> {
    await this.parts.connection.request('activateRun', { runId: summary.runId });
    this.parts.runs.remember(summary);
    this.currentSummary = summary;
    this.currentSelection = undefined;
    this.announce();
    return summary;
  }

  /** The run has grown: what is said of it is new, the selection stays. */
  update(summary: RunSummary): void {
    if (this.currentSummary?.runId !== summary.runId) return;
    this.currentSummary = summary;
    this.changed.fire();
  }

  /** Takes all numbers away and forgets the run. It stays on disk. */
  async clear(): Promise<void> {
    this.currentSummary = undefined;
    this.currentSelection = undefined;
    if (this.parts.connection.isStarted) await this.parts.connection.request('activateRun', { runId: null });
    this.announce();
  }

  /** Narrows the numbers, showing the selection's run first if another one is shown; null unwinds. */
  async select(selection: Selection | null, run: RunSummary | undefined): Promise<void> {
    if (selection === null && this.currentSelection === undefined) return;
    if (selection && selection.runId !== this.currentSummary?.runId && run) await this.show(run);
    await this.parts.connection.request('select', { selection });
    this.currentSelection = selection ?? undefined;
    this.announce();
  }

  /** Brings back what was shown before a reload; a run that is gone is forgotten without a word. */
  async restore(): Promise<void> {
    const path = this.rememberedPath;
    if (path === undefined || this.currentSummary) return;
    try {
      await vscode.workspace.fs.stat(vscode.Uri.file(path));
      await this.activate(path);
    } catch (error) {
      this.parts.failures.note(error);
      await this.parts.memory.update(rememberedKey, undefined);
    }
  }

  /** The server has restarted and is empty: load the run again and narrow as before. */
  private async reload(): Promise<void> {
    const path = this.currentSummary?.path;
    const selection = this.currentSelection;
    if (path === undefined) return;
    try {
      const summary = await this.activate(path);
      if (selection) await this.select({ ...selection, runId: summary.runId }, summary);
    } catch (error) {
      this.parts.failures.show(error);
    }
  }

  private announce(): void {
    this.changed.fire();
    // Not awaited: each waits for the window, which has numbers and pictures to draw first.
    Promise.all([
      this.parts.memory.update(rememberedKey, this.currentSummary?.path),
      setContext(contextKeys.hasProfile, this.currentSummary !== undefined),
      setContext(contextKeys.hasSelection, this.currentSelection !== undefined),
    ]).catch(error => this.parts.failures.note(error));
  }
}

/** Sets one of our when-clause keys. */
export async function setContext(key: string, value: boolean): Promise<void> {
  await vscode.commands.executeCommand('setContext', key, value);
}
