/**
 * Path mappings: «what was recorded below `from` is here below `to`», taught by the user because a program ran elsewhere
 * (a container, another machine, another system). Pure text; both may be POSIX or Windows paths.
 */
export interface PathMapping {
  readonly from: string;
  /** May contain `${workspaceFolder}` and `${workspaceFolder:name}`. */
  readonly to: string;
}

/** Mappings from whatever the user's settings hold: entries that are none are left out. */
export function checkPathMappings(value: unknown): PathMapping[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { from, to } = (entry ?? {}) as { from?: unknown; to?: unknown };
    const isMapping = typeof from === 'string' && typeof to === 'string' && from !== '' && to !== '';
    return isMapping ? [{ from, to }] : [];
  });
}

/** A path taken apart: what it counts from (`/`, `c:`, `\\server\share`, nothing) and its names. */
export interface PathParts {
  readonly root: string;
  readonly names: readonly string[];
  readonly isWindows: boolean;
}

/** Takes a path apart by its own looks, whatever system this is. */
export function pathParts(path: string): PathParts {
  const plain = path.replace(/^\\\\\?\\UNC\\/i, '\\\\').replace(/^(?:\\\\|\/\/)\?[\\/]/, '');
  const share = /^\\\\[^\\/]+[\\/][^\\/]+/.exec(plain)?.[0];
  const drive = /^[a-z]:/i.exec(plain)?.[0];
  const isWindows =
    share !== undefined || drive !== undefined || (plain.includes('\\') && !plain.includes('/'));
  const root = share ?? drive ?? (/^[\\/]/.test(plain) ? '/' : '');
  const rest = share === undefined && drive === undefined ? plain : plain.slice(root.length);
  const names = rest.split(isWindows ? /[\\/]+/ : /\/+/).filter(name => name !== '' && name !== '.');
  return { root, names, isWindows };
}

/** The mapped path, undefined when the recorded path does not lie below `from` (compared name by name). */
export function applyMapping({ from, to }: PathMapping, recorded: string): string | undefined {
  const path = pathParts(recorded);
  const prefix = pathParts(from);
  const isSame = path.isWindows || prefix.isWindows ? isSameIgnoringCase : isSameText;
  if (prefix.names.length > path.names.length || !isSame(prefix.root, path.root)) return undefined;
  if (!prefix.names.every((name, at) => isSame(name, path.names[at] ?? ''))) return undefined;
  const rest = path.names.slice(prefix.names.length);
  return rest.length === 0 ? to : joined(to, rest);
}

/**
 * The mapping that a user teaches by showing where a recorded file is: the two paths without their common end, so that
 * as many files as possible follow. Undefined when there is nothing to teach.
 */
export function deriveMapping(recorded: string, local: string): PathMapping | undefined {
  const [there, here] = [pathParts(recorded), pathParts(local)];
  const most = Math.min(there.names.length, here.names.length) - 1;
  let common = 0;
  while (common < most && there.names.at(-1 - common) === here.names.at(-1 - common)) common++;
  const mapping = { from: withoutEnd(there, common), to: withoutEnd(here, common) };
  return mapping.from === mapping.to ? undefined : mapping;
}

function isSameText(a: string, b: string): boolean {
  return a === b;
}

function isSameIgnoringCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function joined(folder: string, names: readonly string[]): string {
  const separator = /\\|^[a-z]:$/i.test(folder) ? '\\' : '/';
  return [folder.replace(/[\\/]+$/, ''), ...names].join(separator);
}

/** The path without its last `count` names. */
function withoutEnd({ root, names, isWindows }: PathParts, count: number): string {
  const separator = isWindows ? '\\' : '/';
  const kept = names.slice(0, names.length - count);
  if (root === '/') return separator + kept.join(separator);
  return (root === '' ? kept : [root, ...kept]).join(separator);
}
