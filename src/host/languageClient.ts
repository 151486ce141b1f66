/**
 * The language client, a bundle of its own (`dist/client.js`): it is loaded when the server is first needed, so that
 * activation stays cheap. Nothing else imports `vscode-languageclient` at run time.
 */

import type * as vscode from 'vscode';
import { workspace } from 'vscode';
import {
  CloseAction,
  CodeLensRequest,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
  TransportKind,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { commands, keptSourceScheme } from '../shared/contributions';

const maxRestartCount = 4;
const restartWindowMs = 3 * 60_000;

/** What the rest of the host needs of the client. */
export interface ServerHandle {
  request(method: string, params: object, options: RequestOptions): Promise<unknown>;
  onNotification(method: string, handler: (params: unknown) => void): vscode.Disposable;
  /** Makes the editor ask for the lenses again. */
  refreshLenses(): void;
  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly token?: vscode.CancellationToken | undefined;
  /** Work-done progress: a message and a share of 0 … 1, null when unknown. */
  readonly onProgress?: ((message: string, share: number | null) => void) | undefined;
}

export interface ServerOptions {
  readonly modulePath: string;
  readonly log: vscode.LogOutputChannel;
  readonly initializationOptions: object;
  /** False while the user has hidden the numbers: lenses and hovers stay away too. */
  readonly isShowing: () => boolean;
  /** The server is up again after a crash. */
  readonly onRestarted: () => void;
  /** It crashed too often and stays down. */
  readonly onGaveUp: () => void;
}

/** Starts the server and resolves when it answers. */
export async function startServer(options: ServerOptions): Promise<ServerHandle> {
  const client = new LanguageClient(
    'pyrolens',
    'Pyrolens',
    {
      run: { module: options.modulePath, transport: TransportKind.ipc },
      debug: {
        module: options.modulePath,
        transport: TransportKind.ipc,
        options: { execArgv: ['--nolazy', '--enable-source-maps'] },
      },
    },
    clientOptions(options),
  );
  let hasStarted = false;
  client.onDidChangeState(event => {
    if (event.newState === State.Running && hasStarted) options.onRestarted();
  });
  await client.start();
  hasStarted = true;
  return handleOf(client);
}

function clientOptions(options: ServerOptions): LanguageClientOptions {
  return {
    documentSelector: [
      { language: 'python', scheme: 'file' },
      { language: 'python', scheme: 'untitled' },
      { language: 'python', scheme: 'vscode-notebook-cell' },
      { scheme: keptSourceScheme },
    ],
    outputChannel: options.log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: options.initializationOptions,
    synchronize: { configurationSection: 'pyrolens' },
    markdown: { isTrusted: { enabledCommands: Object.values(commands) }, supportThemeIcons: true },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: closeHandler(options),
    },
    initializationFailedHandler: () => false,
    middleware: {
      provideCodeLenses: (document, token, next) => (options.isShowing() ? next(document, token) : []),
      provideHover: (document, position, token, next) =>
        options.isShowing() ? next(document, position, token) : undefined,
    },
  };
}

/** Restarts silently, unless it keeps crashing. */
function closeHandler(options: ServerOptions): () => { action: CloseAction; handled: boolean } {
  let crashTimesMs: number[] = [];
  return () => {
    const nowMs = Date.now();
    crashTimesMs = [...crashTimesMs.filter(timeMs => nowMs - timeMs < restartWindowMs), nowMs];
    options.log.warn(`The server has stopped (${crashTimesMs.length}).`);
    if (crashTimesMs.length <= maxRestartCount) return { action: CloseAction.Restart, handled: true };
    options.onGaveUp();
    return { action: CloseAction.DoNotRestart, handled: true };
  };
}

function handleOf(client: LanguageClient): ServerHandle {
  let lastProgressToken = 0;
  return {
    async request(method, params, { token, onProgress }) {
      // An undefined token would be sent as a second, positional parameter.
      const send = (body: object) =>
        token ? client.sendRequest<unknown>(method, body, token) : client.sendRequest<unknown>(method, body);
      if (!onProgress) return send(params);
      const workDoneToken = `pyrolens-${++lastProgressToken}`;
      const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, value =>
        reportProgress(value, onProgress),
      );
      try {
        return await send({ ...params, workDoneToken });
      } finally {
        listener.dispose();
      }
    },
    onNotification: (method, handler) => client.onNotification(method, handler),
    refreshLenses() {
      const feature = client.getFeature(CodeLensRequest.method);
      for (const document of workspace.textDocuments) {
        feature.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
      }
    },
    stop: () => client.stop(),
  };
}

function reportProgress(
  value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd,
  onProgress: (message: string, share: number | null) => void,
): void {
  if (value.kind === 'end') return;
  const message = value.message ?? (value.kind === 'begin' ? value.title : '');
  onProgress(message, value.percentage === undefined ? null : value.percentage / 100);
}
