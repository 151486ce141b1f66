import type * as vscode from 'vscode';

/** What is known of the process behind a session of the Python debugger. */
export type DebuggedProcess =
  | { readonly kind: 'local'; readonly pid: number }
  /** It runs on another machine, or in a container whose process ids are its own. */
  | { readonly kind: 'elsewhere' };

type Session = Pick<vscode.DebugSession, 'id' | 'configuration'>;

/** Which process each running session of the Python debugger has, as the debugger itself says. Pure. */
export class DebuggedProcesses {
  private readonly bySession = new Map<string, DebuggedProcess>();

  /** The process of a session; undefined while the debugger has not named it. */
  of(sessionId: string | undefined): DebuggedProcess | undefined {
    return this.bySession.get(sessionId ?? '');
  }

  /** Listens to one session. Each gets a tracker of its own: child processes have sessions of their own. */
  tracker({ id, configuration }: Session): vscode.DebugAdapterTracker {
    this.note(id, configuration['subProcessId'], true);
    return {
      onDidSendMessage: (message: unknown) => this.hear(id, message),
      onWillStopSession: () => this.bySession.delete(id),
      onExit: () => this.bySession.delete(id),
    };
  }

  private hear(id: string, message: unknown): void {
    const { type, event, body } = (message ?? {}) as Readonly<Record<string, unknown>>;
    if (type !== 'event' || event !== 'process') return;
    const { systemProcessId, isLocalProcess } = (body ?? {}) as Readonly<Record<string, unknown>>;
    this.note(id, systemProcessId, isLocalProcess !== false);
  }

  private note(id: string, pid: unknown, isLocal: boolean): void {
    if (!isLocal) this.bySession.set(id, { kind: 'elsewhere' });
    else if (Number.isInteger(pid) && (pid as number) > 0) {
      this.bySession.set(id, { kind: 'local', pid: pid as number });
    }
  }
}
