import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AnnouncedProcesses } from '../../../src/observer/watch/announcedProcesses';
import { atGate, laneStacks, observe, observedProfile, runFolder } from '../../helpers/observed';
import { chunkFiles } from '../../helpers/observedProgram.mjs';
import { until } from '../../helpers/until';

const python = { command: [process.env['PYROLENS_TEST_PYTHON'] ?? 'python3'] };
const limits = { skip: process.platform !== 'linux' };

const daemon = `import os, sys
def daemon():
    print("ready", flush=True)
    sys.stdin.read()
if os.fork() == 0:
    if os.fork() == 0:
        daemon()
    os._exit(0)
os.wait()
sys.stdin.read()
`;

describe('processes that their hooks announce', limits, () => {
  it('are looked at although they are nobody’s children any more', async () => {
    const runDir = runFolder();
    const hooks = { PYROLENS_RUN_DIR: runDir, PYROLENS_HOOKS: 'only' };
    const target = await atGate(python, ['-c', daemon], runDir, hooks);
    const observer = await observe(target.pid, runDir, ['--children']);
    target.letGo();
    await until('the daemon', () => /ready/.test(target.output()));
    await until('its function', async () => {
      const pids = chunkFiles(runDir).map(name =>
        name.startsWith('samples') ? Number(name.split('-')[1]) : 0,
      );
      for (const pid of pids.filter(one => one > 0 && one !== target.pid)) {
        const stacks = laneStacks(await observedProfile(runDir, pid), 'MainThread');
        if (stacks.some(stack => stack.some(frame => frame.startsWith('daemon')))) return true;
      }
      return false;
    });
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
    await observer.ended;
  });

  it('are not those that only have the same number', () => {
    const runDir = runFolder();
    const announced = new AnnouncedProcesses(runDir);
    writeFileSync(join(runDir, `hooks-${process.pid}-1.chunks`), '');
    assert.deepEqual(announced.newPids(), []);
  });
});
