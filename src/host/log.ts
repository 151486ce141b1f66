import * as vscode from 'vscode';

export type Log = vscode.LogOutputChannel;

/** The one output channel, «Pyrolens». The language client writes into it too. */
export function createLog(): Log {
  return vscode.window.createOutputChannel('Pyrolens', { log: true });
}
