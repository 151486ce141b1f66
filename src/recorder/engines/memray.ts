import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineTarget } from './engine';
import { launchedRecorder } from './launchedRecorder';

const resultName = 'profile-memray.csv';
/** `memray_file.py` gives the file its second name when it is complete; a killed program leaves it under the first. */
const recordedNames = ['memray.bin', 'memray.open.bin'] as const;

/**
 * memray (1.20) inside the program, by its documented `Tracker`: its own command line would put its frames below the
 * program's and show relative paths. The layout of its file changes with its versions, so its own `transform` reads
 * it: what was allocated when the program held most. The file is kept for memray's other reports.
 */
export const memray = launchedRecorder({
  name: 'memray',
  scriptWords: ['record_memory.py', 'memray'],
  savedName: /^memray\.bin$/,
  partName: /^profile-memray\.csv$/,
  convertCommand,
});

function convertCommand({ interpreter, runDir }: EngineTarget): string[] | undefined {
  const recorded = recordedNames.map(name => join(runDir, name)).find(existsSync);
  if (recorded === undefined) return undefined;
  const output = ['--force', '--output', join(runDir, resultName)];
  return [...interpreter, '-m', 'memray', 'transform', 'csv', ...output, recorded];
}
