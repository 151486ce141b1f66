import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { PyrolensError } from '../shared/failures';
import { readKeptSourceUri } from '../shared/keptSource';
import type { RunStore } from './runStore';

/** Text of a `pyrolens-source:` document: a measured file as the run kept it. */
export async function keptSource(runs: RunStore, uri: vscode.Uri): Promise<string> {
  const source = readKeptSourceUri(uri.toString());
  const runDir = source && runs.dirOf(source.runId);
  if (!source || runDir === undefined) throw new PyrolensError('sourceMissing', { path: uri.path });
  return readFile(join(runDir, 'sources', source.sha256), 'utf8');
}
