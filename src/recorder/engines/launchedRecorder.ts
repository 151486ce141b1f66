import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../../shared/engines';
import { isProcessAlive } from '../processAlive';
import { type Engine, type EngineTarget, programWords } from './engine';

/**
 * An engine that is one of our launcher scripts, so that the result survives Ctrl+C, SIGTERM and `sys.exit`
 * (`pyrolens_collect/launched.py`). It stops on SIGUSR2, which Windows does not have. `savedName` is the file that is
 * there when the recording of the program's own process is saved.
 */
export function launchedRecorder(engine: {
  readonly name: EngineName;
  /** The script and its own arguments. */
  readonly scriptWords: readonly [script: string, ...words: string[]];
  readonly savedName: (pid: number) => string;
  readonly partName: RegExp;
  /** The tool's own file survives every end. */
  readonly savesWhileRunning?: boolean;
  readonly convertCommands?: (target: EngineTarget) => string[][];
}): Engine {
  const [script, ...words] = engine.scriptWords;
  return {
    name: engine.name,
    version: '1',
    commandLine: target => [
      ...target.interpreter,
      join(target.collectorsDir, script),
      ...words,
      ...programWords(target),
    ],
    environment: (target, inherited) => ({
      ...inherited,
      PYROLENS_RUN_DIR: target.runDir,
      ...(target.options.native ? { PYROLENS_NATIVE: '1' } : {}),
      ...(target.options.children ? { PYROLENS_CHILDREN: '1' } : {}),
    }),
    hasBegun: async () => true,
    async requestStop({ runDir }) {
      const pid = recordedPid(runDir);
      if (process.platform === 'win32' || pid === undefined) return false;
      process.kill(pid, 'SIGUSR2');
      return true;
    },
    async countRecording({ runDir }) {
      const pid = recordedPid(runDir);
      if (pid === undefined || !isProcessAlive(pid)) return 0;
      return existsSync(join(runDir, engine.savedName(pid))) ? 0 : 1;
    },
    savesAtEnd: engine.savesWhileRunning !== true,
    isPart: fileName => engine.partName.test(fileName),
    ...(engine.convertCommands === undefined ? {} : { convertCommands: engine.convertCommands }),
  };
}

/** The process that records, which is not the one that was spawned where `uv run` or its like starts it. */
function recordedPid(runDir: string): number | undefined {
  try {
    return Number(readFileSync(join(runDir, 'recorded.pid'), 'ascii')) || undefined;
  } catch {
    return undefined;
  }
}
