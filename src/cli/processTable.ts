import type { RunningProcess } from '../recorder/processList/index';
import { formatDuration } from '../shared/formatting';

/** The processes as a table for a terminal: one line each, the command line last. */
export function processTable(processes: readonly RunningProcess[], nowMs: number): string[] {
  const rows = processes.map(found => [
    String(found.pid),
    found.python
      ? `${found.python.implementation === 'pypy' ? 'PyPy ' : ''}${found.python.version || '?'}`
      : '-',
    formatDuration(Math.max(nowMs - found.startedAtMs, 0) * 1e6),
    found.cpuShare === undefined ? '' : `${Math.round(found.cpuShare * 100)} %`,
    found.user,
    found.command.join(' '),
  ]);
  const table = [['PID', 'PYTHON', 'AGE', 'CPU', 'USER', 'COMMAND'], ...rows];
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(...table.map(row => row[column]?.length ?? 0)));
  return table.map(row => rowText(row, widths));
}

/** Numbers stand right, words left. */
function rowText(row: readonly string[], widths: readonly number[]): string {
  const isNumber = (column: number) => column !== 1 && column !== 4;
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0;
    return column < 5 && isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
  });
  return cells.join('  ').trimEnd();
}
