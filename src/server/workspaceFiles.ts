import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A workspace with more entries than this is not searched: nothing could be called the only one in it. */
const maxEntries = 60_000;
const maxDepth = 16;
/** Files come and go: what was listed is trusted for so long. */
const freshMs = 30_000;
const foldersAtOnce = 16;

const skippedFolders = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
  'dist-packages',
  'venv',
  'env',
  '__pypackages__',
]);

/** A file of the workspace. */
export interface WorkspaceFile {
  readonly path: string;
  /** Its names below the workspace folder, the last is the file's own. */
  readonly names: readonly string[];
}

/** The files of the workspace by their own names in lower case; `isComplete` is false when there were too many. */
export interface WorkspaceListing {
  readonly isComplete: boolean;
  filesNamed(name: string): readonly WorkspaceFile[];
}

/** Lists the files of workspace folders, each folder once in a while, never hidden ones, packages or environments. */
export class WorkspaceFiles {
  private readonly listings = new Map<
    string,
    { readonly atMs: number; readonly listing: Promise<WorkspaceListing> }
  >();

  constructor(
    private readonly limits: { readonly maxEntries: number } = { maxEntries },
    private readonly now: () => number = Date.now,
  ) {}

  /** What is in these folders. Never fails: what cannot be read is not there. */
  list(folders: readonly string[]): Promise<WorkspaceListing> {
    const key = folders.join('\n');
    const known = this.listings.get(key);
    if (known && this.now() - known.atMs < freshMs) return known.listing;
    const listing = listFolders(folders, this.limits.maxEntries);
    this.listings.clear();
    this.listings.set(key, { atMs: this.now(), listing });
    return listing;
  }
}

async function listFolders(roots: readonly string[], most: number): Promise<WorkspaceListing> {
  const byName = new Map<string, Map<string, WorkspaceFile>>();
  const waiting: WorkspaceFile[] = roots.map(path => ({ path, names: [] }));
  let entryCount = 0;
  while (waiting.length > 0 && entryCount <= most) {
    const batch = waiting.splice(0, foldersAtOnce);
    const contents = await Promise.all(batch.map(entriesOf));
    for (const { files, folders } of contents) {
      entryCount += files.length + folders.length;
      waiting.push(...folders);
      for (const file of files) addFile(byName, file);
    }
  }
  return {
    isComplete: entryCount <= most,
    filesNamed: name => [...(byName.get(name.toLowerCase())?.values() ?? [])],
  };
}

/** Workspace folders may lie in each other: a file counts once, with the names below one of them. */
function addFile(byName: Map<string, Map<string, WorkspaceFile>>, file: WorkspaceFile): void {
  const name = (file.names.at(-1) ?? '').toLowerCase();
  const same = byName.get(name) ?? new Map<string, WorkspaceFile>();
  byName.set(name, same);
  if (!same.has(file.path)) same.set(file.path, file);
}

async function entriesOf(folder: WorkspaceFile): Promise<Record<'files' | 'folders', WorkspaceFile[]>> {
  const entries = await readdir(folder.path, { withFileTypes: true }).catch(() => []);
  // A virtual environment by its marker, whatever it is called.
  if (entries.some(entry => entry.name === 'pyvenv.cfg')) return { files: [], folders: [] };
  const inner = (name: string) => ({ path: join(folder.path, name), names: [...folder.names, name] });
  const isDeep = folder.names.length >= maxDepth;
  return {
    files: entries.filter(entry => entry.isFile()).map(entry => inner(entry.name)),
    folders: entries
      .filter(entry => entry.isDirectory() && isSearched(entry.name) && !isDeep)
      .map(entry => inner(entry.name)),
  };
}

function isSearched(name: string): boolean {
  return !name.startsWith('.') && !skippedFolders.has(name);
}
