import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../../shared/engines';
import { isProcessAlive } from '../processAlive';
import { type Engine, type EngineTarget, programWords } from './engine';

/**
 * An engine that is one of our launcher scripts, so that the result survives Ctrl+C, SIGTERM and `sys.exit`
 * (`pyrolens_collect/launched.py`). It stops on SIGUSR2, which Windows does not have. `savedName` is the file that is
 * there when the recording is saved.
 */
export function launchedRecorder(engine: {
  readonly name: EngineName;
  /** The script and its own arguments. */
  readonly scriptWords: readonly [script: string, ...words: string[]];
  readonly savedName: RegExp;
  readonly partName: RegExp;
  readonly convertCommand?: (target: EngineTarget) => string[] | undefined;
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
    }),
    hasBegun: async () => true,
    async requestStop({ pid }) {
      if (process.platform === 'win32') return false;
      process.kill(pid, 'SIGUSR2');
      return true;
    },
    async countRecording({ runDir, pid }) {
      const isSaved = readdirSync(runDir).some(name => engine.savedName.test(name));
      return isSaved || !isProcessAlive(pid) ? 0 : 1;
    },
    isPart: fileName => engine.partName.test(fileName),
    ...(engine.convertCommand === undefined ? {} : { convertCommand: engine.convertCommand }),
  };
}
