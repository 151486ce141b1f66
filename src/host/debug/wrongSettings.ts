import * as vscode from 'vscode';
import { PyrolensError } from '../../shared/failures';
import type { Expectation, WrongSetting } from './configuration';

/** The failure for a value of a launch configuration that cannot be used; `name` is the configuration's. */
export function wrongSetting(name: string, { setting, expected }: WrongSetting): PyrolensError {
  return new PyrolensError('wrongConfiguration', { name, reason: reasonFor(setting, expected) });
}

function reasonFor(setting: string, expected: Expectation): string {
  if (expected === 'entry') {
    return vscode.l10n.t('it needs exactly one of «program», «module» and «code».');
  }
  return vscode.l10n.t('«{0}» must be {1}.', setting, wordsFor(expected));
}

function wordsFor(expected: Exclude<Expectation, 'entry'>): string {
  if (expected === 'text') return vscode.l10n.t('a text');
  if (expected === 'texts') return vscode.l10n.t('a text or a list of texts');
  if (expected === 'variables') return vscode.l10n.t('an object of variables and their values');
  if (expected === 'yesOrNo') return vscode.l10n.t('true or false');
  if (expected === 'lastSeconds') return vscode.l10n.t('a number from 1 to 600');
  if (expected === 'rate') return vscode.l10n.t('a number from 1 to 1000');
  return vscode.l10n.t('one of {0}', expected.join(', '));
}
