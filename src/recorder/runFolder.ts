/**
 * Run folders: create, list, rename, delete, prune. A run is a folder below `root` that holds `run.pyrolens`.
 * Whatever the disk refuses comes back as a `PyrolensError` that names the path.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PyrolensError } from '../shared/failures';
import { manifestFileName, type RunManifest, readManifest } from '../shared/manifest';
import { engineNamed } from './engines/index';
import { isProcessAlive } from './processAlive';

/** `interrupted`: the manifest still says `recording`, but the launcher that would end it is gone. */
export type RunState = RunManifest['state'] | 'interrupted';

/** A run on disk, or a folder that claims to be one and cannot be read. */
export interface RunEntry {
  readonly dir: string;
  /** Path of `run.pyrolens`. */
  readonly path: string;
  readonly manifest: RunManifest;
  readonly state: RunState;
}

/** Creates the folder and writes its first manifest. Fails with `storageUnwritable` or `diskFull`. */
export async function createRun(
  root: string,
  draft: Omit<RunManifest, 'version' | 'id'>,
): Promise<{ dir: string; manifest: RunManifest }> {
  const id = runId(draft.startedAtMs, draft.name);
  const dir = join(root, id);
  const manifest: RunManifest = { version: 1, id, ...draft };
  try {
    await mkdir(dir, { recursive: true });
    await writeManifest(dir, manifest);
  } catch (error) {
    throw storageFailure(error, dir);
  }
  return { dir, manifest };
}

/** Sorts by time as text, says which program, and never collides. */
function runId(startedAtMs: number, name: string): string {
  const stamp = new Date(startedAtMs)
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
  const word = name
    .replace(/\.pyw?$/, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .slice(0, 24);
  return `${stamp}-${word || 'run'}-${randomBytes(3).toString('hex')}`;
}

/** Replaces the manifest in one step: a reader sees the old one or the new one. */
export async function writeManifest(dir: string, manifest: RunManifest): Promise<void> {
  const temporary = join(dir, `.${manifestFileName}.${randomBytes(4).toString('hex')}.tmp`);
  await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(temporary, join(dir, manifestFileName));
}

/** Reads the manifest of a run folder. Fails with `unreadableRun`. */
export async function readRunManifest(dir: string): Promise<RunManifest> {
  const path = join(dir, manifestFileName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new PyrolensError('unreadableRun', { path, reason: (error as Error).message });
  }
  const manifest = readManifest(text);
  if (typeof manifest === 'string') throw new PyrolensError('unreadableRun', { path, reason: manifest });
  return manifest;
}

/** Changes some fields of the manifest and returns the result. */
export async function updateManifest(
  dir: string,
  changes: Partial<Omit<RunManifest, 'version' | 'id'>>,
): Promise<RunManifest> {
  const manifest = { ...(await readRunManifest(dir)), ...changes };
  try {
    await writeManifest(dir, manifest);
  } catch (error) {
    throw storageFailure(error, dir);
  }
  return manifest;
}

/** All readable runs, newest first. A missing root is an empty list; folders that are not runs are left out. */
export async function listRuns(root: string): Promise<RunEntry[]> {
  const names = await readdir(root).catch(() => [] as string[]);
  const entries = await Promise.all(names.map(name => readEntry(join(root, name))));
  return entries
    .filter(entry => entry !== undefined)
    .sort((a, b) => b.manifest.startedAtMs - a.manifest.startedAtMs);
}

async function readEntry(dir: string): Promise<RunEntry | undefined> {
  try {
    const manifest = await readRunManifest(dir);
    return { dir, path: join(dir, manifestFileName), manifest, state: stateOf(manifest) };
  } catch {
    return undefined;
  }
}

/** The manifest's state, corrected where nobody is left to end the recording. */
export function stateOf(manifest: RunManifest): RunState {
  if (manifest.state !== 'recording' || manifest.launcherPid === undefined) return manifest.state;
  return isProcessAlive(manifest.launcherPid) ? 'recording' : 'interrupted';
}

/** How long the run took: the profile's own duration where it is known, else the program's. */
export function durationOf(manifest: RunManifest): number | undefined {
  if (manifest.durationNs !== undefined) return manifest.durationNs;
  return manifest.endedAtMs === undefined ? undefined : (manifest.endedAtMs - manifest.startedAtMs) * 1e6;
}

/** Gives the run a name of the user's own; such runs are never pruned. */
export async function renameRun(dir: string, name: string): Promise<RunManifest> {
  return updateManifest(dir, { name, isRenamed: true });
}

/** Removes the run and everything in it. */
export async function deleteRun(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw storageFailure(error, dir);
  }
}

/** Deletes the oldest finished runs beyond `keepRuns`, sparing renamed ones, and returns how many went. */
export async function pruneRuns(root: string, keepRuns: number): Promise<number> {
  const finished = (await listRuns(root)).filter(run => run.state !== 'recording');
  const surplus = finished.slice(keepRuns).filter(run => !isRenamed(run.manifest));
  await Promise.all(surplus.map(run => deleteRun(run.dir)));
  return surplus.length;
}

/** True when the name is the user's own. Manifests of older versions tell by the script's base name only. */
export function isRenamed({ name, script, isRenamed: isOwn }: RunManifest): boolean {
  return isOwn ?? (script !== '' && name !== basename(script));
}

/** True when an engine has written anything measurable into the run. */
export async function hasParts(dir: string, manifest: RunManifest): Promise<boolean> {
  const engine = engineNamed(manifest.engine);
  return (await readdir(dir)).some(name => engine.isPart(name));
}

/** Says of a disk error that it concerns the storage, and which path. */
export function storageFailure(error: unknown, path: string): PyrolensError {
  const failure = PyrolensError.from(error);
  const facts = { ...failure.facts, path };
  if (failure.code === 'diskFull') return new PyrolensError('diskFull', facts);
  return new PyrolensError('storageUnwritable', facts);
}
