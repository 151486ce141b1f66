import * as vscode from 'vscode';
import { listProcesses, type RunningProcess, shortName } from '../recorder/processList/index';
import { formatDuration } from '../shared/formatting';
import { inertLabel } from '../shared/inertText';

interface ProcessItem extends vscode.QuickPickItem {
  readonly pid?: number;
}

/** Lets the user choose a process; the list can be read again. Cancelled when none is chosen. */
export async function pickProcess(): Promise<number> {
  const picker = vscode.window.createQuickPick<ProcessItem>();
  const refresh: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('refresh'),
    tooltip: vscode.l10n.t('Refresh'),
  };
  picker.title = vscode.l10n.t('Attach to Process');
  picker.placeholder = vscode.l10n.t('Choose a running Python program');
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.buttons = [refresh];
  picker.onDidTriggerButton(() => void fill(picker));
  picker.show();
  try {
    return await new Promise<number>((resolve, reject) => {
      picker.onDidAccept(() => {
        const pid = picker.selectedItems[0]?.pid;
        if (pid !== undefined) resolve(pid);
      });
      picker.onDidHide(() => reject(new vscode.CancellationError()));
      fill(picker).catch(reject);
    });
  } finally {
    picker.dispose();
  }
}

async function fill(picker: vscode.QuickPick<ProcessItem>): Promise<void> {
  picker.busy = true;
  try {
    picker.items = itemsOf(await listProcesses());
  } finally {
    picker.busy = false;
  }
}

function itemsOf(processes: readonly RunningProcess[]): ProcessItem[] {
  const isPython = ({ python }: RunningProcess) => python !== undefined;
  const [own, others] = [true, false].map(wanted =>
    processes.filter(found => isPython(found) && found.isOwn === wanted).map(itemOf),
  );
  const rest = processes.filter(found => !isPython(found)).map(itemOf);
  return [
    ...group(vscode.l10n.t('Python programs'), own),
    ...group(vscode.l10n.t('Python programs of other users'), others),
    ...group(vscode.l10n.t('Other processes'), rest),
  ];
}

function group(label: string, items: readonly ProcessItem[] = []): ProcessItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

function itemOf(found: RunningProcess): ProcessItem {
  return {
    pid: found.pid,
    label: inertLabel(shortName(found)),
    description: inertLabel(factsOf(found)),
    detail: inertLabel(found.command.join(' ')),
  };
}

/** `4711 · Python 3.12.1 · running 2 h 05 m · 35 % CPU · www-data`. */
function factsOf({ pid, python, startedAtMs, cpuShare, user, isOwn }: RunningProcess): string {
  const age = formatDuration(Math.max(Date.now() - startedAtMs, 0) * 1e6);
  const kind = python?.implementation === 'pypy' ? 'PyPy' : 'Python';
  const facts = [
    String(pid),
    python && `${kind} ${python.version}`.trim(),
    vscode.l10n.t('running {0}', age),
    cpuShare !== undefined && vscode.l10n.t('{0} % CPU', Math.round(cpuShare * 100)),
    !isOwn && user,
  ];
  return facts.filter(fact => fact).join(' · ');
}
