import { basename, sep } from 'node:path';
import * as vscode from 'vscode';
import { inertLabel } from '../shared/inertText';
import { checkPathMappings, deriveMapping, type PathMapping } from '../shared/pathMapping';
import type { ResultEditor } from './resultEditor';
import type { SettingsReader } from './settingsReader';
import type { SourceReveal } from './sourceReveal';

/** What showing a located file needs. */
export interface LocateParts {
  readonly results: ResultEditor;
  readonly reveal: SourceReveal;
}

/**
 * «Locate File…»: the user shows where a recorded file is. What the two paths differ in becomes a path mapping of the
 * workspace, so that every file from there is found; then the line that was asked for is shown.
 */
export async function locateSource(argument: unknown, { results, reveal }: LocateParts): Promise<void> {
  const { recorded, line } = (argument ?? {}) as { recorded?: unknown; line?: unknown };
  if (typeof recorded !== 'string') return;
  const file = await pickFile(recorded);
  const mapping = deriveMapping(recorded, file.fsPath);
  if (mapping) await teach(mapping);
  const place = { uri: file.toString(), line: Number(line) || 1, isKeptText: false, isStale: false };
  await reveal.reveal(place, { takeFocus: false, panelColumn: results.column });
}

/** Colours, source lines and own code in the result editors follow the mappings. */
export function followMappings(settings: SettingsReader, results: ResultEditor): vscode.Disposable {
  let mappings = JSON.stringify(settings.current.pathMappings);
  return settings.onDidChange(({ pathMappings }) => {
    if (JSON.stringify(pathMappings) === mappings) return;
    mappings = JSON.stringify(pathMappings);
    results.refreshAll();
  });
}

async function pickFile(recorded: string): Promise<vscode.Uri> {
  const name = recorded.slice(recorded.search(/[^/\\]*$/));
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Where is {0}?', inertLabel(name)),
      openLabel: vscode.l10n.t('Use This File'),
      ...(folder ? { defaultUri: folder } : {}),
    })) ?? [];
  if (!chosen) throw new vscode.CancellationError();
  return chosen;
}

/** Adds a mapping to the workspace's settings, or to the user's when no folder is open. The newest of a prefix wins. */
async function teach(mapping: PathMapping): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('pyrolens');
  const known = checkPathMappings(configuration.get('pathMappings'));
  const taught = { from: mapping.from, to: withVariable(mapping.to) };
  const mappings = [taught, ...known.filter(({ from }) => from !== taught.from)];
  const hasFolder = (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
  const target = hasFolder ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('pathMappings', mappings, target);
}

/** Folders of the workspace are written as variables: the settings may be shared. */
function withVariable(path: string): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder = folders.find(({ uri }) => path === uri.fsPath || path.startsWith(uri.fsPath + sep));
  if (!folder) return path;
  const { fsPath } = folder.uri;
  const isOnlyName = folders.filter(({ uri }) => basename(uri.fsPath) === basename(fsPath)).length === 1;
  if (!isOnlyName) return path;
  const variable = folders.length === 1 ? '' : `:${basename(fsPath)}`;
  return `\${workspaceFolder${variable}}${path.slice(fsPath.length).replaceAll(sep, '/')}`;
}
