import type { Selection } from '../shared/api';
import type { RunManifest } from '../shared/manifest';
import { splitLines } from './analyze/lineMap';
import { Measurement } from './analyze/measurement';
import { rangeOf, type SampleFilter, wholeRun } from './analyze/selection';
import { type SourceWaits, sourceWaits } from './analyze/waiting';
import { functionKind, kindIndex } from './parse/model/functionKind';
import type { SourceRoots } from './recordedPath';
import type { LoadedRun } from './runFolder';
import { isIn, SourcePaths } from './sourcePaths';
import { SourceTexts } from './sourceTexts';
import type { WorkspaceFiles } from './workspaceFiles';

const maxMeasurements = 6;

/** A loaded run with all that is derived from it: measurements by filter, its sources, their places. */
export class OpenRun {
  readonly texts: SourceTexts;
  private readonly waits: SourceWaits;
  private readonly lines = new Map<number, readonly string[]>();
  private readonly measurements = new Map<string, Measurement>();

  private constructor(
    readonly run: LoadedRun,
    private readonly asLoaded: LoadedRun,
    readonly paths: SourcePaths,
  ) {
    this.texts = new SourceTexts(run, paths);
    this.waits = sourceWaits(run.profile, file => this.recordedLines(file));
  }

  /** Finds the run's sources; code found in the workspace is the user's own, wherever it ran. */
  static async open(loaded: LoadedRun, roots: SourceRoots, workspace: WorkspaceFiles): Promise<OpenRun> {
    const paths = await SourcePaths.find(loaded, roots, workspace);
    return new OpenRun(withLocalKinds(loaded, paths, roots), loaded, paths);
  }

  /** The same run with its sources looked up anew: folders or mappings have changed. */
  reopen(roots: SourceRoots, workspace: WorkspaceFiles): Promise<OpenRun> {
    return OpenRun.open(this.asLoaded, roots, workspace);
  }

  /** The same run with another manifest. */
  withManifest(manifest: RunManifest, roots: SourceRoots, workspace: WorkspaceFiles): Promise<OpenRun> {
    return OpenRun.open({ ...this.asLoaded, manifest }, roots, workspace);
  }

  /** The measurement for a filter; the most recent few are kept. */
  measure(filter: SampleFilter = wholeRun): Measurement {
    const key = JSON.stringify([
      filter.lane,
      ...rangeOf(this.run.profile, filter),
      filter.path,
      filter.ownCodeOnly,
    ]);
    const measurement = this.measurements.get(key) ?? new Measurement(this.run.profile, filter, this.waits);
    this.measurements.delete(key);
    this.measurements.set(key, measurement);
    for (const oldest of this.measurements.keys()) {
      if (this.measurements.size <= maxMeasurements) break;
      this.measurements.delete(oldest);
    }
    return measurement;
  }

  /** The recorded text of a file of the profile (index into its strings), undefined when it is unknown. */
  recordedText(file: number): string | undefined {
    return this.texts.textOf(this.run.profile.strings[file] ?? '');
  }

  /** The same as lines, none when it is unknown. */
  recordedLines(file: number): readonly string[] {
    let lines = this.lines.get(file);
    if (lines === undefined) {
      lines = splitLines(this.recordedText(file) ?? '');
      this.lines.set(file, lines);
    }
    return lines;
  }
}

/** Functions recorded elsewhere whose files are in the workspace: own code unless they lie in an environment there. */
function withLocalKinds(run: LoadedRun, paths: SourcePaths, roots: SourceRoots): LoadedRun {
  const { functions, strings } = run.profile;
  const ownRoots = roots.workspaceFolders;
  const moved = [...paths.movedFiles].filter(([, local]) => isIn(local, ownRoots));
  if (moved.length === 0) return run;
  const kinds = new Map(moved.map(([file, local]) => [file, kindIndex(functionKind(local, { ownRoots }))]));
  const kind = functions.kind.map(
    (known, func) => kinds.get(strings[functions.file[func] ?? -1] ?? '') ?? known,
  );
  return { ...run, profile: { ...run.profile, functions: { ...functions, kind } } };
}

/** The filter behind the editors' selection. */
export function filterOf(selection: Selection | undefined): SampleFilter {
  if (selection === undefined) return wholeRun;
  const { lane, rangeStartNs, rangeEndNs, path, ownCodeOnly = false } = selection;
  return { lane, rangeStartNs, rangeEndNs, path, ownCodeOnly };
}
