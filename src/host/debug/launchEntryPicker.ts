import { basename } from 'node:path';
import * as vscode from 'vscode';
import { choiceKeys } from '../../shared/contributions';
import { isPythonEntry, type LaunchEntry, launchesProgram, toPyrolensEntry } from './debugpyEntries';

interface EntryItem extends vscode.QuickPickItem {
  readonly entry: LaunchEntry;
  readonly folder: vscode.WorkspaceFolder | undefined;
}

/** Asks for one of the user's launch configurations, the last choice first, and profiles it as it stands. */
export async function profileLaunchEntry(memory: vscode.Memento): Promise<void> {
  const last = memory.get<string>(choiceKeys.launchEntry);
  const items = pythonEntries().sort((a, b) => Number(keyOf(b) === last) - Number(keyOf(a) === last));
  if (items.length === 0) return explainNone();
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Profile with launch configuration'),
    matchOnDetail: true,
  });
  if (!picked) return;
  if (!launchesProgram(picked.entry)) return explainAttach(picked.entry.name);
  await memory.update(choiceKeys.launchEntry, keyOf(picked));
  await vscode.debug.startDebugging(picked.folder, toPyrolensEntry(picked.entry), {
    suppressDebugStatusbar: true,
    suppressDebugView: true,
  });
}

/** Python's entries of every folder's `launch.json`, then of the workspace file, then of the user's settings. */
function pythonEntries(): EntryItem[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const isSingle = folders.length === 1 && vscode.workspace.workspaceFile === undefined;
  const ofFolders = folders.flatMap(folder => {
    const found = configurations(folder);
    return itemsOf(found?.workspaceFolderValue ?? (isSingle ? found?.workspaceValue : undefined), folder);
  });
  const shared = configurations(undefined);
  const ofWorkspace = isSingle ? [] : itemsOf(shared?.workspaceValue, undefined);
  return [...ofFolders, ...ofWorkspace, ...itemsOf(shared?.globalValue, folders[0])];
}

function configurations(folder: vscode.WorkspaceFolder | undefined) {
  return vscode.workspace.getConfiguration('launch', folder).inspect<unknown[]>('configurations');
}

function itemsOf(entries: unknown, folder: vscode.WorkspaceFolder | undefined): EntryItem[] {
  if (!Array.isArray(entries)) return [];
  const isAmongSeveral = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  return entries.filter(isPythonEntry).map(entry => ({
    entry,
    folder,
    label: entry.name,
    description: isAmongSeveral ? (folder?.name ?? '') : '',
    detail: launchesProgram(entry)
      ? programText(entry)
      : vscode.l10n.t('attaches to a program instead of starting it'),
  }));
}

/** What an entry runs, as one would type it. */
function programText(entry: LaunchEntry): string {
  const { program, module, code, args } = entry as Readonly<Record<string, unknown>>;
  const what = module ? `-m ${module}` : code ? '-c …' : basename(String(program ?? ''));
  const rest = Array.isArray(args) ? args.join(' ') : typeof args === 'string' ? args : '';
  return `${what} ${rest}`.trim();
}

function keyOf({ entry, folder }: EntryItem): string {
  return `${folder?.uri.toString() ?? ''}\n${entry.name}`;
}

async function explainNone(): Promise<void> {
  const open = vscode.l10n.t('Open launch.json');
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t('There is no launch configuration for Python yet. «Profile Current File» needs none.'),
    open,
  );
  if (picked === open) await vscode.commands.executeCommand('workbench.action.debug.configure');
}

async function explainAttach(name: string): Promise<void> {
  await vscode.window.showInformationMessage(
    vscode.l10n.t(
      '«{0}» attaches to a program that runs already, through the debugger. Profile such a program with «Attach to Process…», or start it with a configuration whose request is "launch".',
      name,
    ),
  );
}
