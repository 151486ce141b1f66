import * as vscode from 'vscode';
import { contextKeys, keptSourceScheme } from '../shared/contributions';
import { type ActiveRun, setContext } from './activeRun';
import { Debounce } from './debounce';
import { Disposable, Slot } from './disposable';
import type { Failures } from './failures';
import { type LabelWords, type LineLabel, labelLines } from './lineLabels';
import type { ServerConnection } from './serverConnection';
import type { SettingsReader } from './settingsReader';
import { isHighContrast, TimingDecorations } from './timingDecorations';

const editDelayMs = 60;
const scrollDelayMs = 50;
const shownSchemes: readonly string[] = ['file', 'untitled', 'vscode-notebook-cell', keptSourceScheme];

interface InlineParts {
  readonly connection: ServerConnection;
  readonly activeRun: ActiveRun;
  readonly settings: SettingsReader;
  readonly failures: Failures;
}

/**
 * The numbers on the lines of every visible editor. While the user types the editor itself moves the decorations with
 * their lines; once typing rests the server places the numbers on the new text and they are set again.
 */
export class InlineTimings extends Disposable {
  /** Labels by document, valid for one version of its text. */
  private readonly labels = new Map<string, readonly LineLabel[]>();
  private readonly decorations = this.register(new Slot<TimingDecorations>());
  private readonly afterEdit = this.register(new Debounce(editDelayMs, () => this.refreshEdited()));
  private readonly afterScroll = this.register(new Debounce(scrollDelayMs, () => this.paintLabels()));
  private readonly edited = new Set<string>();
  private readonly words = labelWords();
  private isHidden = false;
  private wasHighContrast = isHighContrast();

  constructor(private readonly parts: InlineParts) {
    super();
    const { connection, activeRun, settings } = parts;
    this.register(connection.onTimingsChanged(() => void this.refreshAll()));
    this.register(activeRun.onDidChange(() => void this.refreshAll()));
    this.register(settings.onDidChange(() => this.onSettings()));
    this.register(vscode.window.onDidChangeVisibleTextEditors(() => void this.refreshAll()));
    this.register(vscode.window.onDidChangeTextEditorVisibleRanges(() => this.afterScroll.schedule()));
    this.register(vscode.window.onDidChangeActiveColorTheme(() => this.onTheme()));
    this.register(vscode.workspace.onDidChangeTextDocument(event => this.onEdit(event)));
    this.register(
      vscode.workspace.onDidCloseTextDocument(document => this.labels.delete(document.uri.toString())),
    );
  }

  /** Hides the numbers, or shows them again, without forgetting the run. */
  toggle(): void {
    this.isHidden = !this.isHidden;
    void setContext(contextKeys.inlineHidden, this.isHidden);
    this.parts.connection.setShowing(!this.isHidden);
    void this.refreshAll();
  }

  /** A new run is worth seeing even if the last one was hidden. */
  show(): void {
    if (this.isHidden) this.toggle();
  }

  private get isActive(): boolean {
    return (
      this.parts.activeRun.summary !== undefined &&
      !this.isHidden &&
      this.parts.settings.current['inline.enabled']
    );
  }

  private onSettings(): void {
    this.labels.clear();
    void this.refreshAll();
  }

  private onTheme(): void {
    if (isHighContrast() === this.wasHighContrast) return;
    this.wasHighContrast = isHighContrast();
    this.decorations.value = undefined;
    void this.refreshAll();
  }

  private onEdit(event: vscode.TextDocumentChangeEvent): void {
    if (!this.isActive || event.contentChanges.length === 0 || !isShown(event.document)) return;
    this.edited.add(event.document.uri.toString());
    this.afterEdit.schedule();
  }

  private refreshEdited(): void {
    const edited = new Set(this.edited);
    this.edited.clear();
    const documents = visibleDocuments().filter(document => edited.has(document.uri.toString()));
    void Promise.all(documents.map(document => this.refresh(document)));
  }

  private async refreshAll(): Promise<void> {
    if (!this.isActive) {
      this.labels.clear();
      this.decorations.value = undefined;
      return;
    }
    await Promise.all(visibleDocuments().map(document => this.refresh(document)));
  }

  private async refresh(document: vscode.TextDocument): Promise<void> {
    const uri = document.uri.toString();
    const version = document.version;
    try {
      const timings = await this.parts.connection.request('documentTimings', { uri });
      // Typed on meanwhile: those numbers are for an older text, and another request is on its way.
      if (document.version !== version || document.isClosed || !this.isActive) return;
      const threshold = this.parts.settings.forResource(document.uri)['inline.threshold'] / 100;
      this.labels.set(uri, timings ? labelLines(timings.lines, threshold, this.words, timings.unit) : []);
      this.paint(uri);
    } catch (error) {
      this.parts.failures.note(error);
    }
  }

  private paint(uri: string): void {
    this.decorations.value ??= new TimingDecorations();
    const settings = this.parts.settings.current;
    const labels = this.labels.get(uri) ?? [];
    for (const editor of shownEditors()) {
      if (editor.document.uri.toString() !== uri) continue;
      this.decorations.value.paintFile(editor, labels, settings['inline.tint']);
      this.decorations.value.paintLabels(editor, labels, settings['inline.maxLines']);
    }
  }

  private paintLabels(): void {
    if (!this.isActive || this.edited.size > 0) return;
    for (const editor of shownEditors()) {
      const labels = this.labels.get(editor.document.uri.toString());
      const maxCount = this.parts.settings.current['inline.maxLines'];
      if (labels) this.decorations.value?.paintLabels(editor, labels, maxCount);
    }
  }
}

function isShown(document: vscode.TextDocument): boolean {
  return (
    shownSchemes.includes(document.uri.scheme) &&
    (document.languageId === 'python' || document.uri.scheme === keptSourceScheme)
  );
}

/** Editors that carry numbers: every split, but not the sides of a diff, whose text is another version's. */
function shownEditors(): vscode.TextEditor[] {
  const inDiffs = diffDocuments();
  return vscode.window.visibleTextEditors.filter(
    editor =>
      isShown(editor.document) &&
      !(editor.viewColumn === undefined && inDiffs.has(editor.document.uri.toString())),
  );
}

/** A diff's sides are editors without a column of their own. */
function diffDocuments(): Set<string> {
  const tabs = vscode.window.tabGroups.all.map(group => group.activeTab?.input);
  return new Set(
    tabs.flatMap(input =>
      input instanceof vscode.TabInputTextDiff ? [input.original.toString(), input.modified.toString()] : [],
    ),
  );
}

function visibleDocuments(): vscode.TextDocument[] {
  return [...new Set(shownEditors().map(editor => editor.document))];
}

function labelWords(): LabelWords {
  return {
    editedSince: vscode.l10n.t('edited since'),
    blocksLoop: vscode.l10n.t('blocks loop'),
    wait: {
      sleep: vscode.l10n.t('sleep'),
      lock: vscode.l10n.t('lock'),
      join: vscode.l10n.t('join'),
      await: vscode.l10n.t('await'),
      select: vscode.l10n.t('select'),
      queue: vscode.l10n.t('queue'),
      process: vscode.l10n.t('process'),
      io: vscode.l10n.t('I/O'),
      unknown: vscode.l10n.t('waits'),
    },
  };
}
