import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Engine } from './engine';
import { countOpenStreams } from './openStreams';
import { outsideEngine } from './outsideEngine';

const partName = /^samples-\d+-[0-9a-f]+\.chunks$/;
const hooksName = /^hooks-(\d+)-[0-9a-f]+\.chunks$/;

const outside = outsideEngine({
  name: 'observer',
  partName,
  sampler: {
    findsProgram: true,
    commandLine: (target, pid) => [
      ...(target.tool.length > 0 ? target.tool : bundledObserver(target.collectorsDir)),
      ...['--pid', String(pid), '--run-dir', target.runDir, '--rate', String(target.rateHz)],
      ...(target.options.children ? ['--children'] : []),
      ...(target.attach ? [] : ['--gate']),
    ],
    hasBegun: runDir => readdirSync(runDir).some(name => partName.test(name)),
    stopSignal: 'SIGINT',
    reasonIn: said => /^Pyrolens: (.+)$/m.exec(said)?.[1],
  },
});

/**
 * Our own process that reads the program's memory (`src/observer/`). It writes while the program runs, in the bundled
 * sampler's format, so its runs are live too. It works on Linux only. In a program that we start light hooks add what
 * only the inside knows (`pyrolens_collect/hook_recording.py`), each process in a file of its own.
 */
export const observer: Engine = {
  ...outside,
  environment(target, inherited) {
    const environment = outside.environment(target, inherited);
    if (inherited['PYROLENS_HOOKS'] === '0') return environment;
    return {
      ...environment,
      PYROLENS_RUN_DIR: target.runDir,
      PYROLENS_HOOKS: 'only',
    };
  },
  async requestStop(program) {
    // For the hooks, which the observer knows nothing of.
    await writeFile(join(program.runDir, 'stop'), '');
    return outside.requestStop(program);
  },
  async countRecording(program) {
    return (await outside.countRecording(program)) + (await countOpenStreams(program.runDir, hooksName));
  },
};

/** This Node and our bundle, which lies beside the folder of the collectors. */
function bundledObserver(collectorsDir: string): readonly string[] {
  return [process.execPath, join(dirname(collectorsDir), 'observer.js')];
}
