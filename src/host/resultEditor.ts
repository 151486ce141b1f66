import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { RunSummary } from '../shared/api';
import { viewIds } from '../shared/contributions';
import { Disposable } from './disposable';
import { panelHtml } from './panelHtml';
import { type PanelParts, ResultPanel } from './resultPanel';
import { isForeign } from './runPicker';

/** Where a run is shown, and what of it. */
export interface OpenAt {
  readonly column?: vscode.ViewColumn | undefined;
  /** The function that the flame graph is focused on. */
  readonly func?: number | undefined;
  /** The group of gaps that is chosen. */
  readonly gap?: number | undefined;
}

/** The custom editor on runs and on profiles of other tools: opens, restores and splits like any editor. */
export class ResultEditor extends Disposable {
  private readonly panels = new Set<ResultPanel>();
  /** What a tab that is being opened shows first. */
  private readonly toFocus = new Map<string, OpenAt>();
  private readonly hasStyleSheet: boolean;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly parts: PanelParts,
  ) {
    super();
    this.hasStyleSheet = existsSync(vscode.Uri.joinPath(extensionUri, 'dist', 'webview.css').fsPath);
  }

  /** Fills a tab of a run. */
  resolve({ fsPath, scheme }: vscode.Uri, panel: vscode.WebviewPanel): void {
    const assets = vscode.Uri.joinPath(this.extensionUri, 'dist');
    panel.webview.options = { enableScripts: true, localResourceRoots: [assets] };
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.extensionUri, 'media', 'tab-light.svg'),
      dark: vscode.Uri.joinPath(this.extensionUri, 'media', 'tab-dark.svg'),
    };
    const result = new ResultPanel({ path: fsPath, isOnDisk: scheme === 'file' }, panel, this.parts);
    this.panels.add(result);
    panel.onDidDispose(() => {
      this.panels.delete(result);
      result.dispose();
    });
    const first = this.toFocus.get(fsPath);
    this.toFocus.delete(fsPath);
    if (first) result.focus(first);
    panel.webview.html = panelHtml(panel.webview, this.extensionUri, this.hasStyleSheet);
  }

  /** Path of the run in the focused result editor. */
  get activePath(): string | undefined {
    return [...this.panels].find(panel => panel.isActive)?.path;
  }

  /**
   * Shows a run: in its tab when it has one, else where results already stand, else beside the source.
   */
  async open(path: string, options: OpenAt & { readonly preserveFocus: boolean }): Promise<void> {
    const panels = [...this.panels];
    const panel = panels.find(candidate => candidate.path === path);
    if (panel) {
      panel.show(options.preserveFocus);
      if (isForeign(path)) await panel.takeLines();
      panel.focus(options);
      return;
    }
    this.toFocus.set(path, options);
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), viewIds.resultEditor, {
      viewColumn:
        options.column ??
        panels.find(candidate => candidate.viewColumn)?.viewColumn ??
        vscode.ViewColumn.Beside,
      preserveFocus: options.preserveFocus,
    });
  }

  /** Column of the focused result editor, else of any that is open. */
  get column(): vscode.ViewColumn | undefined {
    const panels = [...this.panels];
    return (panels.find(panel => panel.isActive) ?? panels[0])?.viewColumn;
  }

  /** Shows every run anew: its sources are found at other places now. */
  refreshAll(): void {
    for (const panel of this.panels) panel.refresh();
  }

  /** Presses a key in the focused result editor, else in any that is open. */
  pressKey(key: string): void {
    const panels = [...this.panels];
    (panels.find(panel => panel.isActive) ?? panels[0])?.pressKey(key);
  }

  /** Reads a run again in every tab that shows it. */
  reload(path: string): void {
    for (const panel of this.panels) if (panel.path === path) void panel.load();
  }

  /** Shows a run that the server has just read in every tab that waits for it. */
  showRun(summary: RunSummary): void {
    for (const panel of this.panels) if (panel.path === summary.path) panel.showRun(summary);
  }

  /** Sends a run to its tabs again: what is said about it has changed. */
  refreshRun(path: string): void {
    for (const panel of this.panels) if (panel.path === path) panel.refresh();
  }

  /** Closes the tabs of a run that is deleted. */
  async close(path: string): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs);
    await vscode.window.tabGroups.close(
      tabs.filter(tab => tab.input instanceof vscode.TabInputCustom && tab.input.uri.fsPath === path),
      true,
    );
  }
}
