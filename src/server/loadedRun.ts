import type { Selection } from '../shared/api';
import { splitLines } from './analyze/lineMap';
import { Measurement } from './analyze/measurement';
import { type SampleFilter, wholeRun } from './analyze/selection';
import { type SourceWaits, sourceWaits } from './analyze/waiting';
import type { LoadedRun } from './runFolder';
import { SourcePaths } from './sourcePaths';
import { SourceTexts } from './sourceTexts';

const maxMeasurements = 6;

/** A loaded run with all that is derived from it: measurements by filter, its sources, their places. */
export class OpenRun {
  readonly texts: SourceTexts;
  readonly paths: SourcePaths;
  private readonly waits: SourceWaits;
  private readonly lines = new Map<number, readonly string[]>();
  private readonly measurements = new Map<string, Measurement>();

  constructor(
    readonly run: LoadedRun,
    workspaceFolders: readonly string[] = [],
  ) {
    this.texts = new SourceTexts(run);
    this.paths = new SourcePaths(run, workspaceFolders);
    this.waits = sourceWaits(run.profile, file => this.recordedLines(file));
  }

  /** The measurement for a filter; the most recent few are kept. */
  measure(filter: SampleFilter = wholeRun): Measurement {
    const key = JSON.stringify([
      filter.lane,
      filter.rangeStartNs,
      filter.rangeEndNs,
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

/** The filter behind the editors' selection. */
export function filterOf(selection: Selection | undefined): SampleFilter {
  if (selection === undefined) return wholeRun;
  const { lane, rangeStartNs, rangeEndNs, path, ownCodeOnly = false } = selection;
  return { lane, rangeStartNs, rangeEndNs, path, ownCodeOnly };
}
