import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { PyrolensError } from '../shared/failures';
import { manifestFileName, type RunManifest, readManifest } from '../shared/manifest';
import type { Problem, Profile } from '../shared/profile';
import { detectFormat, parseParts } from './parse';
import type { Part } from './parse/format';
import type { Slicer } from './slicer';
import { say } from './strings';

/** A run in memory: its manifest, its profile, and what could not be read of it. */
export interface LoadedRun {
  readonly id: string;
  /** Path of the manifest, or of the foreign file. */
  readonly path: string;
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly profile: Profile;
  readonly problems: readonly Problem[];
  /** Rough size in memory, for eviction. */
  readonly byteSize: number;
}

/** How to load a run. `ownRoots` are the workspace folders: code below them is the user's own. */
export interface LoadOptions {
  readonly slicer: Slicer;
  readonly ownRoots: readonly string[];
}

const maxPartBytes = 1024 * 1024 * 1024;

/**
 * Loads a run from its manifest, its folder, or a foreign profile file. Damaged parts become problems.
 * Throws `PyrolensError` (`fileMissing`, `unreadableRun`) when there is nothing to show at all.
 */
export async function loadRun(path: string, options: LoadOptions): Promise<LoadedRun> {
  const isFolder = await stat(path).then(
    facts => facts.isDirectory(),
    () => Promise.reject(new PyrolensError('fileMissing', { path })),
  );
  const file = isFolder ? join(path, manifestFileName) : path;
  if (isFolder || extname(file) === extname(manifestFileName)) return loadFolder(file, options);
  return loadForeign(file, options);
}

/** Reads and checks a manifest. Throws `PyrolensError('unreadableRun')` with the reason. */
export async function loadManifest(path: string): Promise<RunManifest> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = (error as { code?: unknown }).code;
    if (code === 'ENOENT') throw new PyrolensError('fileMissing', { path });
    throw new PyrolensError('unreadableRun', { path, reason: String(code ?? error) });
  });
  const manifest = readManifest(text);
  if (typeof manifest === 'string') throw new PyrolensError('unreadableRun', { path, reason: manifest });
  return manifest;
}

async function loadFolder(path: string, options: LoadOptions): Promise<LoadedRun> {
  const manifest = await loadManifest(path);
  const folder = dirname(path);
  const names = (await readdir(folder)).filter(name => /\.(chunks|pstats)$/.test(name)).sort();
  const problems: Problem[] = [];
  const parts: Part[] = [];
  for (const name of names) {
    const part = await readPart(folder, name, problems);
    if (part !== undefined && part.bytes.length > 0) parts.push(part);
    if (options.slicer.isDue()) await options.slicer.pause(0);
  }
  const sidecars = await readSidecars(folder, parts);
  const ownRoots = [manifest.cwd, dirname(manifest.script), ...options.ownRoots].filter(
    root => root.length > 1,
  );
  const context = {
    origins: { ownRoots },
    slicer: options.slicer,
    sidecar: (name: string) => sidecars.get(name),
  };
  const result = await parseParts(parts, context);
  return {
    id: manifest.id,
    path,
    folder,
    manifest,
    profile: result.profile,
    problems: [...problems, ...result.problems],
    byteSize: memorySize(result.profile),
  };
}

async function readPart(folder: string, name: string, problems: Problem[]): Promise<Part | undefined> {
  const path = join(folder, name);
  try {
    const { size } = await stat(path);
    if (size <= maxPartBytes) return { name, bytes: await readFile(path) };
    problems.push({ message: say('partTooLarge', name, maxPartBytes / 1024 / 1024), part: name, offset: -1 });
  } catch (error) {
    problems.push({
      message: say('missingPart', name, String((error as Error).message)),
      part: name,
      offset: -1,
    });
  }
  return undefined;
}

async function readSidecars(folder: string, parts: readonly Part[]): Promise<Map<string, unknown>> {
  const sidecars = new Map<string, unknown>();
  for (const { name } of parts) {
    if (!name.endsWith('.pstats')) continue;
    const text = await readFile(join(folder, name.replace(/\.pstats$/, '.json')), 'utf8').catch(() => 'null');
    sidecars.set(name, parseJson(text));
  }
  return sidecars;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A file that is not ours is shown as a run of its own, known by its path. */
async function loadForeign(path: string, options: LoadOptions): Promise<LoadedRun> {
  const { size, mtimeMs } = await stat(path);
  if (size > maxPartBytes)
    throw new PyrolensError('unreadableRun', { path, reason: say('partTooLarge', path, 1024) });
  const part = { name: basename(path), bytes: new Uint8Array(await readFile(path)) };
  const format = detectFormat(part);
  if (format === undefined)
    throw new PyrolensError('unreadableRun', { path, reason: say('unknownFormat', part.name) });
  const folder = dirname(path);
  const context = {
    origins: { ownRoots: [folder, ...options.ownRoots] },
    slicer: options.slicer,
    sidecar: () => undefined,
  };
  const { profile, problems } = await format.parse([part], context);
  const id = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const manifest: RunManifest = {
    version: 1,
    id,
    name: part.name,
    engine: format.name === 'pstats' ? 'cprofile' : 'bundled-sampler',
    engineVersion: profile.info.engineVersion,
    rateHzAsked: profile.info.rateHzAsked,
    command: [],
    script: '',
    cwd: folder,
    interpreter: { path: '', version: profile.info.python },
    startedAtMs: profile.info.startEpochNs > 0 ? profile.info.startEpochNs / 1e6 : mtimeMs,
    endedAtMs: undefined,
    state: 'ended',
    exit: undefined,
    git: undefined,
    sources: undefined,
  };
  return { id, path, folder, manifest, profile, problems, byteSize: memorySize(profile) };
}

function memorySize(profile: Profile): number {
  return profile.samples.length * 37 + profile.nodes.length * 60 + profile.frames.length * 120 + 1_000_000;
}
