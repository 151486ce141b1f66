import { basename, dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
import { type RunEntry, readRunManifest } from '../recorder/runFolder';
import { type ExportFormat, exportFormatFacts, exportFormats } from '../shared/exportFormats';
import { PyrolensError } from '../shared/failures';
import { inertLabel } from '../shared/inertText';
import type { ActiveRun } from './activeRun';
import { toProfileLine } from './editorLine';
import type { ProfilesTree } from './profilesTree';
import type { OpenAt, ResultEditor } from './resultEditor';
import { isForeign, pickRun, runAt, runPathIn } from './runPicker';
import type { RunStore } from './runStore';
import type { ServerConnection } from './serverConnection';

export interface RunCommandParts {
  readonly connection: ServerConnection;
  readonly activeRun: ActiveRun;
  readonly results: ResultEditor;
  readonly runs: RunStore;
  readonly tree: ProfilesTree;
}

/** What the commands on runs do. Each takes the run it is called with, else the one in front, else asks. */
export class RunCommands {
  constructor(private readonly parts: RunCommandParts) {}

  /** Opens the result editor on a run and puts its numbers on the lines. */
  async open(argument: unknown): Promise<void> {
    const title = vscode.l10n.t('Open Recorded Profile');
    const path = runPathIn(argument) ?? (await pickRun(this.parts.runs, title)).path;
    await this.openPath(path, { gap: gapIn(argument) });
  }

  /** Asks for a profile of any tool and opens it. */
  async openProfile(): Promise<void> {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Open Profile…'),
        openLabel: vscode.l10n.t('Open Profile…'),
        ...(workspaceUri() ? { defaultUri: workspaceUri() } : {}),
      })) ?? [];
    if (chosen) await this.openWith(chosen);
  }

  /** Opens a file, whatever its name, in the result editor. */
  async openWith(argument: unknown): Promise<void> {
    const file = argument instanceof vscode.Uri ? argument : undefined;
    if (!file) return this.openProfile();
    if (file.scheme !== 'file') throw new PyrolensError('notOnDisk', { path: file.path });
    if (!isForeign(file.fsPath)) return this.openPath(file.fsPath);
    // The tab reads the file, shows how far it is, and puts the numbers on the lines.
    await this.parts.results.open(file.fsPath, { preserveFocus: false, column: vscode.ViewColumn.Active });
  }

  async openLast(): Promise<void> {
    const [newest] = await this.parts.runs.list();
    if (newest) await this.openPath(newest.path);
    else await this.open(undefined);
  }

  /** Shows a run and its numbers; in `column` when given, else beside the source. With `gap` that group of gaps is chosen. */
  async openPath(path: string, at: OpenAt = {}): Promise<void> {
    await Promise.all([
      this.parts.results.open(path, { preserveFocus: false, ...at }),
      withProgress((token, onProgress) => this.parts.activeRun.activate(path, { token, onProgress })),
    ]);
  }

  /** Puts a run's numbers on the lines and shows the program's file. */
  async showInEditor(argument: unknown): Promise<void> {
    const path = await this.pathOf(argument, vscode.l10n.t('Show Timings in the Editor'));
    await withProgress((token, onProgress) => this.parts.activeRun.activate(path, { token, onProgress }));
    if (isForeign(path)) return;
    const { script } = await readRunManifest(dirname(path));
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(script)).then(
      opened => opened,
      () => {
        throw new PyrolensError('sourceMissing', { path: script });
      },
    );
    await vscode.window.showTextDocument(document);
  }

  async rename(argument: unknown): Promise<void> {
    const run = await this.runOf(argument, vscode.l10n.t('Rename Profile'));
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Rename Profile'),
      value: run.manifest.name,
      // A result that opens meanwhile must not take the box away.
      ignoreFocusOut: true,
      validateInput: text => (text.trim() === '' ? vscode.l10n.t('A name is needed.') : undefined),
    });
    if (name !== undefined) await this.parts.runs.rename(run, name.trim());
  }

  /** Deletes after asking; its tabs close and its numbers go. */
  async delete(argument: unknown): Promise<void> {
    const run = await this.runOf(argument, vscode.l10n.t('Delete Profile'));
    const confirm = vscode.l10n.t('Delete');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Delete the profile «{0}»? This cannot be undone.', inertLabel(run.manifest.name)),
      { modal: true },
      confirm,
    );
    if (answer !== confirm) return;
    if (this.parts.activeRun.summary?.path === run.path) await this.parts.activeRun.clear();
    await this.parts.results.close(run.path);
    await this.parts.runs.delete(run);
  }

  async export(argument: unknown): Promise<void> {
    const path = await this.pathOf(argument, vscode.l10n.t('Export Profile'));
    const format = await pickFormat();
    const name = isForeign(path)
      ? basename(path, extname(path))
      : (await readRunManifest(dirname(path))).name;
    const { extension } = exportFormatFacts(format);
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(join(exportFolder(), `${basename(name, '.py')}.${extension}`)),
      title: vscode.l10n.t('Export Profile'),
    });
    if (target) await this.parts.connection.request('exportRun', { path, format, target: target.fsPath });
  }

  /** The profile as plain text, for screen readers, chats and mails. */
  async showAsText(argument: unknown): Promise<void> {
    const path = await this.pathOf(argument, vscode.l10n.t('Show Profile as Text'));
    const { text } = await withProgress((token, onProgress) =>
      this.parts.connection.request('textReport', { path }, { token, onProgress }),
    );
    const document = await vscode.workspace.openTextDocument({ content: text, language: 'plaintext' });
    await vscode.window.showTextDocument(document);
  }

  /** From a lens or a hover with the function, or from a source line: focuses the flame graph on the function. */
  async revealInFlameGraph(argument: unknown): Promise<void> {
    const path = this.parts.activeRun.summary?.path;
    if (path === undefined) return;
    const func = functionIn(argument) ?? (await this.functionAtCursor());
    await this.parts.results.open(path, { preserveFocus: false, ...(func === undefined ? {} : { func }) });
  }

  private async functionAtCursor(): Promise<number | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return undefined;
    const place = { uri: editor.document.uri.toString(), line: toProfileLine(editor.selection.active.line) };
    const answer = await this.parts.connection.request('functionAt', place);
    return answer?.func;
  }

  private async pathOf(argument: unknown, title: string): Promise<string> {
    const { results, tree, activeRun, runs } = this.parts;
    const inFront =
      runPathIn(argument) ?? results.activePath ?? tree.selected?.path ?? activeRun.summary?.path;
    return inFront ?? (await pickRun(runs, title)).path;
  }

  private async runOf(argument: unknown, title: string): Promise<RunEntry> {
    const path = runPathIn(argument) ?? this.parts.tree.selected?.path;
    return path === undefined ? pickRun(this.parts.runs, title) : runAt(this.parts.runs, path);
  }
}

