import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { atGate, laneStacks, observe, observedProfile, runFolder } from '../../helpers/observed';
import { chunkFiles } from '../../helpers/observedProgram.mjs';
import { until, untilValue } from '../../helpers/until';

const python = { command: [process.env['PYROLENS_TEST_PYTHON'] ?? 'python3'] };
const limits = { timeout: 120_000, skip: process.platform !== 'linux' && 'the observer works on Linux only' };

const source = `import multiprocessing, sys, threading
def spin(_):
    while True:
        sum(range(100))
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    pool = multiprocessing.Pool(2)
    pool.map_async(spin, range(2))
    print("ready", flush=True)
    sys.stdin.read()
    pool.terminate()
`;

describe('the workers of a pool of processes', limits, () => {
  for (const way of ['fork', 'spawn', 'forkserver']) {
    it(`are looked at when they are started by ${way}, and its helpers are not`, limits, async () => {
      const runDir = runFolder();
      const script = join(runDir, 'program.py');
      writeFileSync(script, source);
      const target = await atGate(python, [script, way], runDir);
      const observer = await observe(target.pid, runDir, ['--children']);
      target.letGo();
      await until('the program', () => /ready/.test(target.output()));
      const pids = () => chunkFiles(runDir).map(name => Number(name.split('-')[1]));
      const spinning = async () => {
        const profiles = await Promise.all(pids().map(pid => observedProfile(runDir, pid)));
        return profiles.filter(profile => laneStacks(profile, 'MainThread').flat().join().includes('spin:'));
      };
      await untilValue('two workers', spinning, profiles => profiles.length === 2);
      target.child.stdin.end();
      await Promise.all([target.ended, observer.ended]);
      assert.equal(new Set(pids()).size, 3);
    });
  }
});
