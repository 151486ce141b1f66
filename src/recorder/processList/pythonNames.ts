import type { PythonInside } from './runningProcess';

const executableName = /^(python|pypy)(\d(?:\.\d+)?)?(t)?d?(?:\.exe)?$/i;
/** The framework builds of macOS are called `Python`; their folder has the version. */
const frameworkPath = /Python\.framework\/Versions\/(\d\.\d+)(t)?\/.*\/Python$/;
const windowsFolder = /[\\/]Python(3)(\d+)(?:-\d+)?[\\/]pythonw?\.exe$/i;

/** The Python that an executable's path tells of. */
export function pythonOfExecutable(path: string): PythonInside | undefined {
  const framework = frameworkPath.exec(path);
  if (framework) return inside('cpython', framework[1], framework[2]);
  const folder = windowsFolder.exec(path);
  if (folder) return inside('cpython', `${folder[1]}.${folder[2]}`, undefined);
  const name = executableName.exec(path.slice(path.search(/[^/\\]*$/)).replace(/^pythonw/i, 'python'));
  if (!name) return undefined;
  const isPypy = name[1]?.toLowerCase() === 'pypy';
  return inside(isPypy ? 'pypy' : 'cpython', name[2]?.includes('.') ? name[2] : '', name[3]);
}

/** Python's library, an extension module of its standard library, or one built for just this version. */
const mappedNames = [
  /\/libpython(3)\.(\d+)(t)?[dm]*\.so/,
  /\/python(3)\.(\d+)(t)?\/lib-dynload\//,
  /\.cpython-(3)(\d+)(t)?d?-[^/]*\.so/,
] as const;

/** The Python that is loaded into a program of any name, by the files that it has mapped into its memory. */
export function pythonOfMappedFiles(paths: readonly string[]): PythonInside | undefined {
  for (const name of mappedNames) {
    for (const path of paths) {
      const found = name.exec(path);
      if (found) return inside('cpython', `${found[1]}.${found[2]}`, found[3]);
    }
  }
  return undefined;
}

/** The mapped file that holds the interpreter, when it is a library of its own. */
export function interpreterLibrary(paths: readonly string[]): string | undefined {
  return paths.find(path => mappedNames[0].test(path));
}

function inside(
  implementation: PythonInside['implementation'],
  version = '',
  freeThreaded: string | undefined,
): PythonInside {
  return { implementation, version, isFreeThreaded: freeThreaded !== undefined };
}
