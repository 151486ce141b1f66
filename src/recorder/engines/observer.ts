import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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
      ...target.tool,
      ...['--pid', String(pid), '--run-dir', target.runDir, '--rate', String(target.rateHz)],
      ...(target.options.children ? ['--children'] : []),
    ],
    hasBegun: runDir => readdirSync(runDir).some(name => partName.test(name)),
    stopSignal: 'SIGINT',
    reasonIn: said => /^Pyrolens: (.+)$/m.exec(said)?.[1],
  },
});

/** The words that start the observer: this Node and the bundle in the folder of all bundles. */
export function observerTool(bundlesDir: string): readonly string[] {
  return [process.execPath, join(bundlesDir, 'observer.js')];
}
