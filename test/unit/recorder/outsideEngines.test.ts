import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { installProfilers } from '../../helpers/profilers.mjs';
import { readLineShares } from '../../helpers/runLines';
import { until } from '../../helpers/until';
import { launch } from './launcherRig';

const work = `import time
def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(200))
busy(0.6)
time.sleep(0.6)
`;
const [busyLine, sleepLine] = [6, 7];

describe('a program that py-spy looks at', () => {
  let bin = '';
  before(() => {
    bin = installProfilers();
  });
  const pySpy = () => ({
    engine: 'py-spy' as const,
    tool: [join(bin, 'py-spy')],
    interpreter: [join(bin, 'python')],
  });

  it('is seen from its first line to its last, and ends as it would', async () => {
    const program = await launch({ source: `${work}raise SystemExit(5)\n`, ...pySpy() });
    assert.deepEqual(await program.exit(), { code: 5, signal: null });
    const shares = await readLineShares(program.runDir);
    assert.ok(Math.abs((shares.get(sleepLine) ?? 0) - 0.5) < 0.1, JSON.stringify([...shares]));
  });

  it('goes on when the recording is stopped, and what was recorded is there', async () => {
    const source = `${work.replace('sleep(0.6)', 'sleep(0.1)')}print("ready", flush=True)
import sys
print("went on", sys.stdin.readline())
`;
    const program = await launch({ source, ...pySpy() });
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
    const program = await launch({ source: 'print("ran")\n', ...pySpy(), tool: ['/nowhere/py-spy'] });
    assert.equal((await program.exit()).code, 0);
    assert.match(program.output(), /ran/);
  });
});
