import { realpathSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readKeptSourceUri } from '../shared/keptSource';
import { pathParts } from '../shared/pathMapping';
import {
  belowRoot,
  candidatePaths,
  isLibraryFile,
  isPseudoFile,
  mappedPaths,
  type SourceRoots,
  searchNames,
} from './recordedPath';
import type { LoadedRun } from './runFolder';
import type { WorkspaceFile, WorkspaceFiles, WorkspaceListing } from './workspaceFiles';

/** More files than this are looked up when they are asked for, and never searched. */
const maxLookedUp = 4000;
const lookUpsAtOnce = 32;
/** Names that so many files have that they tell nothing. */
const untelling = new Set(['__init__.py', '__main__.py']);

/**
 * Finds the local file of a recorded path and the recorded file of an open document. Files that are not where they were
 * recorded are searched for once, when the run is opened; afterwards every answer is at hand.
 */
export class SourcePaths {
  private byBaseName: Map<string, number[]> | undefined;

  private constructor(
    private readonly run: LoadedRun,
    private readonly roots: SourceRoots,
    private readonly localFiles: Map<string, string | undefined>,
  ) {}

  /** Looks up the files of a run: libraries later and only where they were recorded, others in the workspace too. */
  static async find(run: LoadedRun, roots: SourceRoots, workspace: WorkspaceFiles): Promise<SourcePaths> {
    const recorded = measuredFiles(run).filter(file => !isPseudoFile(file) && !isLibraryFile(file));
    const paths = new SourcePaths(run, roots, new Map());
    const isBaseNamesOnly = run.manifest.engine === 'imported' && !recorded.some(hasFolder);
    const missing: string[] = [];
    for (let from = 0; from < Math.min(recorded.length, maxLookedUp); from += lookUpsAtOnce) {
      const batch = recorded.slice(from, from + lookUpsAtOnce);
      const found = await Promise.all(batch.map(file => firstFile(paths.candidates(file, isBaseNamesOnly))));
      for (const [at, file] of batch.entries()) {
        if (found[at] === undefined) missing.push(file);
        else paths.localFiles.set(file, found[at]);
      }
    }
    if (missing.length > 0) await paths.search(missing, { workspace, isBaseNamesOnly });
    return paths;
  }

  /** The local file that a recorded path stands for, undefined when it is not on this machine. */
  localFile(recorded: string): string | undefined {
    if (!this.localFiles.has(recorded)) {
      this.localFiles.set(recorded, this.candidates(recorded, false).find(isFile));
    }
    return this.localFiles.get(recorded);
  }

  /** Recorded paths that were found in the workspace or by a mapping: elsewhere than they were recorded. */
  get movedFiles(): ReadonlyMap<string, string> {
    const moved = [...this.localFiles].filter(
      ([recorded, local]) => local !== undefined && local !== recorded,
    );
    return new Map(moved as [string, string][]);
  }

  /** The profile's file (index into its strings) that a document shows, undefined when it was not measured. */
  fileOfDocument(uri: string): number | undefined {
    const kept = readKeptSourceUri(uri);
    if (kept) return kept.runId === this.run.id ? this.fileIndex(kept.recordedPath) : undefined;
    const cell = this.recordedCell(uri);
    if (cell !== undefined) return this.fileIndex(cell);
    const path = pathOfUri(uri);
    if (path === undefined) return undefined;
    return this.fileAt(path) ?? this.fileAt(realPath(path));
  }

  /** URI of the notebook cell that a recorded path stands for. */
  cellOf(recorded: string): string | undefined {
    return this.run.manifest.cells?.[recorded]?.uri || undefined;
  }

  private recordedCell(uri: string): string | undefined {
    return Object.entries(this.run.manifest.cells ?? {}).find(([, cell]) => isSameUri(cell.uri, uri))?.[0];
  }

  private fileIndex(recorded: string): number | undefined {
    const index = this.run.profile.strings.indexOf(recorded);
    return index < 0 ? undefined : index;
  }

  /** Only files of the document's own name are looked at, so that a document costs few questions to the disk. */
  private fileAt(path: string): number | undefined {
    this.byBaseName ??= this.indexBaseNames();
    const wanted = comparablePath(path);
    return this.byBaseName.get(baseName(path))?.find(file => {
      const local = this.localFile(this.run.profile.strings[file] ?? '');
      return (
        local !== undefined &&
        (comparablePath(local) === wanted || comparablePath(realPath(local)) === wanted)
      );
    });
  }

