/**
 * The language server process: wiring only. VS Code drives it over Node's IPC, any other editor with `--stdio`.
 * Parsing is in `parse/`, numbers in `analyze/`, what editors show in `features/`, requests in `session.ts`.
 */
import {
  type CancellationToken,
  CodeLensRefreshRequest,
  createConnection,
  DidChangeConfigurationNotification,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type ApiMethod, runPartlyReadNotification, timingsChangedNotification } from '../shared/api';
import { PyrolensError } from '../shared/failures';
import { checkSettings } from '../shared/settings';
import { DataPipe } from './dataPipe';
import { codeLenses } from './features/codeLens';
import { hover } from './features/hover';
import { profileLine } from './features/positions';
import { readOptions, readSettings } from './options';
import { presentText } from './presentTexts';
import { ProfileStore } from './profileStore';
import { type RequestContext, Session } from './session';
import { Cancelled } from './slicer';
import { pathOfUri } from './sourcePaths';
import { say, translate } from './strings';

const storeBytes = 1024 * 1024 * 1024;

const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);
let settings = checkSettings(() => undefined);
let workspaceFolders: readonly string[] = [];
let canRefreshLenses = false;
let canWatchSettings = false;
let canWatchFolders = false;
let pipe: Promise<DataPipe> | undefined;

const session = new Session({
  store: new ProfileStore({
    maxBytes: storeBytes,
    roots: () => ({ workspaceFolders, mappings: settings.pathMappings }),
  }),
  pipe: openPipe,
  settings: () => settings,
  presentText: uri => presentText(documents, uri),
  onPartlyRead: summary => void connection.sendNotification(runPartlyReadNotification, summary),
  onTimingsChanged: refreshEditors,
});

connection.onInitialize(initialize);
connection.onInitialized(() => {
  if (canWatchSettings) {
    void connection.client.register(DidChangeConfigurationNotification.type, { section: 'pyrolens' });
  }
  if (canWatchFolders) watchFolders();
});
connection.onDidChangeConfiguration(change => {
  const { pathMappings } = settings;
  settings = readSettings(change.settings);
  if (JSON.stringify(pathMappings) === JSON.stringify(settings.pathMappings)) refreshEditors();
  else void session.rootsChanged();
});
connection.onCodeLens(({ textDocument }) =>
  answered(async () => {
    const query = settings['codeLens.enabled'] ? await session.documentQuery(textDocument.uri) : undefined;
    return query === undefined ? [] : codeLenses(query, settings['codeLens.threshold'] / 100);
  }),
);
connection.onHover(({ textDocument, position }) =>
  answered(async () => {
    const query = await session.documentQuery(textDocument.uri);
    return (query && hover(query, profileLine(position.line))) ?? null;
  }),
);
for (const method of Object.keys(session.handlers) as ApiMethod[]) serve(method);
documents.onDidClose(({ document }) => session.views.forget(document.uri));
documents.listen(connection);
connection.listen();

function initialize(params: InitializeParams): InitializeResult {
  const options = readOptions(params.initializationOptions);
  settings = options.settings;
  translate(options.l10n);
  workspaceFolders = (params.workspaceFolders ?? []).flatMap(folder => pathOfUri(folder.uri) ?? []);
  canRefreshLenses = params.capabilities.workspace?.codeLens?.refreshSupport === true;
  canWatchSettings = params.capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
  canWatchFolders = params.capabilities.workspace?.workspaceFolders === true;
  return {
    serverInfo: { name: 'pyrolens' },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      codeLensProvider: {},
      hoverProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
}

function watchFolders(): void {
  connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
    const gone = removed.flatMap(folder => pathOfUri(folder.uri) ?? []);
    const come = added.flatMap(folder => pathOfUri(folder.uri) ?? []);
    workspaceFolders = [...workspaceFolders.filter(folder => !gone.includes(folder)), ...come];
    void session.rootsChanged();
  });
}

/** Serves one of our own requests, with its cancellation and the progress that the client asked for. */
function serve(method: ApiMethod): void {
  const handler = session.handlers[method] as (params: unknown, context: RequestContext) => Promise<unknown>;
  connection.onRequest(`pyrolens/${method}`, (params: unknown, token: CancellationToken) =>
    answered(async () => {
      const progress = workDone((params as { workDoneToken?: unknown } | null)?.workDoneToken);
      try {
        return await handler(params ?? {}, {
          isCancelled: () => token.isCancellationRequested,
          onProgress: progress.report,
        });
      } finally {
        progress.end();
      }
    }),
  );
}

function workDone(token: unknown): { report: (share: number) => void; end: () => void } {
  if (typeof token !== 'string' && typeof token !== 'number') {
    return { report: () => undefined, end: () => undefined };
  }
  const send = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) =>
    void connection.sendProgress(WorkDoneProgress.type, token, value);
  send({ kind: 'begin', title: say('openingRun'), percentage: 0, cancellable: true });
  return {
    report: share => send({ kind: 'report', percentage: Math.round(share * 100) }),
    end: () => send({ kind: 'end' }),
  };
}

/** Turns whatever goes wrong into an LSP error that carries a `PyrolensError`; nothing else leaves. */
async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Cancelled) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    const failure = PyrolensError.from(error);
    if (failure.code === 'internal') connection.console.error(String((error as Error)?.stack ?? error));
    throw new ResponseError(ErrorCodes.InternalError, failure.message, failure.toWire());
  }
}

function refreshEditors(): void {
  void connection.sendNotification(timingsChangedNotification, {});
  if (!canRefreshLenses) return;
  // A client that goes away meanwhile needs no lenses.
  connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
}

function openPipe(): Promise<DataPipe> {
  pipe ??= DataPipe.open().then(opened => {
    process.on('exit', () => opened.close());
    return opened;
  });
  return pipe;
}
