import { join } from 'node:path';
import * as vscode from 'vscode';
import { lastReason } from '../recorder/engineLog';
import { hasParts, readRunManifest, updateManifest } from '../recorder/runFolder';
import type { RunSummary } from '../shared/api';
import { PyrolensError } from '../shared/failures';
import { inert } from '../shared/inertText';
import { manifestFileName } from '../shared/manifest';
import type { ActiveRun } from './activeRun';
import type { Failures } from './failures';
import type { InlineTimings } from './inlineTimings';
import type { Log } from './log';
import type { Recorded } from './profilingSession';
import type { ResultEditor } from './resultEditor';
import type { ServerConnection } from './serverConnection';
import type { SettingsReader } from './settingsReader';

export interface ShowParts {
  readonly connection: ServerConnection;
  readonly activeRun: ActiveRun;
  readonly inline: InlineTimings;
  readonly results: ResultEditor;
  readonly settings: SettingsReader;
  readonly failures: Failures;
  readonly log: Log;
}

/** Opens the tab that will show the profile while the program runs: opening one takes longer than reading a run. */
export function showRecording(
  path: string,
  { results, settings, failures }: Pick<ShowParts, 'results' | 'settings' | 'failures'>,
): void {
  if (!settings.current['result.openAfterRun']) return;
  results.open(path, { preserveFocus: true }).catch(error => failures.show(error));
}

/** Shows a completed recording: numbers first, then the flame graph, then what was unusual about the run's end. */
export async function showRecorded(recorded: Recorded, parts: ShowParts): Promise<void> {
  const { path, runDir } = recorded;
  const endedAtMs = Date.now();
  const summary = await activated(recorded, parts);
  parts.log.info(`Numbers of ${recorded.name} were ready ${Date.now() - endedAtMs} ms after its end.`);
  parts.inline.show();
  parts.results.showRun(summary);
  if (parts.settings.current['result.openAfterRun']) await parts.results.open(path, { preserveFocus: true });
  reportEnding(recorded, parts.failures);
  if (summary.sampleCount === 0 && !summary.hasCalls) throw await nothingRecorded(recorded);
  await updateManifest(runDir, { durationNs: summary.durationNs });
  const kept = await parts.connection.request('keepSources', { path: join(runDir, manifestFileName) });
  // Only now it is known which files changed while the program ran.
  if (kept.summary.notes.length !== summary.notes.length) parts.results.showRun(kept.summary);
}

/** Offers what was recorded after the window had gone: the program ended, was ended, or the machine went down. */
export async function offerLeft(
  { runDir, path }: Pick<Recorded, 'runDir' | 'path'>,
  parts: ShowParts,
): Promise<void> {
  const manifest = await readRunManifest(runDir);
  if (manifest.durationNs !== undefined || !(await hasParts(runDir, manifest))) return;
  const show = vscode.l10n.t('Show Profile');
  const sentence = vscode.l10n.t(
    '{0} ended while this window was closed. What was recorded is kept.',
    inert(manifest.name),
  );
  if ((await vscode.window.showInformationMessage(sentence, show)) !== show) return;
  const exit = manifest.exit ?? { code: 0, signal: null };
  const recorded = { runDir, path, name: inert(manifest.name), outcome: { how: 'ended', ...exit } } as const;
  await showRecorded(recorded, parts);
  await parts.results.open(path, { preserveFocus: true });
}

/** Whatever comes of it, the tab that has waited for the end is told. */
async function activated(recorded: Recorded, parts: ShowParts): Promise<RunSummary> {
  try {
    await requireSomething(recorded);
    return await parts.activeRun.activate(recorded.path);
  } catch (error) {
    parts.results.reload(recorded.path);
    throw error;
  }
}

async function requireSomething(recorded: Recorded): Promise<void> {
  const manifest = await readRunManifest(recorded.runDir);
  if (!(await hasParts(recorded.runDir, manifest))) throw await nothingRecorded(recorded);
}

/** The collectors' log says why where they know. */
async function nothingRecorded({ name, runDir }: Recorded): Promise<PyrolensError> {
  const { attached, programPid, engine } = await readRunManifest(runDir);
  const reason = await lastReason(runDir);
  if (attached) return new PyrolensError('attachFailed', { name, pid: String(programPid), engine, reason });
  return new PyrolensError('nothingRecorded', { name, reason });
}

/** A crash is worth a sentence; Ctrl+C is not, the user pressed it. */
function reportEnding({ name, outcome }: Recorded, failures: Failures): void {
  if (outcome.how !== 'ended') return;
  const { code, signal } = outcome;
  if (signal !== null && signal !== 'SIGINT')
    failures.show(new PyrolensError('programKilled', { name, signal }));
  const isCtrlC = code === 130;
  if (code !== null && code !== 0 && !isCtrlC) {
    failures.show(new PyrolensError('programCrashed', { name, code: String(code) }));
  }
}
