import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outsideEngine } from './outsideEngine';

const partName = /^samples-\d+-[0-9a-f]+\.chunks$/;

/**
 * Our own process that reads the program's memory (`src/observer/`). It writes while the program runs, in the bundled
 * sampler's format, so its runs are live too. It works on Linux only.
 */
export const observer = outsideEngine({
  name: 'observer',
  partName,
  sampler: {
    commandLine: (target, pid) => [
      ...(target.tool.length > 0 ? target.tool : bundledObserver(target.collectorsDir)),
      ...['--pid', String(pid), '--run-dir', target.runDir, '--rate', String(target.rateHz)],
      ...(target.options.children ? ['--children'] : []),
    ],
    hasBegun: runDir => readdirSync(runDir).some(name => partName.test(name)),
    stopSignal: 'SIGINT',
    reasonIn: said => /^Pyrolens: (.+)$/m.exec(said)?.[1],
  },
});

/** This Node and our bundle, which lies beside the folder of the collectors. */
function bundledObserver(collectorsDir: string): readonly string[] {
  return [process.execPath, join(dirname(collectorsDir), 'observer.js')];
}
