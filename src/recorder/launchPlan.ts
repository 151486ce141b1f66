import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '../shared/engines';
import type { EngineTarget } from './engines/index';
import { storageFailure } from './runFolder';

export const launchPlanFileName = 'launch.json';

/** What the launcher is to do, written beside the manifest: no program argument ever passes through a shell. */
export interface LaunchPlan extends EngineTarget {
  readonly engine: EngineName;
  readonly cwd: string;
  readonly clearTerminal: boolean;
  /** Already translated. Placeholders: `{status}`, `{duration}`. */
  readonly texts: LauncherTexts;
}

export interface LauncherTexts {
  readonly summary: string;
  readonly exitCode: string;
  readonly exitSignal: string;
  readonly pressAnyKey: string;
  readonly pressAnyKeyOrRun: string;
}

export const launcherTextsEnglish: LauncherTexts = {
  summary: 'Pyrolens: {status} after {duration}, profile kept.',
  exitCode: 'exit code {0}',
  exitSignal: 'ended by {0}',
  pressAnyKey: 'Press any key to close this terminal.',
  pressAnyKeyOrRun: 'Press r to profile again, any other key to close this terminal.',
};

/** Writes the plan into its run folder. */
export async function writeLaunchPlan(plan: LaunchPlan): Promise<void> {
  const path = join(plan.runDir, launchPlanFileName);
  try {
    await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`);
  } catch (error) {
    throw storageFailure(error, path);
  }
}

/** Reads the plan of a run folder; it was written by `writeLaunchPlan` moments ago. */
export async function readLaunchPlan(runDir: string): Promise<LaunchPlan> {
  return JSON.parse(await readFile(join(runDir, launchPlanFileName), 'utf8')) as LaunchPlan;
}
