import { firstUsablePython, type PythonFacts } from '../recorder/pythonProbe';
import { findInterpreters } from '../recorder/pythonSearch';

/** The interpreter that was named, else the best one for a folder, and its arguments. Fails like `firstUsablePython`. */
export async function findPython(
  named: string | undefined,
  folder: string,
  args: readonly string[] = [],
): Promise<PythonFacts> {
  if (named !== undefined) return firstUsablePython([[named, ...args]]);
  const search = { scriptDir: folder, workspaceDir: process.cwd(), environment: process.env };
  return firstUsablePython((await findInterpreters(search)).map(path => [path, ...args]));
}
