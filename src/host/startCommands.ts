import * as vscode from 'vscode';
import { splitWords } from '../recorder/commandWords';
import { choiceKeys, commands, variableCommands } from '../shared/contributions';
import type { DebuggedProcesses } from './debug/debuggedProcesses';
import { profileLaunchEntry } from './debug/launchEntryPicker';
import { profileDebugSession } from './debug/profileDebugSession';
import { collectorsFolder } from './launching';
import { pickText } from './pickText';
import type { ProfilingSession } from './profilingSession';
import { profileTests } from './testing/profileTests';

export interface StartParts {
  readonly session: ProfilingSession;
  readonly context: vscode.ExtensionContext;
  readonly processes: DebuggedProcesses;
}

/** The commands that start something else than the current file. */
export function startCommands({ session, context, processes }: StartParts) {
  const memory = context.workspaceState;
  return {
    [commands.profileLaunchConfiguration]: () => profileLaunchEntry(memory),
    [commands.profileModule]: () => profileModule(session, memory),
    [commands.profileTest]: (...items: unknown[]) =>
      profileTests(items, { session, collectors: collectorsFolder(context.extensionUri) }),
    [commands.profileDebugSession]: (argument: unknown) => profileDebugSession(argument, processes),
    [variableCommands.pickModule]: () =>
      pickText({ memory, key: choiceKeys.moduleNames, title: vscode.l10n.t('Module to profile') }),
    [variableCommands.pickArgs]: () =>
      pickText({
        memory,
        key: choiceKeys.arguments,
        title: vscode.l10n.t('Arguments of the program'),
        isOptional: true,
      }),
  };
}

async function profileModule(session: ProfilingSession, memory: vscode.Memento): Promise<void> {
  session.requireIdle();
  const line = await pickText({
    memory,
    key: choiceKeys.modules,
    title: vscode.l10n.t('Module to profile, and its arguments: as after «python -m»'),
  });
  const [name, ...args] = splitWords(line ?? '', process.platform === 'win32');
  if (name === undefined) return;
  const options = { children: true, native: false };
  const resource = startFolder();
  await session.start({
    entry: { kind: 'module', name },
    args,
    options,
    resource,
  });
}

/** The folder that a program without a file belongs to: the active editor's, else the first one. */
export function startFolder(): vscode.Uri {
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder = active && vscode.workspace.getWorkspaceFolder(active);
  const first = vscode.workspace.workspaceFolders?.[0];
  return (folder ?? first)?.uri ?? vscode.Uri.file(process.cwd());
}
