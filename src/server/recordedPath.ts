/**
 * What a recorded path may mean on this machine. Pure text: which of the candidates exists is asked elsewhere.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyMapping, type PathMapping, pathParts } from '../shared/pathMapping';
import { isGoModule, isGoStandardLibrary } from './parse/model/goFiles';

/** Where recorded files may be: all that is known beside the path itself. */
export interface SourceRoots {
  readonly workspaceFolders: readonly string[];
  readonly mappings: readonly PathMapping[];
}

/** A path as the process saw it that a tool recorded from outside: `/proc/42/root/app/x.py`. */
const processRoot = /^\/proc\/(?:\d+|self)\/root(?=\/)/;
/** Where container engines, LXC, systemd-nspawn and snaps keep the file systems of their guests. */
const containerRoot =
  /^\/(?:var\/lib\/(?:docker\/overlay2\/[^/]+\/(?:merged|diff)|containers\/storage\/overlay\/[^/]+\/(?:merged|diff)|lxc\/[^/]+\/rootfs|machines\/[^/]+)|run\/containerd\/.+?\/rootfs)(?=\/)/;
/** Code inside an archive: its name ends at the archive, and what follows is a path of its own. */
const archive = /\.(?:zip|egg|whl|pyz|pyzw|par|pex|xar)[\\/]/i;

const libraryFolder =
  /[/\\](?:site|dist)-packages[/\\]|[/\\]lib(?:64)?[/\\]python\d(?:\.\d+)?t?[/\\]|[/\\]Python3?\d*[^/\\]*[/\\]Lib[/\\]|[/\\]python\d+\.zip[/\\]/i;

/** True for code that has no file: `<string>`, `<frozen runpy>`, `~`, and the empty name. */
export function isPseudoFile(recorded: string): boolean {
  return recorded === '' || recorded === '~' || /^[<[]/.test(recorded);
}

/** True for files of the standard library and of installed packages: they are never searched for. */
export function isLibraryFile(recorded: string): boolean {
  return libraryFolder.test(recorded) || isGoStandardLibrary(recorded) || isGoModule(recorded);
}

/** The path here of one that a program in a change root saw; `root` is where its own `/` is. */
export function belowRoot(path: string, root: string | undefined): string {
  return root !== undefined && root.length > 1 && path.startsWith('/') ? join(root, path) : path;
}

/** The recorded path without a scheme and without the root of another process or a container. */
export function plainPath(recorded: string): string {
  const path = withoutScheme(recorded).replace(processRoot, '');
  return path.replace(containerRoot, '');
}

/** What the user's mappings make of a recorded path, the most specific first. */
export function mappedPaths(recorded: string, { mappings, workspaceFolders }: SourceRoots): string[] {
  const bySpecificity = [...mappings].sort((a, b) => b.from.length - a.from.length);
  const paths = bySpecificity.flatMap(mapping =>
    formsOf(recorded).flatMap(form => {
      const mapped = applyMapping(mapping, form);
      return mapped === undefined ? [] : inWorkspace(mapped, workspaceFolders);
    }),
  );
  return [...new Set(paths)];
}

/**
 * Paths to look at when nothing was taught, best first: the path itself, what it is below another root, and relative
 * paths below `cwd` and the workspace folders.
 */
export function candidatePaths(
  recorded: string,
  cwd: string,
  { workspaceFolders }: Pick<SourceRoots, 'workspaceFolders'>,
): string[] {
  if (isPseudoFile(recorded)) return [];
  const isWindowsHere = process.platform === 'win32';
  const paths = formsOf(recorded).flatMap(form => ownPaths(form, isWindowsHere));
  const plain = plainPath(recorded);
  const { root, names, isWindows } = pathParts(plain);
  if (root === '' && !hasScheme(plain)) {
    const relative = isWindows ? names.join('/') : plain;
    for (const folder of [cwd, ...workspaceFolders]) if (folder !== '') paths.push(resolve(folder, relative));
  }
  return [...new Set(paths)];
}

/** The names by which a file is searched for in the workspace, those inside an archive only. */
export function searchNames(recorded: string): readonly string[] {
  const plain = plainPath(recorded).replace(/^[a-z][\w+.-]+:\/\/[^/]*/i, '');
  const inside = plain.split(archive).at(-1) ?? '';
  return pathParts(inside).names.filter(name => name !== '..');
}

/** The path as recorded, without its scheme, and without another root. */
function formsOf(recorded: string): string[] {
  return [...new Set([recorded, withoutScheme(recorded), plainPath(recorded)])];
}

/** Replaces `${workspaceFolder}` by each folder and `${workspaceFolder:name}` by the one of that name. */
function inWorkspace(path: string, folders: readonly string[]): string[] {
  const variable = /\$\{workspaceFolder(?::([^}]+))?\}/;
  const match = variable.exec(path);
  if (match === null) return [path];
  const meant = folders.filter(
    folder => match[1] === undefined || pathParts(folder).names.at(-1) === match[1],
  );
  return meant.map(folder => path.replace(variable, () => folder));
}

/** An absolute path as this system would write it; Windows drives and the folders that WSL and MSYS mount them at. */
function ownPaths(path: string, isWindowsHere: boolean): string[] {
  const { root, names, isWindows } = pathParts(path);
  if (root === '') return [];
  if (!isWindowsHere) {
    if (!isWindows) return [path];
    return /^[a-z]:$/i.test(root) ? [['/mnt', root.slice(0, 1).toLowerCase(), ...names].join('/')] : [];
  }
  if (isWindows) return [path];
  const [first = '', second = ''] = names;
  const isMount = first === 'mnt' && /^[a-z]$/i.test(second);
  if (isMount) return [[`${second}:`, ...names.slice(2)].join('\\')];
  return /^[a-z]$/i.test(first) ? [[`${first}:`, ...names.slice(1)].join('\\')] : [];
}

function hasScheme(path: string): boolean {
  return /^[a-z][\w+.-]+:\/\//i.test(path);
}

function withoutScheme(recorded: string): string {
  if (!/^file:/i.test(recorded)) return recorded;
  try {
    // Of another system perhaps: `file:///C:/x` is no path of this one, but a path all the same.
    const { pathname, host } = new URL(recorded);
    const path = decodeURIComponent(pathname);
    if (/^\/[a-z]:/i.test(path)) return path.slice(1);
    return host === '' ? path : fileURLToPath(recorded);
  } catch {
    return recorded;
  }
}
