import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { deleteRun, listRuns, type RunEntry, renameRun } from '../recorder/runFolder';
import type { RunSummary } from '../shared/api';
import { Disposable } from './disposable';

/** The runs on disk: below the workspace's storage, or the extension's when no folder is open. */
export class RunStore extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  /** Folder that holds one folder per run; created with the first run. */
  readonly root: string;

  constructor(context: vscode.ExtensionContext) {
    super();
    this.root = join((context.storageUri ?? context.globalStorageUri).fsPath, 'runs');
  }

  /** Run folders by the server's run id, as far as they have been opened in this window. */
  private readonly opened = new Map<string, string>();

  /** Notes where an opened run lives: it may be outside `root`, like the sample. */
  remember(summary: RunSummary): void {
    this.opened.set(summary.runId, dirname(summary.path));
  }

  /** The folder of a run. A tab restored after a reload asks before its run is opened: then the id names the folder. */
  dirOf(runId: string): string | undefined {
    const known = this.opened.get(runId);
    if (known !== undefined) return known;
    return /^[\w-]+$/.test(runId) ? join(this.root, runId) : undefined;
  }

  /** Newest first. */
  list(): Promise<RunEntry[]> {
    return listRuns(this.root);
  }

  async rename(run: RunEntry, name: string): Promise<void> {
    await renameRun(run.dir, name);
    this.refresh();
  }

  async delete(run: RunEntry): Promise<void> {
    await deleteRun(run.dir);
    this.refresh();
  }

  /** Something on disk changed: a run began, ended, went. */
  refresh(): void {
    this.changed.fire();
  }
}
