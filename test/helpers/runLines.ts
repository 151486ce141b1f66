import { Measurement } from '../../src/server/analyze/measurement';
import { wholeRun } from '../../src/server/analyze/selection';
import { type LoadedRun, loadRun } from '../../src/server/runFolder';
import { Slicer } from '../../src/server/slicer';

/** Reads a run from its folder. */
export function readRun(runDir: string): Promise<LoadedRun> {
  return loadRun(runDir, { slicer: new Slicer(), ownRoots: [] });
}

/** Reads a run from its folder: each line's total by number, as a share of the run's duration. */
export async function readLineShares(runDir: string): Promise<Map<number, number>> {
  const { profile } = await readRun(runDir);
  const { lines, scaleNs } = new Measurement(profile, wholeRun);
  const shares = new Map<number, number>();
  for (let item = 0; item < lines.items.length; item++) {
    const line = lines.items.line[item] ?? 0;
    shares.set(line, (shares.get(line) ?? 0) + (lines.total.totalNs[item] ?? 0) / scaleNs);
  }
  return shares;
}

/** Reads a run from its folder: the processes whose lanes it has, and what could not be read. */
export async function readProcesses(runDir: string): Promise<{ pids: number[]; problems: string[] }> {
  const { profile, problems } = await readRun(runDir);
  const pids = new Set(profile.lanes.map(lane => lane.pid));
  return { pids: [...pids], problems: problems.map(({ message }) => message) };
}
