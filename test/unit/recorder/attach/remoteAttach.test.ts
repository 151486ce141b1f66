import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { requireAttachable } from '../../../../src/recorder/attach/attachable';
import { chooseAttachEngine } from '../../../../src/recorder/attach/attachEngine';
import { findInterpreters } from '../../../helpers/interpreters.mjs';
import { serverSource } from '../../../helpers/runningServer';
import { until } from '../../../helpers/until';
import { attach, endServers, record, serve, shareOf, toolsAt } from './attachRig';

/** Answers what could have been left in it: threads that Python does not know, callbacks, paths, variables. */
const stateSource = serverSource.replace('b"served"', 'state().encode()').replace(
  'class Handler',
  `def state():
    import gc, json, os, sys
    threads = len(os.listdir("/proc/self/task")) - threading.active_count()
    return json.dumps([threads, len(gc.callbacks), [p for p in sys.path if "collectors" in p], os.environ.get("PYROLENS_RUN_DIR")])

class Handler`,
);

const interpreters = (await findInterpreters()).filter(({ version }) => Number(version.split('.')[1]) >= 14);

/** One recording on every interpreter, the rest on the oldest. */
for (const { version, command } of interpreters) {
  const isOldest = version === interpreters[0]?.version;
  describe(`the bundled sampler put to a program of Python ${version}`, () => {
    afterEach(endServers);
    const choose = async (pid: number) => chooseAttachEngine(await requireAttachable(pid), toolsAt({}));

    it('records it until it is stopped, and leaves nothing behind, twice', async () => {
      const server = await serve(command, stateSource);
      const clean = await server.answer();
      for (const _time of isOldest ? [1, 2] : [1]) {
        const recording = await attach(server.pid, await choose(server.pid));
        await record(recording, 1000);
        assert.notEqual(await server.answer(), clean);
        recording.send({ type: 'stop' });
        assert.deepEqual(await recording.exit(), { code: 0, signal: null });
        assert.ok((await shareOf(recording.runDir, 'sum(n * n', stateSource)) > 0.3);
        assert.equal(await server.answer(), clean);
      }
      assert.equal(server.output().trim().split('\n').length, 1, server.output());
    });

    if (!isOldest) return;

    it('waits for Python code, and can be called off meanwhile', async () => {
      const source = 'import time\nprint("port 1", flush=True)\ntime.sleep(600)\n';
      const server = await serve(command, source);
      const recording = await attach(server.pid, await choose(server.pid));
      await recording.message('waiting');
      assert.match(recording.output(), /waiting for my server\.py to reach Python code/);
      recording.send({ type: 'stop' });
      assert.deepEqual(await recording.exit(), { code: 0, signal: null });
      assert.equal(server.child.exitCode, null);
    });

    it('refuses a program that is being recorded already', async () => {
      const server = await serve(command);
      const first = await attach(server.pid, await choose(server.pid));
      await first.message('recording');
      const second = await attach(server.pid, await choose(server.pid));
      const failure = await second.message('failed');
      assert.equal(failure.facts['reason'], 'The program is being recorded already.');
      first.send({ type: 'stop' });
      await first.exit();
    });

    it('stops by itself when its launcher is killed', async () => {
      const server = await serve(command, stateSource);
      const clean = await server.answer();
      const recording = await attach(server.pid, await choose(server.pid));
      await recording.message('recording');
      recording.launcher.kill('SIGKILL');
      await until('a clean program', async () => (await server.answer()) === clean);
    });
  });
}
