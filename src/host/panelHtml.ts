import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The webview's page: one script, one style sheet, nothing else may load. Data never goes into the page. */
export function panelHtml(webview: vscode.Webview, extensionUri: vscode.Uri, hasStyleSheet: boolean): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name));
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${hasStyleSheet ? `<link rel="stylesheet" href="${asset('webview.css')}">` : ''}
<title>Pyrolens</title>
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${asset('webview.js')}"></script>
</body>
</html>`;
}
