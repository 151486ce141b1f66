/**
 * «Profile Cell»: the bundled sampler in the notebook's own kernel while the cell runs there as it always does. The
 * Jupyter extension lets others run code in a kernel; it asks the user once whether this extension may.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { engineNamed } from '../recorder/engines/index';
import { createRun, deleteRun, updateManifest } from '../recorder/runFolder';
import { PyrolensError } from '../shared/failures';
import { manifestFileName, type RecordedCell } from '../shared/manifest';
import { type Kernel, kernelOf, runInKernel } from './jupyterKernel';
import type { Recorded } from './profilingSession';
import type { SettingsReader } from './settingsReader';

/** The sampler makes its file with its first look. */
const beginTimeoutMs = 5_000;
const pollMs = 20;

export interface CellParts {
  readonly extensionUri: vscode.Uri;
  /** Folder of the runs. */
  readonly root: string;
  readonly settings: SettingsReader;
  readonly onRecorded: (recorded: Recorded) => Promise<void>;
}

/** Runs a cell and shows what it cost. Fails with the reason when it cannot be measured. */
export async function profileCell(cell: vscode.NotebookCell, parts: CellParts): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new PyrolensError('untrusted');
  if (cell.kind !== vscode.NotebookCellKind.Code || cell.document.languageId !== 'python') {
    throw new PyrolensError('notPythonCell');
  }
  const kernel = await kernelOf(cell.notebook.uri);
  const title = vscode.l10n.t('Profiling {0}', nameOf(cell));
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    record({ cell, kernel, parts }),
  );
}

interface CellRecording {
  readonly cell: vscode.NotebookCell;
  readonly kernel: Kernel;
  readonly parts: CellParts;
}

async function record({ cell, kernel, parts }: CellRecording): Promise<void> {
  const collectorsDir = vscode.Uri.joinPath(parts.extensionUri, 'dist', 'collectors').fsPath;
  const rateHz = parts.settings.forResource(cell.notebook.uri)['sampler.rate'];
  const runDir = await createCellRun(cell, parts.root, rateHz);
  const call = (text: string) => runInKernel(kernel, callOf(collectorsDir, text));
  try {
    await call(`begin(${JSON.stringify(runDir)}, ${rateHz}, ${process.pid})`);
    await requireBegun(runDir);
    await execute(cell);
  } catch (error) {
    await deleteRun(runDir);
    throw error;
  } finally {
    const texts = cell.notebook.getCells().map(each => each.document.getText());
    await call(`end(${JSON.stringify(runDir)}, ${JSON.stringify(texts)})`).catch(() => undefined);
  }
  const cells = await keepCells(runDir, cell.notebook);
  await updateManifest(runDir, { state: 'ended', endedAtMs: Date.now(), cells });
  const path = join(runDir, manifestFileName);
  await parts.onRecorded({
    runDir,
    path,
    name: nameOf(cell),
    outcome: { how: 'stopped', busyProcessCount: 0 },
  });
}

/** Leaves no name behind in the user's namespace. */
function callOf(collectorsDir: string, call: string): string {
  const lines = [
    'import sys',
    `sys.path.insert(0, ${JSON.stringify(collectorsDir)})`,
    'try:',
    '    from pyrolens_collect import cells',
    'finally:',
    `    sys.path.remove(${JSON.stringify(collectorsDir)})`,
    `cells.${call}`,
  ];
  return `exec(${JSON.stringify(lines.join('\n'))}, {})`;
}

function nameOf(cell: vscode.NotebookCell): string {
  return vscode.l10n.t('{0}, cell {1}', basename(cell.notebook.uri.fsPath), cell.index + 1);
}

async function createCellRun(cell: vscode.NotebookCell, root: string, rateHz: number): Promise<string> {
  const engine = engineNamed('bundled-sampler');
  const { dir } = await createRun(root, {
    name: nameOf(cell),
    engine: engine.name,
    engineVersion: engine.version,
    rateHzAsked: rateHz,
    command: [],
    script: '',
    cwd: dirname(cell.notebook.uri.fsPath),
    interpreter: { path: '', version: '' },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    launcherPid: process.pid,
    exit: undefined,
    git: undefined,
    sources: undefined,
  });
  return dir;
}

/** The kernel may be on another machine, or of a Python that cannot be sampled. */
async function requireBegun(runDir: string): Promise<void> {
  const deadline = Date.now() + beginTimeoutMs;
  while (Date.now() < deadline) {
    if (await engineNamed('bundled-sampler').hasBegun(runDir)) return;
    const refusal = await readFile(join(runDir, 'attach.refused'), 'utf8').catch(() => '');
    if (refusal !== '') throw new PyrolensError('kernelRefused', { reason: refusal.trim() });
    await delay(pollMs);
  }
  const reason = vscode.l10n.t('it does not see the files of this machine');
  throw new PyrolensError('kernelRefused', { reason });
}

/** Runs the cell as the user does, and resolves when it has run. */
async function execute(cell: vscode.NotebookCell): Promise<void> {
  const before = cell.executionSummary?.executionOrder;
  await new Promise<void>((resolve, reject) => {
    const watching = vscode.workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
      const change = cellChanges.find(each => each.cell === cell);
      const summary = change?.executionSummary;
      if (summary?.timing === undefined || summary.executionOrder === before) return;
      watching.dispose();
      resolve();
    });
    const ranges = [{ start: cell.index, end: cell.index + 1 }];
    const started = vscode.commands.executeCommand('notebook.cell.execute', {
      ranges,
      document: cell.notebook.uri,
    });
    started.then(undefined, (error: unknown) => {
      watching.dispose();
      reject(error);
    });
  });
}

/** Which cell each recorded text is: what `end` of `pyrolens_collect/cells.py` has written. */
interface FoundCells {
  readonly paths: readonly (string | null)[];
  readonly texts: Readonly<Record<string, string>>;
}

async function keepCells(
  runDir: string,
  notebook: vscode.NotebookDocument,
): Promise<Record<string, RecordedCell>> {
  const found = JSON.parse(await readFile(join(runDir, 'cells.json'), 'utf8')) as FoundCells;
  await mkdir(join(runDir, 'sources'), { recursive: true });
  const cells: Record<string, RecordedCell> = {};
  for (const [path, text] of Object.entries(found.texts)) {
    const sha256 = createHash('sha256').update(text).digest('hex');
    await writeFile(join(runDir, 'sources', sha256), text);
    const index = found.paths.indexOf(path);
    const uri = index < 0 ? '' : notebook.cellAt(index).document.uri.toString();
    cells[path] = { uri, sha256 };
  }
  return cells;
}
