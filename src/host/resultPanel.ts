import * as vscode from 'vscode';
import type { RunSummary } from '../shared/api';
import { commands } from '../shared/contributions';
import { type FailureCode, PyrolensError } from '../shared/failures';
import { formatValue } from '../shared/formatting';
import type { FromPanel, LiveState, PanelOptions, ToPanel } from '../shared/panelMessages';
import { readPanelMessage } from '../shared/readPanelMessage';
import type { ActiveRun } from './activeRun';
import { Disposable } from './disposable';
import type { Failures } from './failures';
import { panelStrings } from './panelStrings';
import type { OpenAt } from './resultEditor';
import { isForeign } from './runPicker';
import type { RunStore } from './runStore';
import type { ServerConnection } from './serverConnection';
import type { SourceReveal } from './sourceReveal';

export interface PanelParts {
  readonly connection: ServerConnection;
  readonly activeRun: ActiveRun;
  readonly runs: RunStore;
  readonly failures: Failures;
  readonly reveal: SourceReveal;
  readonly memory: vscode.Memento;
  /** What is being recorded at the moment. */
  readonly recorder: {
    isRecording(path: string): boolean;
    /** What is being recorded keeps its last seconds, and writes nothing before it is asked for them. */
    keepsLast(): boolean;
    liveState(path: string): LiveState;
    stop(): void;
  };
}

/** What is wrong with the file itself: another file is what helps. */
const fileFailures: ReadonlySet<FailureCode> = new Set([
  'unreadableRun',
  'damagedRun',
  'fileMissing',
  'notOnDisk',
]);

const optionsKey = 'pyrolens.panelOptions';
const defaultOptions: PanelOptions = { order: 'leftHeavy', ownCodeOnly: false };

/** One tab that shows a run: loads it, relays the views unread, and carries out what is clicked. */
export class ResultPanel extends Disposable {
  private readonly loading = this.register(new vscode.CancellationTokenSource());
  private summary: RunSummary | undefined;
  private failure: Extract<ToPanel, { type: 'failed' }> | undefined;
  /** A profile of another tool that was just opened by the user, not brought back with the window. */
  private wantsLines = false;
  private isReady = false;
  private toFocus: Extract<ToPanel, { type: 'focusFunction' | 'focusGap' }> | undefined;
  private wasNarrowed = false;
  private valueType: number | undefined;

  readonly path: string;