  private indexBaseNames(): Map<string, number[]> {
    const { strings, functions } = this.run.profile;
    const index = new Map<string, number[]>();
    for (const file of new Set(functions.file)) {
      const recorded = strings[file] ?? '';
      const names = new Set([baseName(recorded), baseName(this.localFiles.get(recorded) ?? recorded)]);
      for (const name of names) index.set(name, [...(index.get(name) ?? []), file]);
    }
    return index;
  }

  private candidates(recorded: string, isBaseNamesOnly: boolean): string[] {
    const taught = isPseudoFile(recorded) ? [] : mappedPaths(recorded, this.roots);
    // A mere name is looked for in the workspace first: a file beside the profile may be another of that name.
    if (isBaseNamesOnly) return taught;
    const { cwd, attached } = this.run.manifest;
    const own = candidatePaths(recorded, cwd, this.roots);
    const inItsRoot = own.map(path => belowRoot(path, attached?.root));
    return [...taught, ...[...new Set([...inItsRoot, ...own])].filter(path => this.isSafe(path))];
  }

  /** Asking for a file on a network share hands the user's credentials to whoever named it in a profile. */
  private isSafe(path: string): boolean {
    const { root } = pathParts(path);
    if (!root.startsWith('\\\\')) return true;
    return this.roots.workspaceFolders.some(folder => pathParts(folder).root === root);
  }

  private async search(
    missing: readonly string[],
    parts: { readonly workspace: WorkspaceFiles; readonly isBaseNamesOnly: boolean },
  ): Promise<void> {
    const folders = this.roots.workspaceFolders;
    const listing = folders.length > 0 ? await parts.workspace.list(folders) : undefined;
    for (const recorded of missing) {
      const match = listing && matchIn(listing, recorded);
      const beside = join(this.run.manifest.cwd, recorded);
      const isAlone = parts.isBaseNamesOnly && !listing?.filesNamed(recorded).length;
      this.localFiles.set(recorded, match?.path ?? (isAlone ? await firstFile([beside]) : undefined));
    }
  }
}

/**
 * The one file of the workspace whose path ends like the recorded one for longest. A name alone counts when no other
 * file has it and the folders are unknown or the workspace's own top; between equals the one at the top wins.
 */
function matchIn(listing: WorkspaceListing, recorded: string): WorkspaceFile | undefined {
  const names = searchNames(recorded);
  const name = names.at(-1) ?? '';
  const isSame = pathParts(recorded).isWindows ? sameIgnoringCase : sameText;
  const scored = listing
    .filesNamed(name)
    .map(file => ({ file, score: commonEnd(names, file.names, isSame) }))
    .filter(({ score }) => score > 0);
  const best = Math.max(0, ...scored.map(({ score }) => score));
  const equals = scored.filter(({ score }) => score === best).map(({ file }) => file);
  const atTop = equals.filter(file => file.names.length === best);
  if (names.length === 1) {
    const isOnly = listing.isComplete && equals.length === 1 && !untelling.has(name);
    return isOnly ? equals[0] : undefined;
  }
  if (best === 1 && (untelling.has(name) || atTop.length === 0)) return undefined;
  if (atTop.length > 0) return atTop.length === 1 ? atTop[0] : undefined;
  return listing.isComplete && equals.length === 1 ? equals[0] : undefined;
}

function commonEnd(
  a: readonly string[],
  b: readonly string[],
  isSame: (a: string, b: string) => boolean,
): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && isSame(a.at(-1 - count) ?? '', b.at(-1 - count) ?? ''))
    count++;
  return count;
}

const sameText = (a: string, b: string): boolean => a === b;
const sameIgnoringCase = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function measuredFiles({ profile }: LoadedRun): string[] {
  return [...new Set(profile.functions.file)].map(file => profile.strings[file] ?? '');
}

function hasFolder(recorded: string): boolean {
  return /[/\\]/.test(recorded);
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile()) return path;
  }
  return undefined;
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/** True when a local path lies in one of the folders. */
export function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some(folder => {
    const below = relative(folder, path);
    return below !== '' && !below.startsWith('..') && !isAbsolute(below);
  });
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

function baseName(path: string): string {
  return path.slice(path.search(/[^/\\]*$/)).toLowerCase();
}

function comparablePath(path: string): string {
  return process.platform === 'win32' ? path.toLowerCase().replaceAll('/', '\\') : path;
}

/** Editors differ in what they escape. */
function isSameUri(a: string, b: string): boolean {
  return a === b || decoded(a) === decoded(b);
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
