import * as vscode from 'vscode';
import type { RunEntry } from '../recorder/runFolder';
import { PyrolensError } from '../shared/failures';
import { inertLabel } from '../shared/inertText';
import { describeRun } from './profilesTree';
import type { RunStore } from './runStore';

/** True for files of other tools: they have no manifest, no folder of ours and no program to run again. */
export function isForeign(path: string): boolean {
  return !path.endsWith('.pyrolens');
}

/**
 * The path of a run in whatever a command is called with: a tree item, a file, a message of the result editor. Only the
 * last can be a profile of another tool: a file alone may be the program to profile.
 */
export function runPathIn(argument: unknown): string | undefined {
  if (argument instanceof vscode.Uri)
    return argument.path.endsWith('.pyrolens') ? argument.fsPath : undefined;
  if (typeof argument === 'string') return argument.endsWith('.pyrolens') ? argument : undefined;
  const path = (argument as { path?: unknown } | null | undefined)?.path;
  return typeof path === 'string' && path !== '' ? path : undefined;
}

/** Lets the user choose a run. Fails with `nothingRecorded` words of its own when there is none. */
export async function pickRun(runs: RunStore, title: string): Promise<RunEntry> {
  const entries = await runs.list();
  const items = entries.map(run => ({
    label: inertLabel(run.manifest.name),
    description: describeRun(run),
    run,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder:
      items.length > 0
        ? vscode.l10n.t('Choose a profile')
        : vscode.l10n.t('No profile has been recorded yet'),
  });
  if (!picked) throw new vscode.CancellationError();
  return picked.run;
}

/** The run at a path of the store. Fails with `unreadableRun`. */
export async function runAt(runs: RunStore, path: string): Promise<RunEntry> {
  const run = (await runs.list()).find(entry => entry.path === path);
  if (run) return run;
  throw new PyrolensError('unreadableRun', {
    path,
    reason: vscode.l10n.t('it is not among the kept profiles'),
  });
}
