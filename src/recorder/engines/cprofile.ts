import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '../processAlive';
import { type Engine, programWords } from './engine';

const resultName = /^calls-\d+\.json$/;
const partName = /^calls-\d+\.(?:pstats|json)$/;

/**
 * Python's own deterministic profiler, started by our launcher script so that the result survives Ctrl+C, SIGTERM
 * and `sys.exit`. It stops on SIGUSR2, which Windows does not have.
 */
export const cprofile: Engine = {
  name: 'cprofile',
  version: '1',
  commandLine: target => [
    ...target.interpreter,
    join(target.collectorsDir, 'count_calls.py'),
    ...programWords(target),
  ],
  environment: (target, inherited) => ({ ...inherited, PYROLENS_RUN_DIR: target.runDir }),
  hasBegun: async () => true,
  async requestStop({ pid }) {
    if (process.platform === 'win32') return false;
    process.kill(pid, 'SIGUSR2');
    return true;
  },
  async countRecording({ runDir, pid }) {
    const isSaved = (await readdir(runDir)).some(name => resultName.test(name));
    return isSaved || !isProcessAlive(pid) ? 0 : 1;
  },
  isPart: fileName => partName.test(fileName),
};
