import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '../shared/engines';
import type { AttachedTarget, EngineTarget } from './engines/index';
import { storageFailure } from './runFolder';

export const launchPlanFileName = 'launch.json';

/** What the launcher is to do, written beside the manifest: no program argument ever passes through a shell. */
export interface LaunchPlan extends EngineTarget {
  readonly engine: EngineName;
  /** Records from inside where the engine’s tool turns out not to be able to look; only where the user did not choose. */
  readonly substitute?: { readonly engine: EngineName; readonly rateHz: number } | undefined;
  /** Where somebody chose the rate for this run: whatever engine starts it again keeps it. */
  readonly chosenRateHz?: number | undefined;
  readonly cwd: string;
  readonly clearTerminal: boolean;
  /** Already translated. Placeholders: `{status}`, `{duration}`. */
  readonly texts: LauncherTexts;
}

/** Puts an engine to a program that runs already. */
export interface AttachPlan extends AttachedTarget {
  readonly engine: EngineName;
  /** What the program is called in sentences. */
  readonly name: string;
  readonly clearTerminal: boolean;
  readonly texts: LauncherTexts;
}

/** Whatever a launcher can be asked to do. */
export type RecordingPlan = LaunchPlan | AttachPlan;

export interface LauncherTexts {
  readonly summary: string;
  /** Placeholders of the next four: `{name}`, `{duration}`. */
  readonly attached: string;
  readonly attachSummary: string;
  readonly attachedEnded: string;
  readonly waitingForPython: string;
  readonly exitCode: string;
  readonly exitSignal: string;
  readonly pressAnyKey: string;
  readonly pressAnyKeyOrRun: string;
}

export const launcherTextsEnglish: LauncherTexts = {
  summary: 'Pyrolens: {status} after {duration}, profile kept.',
  attached: 'Pyrolens: recording {name}. Press Ctrl+C to stop and keep the profile.',
  attachSummary: 'Pyrolens: recorded {name} for {duration}, profile kept. The program goes on.',
  attachedEnded: 'Pyrolens: {name} has ended after {duration} of recording, profile kept.',
  waitingForPython: 'Pyrolens: waiting for {name} to reach Python code.',
  exitCode: 'exit code {0}',
  exitSignal: 'ended by {0}',
  pressAnyKey: 'Press any key to close this terminal.',
  pressAnyKeyOrRun: 'Press r to profile again, any other key to close this terminal.',
};

/** Writes the plan into its run folder. */
export async function writeLaunchPlan(plan: RecordingPlan): Promise<void> {
  const path = join(plan.runDir, launchPlanFileName);
  try {
    await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`);
  } catch (error) {
    throw storageFailure(error, path);
  }
}

/** Reads the plan of a run folder; it was written by `writeLaunchPlan` moments ago. */
export async function readLaunchPlan(runDir: string): Promise<RecordingPlan> {
  return JSON.parse(await readFile(join(runDir, launchPlanFileName), 'utf8')) as RecordingPlan;
}
