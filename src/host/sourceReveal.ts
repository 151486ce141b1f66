import * as vscode from 'vscode';
import type { SourcePlace } from '../shared/api';
import { viewIds } from '../shared/contributions';
import { Disposable } from './disposable';
import { toEditorLine } from './editorLine';

const flashMs = 700;

/** Opens places in the source: line centred, caret on its first character, a short flash, focus moved only on demand. */
export class SourceReveal extends Disposable {
  private readonly flash = this.register(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
      borderColor: new vscode.ThemeColor('editor.rangeHighlightBorder'),
    }),
  );

  /** `panelColumn` is where the result editor stands: the source never opens over it. */
  async reveal(
    place: SourcePlace,
    options: { takeFocus: boolean; panelColumn: vscode.ViewColumn | undefined },
  ): Promise<void> {
    const document = await this.open(place);
    const line = Math.min(toEditorLine(place.line), document.lineCount - 1);
    const { firstNonWhitespaceCharacterIndex } = document.lineAt(line);
    const caret = new vscode.Position(line, firstNonWhitespaceCharacterIndex);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: columnFor(document.uri, options.panelColumn),
      preserveFocus: !options.takeFocus,
      selection: new vscode.Range(caret, caret),
    });
    editor.revealRange(document.lineAt(line).range, vscode.TextEditorRevealType.InCenter);
    editor.setDecorations(this.flash, [document.lineAt(line).range]);
    setTimeout(() => editor.setDecorations(this.flash, []), flashMs);
  }

  private async open(place: SourcePlace): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri, true));
    if (!place.isKeptText || document.languageId === 'python') return document;
    return vscode.languages.setTextDocumentLanguage(document, 'python');
  }
}

/** The column that already shows the file, else another one than the result editor's. */
function columnFor(uri: vscode.Uri, panelColumn: vscode.ViewColumn | undefined): vscode.ViewColumn {
  const groups = vscode.window.tabGroups.all;
  const showing = groups.find(group => group.tabs.some(tab => isTextTab(tab, uri)));
  if (showing) return showing.viewColumn;
  const other = groups.find(group => group.viewColumn !== panelColumn && !showsResult(group));
  if (other) return other.viewColumn;
  return panelColumn === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
}

function isTextTab(tab: vscode.Tab, uri: vscode.Uri): boolean {
  return tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString();
}

function showsResult(group: vscode.TabGroup): boolean {
  const input = group.activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom)) return false;
  return input.viewType === viewIds.resultEditor || input.viewType === viewIds.optionalEditor;
}
