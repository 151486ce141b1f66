/** The command line: profile a script without an editor, list runs, print a run's report. English only. */

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exitLike } from '../recorder/passSignals';
import { listProcesses } from '../recorder/processList/index';
import { durationOf, listRuns, type RunEntry, updateManifest } from '../recorder/runFolder';
import { exportRun } from '../server/features/exportRun';
import { textReportOf } from '../server/features/textReport';
import { keepSources } from '../server/keepSources';
import { OpenRun } from '../server/loadedRun';
import { loadRun } from '../server/runFolder';
import { Slicer } from '../server/slicer';
import { WorkspaceFiles } from '../server/workspaceFiles';
import { exportFormatFacts } from '../shared/exportFormats';
import { PyrolensError } from '../shared/failures';
import { formatDuration } from '../shared/formatting';
import { inert, inertJson } from '../shared/inertText';
import { manifestFileName } from '../shared/manifest';
import { attachProcess } from './attachProcess';
import {
  type CliCommand,
  type ExportOptions,
  type ProfileOptions,
  readCommandLine,
  usage,
} from './commandLine';
import { runsFolder } from './dataFolder';
import { installEngine, printDoctor } from './doctor';
import { failureText } from './failureText';
import { jsonReport } from './jsonReport';
import { keepFromCommandLine } from './keep';
import { processTable } from './processTable';
import { profileScript } from './profileScript';

const ruleWidth = 78;

async function main(): Promise<void> {
  process.stdout.on('error', ignoreClosedPipe);
  try {
    await carryOut(readCommandLine(process.argv.slice(2)));
  } catch (error) {
    const failure = PyrolensError.from(error);
    process.stderr.write(`${inert(failureText(failure))}\n`);
    // A program that ran and could not be measured still has its own exit code.
    process.exitCode = Number(failure.facts['exitCode'] ?? 2);
  }
}

/** Whoever reads the output may have seen enough, as `head` has: that is no failure. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

async function carryOut(command: CliCommand): Promise<void> {
  switch (command.kind) {
    case 'profile':
      return profile(command);
    case 'attach':
      return showRun(await attachProcess(command), command.isJson);
    case 'keep':
      return showRun(await keepFromCommandLine(command.run && (await findRun(command.run))), command.isJson);
    case 'processes':
      return printProcesses(command);
    case 'runs':
      return printRuns(command.isJson);
    case 'report':
      return print(await openRun(await findRun(command.run)), command.isJson);
    case 'export':
      return writeExport(command);
    case 'doctor':
      return printDoctor(command);
    case 'install':
      return installEngine(command.engine, command);
    case 'help':
      if (command.problem !== undefined) process.stderr.write(`${inert(command.problem)}\n`);
      process.stdout.write(usage);
      process.exitCode = command.problem === undefined ? 0 : 2;
  }
}

async function profile(options: ProfileOptions): Promise<void> {
  const { path, status, undoSignals } = await profileScript(options);
  await showRun(path, options.isJson);
  exitLike(status, undoSignals);
}

/** Prints what has just been recorded, and keeps with it what only now can be known. */
async function showRun(path: string, isJson: boolean): Promise<void> {
  const open = await openRun(path);
  if (!isJson) process.stdout.write(`\n${'─'.repeat(ruleWidth)}\n`);
  await print(open, isJson);
  await updateManifest(dirname(path), { durationNs: open.run.profile.info.durationNs });
  await keepSources(open.run);
  if (!isJson) process.stdout.write(`\nKept in ${dirname(path)}\n`);
}

/** Those with Python unless all are asked for. */
async function printProcesses({ isJson, isAll }: { isJson: boolean; isAll: boolean }): Promise<void> {
  const processes = (await listProcesses()).filter(({ python }) => isAll || python !== undefined);
  if (isJson) process.stdout.write(`${inertJson(JSON.stringify(processes))}\n`);
  else if (processes.length === 0) process.stdout.write('No process runs Python.\n');
  else for (const row of processTable(processes, Date.now())) process.stdout.write(`${inert(row)}\n`);
}

async function writeExport({ run, format, output }: ExportOptions): Promise<void> {
  const open = await openRun(await findRun(run));
  const name = `${basename(open.run.manifest.name, '.py')}.${exportFormatFacts(format).extension}`;
  const target = output ?? name;
  await exportRun(open, format, target);
  process.stdout.write(`Exported to ${target}\n`);
}

async function openRun(path: string): Promise<OpenRun> {
  const ownRoots = [process.cwd()];
  const loaded = await loadRun(path, { slicer: new Slicer(), ownRoots });
  return OpenRun.open(loaded, { workspaceFolders: ownRoots, mappings: [] }, new WorkspaceFiles());
}

/** Resolves when everything is written: what follows may end the process. */
async function print(open: OpenRun, isJson: boolean): Promise<void> {
  const text = isJson ? `${inertJson(JSON.stringify(jsonReport(open)))}\n` : textReportOf(open);
  await new Promise<void>(resolve => process.stdout.write(text, () => resolve()));
}

/** A run by its path, its folder's name, or the user's name for it; `last` is the newest. */
async function findRun(named: string): Promise<string> {
  const runs = await listRuns(runsFolder());
  const found =
    named === 'last' ? runs[0] : runs.find(run => run.manifest.id === named || run.manifest.name === named);
  if (found) return found.path;
  const facts = await stat(named).catch(() => undefined);
  if (!facts) throw new PyrolensError('fileMissing', { path: named, advice: 'List the runs: pyrolens runs' });
  return facts.isDirectory() ? join(named, manifestFileName) : named;
}

async function printRuns(isJson: boolean): Promise<void> {
  const runs = await listRuns(runsFolder());
  if (isJson)
    process.stdout.write(
      `${inertJson(JSON.stringify(runs.map(({ path, state, manifest }) => ({ ...manifest, path, state }))))}\n`,
    );
  else if (runs.length === 0) process.stdout.write('No profile has been recorded yet.\n');
  else for (const run of runs) process.stdout.write(`${inert(runRow(run))}\n`);
}

function runRow({ manifest, state }: RunEntry): string {
  const durationNs = durationOf(manifest);
  const duration = durationNs === undefined ? state : formatDuration(durationNs);
  const started = new Date(manifest.startedAtMs).toISOString().slice(0, 16).replace('T', ' ');
  return `${manifest.id}  ${started}  ${duration.padStart(10)}  ${manifest.name}`;
}

void main();
