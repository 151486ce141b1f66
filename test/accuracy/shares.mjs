/** What a program says of its own lines beside what a report says of them. */
import { basename } from 'node:path';

/** How far a line may be off, in points of a hundred. */
export const goalPoints = 5;

/** The program's own clock begins after its imports, so both sides are times, as shares of the program's own run. */
export function compare({ truth, durationNs }, report) {
  return truth.map(({ name, file, line, shareOfRun }) => {
    const found = report.lines.find(entry => entry.line === line && basename(entry.file) === basename(file));
    const share = (found?.totalNs ?? 0) / durationNs;
    return { name, truth: shareOfRun, share, points: (share - shareOfRun) * 100 };
  });
}

/** The worst line's difference, each line's being the median over the runs; printed, and as a figure. */
export function pointsFigure(id, runs, goal = goalPoints) {
  const rows = runs[0].map((row, index) => medianRow(runs.map(rows => rows[index] ?? row)));
  const cells = rows.map(row => `${row.name} ${percent(row.truth)}→${percent(row.share)}`);
  console.log(`${id.padEnd(34)} ${cells.join('  ')}`);
  const value = Math.round(Math.max(...rows.map(row => Math.abs(row.points))) * 100) / 100;
  return { id, value, unit: 'points', goal, ok: value <= goal };
}

function medianRow(rows) {
  return [...rows].sort((a, b) => a.points - b.points)[Math.floor(rows.length / 2)];
}

function percent(share) {
  return `${(share * 100).toFixed(1)}%`;
}

export function failedFigure(id, unit, goal, error) {
  console.log(`${id.padEnd(34)} failed: ${error.message}`);
  return { id, value: null, unit, goal, ok: false };
}
