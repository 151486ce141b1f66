import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { collectorLogFile, logSentences } from '../shared/collectorLog';
import { type EngineName, engineFacts } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { isPartName, manifestFileName, type RunManifest, readManifest } from '../shared/manifest';
import type { Problem, Profile } from '../shared/profile';
import { detectFormat, parseParts } from './parse';
import { type ByteSource, FileSource } from './parse/bytes/byteSource';
import { memorySize } from './parse/model/memorySize';
import { Preview } from './parse/preview';
import type { Slicer } from './slicer';
import { say } from './strings';
import { openSource } from './unpack';

/** A run's manifest; a foreign file gets one too, so that the rest need not tell the two apart. */
export type LoadedManifest = Omit<RunManifest, 'engine'> & { readonly engine: EngineName | 'imported' };

const maxLimits = 20;

/** A run in memory: its manifest, its profile, and what could not be read of it. */
export interface LoadedRun {
  readonly id: string;
  /** Path of the manifest, or of the foreign file. */
  readonly path: string;
  readonly folder: string;
  readonly manifest: LoadedManifest;
  readonly profile: Profile;
  readonly problems: readonly Problem[];
  /** 1 when it was read to its end; less while it is still being read. */
  readonly readShare: number;
  /** Rough size in memory, for eviction. */
  readonly byteSize: number;
}

/** How to load a run. `ownRoots` are the workspace folders: code below them is the user's own. */
export interface LoadOptions {
  readonly slicer: Slicer;
  readonly ownRoots: readonly string[];
  /** Told now and then, while a large file is being read, what it holds so far. */
  readonly onPartial?: (run: LoadedRun) => Promise<void>;
  /** It is still being recorded: that its parts have no end yet is no damage. */
  readonly isLive?: boolean;
  /** Which of several measurements of a foreign file to show. */
  readonly valueType?: number;
}

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
  const names = (await readdir(folder)).filter(isPartName).sort();
  const problems: Problem[] = [];
  const parts: ByteSource[] = [];
  for (const name of names) {
    const part = await openPart(folder, name, problems);
    if (part !== undefined) parts.push(part);
  }
  const sidecars = await readSidecars(folder, parts);
  const cellFolders = Object.keys(manifest.cells ?? {}).map(cell => dirname(cell));
  const ownRoots = [manifest.cwd, dirname(manifest.script), ...cellFolders, ...options.ownRoots].filter(
    root => root.length > 1,
  );
  const context = {
    // Nobody knows the folders of a program that ran already.
    origins: { ownRoots, isElsewhere: manifest.attached !== undefined },
    slicer: options.slicer,
    sidecar: (name: string) => sidecars.get(name),
  };
  const filled = parts.filter(part => part.size > 0);
  const runOf = (profile: Profile, found: readonly Problem[], readShare: number): LoadedRun => ({
    id: manifest.id,
    path,
    folder,
    manifest,
    profile,
    problems: options.isLive ? [] : [...problems, ...found],
    readShare,
    byteSize: memorySize(profile),
  });
  const preview = previewFor(options, (profile, share) => runOf(profile, [], share));
  const result = await parseParts(filled, { ...context, ...preview }).finally(() => closeAll(parts));
  return runOf(
    options.isLive ? result.profile : await withLosses(result.profile, manifest, folder),
    result.problems,
    1,
  );
}

/** The profile with what its engine could not record among its limits, as the recorder has noted it. */
async function withLosses(profile: Profile, manifest: RunManifest, folder: string): Promise<Profile> {
  const said = await readFile(join(folder, collectorLogFile), 'utf8').catch(() => '');
  const { label } = engineFacts(manifest.engine);
  // Other lines are for us: they name places in our own code.
  const losses = logSentences(said).filter(sentence => sentence.startsWith(`${label} `));
  if (losses.length === 0) return profile;
  const limits = [...profile.info.limits, ...new Set(losses)].slice(0, maxLimits);
  return { ...profile, info: { ...profile.info, limits } };
}

/** Size in bytes of what was recorded so far in a run's folder. */
export async function recordedBytes(path: string): Promise<number> {
  const folder = dirname(path);
  const names = (await readdir(folder)).filter(isPartName);
  const sizes = names.map(name =>
    stat(join(folder, name)).then(
      facts => facts.size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function openPart(folder: string, name: string, problems: Problem[]): Promise<ByteSource | undefined> {
  const path = join(folder, name);
  try {
    return new FileSource(name, path, (await stat(path)).size);
  } catch (error) {
    problems.push({
      message: say('missingPart', name, String((error as Error).message)),
      part: name,
      offset: -1,
    });
  }
  return undefined;
}

async function readSidecars(folder: string, parts: readonly ByteSource[]): Promise<Map<string, unknown>> {
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

function closeAll(parts: readonly ByteSource[]): void {
  for (const part of parts) part.close();
}

/** A file that is not ours is shown as a run of its own, known by its path. */
async function loadForeign(path: string, options: LoadOptions): Promise<LoadedRun> {
  const facts = await stat(path);
  if (!facts.isFile()) throw new PyrolensError('unreadableRun', { path, reason: say('notAFile') });
  if (facts.size === 0) throw new PyrolensError('unreadableRun', { path, reason: say('emptyFile') });
  const source = await openSource(path, options.slicer).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  try {
    const format = detectFormat(source);
    if (format === undefined) {
      throw new PyrolensError('unreadableRun', { path, reason: say('unknownFile') });
    }
    const folder = dirname(path);
    const context = {
      origins: { ownRoots: [folder, ...options.ownRoots], isElsewhere: true },
      slicer: options.slicer,
      sidecar: () => undefined,
      ...(options.valueType === undefined ? {} : { valueType: options.valueType }),
    };
    const runOf = (profile: Profile, problems: readonly Problem[], readShare: number): LoadedRun => {
      const manifest = foreignManifest(path, profile, facts.mtimeMs);
      const byteSize = memorySize(profile);
      return { id: manifest.id, path, folder, manifest, profile, problems, readShare, byteSize };
    };
    const preview = previewFor(options, (profile, share) => runOf(profile, [], share));
    const { profile, problems } = await format.parse([source], { ...context, ...preview });
    return runOf(profile, problems, 1);
  } finally {
    source.close();
  }
}

function previewFor(
  { onPartial, slicer }: LoadOptions,
  runOf: (profile: Profile, share: number) => LoadedRun,
): { preview?: Preview } {
  if (!onPartial) return {};
  return { preview: new Preview((profile, share) => onPartial(runOf(profile, share)), slicer) };
}

/** Nothing is written here: what the system refuses is the reading. */
function readFailure(error: unknown, path: string): unknown {
  const code = (error as { code?: unknown }).code;
  const isRefused = code === 'EACCES' || code === 'EPERM' || code === 'EIO' || code === 'EISDIR';
  return isRefused ? new PyrolensError('unreadableRun', { path, reason: (error as Error).message }) : error;
}

function foreignManifest(path: string, { info }: Profile, modifiedMs: number): LoadedManifest {
  return {
    version: 1,
    id: createHash('sha256').update(path).digest('hex').slice(0, 16),
    name: basename(path),
    engine: 'imported',
    engineVersion: info.engineVersion,
    rateHzAsked: info.rateHzAsked,
    command: [],
    script: '',
    cwd: dirname(path),
    interpreter: { path: '', version: info.python },
    startedAtMs: info.startEpochNs > 0 ? info.startEpochNs / 1e6 : modifiedMs,
    endedAtMs: undefined,
    state: 'ended',
    exit: undefined,
    git: undefined,
    sources: undefined,
  };
}
