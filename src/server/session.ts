import type { DocumentTimings, RunSummary, Selection, ServerApi } from '../shared/api';
import { PyrolensError } from '../shared/failures';
import { inert } from '../shared/inertText';
import { keptSourceUri } from '../shared/keptSource';
import type { Settings } from '../shared/settings';
import { encodeSlab } from '../shared/slab';
import { identityMap } from './analyze/lineMap';
import type { DataPipe } from './dataPipe';
import { wholeText } from './features/amounts';
import { type DocumentQuery, documentTimings } from './features/documentTimings';
import { DocumentViews, type PresentText } from './features/documentView';
import { exportRun } from './features/exportRun';
import { functionAtLine } from './features/functionAt';
import { gapsAtHand, gapsInSlices, hasPromptGaps } from './features/gapsOf';
import { type Preparation, prepareRun } from './features/prepareRun';
import { runSummary } from './features/runSummary';
import { textReportOf } from './features/textReport';
import { topGaps } from './features/topGaps';
import { computeView } from './features/views';
import { keepSources } from './keepSources';
import { filterOf, type OpenRun } from './loadedRun';
import type { ProfileStore } from './profileStore';
import { isPseudoFile } from './recordedPath';
import { rehearse } from './rehearse';
import { recordedBytes } from './runFolder';
import { Slicer, type SlicerOptions } from './slicer';
import { uriOfPath } from './sourcePaths';
import { say } from './strings';

/** What a session needs of the process around it. */
export interface SessionHost {
  readonly store: ProfileStore;
  readonly pipe: () => Promise<DataPipe>;
  readonly settings: () => Settings;
  readonly presentText: (uri: string) => Promise<PresentText | undefined>;
  /** Tells the client what a large file holds so far. */
  readonly onPartlyRead: (summary: RunSummary) => void;
  /** Tells the client that the numbers in its editors changed. */
  readonly onTimingsChanged: () => void;
}

/** A request's cancellation and progress. */
export type RequestContext = SlicerOptions;

type Handlers = {
  readonly [M in keyof ServerApi]: (
    params: Parameters<ServerApi[M]>[0],
    context: RequestContext,
  ) => Promise<ReturnType<ServerApi[M]>>;
};

/** One client's view of the server: which run is active, what is selected, and the answer to each request. */
export class Session {
  private activeId: string | undefined;
  private selection: Selection | undefined;
  private reopening: Promise<void> = Promise.resolve();
  /** How much had been recorded when a run was last read live, by its path. */
  private readonly liveBytes = new Map<string, number>();
  private sending: Promise<void> = Promise.resolve();
  readonly views = new DocumentViews();

  constructor(private readonly host: SessionHost) {}

  /** The handlers of the server's own requests: derived from `ServerApi`, so none can be missing or mistyped. */
  readonly handlers: Handlers = {
    dataPipe: async () => ({ path: (await this.host.pipe()).path }),
    openRun: async ({ path, valueType }, context) => {
      this.liveBytes.delete(path);
      const onPartial = (part: OpenRun) => this.host.onPartlyRead(runSummary(part));
      // A picture of a part on its way to the client goes first: in slices it would leave piece by piece.
      const slicer = new Slicer({ ...context, inPause: () => this.sending });
      const open = await this.host.store.open(path, slicer, { valueType, onPartial });
      if (open.run.id === this.activeId) this.changed();
      return runSummary(open);
    },
    readLive: async ({ path }, context) => this.readLive(path, context),
    rehearse: async ({ path }, context) => {
      rehearse(await this.read(path, context), this.host.settings());
      return null;
    },
    closeRun: async ({ runId }) => {
      this.host.store.close(runId);
      if (runId === this.activeId) this.activate(undefined);
      return null;
    },
    activateRun: async ({ runId }) => {
      if (runId !== null) await this.host.store.get(runId);
      this.activate(runId ?? undefined);
      return null;
    },
    keepSources: async ({ path }, context) => this.keepSources(path, context),
    documentTimings: async ({ uri }) => this.documentTimings(uri),
    select: async ({ selection }) => {
      this.selection = selection ?? undefined;
      this.host.onTimingsChanged();
      return null;
    },
    locate: async ({ runId, file, line }) => this.locate(await this.openedRun(runId), { file, line }),
    functionAt: async ({ uri, line }) => {
      const query = await this.documentQuery(uri);
      const func = query && functionAtLine(query, line);
      return query === undefined || func === undefined ? null : { runId: query.open.run.id, func };
    },
    view: async ({ runId, query }, context) => {
      const open = await this.openedRun(runId);
      const isNews = query.kind === 'gaps' && (await this.workOutGaps(open, context));
      if (query.kind === 'functions' || query.kind === 'timeline') await this.prepare(open, query.kind);
      const pipe = await this.host.pipe();
      const slabId = pipe.send(encodeSlab(computeView(open, query)));
      this.sending = pipe.sent();
      if (isNews && runId === this.activeId) this.host.onTimingsChanged();
      if (query.kind === 'functions') this.prepare(open, 'lines').catch(() => undefined);
      return { slabId };
    },
    topGaps: async ({ path, limit }, context) => {
      const open = await this.read(path, context);
      await this.workOutGaps(open, context);
      return { gaps: topGaps(open, limit) };
    },
    exportRun: async ({ path, format, target }, context) => {
      await exportRun(await this.read(path, context), format, target);
      return null;
    },
    textReport: async ({ path }, context) => {
      const open = await this.read(path, context);
      await this.workOutGaps(open, context);
      return { text: textReportOf(open) };
    },
  };

