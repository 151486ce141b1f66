import * as vscode from 'vscode';
import type { ApiMethod, ApiParams, ApiResult, RunSummary } from '../shared/api';
import { runPartlyReadNotification, timingsChangedNotification } from '../shared/api';
import { PyrolensError } from '../shared/failures';
import { DataPipe } from './dataPipe';
import { Disposable } from './disposable';
import type { RequestOptions, ServerHandle } from './languageClient';
import type { Log } from './log';

/**
 * The server, started when first asked for. Every request is typed by `ServerApi`; what the server refuses arrives as
 * a `PyrolensError`.
 */
export class ServerConnection extends Disposable {
  private readonly timingsChanged = this.register(new vscode.EventEmitter<void>());
  private readonly partlyRead = this.register(new vscode.EventEmitter<RunSummary>());
  private readonly restarted = this.register(new vscode.EventEmitter<void>());
  private readonly gaveUp = this.register(new vscode.EventEmitter<void>());
  /** Line numbers changed: a run was activated, narrowed or cleared. */
  readonly onTimingsChanged = this.timingsChanged.event;
  /** A large file is being read, and this is what it holds so far. */
  readonly onPartlyRead = this.partlyRead.event;
  /** The server is up again and knows nothing of what was loaded. */
  readonly onRestarted = this.restarted.event;
  readonly onGaveUp = this.gaveUp.event;
  private handle: Promise<ServerHandle> | undefined;
  private pipe: Promise<DataPipe> | undefined;
  private isShowing = true;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly log: Log,
  ) {
    super();
  }

  /** Starts the server if need be; later calls share the first one's promise. */
  start(): Promise<ServerHandle> {
    this.handle ??= this.launch().catch(error => {
      this.handle = undefined;
      this.log.error(error);
      throw new PyrolensError('serverDown', { reason: String(error) });
    });
    return this.handle;
  }

  get isStarted(): boolean {
    return this.handle !== undefined;
  }

  /** Sends one of the server's requests. */
  async request<M extends ApiMethod>(
    method: M,
    params: ApiParams<M>,
    options: RequestOptions = {},
  ): Promise<ApiResult<M>> {
    const handle = await this.start();
    try {
      return (await handle.request(`pyrolens/${method}`, params, options)) as ApiResult<M>;
    } catch (error) {
      if (isCancelled(error)) throw new vscode.CancellationError();
      throw PyrolensError.from(error);
    }
  }

  /** The bytes of a view that `request('view', …)` announced. */
  async slab(slabId: number): Promise<ArrayBuffer> {
    return (await this.dataPipe()).take(slabId);
  }

  /** Opens the data pipe ahead of the first view. */
  async dataPipe(): Promise<DataPipe> {
    this.pipe ??= this.request('dataPipe', {})
      .then(({ path }) => DataPipe.connect(path))
      .catch(error => {
        this.pipe = undefined;
        throw error;
      });
    const pipe = await this.pipe;
    if (!pipe.isClosed) return pipe;
    this.pipe = undefined;
    return this.dataPipe();
  }

  /** Shows or hides what the server provides to the editor: lenses and hovers. */
  setShowing(isShowing: boolean): void {
    if (this.isShowing === isShowing) return;
    this.isShowing = isShowing;
    void this.handle?.then(handle => handle.refreshLenses());
  }

  /** Stops and starts the server; the loaded run is opened again by whoever listens to `onRestarted`. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
    this.restarted.fire();
  }

  async stop(): Promise<void> {
    const handle = this.handle;
    this.handle = undefined;
    this.closePipe();
    await handle?.then(
      running => running.stop(),
      () => undefined,
    );
  }

  private async launch(): Promise<ServerHandle> {
    // esbuild leaves this require alone: the client is a bundle of its own, read only now.
    const client = require('./client.js') as typeof import('./languageClient');
    const startedAtMs = Date.now();
    const handle = await client.startServer({
      modulePath: vscode.Uri.joinPath(this.extensionUri, 'dist', 'server.js').fsPath,
      log: this.log,
      initializationOptions: {
        settings: vscode.workspace.getConfiguration('pyrolens'),
        l10n: vscode.l10n.bundle ?? {},
      },
      isShowing: () => this.isShowing,
      onRestarted: () => this.onServerRestarted(),
      onGaveUp: () => this.onServerGaveUp(),
    });
    handle.onNotification(timingsChangedNotification, () => this.timingsChanged.fire());
    handle.onNotification(runPartlyReadNotification, summary => this.partlyRead.fire(summary as RunSummary));
    this.log.info(`The server answered after ${Date.now() - startedAtMs} ms.`);
    return handle;
  }

  private onServerRestarted(): void {
    this.closePipe();
    this.restarted.fire();
  }

  private onServerGaveUp(): void {
    this.handle = undefined;
    this.closePipe();
    this.gaveUp.fire();
  }

  private closePipe(): void {
    void this.pipe?.then(
      pipe => pipe.dispose(),
      () => undefined,
    );
    this.pipe = undefined;
  }

  override dispose(): void {
    this.closePipe();
    super.dispose();
  }
}

function isCancelled(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === -32800;
}
