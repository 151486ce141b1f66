import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { readLaunchPlan } from '../recorder/launchPlan';
import { readRunManifest } from '../recorder/runFolder';
import type { AskedEngine } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import type { LaunchRequest } from './launching';

/** A script without arguments, with everything as it is by default. */
export function fileRequest(file: vscode.Uri, engine: AskedEngine | undefined): LaunchRequest {
  const options = { children: true, native: false };
  return { entry: { kind: 'script', path: file.fsPath }, args: [], engine, options, resource: file };
}

/**
 * What was started for a run, to start it again; another engine may look this time. A run that was not started from
 * here has no plan: then its script is started. Fails with `unreadableRun`.
 */
export async function requestOfRun(runPath: string, engine: AskedEngine | undefined): Promise<LaunchRequest> {
  const dir = dirname(runPath);
  const [manifest, plan] = await Promise.all([
    readRunManifest(dir),
    readLaunchPlan(dir).catch(() => undefined),
  ]);
  const { name, isRenamed, script, cwd } = manifest;
  const resource = vscode.Uri.file(script || cwd);
  // A program that ran already cannot be started again by us.
  if (manifest.attached !== undefined) throw new PyrolensError('notPythonFile');
  if (plan === undefined || !('entry' in plan)) return fileRequest(resource, engine);
  const { entry, args, interpreter, env, chosenRateHz: rateHz } = plan;
  // Words for one tool mean nothing to another, and the settings may have changed.
  const { words: _words, ...options } = plan.options;
  return {
    ...{ entry, args, engine, options, env, cwd, rateHz, resource },
    python: interpreter,
    script: script === '' ? undefined : script,
    name: isRenamed ? undefined : name,
  };
}
