import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineTarget } from './engine';
import { launchedRecorder } from './launchedRecorder';

/**
 * What memray leaves (`pyrolens_collect/memray_file.py`): the program's own file loses the `open` in its name when it is
 * complete, a killed program leaves it under that name. A forked child's has its number behind the name.
 */
const recordedName = /^memray(?:\.open)?\.bin(?:\.(\d+))?$/;

/**
 * memray (1.20) inside the program, by its documented `Tracker`: its own command line would put its frames below the
 * program's and show relative paths. The layout of its file changes with its versions, so its own `transform` reads
 * it: what was allocated when the process held most. The file is kept for memray's other reports.
 */
export const memray = launchedRecorder({
  name: 'memray',
  scriptWords: ['record_memory.py', 'memray'],
  savedName: () => 'memray.bin',
  savesWhileRunning: true,
  partName: /^profile-memray(?:_\d+)?\.csv$/,
  convertCommands: ({ interpreter, runDir }: EngineTarget) =>
    readdirSync(runDir).flatMap(name => {
      const resultName = resultOf(name);
      if (resultName === undefined) return [];
      const files = ['--force', '--output', join(runDir, resultName), join(runDir, name)];
      return [[...interpreter, '-m', 'memray', 'transform', 'csv', ...files]];
    }),
});

function resultOf(name: string): string | undefined {
  const found = recordedName.exec(name);
  if (found === null) return undefined;
  const [, pid] = found;
  return pid === undefined ? 'profile-memray.csv' : `profile-memray_${pid}.csv`;
}
