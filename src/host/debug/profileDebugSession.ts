import * as vscode from 'vscode';
import { commands } from '../../shared/contributions';
import type { DebuggedProcesses } from './debuggedProcesses';

/** Records the program of a debug session that runs: the chosen one of the Call Stack, else the active one. */
export async function profileDebugSession(argument: unknown, processes: DebuggedProcesses): Promise<void> {
  const id = sessionIdIn(argument) ?? vscode.debug.activeDebugSession?.id;
  const found = processes.of(id);
  if (found?.kind === 'local') {
    await vscode.commands.executeCommand(commands.attach, { pid: found.pid, isUnderDebugger: true });
    return;
  }
  await vscode.window.showInformationMessage(
    found === undefined
      ? vscode.l10n.t(
          'The debugger has not said which process it runs. Start the program first, then try again.',
        )
      : vscode.l10n.t('The debugged program runs on another machine. Profile it there.'),
  );
}

/** The Call Stack hands over the session's id, alone or among others. */
function sessionIdIn(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  const { sessionId } = (argument ?? {}) as { sessionId?: unknown };
  return typeof sessionId === 'string' ? sessionId : undefined;
}
