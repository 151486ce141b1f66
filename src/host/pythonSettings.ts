import * as vscode from 'vscode';

type Folder = vscode.WorkspaceFolder | undefined;

/** As for debugpy: the Python extension's setting, else the file at its usual place. It may hold variables. */
export function envFileSetting(folder: Folder): string | undefined {
  const setting = vscode.workspace.getConfiguration('python', folder).get<string>('envFile');
  return setting || (folder && `$\{workspaceFolder}/.env`);
}

/** Replaces `${workspaceFolder}` and `~` in a path of the Python extension's settings. */
export function resolvePath(path: string, folder: Folder): string {
  const home = process.env['HOME'] ?? process.env['USERPROFILE'] ?? '~';
  return path
    .replace(/\$\{workspaceFolder\}/g, () => folder?.uri.fsPath ?? '.')
    .replace(/^~(?=[\\/]|$)/, () => home);
}