  constructor(
    private readonly file: { readonly path: string; readonly isOnDisk: boolean },
    private readonly panel: vscode.WebviewPanel,
    private readonly parts: PanelParts,
  ) {
    super();
    this.path = file.path;
    this.register(panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)));
    this.register(parts.connection.onRestarted(() => void this.load()));
    this.register(parts.connection.onPartlyRead(summary => this.showPart(summary)));
    this.register(parts.activeRun.onDidChange(() => this.followSelection()));
    void this.load();
  }

  get viewColumn(): vscode.ViewColumn | undefined {
    return this.panel.viewColumn;
  }

  get isActive(): boolean {
    return this.panel.active;
  }

  /** Brings the tab to the front, taking the focus unless told otherwise. */
  show(preserveFocus: boolean): void {
    this.panel.reveal(this.panel.viewColumn, preserveFocus);
  }

  /** Shows a function or a gap, at once or as soon as the run is on screen. */
  focus({ func, gap }: OpenAt): void {
    if (func !== undefined) this.toFocus = { type: 'focusFunction', func };
    if (gap !== undefined) this.toFocus = { type: 'focusGap', group: gap };
    this.sendFocus();
  }

  /** Does what a key does in the page. */
  pressKey(key: string): void {
    if (this.isReady) this.post({ type: 'key', key });
  }

  /** Reads the run anew, for instance after the server has restarted or the recording has ended. */
  async load(): Promise<void> {
    if (this.isRecording) {
      await this.sendRecording();
      return;
    }
    try {
      if (!this.file.isOnDisk) throw new PyrolensError('notOnDisk', { path: this.path });
      this.failure = undefined;
      // Asked for with the first view, it would have to wait for the reading.
      void this.parts.connection.dataPipe().catch(error => this.parts.failures.note(error));
      this.summary = await this.parts.connection.request(
        'openRun',
        { path: this.path, ...(this.valueType === undefined ? {} : { valueType: this.valueType }) },
        {
          token: this.loading.token,
          onProgress: (message, share) => this.showProgress(message, share),
        },
      );
      this.parts.runs.remember(this.summary);
      const active = this.parts.activeRun.summary;
      if (!active || active.runId === this.summary.runId) await this.parts.activeRun.show(this.summary);
      await this.sendRun();
    } catch (error) {
      this.parts.failures.note(error);
      this.failure = { type: 'failed', ...this.describe(error) };
      this.post(this.failure);
    }
  }

  /** The first picture takes the place of the progress bar. */
  private showProgress(message: string, share: number | null): void {
    if (this.summary === undefined) this.post({ type: 'loading', message, share });
  }

  private showPart(summary: RunSummary): void {
    if (summary.path !== this.path) return;
    this.showRun(summary);
  }

  /** Shows the run as it has just been read. */
  showRun(summary: RunSummary): void {
    this.failure = undefined;
    this.summary = summary;
    this.refresh();
  }

  /** Sends the run to the page again, which asks for its views anew. */
  refresh(): void {
    void this.sendRun().catch(error => this.parts.failures.show(error));
  }

  /** Puts this run's numbers on the lines, unless they stand there. */
  async takeLines(): Promise<void> {
    if (!this.summary || this.parts.activeRun.summary?.runId === this.summary.runId) return;
    await this.parts.activeRun.show(this.summary);
  }

  private describe(error: unknown): { message: string; action: { label: string; command: string } | null } {
    if (error instanceof vscode.CancellationError) {
      return { message: vscode.l10n.t('Reading the run was cancelled.'), action: null };
    }
    const failure = this.parts.failures.describe(error);
    if (!isForeign(this.path) || !fileFailures.has(PyrolensError.from(error).code)) return failure;
    const action = { label: vscode.l10n.t('Open Another Profile…'), command: commands.openProfile };
    return { message: failure.message, action };
  }

  private receive(message: unknown): void {
    const read = readPanelMessage(message);
    if (read !== undefined) void this.handle(read);
  }

  private async handle(message: FromPanel): Promise<void> {
    try {
      await this.carryOut(message);
    } catch (error) {
      this.parts.failures.show(error);
    }
  }

  private async carryOut(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        this.wantsLines ||= isForeign(this.path) && !message.isRestored;
        if (this.isRecording) await this.sendRecording();
        else if (this.failure) this.post(this.failure);
        else await this.sendRun();
        return;
      case 'view':
        return this.relayView(message);
      case 'reveal':
        return this.revealSource(message);
      case 'select':
        return this.parts.activeRun.select(message.selection, this.summary);
      case 'valueType':
        this.valueType = message.valueType;
        return this.load();
      case 'cancel':
        return this.isRecording ? this.parts.recorder.stop() : this.loading.cancel();
      case 'command':
        if (message.command.startsWith('pyrolens.')) {
          await vscode.commands.executeCommand(message.command, { path: this.path });
        }
    }
  }

  /** The slab's own buffer goes on to the page; the host does not look inside. */
  private async relayView({ id, query }: FromPanel & { type: 'view' }): Promise<void> {
    try {
      if (!this.summary) return;
      const { runId } = this.summary;
      const { slabId } = await this.parts.connection.request('view', { runId, query });
      this.post({ type: 'slab', id, slab: await this.parts.connection.slab(slabId) });
    } catch (error) {
      this.parts.failures.note(error);
      this.post({ type: 'viewFailed', id, message: this.describe(error).message });
    }
  }

  private async revealSource({ file, line, takeFocus }: FromPanel & { type: 'reveal' }): Promise<void> {
    if (!this.summary) return;
    const place = await this.parts.connection.request('locate', { runId: this.summary.runId, file, line });
    await this.parts.reveal.reveal(place, { takeFocus, panelColumn: this.panel.viewColumn });
  }

  /** The page unmarks its frame when the narrowing was undone by a command or by another run. */
  private followSelection(): void {
    const isNarrowed = this.parts.activeRun.selection?.runId === this.summary?.runId;
    if (this.wasNarrowed && !isNarrowed) this.post({ type: 'selectionCleared' });
    this.wasNarrowed = isNarrowed && this.summary !== undefined;
  }

  private get isRecording(): boolean {
    return this.parts.recorder.isRecording(this.path);
  }

  /** The tab is opened while the program runs, so that its picture is there the moment it ends, if not before. */
  private async sendRecording(): Promise<void> {
    if (this.summary) return this.sendRun();
    if (!this.isReady) return;
    const message = this.parts.recorder.keepsLast()
      ? vscode.l10n.t(
          'The last seconds are kept in memory. «Keep the Last Seconds» makes a profile of them while the program goes on; its end shows them here.',
        )
      : vscode.l10n.t('Recording. The profile appears here when the program ends.');
    const button = vscode.l10n.t('Stop Profiling');
    this.post({ type: 'loading', message, share: null, button, strings: panelStrings() });
  }

  private async sendRun(): Promise<void> {
    if (!this.summary || !this.isReady) return;
    this.panel.title = `${this.summary.name} · ${formatValue(this.summary.durationNs, this.summary.unit)}`;
    const live = this.parts.recorder.liveState(this.path);
    this.post({ type: 'run', summary: this.summary, strings: panelStrings(), options: this.options, live });
    this.sendFocus();
    if (!this.wantsLines) return;
    this.wantsLines = false;
    await this.takeLines();
  }

  private sendFocus(): void {
    if (this.toFocus === undefined || !this.summary || !this.isReady) return;
    this.post(this.toFocus);
    this.toFocus = undefined;
  }

  private get options(): PanelOptions {
    return { ...defaultOptions, ...this.parts.memory.get<Partial<PanelOptions>>(optionsKey) };
  }

  private post(message: ToPanel): void {
    void this.panel.webview.postMessage(message);
  }

  override dispose(): void {
    this.loading.cancel();
    super.dispose();
  }
}
