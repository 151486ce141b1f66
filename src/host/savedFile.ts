import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { PyrolensError } from '../shared/failures';

/** A Python file as it is on disk: an edited one is saved first, an untitled one asks where. Fails with the reason. */
export async function savedPythonFile(uri: vscode.Uri): Promise<vscode.Uri> {
  const document = await vscode.workspace.openTextDocument(uri).then(
    opened => opened,
    () => {
      throw new PyrolensError('fileMissing', { path: uri.fsPath });
    },
  );
  if (document.isUntitled) return saveUntitled(document);
  if (uri.scheme !== 'file' || document.languageId !== 'python') throw new PyrolensError('notPythonFile');
  await save(document);
  return uri;
}

/** What runs is what the editor shows: the script is saved if it has unsaved changes. Fails when there is no such file. */
export async function saveBeforeRun(path: string): Promise<void> {
  const isScript = ({ uri }: vscode.TextDocument) => uri.scheme === 'file' && uri.fsPath === path;
  const document = vscode.workspace.textDocuments.find(isScript);
  if (document) await save(document);
  if (!existsSync(path)) throw new PyrolensError('fileMissing', { path });
}

async function save(document: vscode.TextDocument): Promise<void> {
  if (!document.isDirty || (await document.save())) return;
  throw new PyrolensError('storageUnwritable', {
    path: document.uri.fsPath,
    reason: vscode.l10n.t('it could not be saved'),
  });
}

/** Python needs a file: the save dialog opens, and cancelling it cancels the run. */
async function saveUntitled(document: vscode.TextDocument): Promise<vscode.Uri> {
  if (document.languageId !== 'python') throw new PyrolensError('notPythonFile');
  const saved = await vscode.workspace.save(document.uri);
  if (!saved) throw new vscode.CancellationError();
  return saved;
}
