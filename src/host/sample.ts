import * as vscode from 'vscode';
import { PyrolensError } from '../shared/failures';

/** Path of the profile that comes with the extension. Fails with `fileMissing` when the package lacks it. */
export async function samplePath(extensionUri: vscode.Uri): Promise<string> {
  const uri = vscode.Uri.joinPath(extensionUri, 'media', 'sample', 'run', 'run.pyrolens');
  await requireExisting(uri);
  return uri.fsPath;
}

/** Copies the sample workspace to the extension's own storage, once, and opens it in this window. */
export async function openSampleWorkspace(context: vscode.ExtensionContext): Promise<void> {
  const source = vscode.Uri.joinPath(context.extensionUri, 'media', 'sample', 'workspace');
  const target = vscode.Uri.joinPath(context.globalStorageUri, 'sample-workspace');
  await requireExisting(source);
  const isThere = await exists(target);
  // The user's own edits of the copy are kept.
  if (!isThere) await vscode.workspace.fs.copy(source, target, { overwrite: false });
  const hasFolder = vscode.workspace.workspaceFolders !== undefined;
  await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: hasFolder });
}

async function requireExisting(uri: vscode.Uri): Promise<void> {
  if (!(await exists(uri))) throw new PyrolensError('fileMissing', { path: uri.fsPath });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
