import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { builtObserver } from '../../helpers/observed';
import { installProfilers } from '../../helpers/profilers.mjs';
import { readLineShares } from '../../helpers/runLines';
import { until } from '../../helpers/until';
import { type LaunchOptions, launch } from './launcherRig';

const work = `import time
def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(200))
busy(0.6)
time.sleep(0.6)
`;
const [busyLine, sleepLine] = [6, 7];

type Engine = Pick<LaunchOptions, 'engine' | 'tool' | 'interpreter'>;

const pySpy = async (): Promise<Engine> => {
  const bin = installProfilers();
  return { engine: 'py-spy', tool: [join(bin, 'py-spy')], interpreter: [join(bin, 'python')] };
};
const observer = async (): Promise<Engine> => ({
  engine: 'observer',
  tool: [process.execPath, await builtObserver()],
});

for (const [name, engine] of Object.entries({ 'py-spy': pySpy, 'the observer': observer })) {
  const isHere = name === 'py-spy' || process.platform === 'linux';
  describe(`a program that ${name} looks at`, { skip: !isHere && 'it works on Linux only' }, () => {
    it('is seen from its first line to its last, and ends as it would', async () => {
      const program = await launch({ source: `${work}raise SystemExit(5)\n`, ...(await engine()) });
      assert.deepEqual(await program.exit(), { code: 5, signal: null });
      const shares = await readLineShares(program.runDir);
      assert.ok(Math.abs((shares.get(sleepLine) ?? 0) - 0.5) < 0.1, JSON.stringify([...shares]));
    });

    it('goes on when the recording is stopped, and what was recorded is there', async () => {
      const source = `${work.replace('sleep(0.6)', 'sleep(0.1)')}print("ready", flush=True)
import sys
print("went on", sys.stdin.readline())
`;
      const program = await launch({ source, ...(await engine()) });
      await program.message('recording');
      await until('the program', () => program.output().includes('ready'));
      program.send({ type: 'stop' });
      assert.equal((await program.message('stopped')).busyProcessCount, 0);
      assert.ok(((await readLineShares(program.runDir)).get(busyLine) ?? 0) > 0.3);
      program.launcher.stdin?.end('and on\n');
      assert.equal((await program.exit()).code, 0);
      assert.match(program.output(), /went on and on/);
      assert.equal((await readRunManifest(program.runDir)).state, 'stopped');
    });

    it('runs all the same when the tool is not there', async () => {
      const tool = ['/nowhere/tool'];
      const program = await launch({ source: 'print("ran")\n', ...(await engine()), tool });
      assert.equal((await program.exit()).code, 0);
      assert.match(program.output(), /ran/);
    });
  });
}
