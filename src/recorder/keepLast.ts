import { copyFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PyrolensError } from '../shared/failures';
import { manifestFileName, type RunManifest } from '../shared/manifest';
import { engineNamed } from './engines/index';
import { keepingNames, keptPartName } from './engines/tracer';
import { launchPlanFileName, readLaunchPlan, writeLaunchPlan } from './launchPlan';
import { createRun, deleteRun, listRuns, readRunManifest, stateOf, updateManifest } from './runFolder';

const pollMs = 40;
/** A program that is inside of compiled code answers when it comes back to Python. */
const answerTimeoutMs = 5_000;
const requestName = (number: number) => `keep-${number}`;

/** A run that holds the last seconds of a program that goes on. */
export interface KeptRun {
  readonly runDir: string;
  readonly path: string;
  readonly name: string;
  /** Processes that had not answered in time. */
  readonly busyProcessCount: number;
}

/**
 * Asks all processes of a recording that keeps the last seconds for them (`src/collectors/FORMAT.md`, «The run folder»), and
 * makes a run of what they write, beside the one that goes on. Fails with `nothingToKeep` where no process keeps them, with
 * `keepUnanswered` where none has answered in five seconds, or with the storage's failure.
 */
export async function keepLastSeconds(runDir: string): Promise<KeptRun> {
  const manifest = await readRunManifest(runDir);
  const keeping = await keepingNames(runDir);
  if (keeping.length === 0) throw new PyrolensError('nothingToKeep', { name: manifest.name });
  const askedAtMs = Date.now();
  const { dir } = await createRun(dirname(runDir), keptManifest(manifest, askedAtMs));
  await repeatPlan(runDir, dir);
  await request(runDir, dir);
  const missing = await waitForParts(dir, keeping.map(keptPartName));
  await addEnded(runDir, dir, askedAtMs - (manifest.lastSeconds ?? 0) * 1_000);
  if (missing === keeping.length) {
    await deleteRun(dir);
    throw new PyrolensError('keepUnanswered', { name: manifest.name });
  }
  await updateManifest(dir, { endedAtMs: Date.now() });
  return { runDir: dir, path: join(dir, manifestFileName), name: manifest.name, busyProcessCount: missing };
}

/** The folder of the newest recording below `root` that keeps the last seconds and goes on; undefined: there is none. */
export async function newestKeeping(root: string): Promise<string | undefined> {
  const runs = await listRuns(root);
  return runs.find(({ manifest }) => isKeeping(manifest))?.dir;
}

/** True for a recording under way that can be asked for the last seconds. */
export function isKeeping(manifest: RunManifest): boolean {
  return manifest.lastSeconds !== undefined && stateOf(manifest) === 'recording';
}

/** The run was ended for its reader; the program goes on. */
function keptManifest(manifest: RunManifest, askedAtMs: number): Omit<RunManifest, 'version' | 'id'> {
  const { version: _version, id: _id, ...facts } = manifest;
  return {
    ...facts,
    state: 'stopped',
    startedAtMs: askedAtMs,
    endedAtMs: askedAtMs,
    durationNs: undefined,
    launcherPid: undefined,
  };
}

/** With its plan the program can be started again from the run. */
async function repeatPlan(runDir: string, dir: string): Promise<void> {
  const hasPlan = (await readdir(runDir)).includes(launchPlanFileName);
  if (hasPlan) await writeLaunchPlan({ ...(await readLaunchPlan(runDir)), runDir: dir });
}

/** The first number that nobody has taken: several may ask at once. */
async function request(runDir: string, dir: string): Promise<void> {
  for (let number = 1; ; number++) {
    try {
      await writeFile(join(runDir, requestName(number)), `${dir}\n`, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Resolves to how many are still missing when time is up. */
async function waitForParts(dir: string, names: readonly string[]): Promise<number> {
  const deadline = Date.now() + answerTimeoutMs;
  let missing = names.length;
  while (missing > 0 && Date.now() < deadline) {
    await delay(pollMs);
    const present = new Set(await readdir(dir));
    missing = names.filter(name => !present.has(name)).length;
  }
  return missing;
}

/** Processes that have ended in the last seconds have left theirs in the folder of the run. */
async function addEnded(runDir: string, dir: string, sinceMs: number): Promise<void> {
  const engine = engineNamed((await readRunManifest(runDir)).engine);
  const present = new Set(await readdir(dir));
  const names = (await readdir(runDir)).filter(name => engine.isPart(name) && !present.has(name));
  for (const name of names) {
    const { mtimeMs } = await stat(join(runDir, name));
    if (mtimeMs >= sinceMs) await copyFile(join(runDir, name), join(dir, name));
  }
}
