import * as vscode from 'vscode';
import type { FromLauncher, ToLauncher } from '../recorder/controlMessages';
import { type ControlServer, listenForLauncher } from '../recorder/controlServer';
import { Disposable } from './disposable';

/** Who hears what a launcher says. */
export interface LaunchHandlers {
  readonly onMessage: (message: FromLauncher) => void;
  readonly onClosed: () => void;
}

export interface TerminalLaunch {
  readonly title: string;
  readonly cwd: string;
  readonly runDir: string;
  readonly handlers: LaunchHandlers;
}

/** A launch that is under way. */
export interface Launched {
  /** False when the launcher is gone. */
  send(message: ToLauncher): boolean;
}

/** Where a launcher runs: one of our terminals, or what a debug session was asked for. */
export interface LaunchPlace {
  launch(launch: TerminalLaunch): Promise<Launched>;
}

/**
 * The terminals that run profiled programs, one per program. The launcher is the terminal's own process, not text
 * typed into a shell, so nothing needs quoting. A terminal whose program has ended is used again.
 */
export class Terminals extends Disposable implements LaunchPlace {
  private readonly sessions = new Set<TerminalSession>();

  constructor(private readonly launcherPath: string) {
    super();
    this.register(
      vscode.window.onDidCloseTerminal(terminal => {
        for (const session of this.sessions) if (session.terminal === terminal) this.drop(session);
      }),
    );
  }

  /** Starts the plan of a run folder and shows the terminal without taking the focus. */
  async launch(launch: TerminalLaunch): Promise<Launched> {
    const key = `${launch.title}\n${launch.cwd}`;
    const idle = [...this.sessions].find(session => session.key === key && session.isIdle);
    const session = idle?.runAgain(launch) ? idle : await this.open(key, launch);
    session.terminal.show(true);
    return { send: message => session.control.send(message) };
  }

  private async open(key: string, launch: TerminalLaunch): Promise<TerminalSession> {
    const session = await TerminalSession.open(key, launch, this.launcherPath);
    this.sessions.add(session);
    return session;
  }

  private drop(session: TerminalSession): void {
    this.sessions.delete(session);
    session.control.dispose();
  }

  override dispose(): void {
    // Programs go on: only our end of the channel is closed.
    for (const session of this.sessions) session.control.dispose();
    super.dispose();
  }
}

/** One terminal, its launcher's channel, and who listens at the moment. */
class TerminalSession {
  /** The launcher waits for a key after a run. */
  isIdle = false;

  private constructor(
    readonly key: string,
    readonly terminal: vscode.Terminal,
    readonly control: ControlServer,
    private handlers: LaunchHandlers,
  ) {}

  static async open(key: string, launch: TerminalLaunch, launcherPath: string): Promise<TerminalSession> {
    let session: TerminalSession | undefined;
    const control = await listenForLauncher({
      onMessage: message => session?.receive(message),
      onClosed: () => session?.handlers.onClosed(),
    });
    const terminal = vscode.window.createTerminal({
      name: launch.title,
      shellPath: process.execPath,
      shellArgs: [launcherPath, launch.runDir, '--hold', '--json-lines-to', control.path],
      cwd: launch.cwd,
      env: { ELECTRON_RUN_AS_NODE: '1' },
      iconPath: new vscode.ThemeIcon('flame'),
      // Kept over a reload, so that the program goes on; the launcher sees to it that a run is never repeated.
      isTransient: false,
    });
    session = new TerminalSession(key, terminal, control, launch.handlers);
    return session;
  }

  /** Sends another plan to the waiting launcher; false when it is gone. */
  runAgain(launch: TerminalLaunch): boolean {
    if (!this.control.send({ type: 'run', runDir: launch.runDir })) return false;
    this.isIdle = false;
    this.handlers = launch.handlers;
    return true;
  }

  private receive(message: FromLauncher): void {
    if (message.type === 'ended' || message.type === 'failed') this.isIdle = true;
    this.handlers.onMessage(message);
  }
}
