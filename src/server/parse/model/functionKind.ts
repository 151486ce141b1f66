import { type FunctionKind, functionKinds } from '../../../shared/profile';
import { isGoModule, isGoStandardLibrary } from './goFiles';

/** Folders that tell whose code a file is. */
export interface CodeOrigins {
  /** Folders of the user's own code: working folder, script folder, workspace folders. */
  readonly ownRoots: readonly string[];
  /** Recorded who knows where: code outside of libraries and environments is the user's, wherever it lies. */
  readonly isElsewhere?: boolean;
}

/** Index into `functionKinds`. */
export function kindIndex(kind: FunctionKind): number {
  return functionKinds.indexOf(kind);
}

const injectedFile =
  /[/\\]pyrolens_collect[/\\]|[/\\]collectors[/\\](?:inject[/\\])?(?:sitecustomize|count_calls|profile_tests)\.py$/;
/** What starts the program: the interpreter's module runner, and profilers that run it themselves. */
const runnerFile =
  /^<frozen runpy>$|(?:^|[/\\])(?:runpy|_sync_coordinator)\.py$|[/\\]memray[/\\](?:__main__|commands[/\\]\w+)\.py$|[/\\]pyinstrument[/\\]__main__\.py$|[/\\](?:bin|Scripts)[/\\](?:memray|pyinstrument)(?:\.exe)?$/;
/** Libraries, C sources, the interpreter's own program, and what perf names in brackets («[kernel.kallsyms]»). */
const nativeFile =
  /\.so(?:\.[\d.]+)?$|\.(?:dylib|dll|pyd|exe|c|cc|cpp|cxx|h|hpp|rs)$|[/\\]python\d*(?:\.\d+)?t?$|^\[[^/\\]*\]$/;
/** Tachyon starts the program through its own module. */
const coordinatorFile = /[/\\]profiling[/\\]sampling[/\\]_sync_coordinator\.py$/;
const packageFolder = /[/\\](?:site|dist)-packages[/\\]/;
const environmentFolder = /[/\\](?:\.?venv|\.?env|\.tox|\.nox|node_modules|__pypackages__)[/\\]/;
const stdlibFolder =
  /[/\\]lib(?:64)?[/\\]python\d(?:\.\d+)?t?[/\\]|[/\\]Python3?\d*[^/\\]*[/\\]Lib[/\\]|[/\\]python\d+\.zip[/\\]/i;
/** True for frames of our own collectors and of a profiler's launcher: they are taken out of every stack. */
export function isInjected(file: string): boolean {
  return injectedFile.test(file) || coordinatorFile.test(file);
}

/** Names that profilers give instead of a file to code that is not Python's. */
const nativeFiles = new Set(['', '~', '<native>', '<built-in>', '<unknown file>']);

/** True for what starts the program and stands below it on every stack. */
export function isRunner(file: string): boolean {
  return runnerFile.test(file);
}

const processFile = /(?:^|[/\\])(?:multiprocessing|multiprocess|billiard)[/\\]process\.py$/;

/**
 * True for the function with which a child of `multiprocessing` begins. A forked child has its parent's frames below it,
 * which never go on there: their lines did not run for as long as the child did. Fact: CPython's `popen_fork.py`, 3.9 to 3.15.
 */
export function isProcessStart(name: string, file: string): boolean {
  return name.endsWith('_bootstrap') && processFile.test(file);
}

/** Says whose code a function is, from its recorded file. */
export function functionKind(file: string, origins: CodeOrigins): FunctionKind {
  if (nativeFiles.has(file) || nativeFile.test(file)) return 'native';
  if (isInjected(file) || isRunner(file)) return 'runtime';
  if (file.startsWith('<frozen') || file.startsWith('node:')) return 'stdlib';
  if (packageFolder.test(file) || isGoModule(file)) return 'package';
  if (stdlibFolder.test(file) || isGoStandardLibrary(file)) return 'stdlib';
  if (file.startsWith('<')) return 'own';
  if (!isAbsolute(file)) return 'own';
  const root = origins.ownRoots.find(candidate => isBelow(file, candidate));
  if (root === undefined) {
    return origins.isElsewhere && !environmentFolder.test(file) ? 'own' : 'package';
  }
  return environmentFolder.test(file.slice(root.length)) ? 'package' : 'own';
}

function isAbsolute(file: string): boolean {
  return file.startsWith('/') || file.startsWith('\\\\') || /^[a-z]:[/\\]/i.test(file);
}

function isBelow(file: string, folder: string): boolean {
  if (folder === '') return false;
  const path = file.replaceAll('\\', '/');
  const root = folder.replaceAll('\\', '/').replace(/\/+$/, '');
  if (/^[a-z]:/i.test(path)) return path.toLowerCase().startsWith(`${root.toLowerCase()}/`);
  return path.startsWith(`${root}/`);
}
