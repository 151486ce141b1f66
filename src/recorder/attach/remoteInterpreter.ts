import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { minorVersion } from '../processList/index';
import { findProgram } from '../programSearch';
import { type PythonFacts, probePython } from '../pythonProbe';
import type { PythonProcess } from './attachable';

/**
 * An interpreter that can look into the program: one of the same minor version, which finds the program's own file only
 * in the same file system. A reason instead when there is none.
 */
export async function remoteInterpreter(program: PythonProcess): Promise<PythonFacts | string> {
  const isElsewhere = await hasOtherRoot(program);
  if (isElsewhere && process.geteuid?.() !== 0)
    return 'it runs in another root folder, which only root can enter';
  const enter = isElsewhere ? ['nsenter', '--target', String(program.pid), '--mount', '--root'] : [];
  const minor = minorVersion(program.python);
  // A program with a Python inside is no interpreter, but one of its version does.
  const names = [program.executable, ...(isElsewhere ? [] : [await findProgram(`python3.${minor}`)])];
  for (const path of names) {
    if (path === undefined || !/^python/i.test(basename(path))) continue;
    const facts = await probePython([...enter, path]).catch(() => undefined);
    if (facts !== undefined && minorVersion(facts) === minor) return facts;
  }
  return `no interpreter of Python 3.${minor} was found to look into it`;
}

/** True when `/` of the program is another folder than ours. */
async function hasOtherRoot({ pid }: PythonProcess): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const [own, its] = await Promise.all([stat('/'), stat(`/proc/${pid}/root/`).catch(() => undefined)]);
  return its !== undefined && (own.ino !== its.ino || own.dev !== its.dev);
}

/**
 * Whether the program sees a folder of ours under the same path: what it is to read and write must be there for it.
 */
export async function seesFolder({ pid }: PythonProcess, folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const path = await realpath(folder);
  const [own, its] = await Promise.all([stat(path), stat(`/proc/${pid}/root${path}`).catch(() => undefined)]);
  return its !== undefined && own.ino === its.ino && own.dev === its.dev;
}
