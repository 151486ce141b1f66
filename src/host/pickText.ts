import * as vscode from 'vscode';

const keptCount = 10;

/**
 * Asks for a text; what was answered before is offered, the last answer first, and kept under `key`. Undefined when the
 * user gives up. An empty answer counts when `isOptional`.
 */
export async function pickText(question: {
  readonly title: string;
  readonly memory: vscode.Memento;
  readonly key: string;
  readonly isOptional?: boolean;
}): Promise<string | undefined> {
  const { memory, key, isOptional } = question;
  const earlier = memory.get<string[]>(key, []);
  const text = (
    await ask(question.title, isOptional && !earlier.includes('') ? [...earlier, ''] : earlier)
  )?.trim();
  if (text === undefined || (text === '' && !isOptional)) return undefined;
  await memory.update(key, [text, ...earlier.filter(other => other !== text)].slice(0, keptCount));
  return text;
}

interface TextItem extends vscode.QuickPickItem {
  readonly text: string;
}

/** A list that has what is being typed as its first row. */
async function ask(title: string, earlier: readonly string[]): Promise<string | undefined> {
  const picker = vscode.window.createQuickPick<TextItem>();
  const items = (typed: string) => [...new Set(typed === '' ? earlier : [typed, ...earlier])].map(itemOf);
  picker.title = title;
  picker.items = items('');
  try {
    return await new Promise<string | undefined>(resolve => {
      picker.onDidChangeValue(value => {
        picker.items = items(value.trim());
      });
      picker.onDidAccept(() => resolve(picker.activeItems[0]?.text ?? picker.value));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

function itemOf(text: string): TextItem {
  return { label: text === '' ? vscode.l10n.t('(none)') : text, text };
}
