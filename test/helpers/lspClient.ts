/** A plain LSP client on the built server's standard streams: what any editor but VS Code would do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  type CancellationToken,
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { ApiMethod, ApiParams, ApiResult } from '../../src/shared/api';
import { decodeSlab } from '../../src/shared/slab';
import type { View } from '../../src/shared/views';
import type { RunFixture } from './runFixture';

/** How the client introduces itself. */
export interface ClientOptions {
  readonly settings?: object;
  readonly l10n?: Record<string, string>;
  readonly workspaceFolders?: readonly { uri: string; name: string }[];
}

/** One server process with an open connection. */
export class LspClient {
  timingsChangedCount = 0;
  private socket: Promise<Socket> | undefined;
  private readonly slabs = new Map<number, ArrayBuffer>();

  private constructor(
    readonly process: ChildProcess,
    readonly connection: MessageConnection,
  ) {}

  /** Starts the built server and initialises it. */
  static async start(options: ClientOptions = {}): Promise<LspClient> {
    const server = join(process.cwd(), 'dist', 'server.js');
    if (!existsSync(server)) throw new Error('dist/server.js is missing: run «npm run build» first');
    const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const client = new LspClient(child, connection);
    connection.onNotification('pyrolens/timingsChanged', () => {
      client.timingsChangedCount++;
    });
    connection.listen();
    await connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      workspaceFolders: options.workspaceFolders ?? null,
      initializationOptions: { settings: options.settings ?? {}, l10n: options.l10n ?? {} },
    });
    await connection.sendNotification('initialized', {});
    return client;
  }

  /** One of the server's own requests. */
  request<M extends ApiMethod>(
    method: M,
    params: ApiParams<M>,
    token?: CancellationToken,
  ): Promise<ApiResult<M>> {
    // An undefined token would be sent as a second, positional parameter.
    if (token === undefined) return this.connection.sendRequest(`pyrolens/${method}`, params);
    return this.connection.sendRequest(`pyrolens/${method}`, params, token);
  }

  /** A standard request. */
  standard<T>(method: string, params: object): Promise<T> {
    return this.connection.sendRequest(method, params);
  }

  openDocument(uri: string, text: string): Promise<void> {
    const textDocument = { uri, languageId: 'python', version: 1, text };
    return this.connection.sendNotification('textDocument/didOpen', { textDocument });
  }

  /** Opens the program of a run as a document, then the run, as an editor does when a recording has ended. */
  async openRecorded({ uri, runPath, runId }: RunFixture, text: string): Promise<void> {
    await this.openDocument(uri, text);
    await this.request('openRun', { path: runPath });
    await this.request('keepSources', { path: runPath });
    await this.request('activateRun', { runId });
  }

  /** Replaces a range given by 0-based positions. */
  changeDocument(
    uri: string,
    version: number,
    change: { from: [number, number]; to: [number, number]; text: string },
  ) {
    const [start, end] = [change.from, change.to].map(([line, character]) => ({ line, character }));
    return this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range: { start, end }, text: change.text }],
    });
  }

  /** A view through the data pipe. */
  async view<V extends View>(runId: string, query: ApiParams<'view'>['query']): Promise<V> {
    this.socket ??= this.openPipe();
    await this.socket;
    const { slabId } = await this.request('view', { runId, query });
    const deadlineMs = Date.now() + 5000;
    for (;;) {
      const slab = this.slabs.get(slabId);
      if (slab) return decodeSlab<V>(slab);
      if (Date.now() > deadlineMs) throw new Error(`slab ${slabId} did not come`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  /** Ends the server as the protocol wants it and resolves to its exit code. */
  async stop(): Promise<number | null> {
    (await this.socket)?.destroy();
    const ended = new Promise<number | null>(resolve => this.process.once('exit', resolve));
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    const code = await ended;
    this.connection.dispose();
    return code;
  }

  private async openPipe(): Promise<Socket> {
    const { path } = await this.request('dataPipe', {});
    const socket = connect(path);
    let rest = Buffer.alloc(0);
    socket.on('data', bytes => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32LE(4)) {
        const end = 8 + rest.readUInt32LE(4);
        this.slabs.set(rest.readUInt32LE(0), Uint8Array.from(rest.subarray(8, end)).buffer);
        rest = rest.subarray(end);
      }
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  }
}
