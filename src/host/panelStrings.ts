import * as vscode from 'vscode';
import { type PanelStringKey, type PanelStrings, panelStringsEnglish } from '../shared/panelMessages';

/** Every text of the webview in the editor's language. Placeholders stay: the webview fills them. */
export function panelStrings(): PanelStrings {
  const translated = Object.entries(panelStringsEnglish).map(([key, english]) => [key, translate(english)]);
  return Object.fromEntries(translated) as Record<PanelStringKey, string>;
}

/** Without arguments `l10n.t` leaves `{0}` alone. */
function translate(english: string): string {
  return vscode.l10n.t(english);
}
