import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '../processAlive';
import { streamHasEnded } from '../streamEnd';

/**
 * How many chunk streams of a run folder are still written: those without an end chunk whose process is there.
 * `partName` matches their file names; its first group is the process.
 */
export async function countOpenStreams(runDir: string, partName: RegExp): Promise<number> {
  const pids = (await readdir(runDir)).map(name => ({ name, pid: partName.exec(name)?.[1] }));
  const states = await Promise.all(
    pids.map(async ({ name, pid }) => {
      if (pid === undefined || (await streamHasEnded(join(runDir, name)))) return false;
      return isProcessAlive(Number(pid));
    }),
  );
  return states.filter(isOpen => isOpen).length;
}
