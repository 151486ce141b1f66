import { readFile, stat } from 'node:fs/promises';
import type { TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { PresentText } from './features/documentView';
import { pathOfUri } from './sourcePaths';

const maxBytes = 16 * 1024 * 1024;

/** The present text of a document: as the editor holds it, else as it lies on disk. Undefined when there is none. */
export async function presentText(
  documents: TextDocuments<TextDocument>,
  uri: string,
): Promise<PresentText | undefined> {
  const document = documents.get(uri);
  if (document) return { uri, version: document.version, text: document.getText() };
  const path = pathOfUri(uri);
  if (path === undefined) return undefined;
  try {
    const { size, mtimeMs } = await stat(path);
    if (size > maxBytes) return undefined;
    return { uri, version: -Math.round(mtimeMs), text: await readFile(path, 'utf8') };
  } catch {
    return undefined;
  }
}
