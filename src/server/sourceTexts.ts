import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { belowRoot, isLibraryFile } from './recordedPath';
import type { LoadedRun } from './runFolder';
import type { SourcePaths } from './sourcePaths';

/** Precision to which a recorded modification time survives its way through doubles. */
const timeToleranceNs = 2000;
const maxTextBytes = 16 * 1024 * 1024;

/** The text of measured files as it was when they were measured: kept with the run, or the untouched file itself. */
export class SourceTexts {
  private readonly texts = new Map<string, string | undefined>();

  constructor(
    private readonly run: LoadedRun,
    private readonly paths: SourcePaths,
  ) {}

  /** Recorded text of a recorded path, undefined when nobody knows it any more. */
  textOf(recordedPath: string): string | undefined {
    if (this.texts.has(recordedPath)) return this.texts.get(recordedPath);
    const text =
      this.keptText(recordedPath) ?? this.untouchedText(recordedPath) ?? this.olderText(recordedPath);
    this.texts.set(recordedPath, text);
    return text;
  }

  /** SHA-256 under which the text is kept in the run folder. */
  keptHash(recordedPath: string): string | undefined {
    const { sources, cells } = this.run.manifest;
    const hash = sources?.[recordedPath] ?? cells?.[recordedPath]?.sha256;
    return hash !== undefined && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
  }

  private keptText(recordedPath: string): string | undefined {
    const hash = this.keptHash(recordedPath);
    return hash === undefined ? undefined : readText(join(this.run.folder, 'sources', hash));
  }

  /** Before the sources are kept, a file that still has its recorded time and size is its own record. */
  private untouchedText(recordedPath: string): string | undefined {
    const { profile } = this.run;
    const fact = profile.files.find(file => profile.strings[file.file] === recordedPath);
    if (fact === undefined || fact.modifiedNs === 0) return undefined;
    const path = belowRoot(recordedPath, this.run.manifest.attached?.root);
    return isUntouched(path, fact) ? readText(path) : undefined;
  }

  /** Other tools note no times: a file of the program that is older than the profile is taken for what ran. */
  private olderText(recordedPath: string): string | undefined {
    const { manifest, profile } = this.run;
    if (profile.files.some(file => profile.strings[file.file] === recordedPath)) return undefined;
    const local = this.paths.localFile(recordedPath);
    if (local === undefined || (local !== recordedPath && isLibraryFile(recordedPath))) return undefined;
    const facts = statSync(local, { throwIfNoEntry: false });
    const isOlder = facts !== undefined && facts.mtimeMs <= manifest.startedAtMs;
    return isOlder && facts.size <= maxTextBytes ? readText(local) : undefined;
  }
}

/** True when a file still has the modification time and size that were recorded. */
export function isUntouched(
  path: string,
  fact: { readonly modifiedNs: number; readonly sizeBytes: number },
): boolean {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (facts === undefined) return false;
  const driftNs = Math.abs(Number(facts.mtimeNs) - fact.modifiedNs);
  return driftNs < timeToleranceNs && Number(facts.size) === fact.sizeBytes;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch {
    return undefined;
  }
}
