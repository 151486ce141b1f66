import * as vscode from 'vscode';
import { globalMemoryKeys } from '../shared/contributions';

const offeredSeconds = [10, 30, 60] as const;
const maxSeconds = 86_400;
/** Tools cannot be asked to stop on Windows: they record for a time. */
const canBeStopped = process.platform !== 'win32';

type Choice = number | 'untilStopped';

interface DurationItem extends vscode.QuickPickItem {
  /** undefined: to be asked. */
  readonly choice: Choice | undefined;
}

/** Asks for how long to record, the last answer first. Undefined: until it is stopped. */
export async function pickDuration(memory: vscode.Memento, name: string): Promise<number | undefined> {
  const last = memory.get<Choice>(globalMemoryKeys.attachDuration);
  const picked = await vscode.window.showQuickPick(items(last), {
    title: vscode.l10n.t('Record {0}', name),
    placeHolder: vscode.l10n.t('For how long?'),
  });
  if (!picked) throw new vscode.CancellationError();
  const choice = picked.choice ?? (await askSeconds());
  await memory.update(globalMemoryKeys.attachDuration, choice);
  return choice === 'untilStopped' ? undefined : choice;
}

function items(last: Choice | undefined): DurationItem[] {
  const offered: Choice[] = [...(canBeStopped ? (['untilStopped'] as const) : []), ...offeredSeconds];
  const isOffered = last !== undefined && (offered.includes(last) || typeof last === 'number');
  const inOrder = isOffered ? [last, ...offered.filter(choice => choice !== last)] : offered;
  const other = { label: vscode.l10n.t('Other…'), choice: undefined };
  return [...inOrder.map(choice => ({ label: textOf(choice), choice })), other];
}

function textOf(choice: Choice): string {
  return choice === 'untilStopped'
    ? vscode.l10n.t('Until it is stopped')
    : vscode.l10n.t('{0} seconds', choice);
}

async function askSeconds(): Promise<number> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Seconds to record'),
    validateInput: value =>
      isSeconds(value) ? undefined : vscode.l10n.t('A number of seconds, at most {0}.', maxSeconds),
  });
  if (text === undefined) throw new vscode.CancellationError();
  return Number(text);
}

function isSeconds(text: string): boolean {
  return text.trim() !== '' && Number(text) > 0 && Number(text) <= maxSeconds;
}
