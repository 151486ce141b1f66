import { existsSync, realpathSync } from 'node:fs';
import { basename, isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readKeptSourceUri } from '../shared/keptSource';
import type { LoadedRun } from './runFolder';

/** Finds the local file of a recorded path and the recorded file of an open document. */
export class SourcePaths {
  private readonly localFiles = new Map<string, string | undefined>();
  private byLocalFile: Map<string, number> | undefined;

  constructor(
    private readonly run: LoadedRun,
    private readonly workspaceFolders: readonly string[],
  ) {}

  /** The local file that a recorded path stands for, undefined when it is not on this machine. */
  localFile(recorded: string): string | undefined {
    if (!this.localFiles.has(recorded)) this.localFiles.set(recorded, this.findLocal(recorded));
    return this.localFiles.get(recorded);
  }

  /** The profile's file (index into its strings) that a document shows, undefined when it was not measured. */
  fileOfDocument(uri: string): number | undefined {
    const kept = readKeptSourceUri(uri);
    if (kept) return kept.runId === this.run.id ? this.fileIndex(kept.recordedPath) : undefined;
    const path = pathOfUri(uri);
    if (path === undefined) return undefined;
    this.byLocalFile ??= this.indexLocalFiles();
    return this.byLocalFile.get(comparablePath(path)) ?? this.byLocalFile.get(comparablePath(realPath(path)));
  }

  private fileIndex(recorded: string): number | undefined {
    const index = this.run.profile.strings.indexOf(recorded);
    return index < 0 ? undefined : index;
  }

  private indexLocalFiles(): Map<string, number> {
    const index = new Map<string, number>();
    for (const file of new Set(this.run.profile.functions.file)) {
      const recorded = this.run.profile.strings[file] ?? '';
      const local = this.localFile(recorded);
      if (local === undefined) continue;
      index.set(comparablePath(local), file);
      index.set(comparablePath(realPath(local)), file);
    }
    return index;
  }

  private findLocal(recorded: string): string | undefined {
    if (recorded === '' || recorded === '~' || recorded.startsWith('<')) return undefined;
    const { cwd } = this.run.manifest;
    const direct = isAbsolute(recorded) ? recorded : resolve(cwd, recorded);
    if (existsSync(direct)) return direct;
    return this.findBySuffix(recorded);
  }

  /** The longest end of the recorded path that exists in exactly one workspace folder. */
  private findBySuffix(recorded: string): string | undefined {
    const parts = recorded.split(/[/\\]/).filter(part => part !== '' && part !== '..' && !part.endsWith(':'));
    for (let from = 0; from < parts.length; from++) {
      const suffix = parts.slice(from).join(sep);
      const found = this.workspaceFolders
        .map(folder => join(folder, suffix))
        .filter(path => existsSync(path));
      const isTelling = from < parts.length - 1 || basename(recorded) !== '__init__.py';
      if (found.length === 1 && isTelling) return found[0];
      if (found.length > 1) return undefined;
    }
    return undefined;
  }
}

/** The path of a `file:` URI, undefined for others. */
export function pathOfUri(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

/** The `file:` URI of a path. */
export function uriOfPath(path: string): string {
  return pathToFileURL(path).href;
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function comparablePath(path: string): string {
  return process.platform === 'win32' ? path.toLowerCase().replaceAll('/', '\\') : path;
}
