import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolSearch } from '../../../../src/recorder/preflight/toolFinding';
import type { PythonFacts } from '../../../../src/recorder/pythonProbe';
import { temporaryFolder } from '../launcherRig';

/** An interpreter that need not exist, in an environment of its own. */
export function somePython(changes: Partial<PythonFacts> = {}): PythonFacts {
  const executable = join(temporaryFolder(), 'bin', 'python');
  return {
    command: [executable],
    version: '3.13.1',
    implementation: 'cpython',
    executable,
    baseExecutable: executable,
    isFreeThreaded: false,
    ...changes,
  };
}

/** A search that finds only what the test puts there. */
export function emptySearch(changes: Partial<ToolSearch> = {}): ToolSearch {
  const pathDir = temporaryFolder();
  return {
    python: somePython(),
    toolsDir: temporaryFolder(),
    // Shells of the programs below are found by their absolute paths.
    environment: { PATH: pathDir },
    timeoutMs: 2_000,
    ...changes,
  };
}

/** Writes a program in the shell's language; the folder is made. Returns its path. */
export function writeProgram(folder: string, name: string, script: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
  return path;
}
