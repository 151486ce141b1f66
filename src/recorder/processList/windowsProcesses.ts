/** The processes of Windows, as PowerShell tells them. */
import { pythonOfExecutable } from './pythonNames';
import type { PythonInside, RunningProcess } from './runningProcess';

/** Times are in units of 100 ns; the version of an interpreter stands in its file. */
export const powerShellScript = `[Console]::OutputEncoding = [Text.Encoding]::UTF8
Get-CimInstance Win32_Process | Select-Object ProcessId, ParentProcessId, CommandLine, ExecutablePath, KernelModeTime, UserModeTime,
  @{ n = 'StartedMs'; e = { if ($_.CreationDate) { [long]($_.CreationDate.ToUniversalTime() - [datetime]'1970-01-01').TotalMilliseconds } } },
  @{ n = 'Version'; e = { if ($_.Name -match '^python' -and $_.ExecutablePath) { (Get-Item $_.ExecutablePath).VersionInfo.ProductVersion } } } |
  ConvertTo-Json -Compress`;

interface Row {
  readonly ProcessId: number;
  readonly ParentProcessId: number;
  readonly CommandLine: string | null;
  readonly ExecutablePath: string | null;
  readonly KernelModeTime: number | null;
  readonly UserModeTime: number | null;
  readonly StartedMs: number | null;
  readonly Version: string | null;
}

/** Reads what PowerShell printed. Without rights Windows tells neither path nor command line: then it is another's. */
export function parsePowerShell(text: string): RunningProcess[] {
  const parsed = parseJson(text);
  const rows = (Array.isArray(parsed) ? parsed : [parsed]) as Partial<Row>[];
  const processes = rows.flatMap(row => (typeof row?.ProcessId === 'number' ? [processOf(row as Row)] : []));
  return processes.filter(process => !isVenvLauncher(process, processes));
}

function processOf(row: Row): RunningProcess {
  const executable = row.ExecutablePath ?? '';
  return {
    pid: row.ProcessId,
    parentPid: row.ParentProcessId,
    command: words(row.CommandLine ?? ''),
    executable,
    python: withVersion(pythonOfExecutable(executable), row.Version),
    startedAtMs: row.StartedMs ?? 0,
    cpuSeconds: ((row.KernelModeTime ?? 0) + (row.UserModeTime ?? 0)) / 1e7,
    cpuShare: undefined,
    user: '',
    isOwn: row.CommandLine !== null,
    cwd: '',
    root: '/',
  };
}

function withVersion(python: PythonInside | undefined, version: string | null): PythonInside | undefined {
  const found = /^3\.\d+(?:\.\d+)?/.exec(version ?? '')?.[0];
  return python && found ? { ...python, version: found } : python;
}

/** The `python.exe` of a virtual environment only starts the real one, with the same arguments, and waits. */
function isVenvLauncher(process: RunningProcess, all: readonly RunningProcess[]): boolean {
  if (process.python === undefined) return false;
  const args = JSON.stringify(process.command.slice(1));
  return all.some(
    child =>
      child.parentPid === process.pid &&
      child.python !== undefined &&
      child.executable !== process.executable &&
      JSON.stringify(child.command.slice(1)) === args,
  );
}

function words(commandLine: string): string[] {
  return [...commandLine.matchAll(/"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
