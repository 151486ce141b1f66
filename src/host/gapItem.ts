import * as vscode from 'vscode';
import type { RunEntry } from '../recorder/runFolder';
import type { GapHeadline } from '../shared/api';
import { commands } from '../shared/contributions';
import { formatCount, formatDuration } from '../shared/formatting';

/** A row below a run: one of its gaps, or why there is none (`gap` undefined). */
export interface GapEntry {
  /** Of the run. */
  readonly path: string;
  /** Number of the group in the run's list. */
  readonly group: number;
  readonly gap: GapHeadline | undefined;
  /** What is said instead of a gap. */
  readonly message: string;
}

/** Rows for the gaps of a run, in their order. */
export function gapEntries(run: RunEntry, gaps: readonly GapHeadline[]): GapEntry[] {
  const entries = gaps.map((gap, group) => ({ path: run.path, group, gap, message: '' }));
  return entries.length > 0 ? entries : [gapMessage(run, vscode.l10n.t('No gap longer than 5 ms'))];
}

/** A row that says something instead. */
export function gapMessage(run: RunEntry, message: string): GapEntry {
  return { path: run.path, group: -1, gap: undefined, message };
}

/** How a row is drawn; a click opens the gap in the result editor. */
export function gapTreeItem({ path, group, gap, message }: GapEntry): vscode.TreeItem {
  if (!gap) return new vscode.TreeItem(message);
  const item = new vscode.TreeItem(gap.title);
  const [timeNs, icon] = gap.delayNs > 0 ? [gap.delayNs, 'warning'] : [gap.totalNs, 'clock'];
  const times = `${formatDuration(timeNs)} ×${formatCount(gap.count)}`;
  item.id = `${path} ${group}`;
  item.contextValue = 'gap';
  item.description = [times, gap.place].filter(Boolean).join(' · ');
  item.iconPath = new vscode.ThemeIcon(icon);
  item.tooltip =
    gap.delayNs > 0
      ? vscode.l10n.t('Delayed an event loop or the main thread by {0}', formatDuration(gap.delayNs))
      : vscode.l10n.t('Waited {0}; nobody was delayed', formatDuration(gap.totalNs));
  item.command = {
    command: commands.openRun,
    title: vscode.l10n.t('Open Recorded Profile'),
    arguments: [{ path, gap: group }],
  };
  item.accessibilityInformation = { label: `${gap.title}, ${item.description}` };
  return item;
}