  /** Workspace folders or path mappings have changed: sources are looked up anew. */
  async rootsChanged(): Promise<void> {
    this.reopening = this.reopening.then(() => this.host.store.reopenAll()).catch(() => undefined);
    await this.reopening;
    this.changed();
  }

  private async readLive(path: string, context: RequestContext): Promise<RunSummary | null> {
    const byteCount = await recordedBytes(path);
    if (byteCount === (this.liveBytes.get(path) ?? 0)) return null;
    const open = await this.host.store.open(path, new Slicer(context), { isLive: true });
    this.liveBytes.set(path, byteCount);
    if (open.run.profile.samples.length === 0) return null;
    // The costliest of what a picture asks for next: worked out here, it counts when the client decides how long to rest.
    await this.workOutGaps(open, context);
    if (open.run.id === this.activeId) this.changed();
    return runSummary(open);
  }

  /**
   * Works out a run's gaps; true when that had not been done before and the numbers in the editors know more now. What was
   * asked for before leaves first: in slices it would leave piece by piece.
   */
  private async workOutGaps(open: OpenRun, context: RequestContext): Promise<boolean> {
    const isNews = !hasPromptGaps(open) && gapsAtHand(open) === undefined;
    await gapsInSlices(open, new Slicer({ ...context, inPause: () => this.sending }));
    return isNews;
  }

  private prepare(open: OpenRun, kind: Preparation): Promise<void> {
    const isCancelled = () => !this.host.store.isLoaded(open.run.id);
    return prepareRun(open, kind, new Slicer({ isCancelled, inPause: () => this.sending }));
  }

  /** A loaded run, its sources looked up where they are now. */
  private async openedRun(runId: string): Promise<OpenRun> {
    await this.reopening;
    return this.host.store.get(runId);
  }

  /** What lenses, hovers and inline numbers speak about, undefined when nothing of the document was measured. */
  async documentQuery(uri: string): Promise<DocumentQuery | undefined> {
    if (this.activeId === undefined) return undefined;
    const open = await this.openedRun(this.activeId);
    const present = await this.host.presentText(uri);
    const view = present && this.views.view(open, present);
    if (view === undefined) return undefined;
    if (hasPromptGaps(open)) await gapsInSlices(open, new Slicer());
    await this.prepare(open, 'functions');
    await this.prepare(open, 'lines');
    const selection = this.selection?.runId === open.run.id ? this.selection : undefined;
    const measurement = open.measure(filterOf(selection));
    const whole = say('wholeRun', wholeText(measurement.profile.info, measurement.scaleNs));
    const scaleLabel = selection === undefined ? whole : say('selectionOf', inert(selection.label));
    return { open, measurement, view, scaleLabel };
  }

  private async documentTimings(uri: string): Promise<DocumentTimings | null> {
    const query = await this.documentQuery(uri);
    return query === undefined ? null : documentTimings(query, this.host.settings());
  }

  private activate(runId: string | undefined): void {
    this.activeId = runId;
    this.selection = undefined;
    this.changed();
  }

  private changed(): void {
    this.views.clear();
    this.host.onTimingsChanged();
  }

  /** Reads a run for one answer only; it does not become the client's. */
  private read(path: string, context: RequestContext): Promise<OpenRun> {
    return this.host.store.read(path, new Slicer(context));
  }

  private async keepSources(
    path: string,
    context: RequestContext,
  ): Promise<ReturnType<ServerApi['keepSources']>> {
    const open = this.host.store.loaded(path) ?? (await this.read(path, context));
    const manifest = await keepSources(open.run);
    const kept = await this.host.store.replaceManifest(open, manifest);
    // The texts are the same as before, only from another place: no number moves.
    this.views.clear();
    return { fileCount: Object.keys(manifest.sources ?? {}).length, summary: runSummary(kept) };
  }

  /** The local file if it is here, else the text kept with the run. */
  private async locate(
    open: OpenRun,
    place: { file: number; line: number },
  ): Promise<ReturnType<ServerApi['locate']>> {
    const recorded = open.run.profile.strings[place.file] ?? '';
    if (isPseudoFile(recorded)) throw new PyrolensError('noSourceFile', { path: recorded });
    const cell = open.paths.cellOf(recorded);
    if (cell !== undefined) return this.locateIn(open, cell, place);
    const local = open.paths.localFile(recorded);
    if (local !== undefined) return this.locateIn(open, uriOfPath(local), place);
    const sha256 = open.texts.keptHash(recorded);
    if (sha256 === undefined)
      throw new PyrolensError('sourceMissing', { path: recorded, line: String(place.line) });
    const { id: runId, folder: runDir } = open.run;
    const uri = keptSourceUri({ runId, runDir, sha256, recordedPath: recorded });
    return { uri, line: Math.max(1, place.line), isKeptText: true, isStale: false };
  }

  private async locateIn(
    open: OpenRun,
    uri: string,
    { line }: { line: number },
  ): Promise<ReturnType<ServerApi['locate']>> {
    const present = await this.host.presentText(uri);
    const view = present && this.views.view(open, present);
    const place = (view?.map ?? identityMap).toPresent(line);
    return {
      uri,
      line: place?.line ?? Math.max(1, line),
      isKeptText: false,
      isStale: place?.isStale ?? true,
    };
  }
}
