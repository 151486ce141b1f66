import { PyrolensError } from '../shared/failures';
import type { RunManifest } from '../shared/manifest';
import { OpenRun } from './loadedRun';
import type { SourceRoots } from './recordedPath';
import { type LoadedRun, loadRun } from './runFolder';
import { Slicer } from './slicer';
import { WorkspaceFiles } from './workspaceFiles';

/** How the store loads runs. */
export interface StoreOptions {
  /** Runs are evicted, least recently used first, while all together are larger than this. */
  readonly maxBytes: number;
  readonly roots: () => SourceRoots;
}

/** How a run is opened. */
export interface OpenOptions {
  readonly valueType?: number | undefined;
  readonly isLive?: boolean;
  /** Told of what was read so far while a large file is being read. */
  readonly onPartial?: (open: OpenRun) => void;
}

/** Runs by id. Each stays known by its path when its data had to make room, and is read again when it is needed. */
export class ProfileStore {
  private readonly runs = new Map<string, OpenRun>();
  private readonly placeById = new Map<string, { path: string; valueType: number | undefined }>();
  private readonly workspace = new WorkspaceFiles();
  private readonly loading = new Map<string, Promise<OpenRun>>();

  constructor(private readonly options: StoreOptions) {}

  /** Reads a run from its path, anew even when it is known: the file may have grown. */
  async open(path: string, slicer: Slicer, options: OpenOptions = {}): Promise<OpenRun> {
    const roots = this.options.roots();
    const { onPartial, valueType, isLive = false } = options;
    const take = async (loaded: LoadedRun): Promise<OpenRun> => {
      const run = await OpenRun.open(loaded, roots, this.workspace);
      this.placeById.set(run.run.id, { path, valueType });
      this.keep(run);
      return run;
    };
    const loaded = await loadRun(path, {
      slicer,
      ownRoots: roots.workspaceFolders,
      isLive,
      ...(valueType === undefined ? {} : { valueType }),
      ...(onPartial && { onPartial: async part => onPartial(await take(part)) }),
    });
    return take(loaded);
  }

  /** Reads a run without keeping it. */
  async read(path: string, slicer: Slicer): Promise<OpenRun> {
    const roots = this.options.roots();
    const loaded = await loadRun(path, { slicer, ownRoots: roots.workspaceFolders });
    return OpenRun.open(loaded, roots, this.workspace);
  }

  /** The run that was opened from this path, when its data is in memory. */
  loaded(path: string): OpenRun | undefined {
    return [...this.runs.values()].find(({ run }) => run.path === path);
  }

  /** True while a run's data is in memory. */
  isLoaded(runId: string): boolean {
    return this.runs.has(runId);
  }

  /** The run with another manifest, which takes its place when it is loaded: its sources have been kept. */
  async replaceManifest(run: OpenRun, manifest: RunManifest): Promise<OpenRun> {
    const replaced = await run.withManifest(manifest, this.options.roots(), this.workspace);
    if (this.runs.get(run.run.id) === run) this.runs.set(run.run.id, replaced);
    return replaced;
  }

  /** Looks the sources of all loaded runs up anew: folders or mappings have changed. */
  async reopenAll(): Promise<void> {
    for (const [id, run] of [...this.runs]) {
      const reopened = await run.reopen(this.options.roots(), this.workspace);
      if (this.runs.get(id) === run) this.runs.set(id, reopened);
    }
  }

  /** A run by its id, read again if need be. Throws `fileMissing` for ids never opened. */
  async get(runId: string): Promise<OpenRun> {
    const known = this.runs.get(runId);
    if (known) {
      this.keep(known);
      return known;
    }
    const place = this.placeById.get(runId);
    if (place === undefined) throw new PyrolensError('fileMissing', { path: runId });
    const loading = this.loading.get(runId) ?? this.open(place.path, new Slicer(), place);
    this.loading.set(runId, loading);
    return loading.finally(() => this.loading.delete(runId));
  }

  /** Forgets a run. */
  close(runId: string): void {
    this.runs.delete(runId);
    this.placeById.delete(runId);
  }

  /** Number of runs whose data is in memory. */
  get loadedCount(): number {
    return this.runs.size;
  }

  private keep(run: OpenRun): void {
    this.runs.delete(run.run.id);
    this.runs.set(run.run.id, run);
    let bytes = 0;
    for (const each of this.runs.values()) bytes += each.run.byteSize;
    for (const [id, oldest] of this.runs) {
      if (bytes <= this.options.maxBytes || id === run.run.id) break;
      this.runs.delete(id);
      bytes -= oldest.run.byteSize;
    }
  }
}
