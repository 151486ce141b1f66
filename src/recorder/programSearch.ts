import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Path of a program on PATH by its name without `.exe`; undefined when there is none. */
export async function findProgram(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const isWindows = process.platform === 'win32';
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter);
  for (const folder of folders.filter(text => text !== '')) {
    const path = join(folder, isWindows ? `${name}.exe` : name);
    const isThere = await access(path, isWindows ? constants.F_OK : constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
