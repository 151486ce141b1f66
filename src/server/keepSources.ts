import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { PyrolensError } from '../shared/failures';
import type { RunManifest } from '../shared/manifest';
import { functionKinds, type Profile } from '../shared/profile';
import { belowRoot } from './recordedPath';
import { type LoadedRun, loadManifest } from './runFolder';
import { isUntouched } from './sourceTexts';

const maxFileBytes = 2 * 1024 * 1024;
const maxTotalBytes = 50 * 1024 * 1024;

/**
 * Stores the text of every measured file of own and package code as `sources/<sha256>` in the run's folder and writes
 * the mapping into the manifest. Files that changed since they were measured are left out: their text is not known.
 * Answers the manifest as it stands now. Throws `PyrolensError` when the folder cannot be written.
 */
export async function keepSources(run: LoadedRun): Promise<RunManifest> {
  try {
    const sources = await copySources(run);
    // Read again: the recorder may have written it meanwhile.
    const manifest: RunManifest = { ...(await loadManifest(run.path)), sources };
    await writeAtomically(run.path, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } catch (error) {
    throw PyrolensError.from(error);
  }
}

async function copySources(run: LoadedRun): Promise<Record<string, string>> {
  const folder = join(run.folder, 'sources');
  await mkdir(folder, { recursive: true });
  const sources: Record<string, string> = {};
  let totalBytes = 0;
  for (const recorded of measuredFiles(run.profile)) {
    const bytes = await unchangedBytes(run, recorded);
    if (bytes === undefined || totalBytes + bytes.length > maxTotalBytes) continue;
    totalBytes += bytes.length;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const target = join(folder, sha256);
    const isThere = await stat(target).then(
      () => true,
      () => false,
    );
    if (!isThere) await writeAtomically(target, bytes);
    sources[recorded] = sha256;
  }
  return sources;
}

/** Paths of Python files with measured functions, own code first: it matters most when room gets short. */
function measuredFiles(profile: Profile): string[] {
  const { functions, strings } = profile;
  const files: Record<'own' | 'package', Set<string>> = { own: new Set(), package: new Set() };
  for (let func = 0; func < functions.length; func++) {
    const kind = functionKinds[functions.kind[func] ?? 0];
    const path = strings[functions.file[func] ?? 0] ?? '';
    if ((kind === 'own' || kind === 'package') && /\.pyw?$/.test(path)) files[kind].add(path);
  }
  return [...files.own, ...files.package];
}

async function unchangedBytes(run: LoadedRun, recorded: string): Promise<Uint8Array | undefined> {
  const { profile, manifest } = run;
  const absolute = isAbsolute(recorded) ? recorded : resolve(manifest.cwd, recorded);
  const path = belowRoot(absolute, manifest.attached?.root);
  const fact = profile.files.find(file => profile.strings[file.file] === recorded);
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > maxFileBytes) return undefined;
    if (fact !== undefined && fact.modifiedNs > 0 && !isUntouched(path, fact)) return undefined;
    // Engines that look at no files: a file written after the start may not be what ran.
    if (fact === undefined && facts.mtimeMs > manifest.startedAtMs) return undefined;
    return await readFile(path);
  } catch {
    return undefined;
  }
}

async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, content);
  await rename(draft, path);
}
