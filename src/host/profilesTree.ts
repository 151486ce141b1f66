import * as vscode from 'vscode';
import { durationOf, type RunEntry } from '../recorder/runFolder';
import { commands } from '../shared/contributions';
import { formatDuration } from '../shared/formatting';
import { inert, inertLabel } from '../shared/inertText';
import { Disposable } from './disposable';
import type { Failures } from './failures';
import { type GapEntry, gapEntries, gapMessage, gapTreeItem } from './gapItem';
import type { RunStore } from './runStore';
import type { ServerConnection } from './serverConnection';

const refreshMs = 60_000;
const gapCount = 5;

/** A run, or one of its gaps. */
export type ProfilesItem = RunEntry | GapEntry;

/** The registered view, and what tells it to ask again. */
export interface ProfilesView {
  readonly tree: vscode.TreeView<ProfilesItem>;
  readonly changed: vscode.EventEmitter<undefined>;
}

/** The «Profiles» view: runs, newest first, each with its costliest gaps below it. Empty, it shows the welcome text of the manifest. */
export class ProfilesTree extends Disposable {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly runs: RunStore,
    private readonly view: ProfilesView,
    private readonly parts: { readonly connection: ServerConnection; readonly failures: Failures },
  ) {
    super();
    this.register(runs.onDidChange(() => view.changed.fire(undefined)));
    this.register(view.tree.onDidChangeVisibility(({ visible }) => this.keepFresh(visible)));
    this.keepFresh(view.tree.visible);
  }

  /** The run selected in the view, for commands started from the palette. */
  get selected(): RunEntry | undefined {
    return this.view.tree.selection.find(isRun);
  }

  async getChildren(parent?: ProfilesItem): Promise<ProfilesItem[]> {
    if (!parent) return this.runs.list();
    return isRun(parent) ? this.gapsOf(parent) : [];
  }

  getTreeItem(shown: ProfilesItem): vscode.TreeItem {
    return isRun(shown) ? runTreeItem(shown) : gapTreeItem(shown);
  }

  private async gapsOf(run: RunEntry): Promise<GapEntry[]> {
    try {
      const asked = { path: run.path, limit: gapCount };
      return gapEntries(run, (await this.parts.connection.request('topGaps', asked)).gaps);
    } catch (error) {
      return [gapMessage(run, this.parts.failures.describe(error).message)];
    }
  }
  /** «2 min ago» ages: while the view is open it is drawn anew each minute. */
  private keepFresh(isVisible: boolean): void {
    clearInterval(this.timer);
    if (isVisible) this.timer = setInterval(() => this.view.changed.fire(undefined), refreshMs);
  }

  override dispose(): void {
    clearInterval(this.timer);
    super.dispose();
  }
}

function isRun(item: ProfilesItem): item is RunEntry {
  return 'manifest' in item;
}

function runTreeItem(run: RunEntry): vscode.TreeItem {
  const item = new vscode.TreeItem(inertLabel(run.manifest.name), collapsibleStateOf(run));
  item.id = run.manifest.id;
  item.contextValue = 'run';
  item.description = describeRun(run);
  item.iconPath = iconOf(run);
  item.tooltip = tooltipOf(run);
  item.command = {
    command: commands.openRun,
    title: vscode.l10n.t('Open Recorded Profile'),
    arguments: [run],
  };
  item.accessibilityInformation = { label: `${inert(run.manifest.name)}, ${describeRun(run)}` };
  return item;
}

/** Call counts have no gaps, and a run under way has not all of them yet. */
function collapsibleStateOf({ state, manifest }: RunEntry): vscode.TreeItemCollapsibleState {
  const hasGaps = state !== 'recording' && manifest.engine !== 'cprofile';
  return hasGaps ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
}

/** `5.6 s · 2 min ago`, with what is unusual about the run in front. */
export function describeRun(run: RunEntry): string {
  const age = ageText(Date.now() - run.manifest.startedAtMs);
  if (run.state === 'recording') return vscode.l10n.t('recording · {0}', age);
  const durationNs = durationOf(run.manifest);
  const words = [
    run.state === 'interrupted' ? vscode.l10n.t('interrupted') : undefined,
    durationNs === undefined ? undefined : formatDuration(durationNs),
    age,
  ];
  return words.filter(word => word !== undefined).join(' · ');
}

function ageText(ageMs: number): string {
  const minutes = Math.floor(ageMs / 60_000);
  if (minutes < 1) return vscode.l10n.t('just now');
  if (minutes < 60) return vscode.l10n.t('{0} min ago', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return vscode.l10n.t('{0} h ago', hours);
  return vscode.l10n.t('{0} days ago', Math.floor(hours / 24));
}

function iconOf(run: RunEntry): vscode.ThemeIcon {
  if (run.state === 'recording') return new vscode.ThemeIcon('record');
  if (run.state === 'interrupted') return new vscode.ThemeIcon('debug-disconnect');
  if (run.manifest.engine === 'cprofile') return new vscode.ThemeIcon('symbol-numeric');
  return new vscode.ThemeIcon('flame');
}

function tooltipOf(run: RunEntry): vscode.MarkdownString {
  const { manifest } = run;
  const text = new vscode.MarkdownString();
  const rows = [
    manifest.command.join(' '),
    new Date(manifest.startedAtMs).toLocaleString(),
    `Python ${manifest.interpreter.version} · ${manifest.engine}`,
    manifest.git ? `git ${manifest.git.commit.slice(0, 10)}` : undefined,
  ];
  for (const row of rows) if (row !== undefined) text.appendText(inert(row)).appendMarkdown('\n\n');
  return text;
}