function gapIn(argument: unknown): number | undefined {
  const gap = (argument as { gap?: unknown } | null | undefined)?.gap;
  return typeof gap === 'number' ? gap : undefined;
}

function functionIn(argument: unknown): number | undefined {
  const func = (argument as { func?: unknown } | null | undefined)?.func;
  return typeof func === 'number' ? func : undefined;
}

async function pickFormat(): Promise<ExportFormat> {
  const items = exportFormats.map(({ id, detail }) => ({ label: id, description: vscode.l10n.t(detail) }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Export Profile') });
  if (!picked) throw new vscode.CancellationError();
  return picked.label;
}

function workspaceUri(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}

function exportFolder(): string {
  return workspaceUri()?.fsPath ?? process.env['HOME'] ?? '';
}

/** Reading a large run shows its progress and can be cancelled; a small one is over before anything appears. */
function withProgress<T>(
  work: (
    token: vscode.CancellationToken,
    onProgress: (message: string, share: number | null) => void,
  ) => Promise<T>,
): Promise<T> {
  const patienceMs = 1500;
  const cancellation = new vscode.CancellationTokenSource();
  let report: ((message: string) => void) | undefined;
  const result = work(cancellation.token, message => report?.(message));
  const timer = setTimeout(() => {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Pyrolens: reading the profile'),
      cancellable: true,
    };
    void vscode.window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => cancellation.cancel());
      report = message => progress.report({ message });
      await result.catch(() => undefined);
    });
  }, patienceMs);
  return result.finally(() => {
    clearTimeout(timer);
    cancellation.dispose();
  });
}
