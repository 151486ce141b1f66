import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

const isWindows = process.platform === 'win32';

/** Interpreter of a virtual or conda environment folder; the file need not exist. */
export function interpreterIn(environmentDir: string): string {
  return isWindows ? join(environmentDir, 'Scripts', 'python.exe') : join(environmentDir, 'bin', 'python');
}

/**
 * Interpreters to try when nobody has chosen one, best first: `.venv` and `venv` from the script's folder up to
 * `workspaceDir`, the active environment's variables, then PATH. Only files that exist.
 */
export async function findInterpreters(options: {
  scriptDir: string;
  workspaceDir: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}): Promise<string[]> {
  const { environment } = options;
  const active = [environment['VIRTUAL_ENV'], environment['CONDA_PREFIX']].flatMap(dir => dir || []);
  const candidates = [
    ...foldersUp(options.scriptDir, options.workspaceDir).flatMap(folder => [
      interpreterIn(join(folder, '.venv')),
      interpreterIn(join(folder, 'venv')),
    ]),
    ...active.map(dir =>
      isWindows && dir === environment['CONDA_PREFIX'] ? join(dir, 'python.exe') : interpreterIn(dir),
    ),
    ...onPath(environment['PATH'] ?? environment['Path'] ?? ''),
  ];
  const found = await Promise.all(candidates.map(isRunnable));
  return [...new Set(candidates.filter((_path, index) => found[index]))];
}

function foldersUp(from: string, to: string | undefined): string[] {
  const folders = [from];
  if (to === undefined || !from.startsWith(to)) return to === undefined ? folders : [from, to];
  for (let folder = from; folder !== to && dirname(folder) !== folder; ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

function onPath(path: string): string[] {
  const names = isWindows ? ['python.exe', 'py.exe'] : ['python3', 'python'];
  const folders = path.split(delimiter).filter(folder => folder !== '');
  return names.flatMap(name => folders.map(folder => join(folder, name)));
}

async function isRunnable(path: string): Promise<boolean> {
  return access(path, isWindows ? constants.F_OK : constants.X_OK).then(
    () => true,
    () => false,
  );
}
