import { constants } from 'node:os';
import * as vscode from 'vscode';
import type { ExitStatus } from '../../recorder/recordedTarget';
import type { StartedProgram } from '../startedProgram';
import {
  capabilities,
  type ProtocolMessage,
  type ProtocolRequest,
  type ProtocolResponse,
} from './debugProtocol';

/** What a debug session of our type does with its program. */
export interface AdapterHost {
  /** Starts what the session's configuration says; undefined when the user gave up before it ran. Shows its own failures. */
  start(terminal: TerminalRequests): Promise<StartedProgram | undefined>;
}

/** What a session offers to whoever starts its program. */
export interface TerminalRequests {
  /** Text for the Debug Console. */
  output(text: string, category: 'stdout' | 'stderr'): void;
  /** Has the editor open a terminal of its own, outside the window; fails with the editor's reason. */
  runInTerminal(run: {
    title: string;
    cwd: string;
    args: string[];
    env: Record<string, string>;
  }): Promise<void>;
}

/** Exit codes of programs that a signal ended, as shells report them. */
const signalBase = 128;

/**
 * A debug session that profiles instead of debugging: it starts its program under a recording, says when and how it
 * ended, and ends it when asked to. There are no threads, stacks or breakpoints to show.
 */
export class ProfilingAdapter implements vscode.DebugAdapter {
  private readonly sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly onDidSendMessage = this.sent.event;
  private program: StartedProgram | undefined;
  private lastSeq = 0;
  private readonly waiting = new Map<number, (answer: ProtocolResponse) => void>();

  constructor(private readonly host: AdapterHost) {}

  handleMessage(message: vscode.DebugProtocolMessage): void {
    const known = message as ProtocolMessage;
    if (known.type === 'response') this.waiting.get(known.request_seq)?.(known);
    else void this.answer(known);
  }

  /** The program goes on when the window closes. */
  dispose(): void {
    this.sent.dispose();
  }

  private async answer(request: ProtocolRequest): Promise<void> {
    switch (request.command) {
      case 'initialize':
        this.respond(request, capabilities);
        return this.event('initialized');
      case 'launch':
        return this.launch(request);
      case 'terminate':
        this.program?.end();
        return this.respond(request);
      case 'disconnect':
        if (request.arguments?.['terminateDebuggee'] !== false) this.program?.end();
        return this.respond(request);
      case 'threads':
        return this.respond(request, { threads: [] });
      case 'setBreakpoints':
        return this.respond(request, { breakpoints: unverified(request) });
      case 'configurationDone':
      case 'setExceptionBreakpoints':
      case 'setFunctionBreakpoints':
        return this.respond(request, { breakpoints: [] });
      default:
        return this.refuse(request, vscode.l10n.t('A program that is being profiled cannot be debugged.'));
    }
  }

  private async launch(request: ProtocolRequest): Promise<void> {
    const program = await this.host.start(this.requests()).catch((error: Error) => error);
    if (program === undefined || program instanceof Error) {
      this.refuse(request, program?.message ?? '');
      return this.event('terminated');
    }
    this.program = program;
    this.respond(request);
    void program.ended.then(status => this.end(status));
  }

  private end(status: ExitStatus | undefined): void {
    if (status) this.event('exited', { exitCode: exitCodeOf(status) });
    this.event('terminated');
  }

  private requests(): TerminalRequests {
    return {
      output: (output, category) => this.event('output', { output, category }),
      runInTerminal: run => this.runInTerminal(run),
    };
  }

  private async runInTerminal(run: object): Promise<void> {
    const seq = this.send({
      type: 'request',
      command: 'runInTerminal',
      arguments: { kind: 'external', ...run },
    });
    const answer = await new Promise<ProtocolResponse>(resolve => this.waiting.set(seq, resolve));
    this.waiting.delete(seq);
    if (!answer.success) throw new Error(answer.message ?? '');
  }

  private respond({ seq, command }: ProtocolRequest, body: object = {}): void {
    this.send({ type: 'response', request_seq: seq, command, success: true, body });
  }

  /** The editor does not show it: what went wrong has been shown, with what helps. */
  private refuse({ seq, command }: ProtocolRequest, message: string): void {
    const error = { id: 1, format: '{message}', variables: { message }, showUser: false };
    this.send({ type: 'response', request_seq: seq, command, success: false, message, body: { error } });
  }

  private event(event: string, body: object = {}): void {
    this.send({ type: 'event', event, body });
  }

  private send(message: object): number {
    this.lastSeq++;
    this.sent.fire({ seq: this.lastSeq, ...message } as vscode.DebugProtocolMessage);
    return this.lastSeq;
  }
}

function exitCodeOf({ code, signal }: ExitStatus): number {
  return code ?? signalBase + (signal === null ? 0 : constants.signals[signal]);
}

function unverified(request: ProtocolRequest): object[] {
  const asked = request.arguments?.['breakpoints'];
  const message = vscode.l10n.t('Profiling does not stop at breakpoints.');
  return Array.isArray(asked) ? asked.map(() => ({ verified: false, message })) : [];
}
