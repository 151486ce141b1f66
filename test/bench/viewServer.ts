/** The built server as VS Code runs it, with a run open in it, and its slabs taken from the pipe as the host takes them. */
import { readFileSync } from 'node:fs';
import { DataPipe } from '../../src/host/dataPipe';
import type { RunSummary, ViewQuery } from '../../src/shared/api';
import type { FromPanel } from '../../src/shared/panelMessages';
import { LspClient } from '../helpers/lspClient';

/** One open run. */
export class ViewServer {
  private constructor(
    private readonly client: LspClient,
    private readonly pipe: DataPipe,
    readonly summary: RunSummary,
  ) {}

  /** Starts the server and opens the run; its sources are kept with it, as after a recording. */
  static async open(path: string): Promise<ViewServer> {
    const client = await LspClient.start();
    const pipe = await DataPipe.connect((await client.request('dataPipe', {})).path);
    await client.request('keepSources', { path });
    const summary = await client.request('openRun', { path });
    await client.request('activateRun', { runId: summary.runId });
    return new ViewServer(client, pipe, summary);
  }

  /** A view as the bytes that the panel gets. */
  async view(query: ViewQuery): Promise<Uint8Array> {
    const { slabId } = await this.client.request('view', { runId: this.summary.runId, query });
    return new Uint8Array(await this.pipe.take(slabId));
  }

  private tellDone: () => void = () => undefined;
  /** Resolves when a page that was alone is done. */
  readonly pageDone = new Promise<void>(resolve => {
    this.tellDone = resolve;
  });

  /** What the page asks. */
  async answer(path: string, text: string): Promise<string | Uint8Array> {
    if (path === '/done') this.tellDone();
    if (path === '/done') return '';
    if (path === '/run') return JSON.stringify(this.summary);
    if (path === '/view') return this.view(JSON.parse(text) as ViewQuery);
    const { file, line } = JSON.parse(text) as FromPanel & { type: 'reveal' };
    const place = await this.client.request('locate', { runId: this.summary.runId, file, line });
    return JSON.stringify(place);
  }

  /** Memory of the server's process, in bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.client.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async close(): Promise<void> {
    this.pipe.dispose();
    await this.client.stop();
  }
}
