import * as vscode from 'vscode';
import { commands } from '../shared/contributions';
import { PyrolensError } from '../shared/failures';
import { type Sentence, sentenceFor } from './failureSentences';
import type { Log } from './log';

const repeatSilenceMs = 4_000;

/**
 * The one funnel for everything that can go wrong in front of the user: a sentence with the cause, at most one action
 * that helps, and «Show Log». Cancellation is not an error.
 */
export class Failures {
  private lastShown = { key: '', atMs: 0 };

  constructor(private readonly log: Log) {}

  /** Shows what was thrown. The same failure is not shown twice in a row within four seconds. */
  show(thrown: unknown): void {
    if (isCancellation(thrown)) return;
    const failure = PyrolensError.from(thrown);
    this.write(failure, thrown);
    const key = failure.message;
    const isRepeated = key === this.lastShown.key && Date.now() - this.lastShown.atMs < repeatSilenceMs;
    this.lastShown = { key, atMs: Date.now() };
    if (!isRepeated) void this.present(sentenceFor(failure.code, failure.facts));
  }

  /** Writes to the log only: for what runs in the background and is not the user's concern. */
  note(thrown: unknown): void {
    if (!isCancellation(thrown)) this.write(PyrolensError.from(thrown), thrown);
  }

  /** The sentence alone, for places that show it themselves (the result editor). */
  describe(thrown: unknown): { message: string; action: { label: string; command: string } | null } {
    const failure = PyrolensError.from(thrown);
    const sentence = sentenceFor(failure.code, failure.facts);
    const action = sentence.action ?? { label: vscode.l10n.t('Show Log'), command: commands.showLog };
    return { message: sentence.text, action: { label: action.label, command: action.command } };
  }

  private write(failure: PyrolensError, thrown: unknown): void {
    const isExpected = failure.code !== 'internal';
    const detail = thrown instanceof Error ? thrown.stack : String(thrown);
    if (isExpected) this.log.warn(failure.message);
    else this.log.error(detail ?? failure.message);
  }

  private async present(sentence: Sentence): Promise<void> {
    const showLog = vscode.l10n.t('Show Log');
    const buttons = [...(sentence.action ? [sentence.action.label] : []), showLog];
    const chosen = await showMessage(sentence, buttons);
    if (chosen === showLog) this.log.show();
    else if (chosen !== undefined && sentence.action) {
      await vscode.commands.executeCommand(sentence.action.command, ...(sentence.action.args ?? []));
    }
  }
}

function showMessage(sentence: Sentence, buttons: readonly string[]): Thenable<string | undefined> {
  if (sentence.severity === 'information') {
    return vscode.window.showInformationMessage(sentence.text, ...buttons);
  }
  if (sentence.severity === 'warning') return vscode.window.showWarningMessage(sentence.text, ...buttons);
  return vscode.window.showErrorMessage(sentence.text, ...buttons);
}

function isCancellation(thrown: unknown): boolean {
  // -32800 is the language server protocol's «request cancelled».
  return thrown instanceof vscode.CancellationError || (thrown as { code?: unknown } | null)?.code === -32800;
}
