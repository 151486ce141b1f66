import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, before, describe, it } from 'node:test';
import { AdoptedRun } from '../../../../src/recorder/adoptedRun';
import type { AttachChoice } from '../../../../src/recorder/attach/attachEngine';
import { isProcessAlive } from '../../../../src/recorder/processAlive';
import { installProfilers } from '../../../helpers/profilers.mjs';
import { until } from '../../../helpers/until';
import { attach, endServers, manifestOf, record, serve, shareOf } from './attachRig';

describe('a server that py-spy is put to', () => {
  afterEach(endServers);
  let bin = '';
  before(() => {
    bin = installProfilers();
  });
  const serveHere = () => serve([join(bin, 'python')]);
  const pySpy = (): AttachChoice => ({
    engine: 'py-spy',
    tool: [join(bin, 'py-spy')],
    toolVersion: '0.4.3',
    interpreter: [],
  });

  it('is recorded until the recording is stopped, and goes on serving', async () => {
    const server = await serveHere();
    const recording = await attach(server.pid, pySpy());
    await record(recording, 1000);
    assert.equal(await server.answer(), 'served');
    recording.send({ type: 'stop' });
    assert.deepEqual(await recording.exit(), { code: 0, signal: null });
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal(await server.answer(), 'served');
    const manifest = await manifestOf(recording);
    assert.equal(manifest.state, 'stopped');
    assert.equal(manifest.name, 'my server.py');
    assert.equal(manifest.command.at(-1)?.endsWith('my server.py'), true);
    assert.match(manifest.interpreter.version, /^3\.12\.\d+$/);
    assert.equal(manifest.attached?.root, '/');
    assert.match(recording.output(), /recorded my server\.py for .* The program goes on\./);
  });

  it('is let go when the asked time is over', async () => {
    const server = await serveHere();
    const recording = await attach(server.pid, pySpy(), 1);
    assert.deepEqual(await recording.exit(), { code: 0, signal: null });
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal((await manifestOf(recording)).state, 'stopped');
    assert.equal(await server.answer(), 'served');
  });

  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) {
    it(`keeps serving, and the profile is kept, when the launcher gets ${signal}`, async () => {
      const server = await serveHere();
      const recording = await attach(server.pid, pySpy());
      await record(recording, 500);
      recording.launcher.kill(signal);
      assert.deepEqual(await recording.exit(), { code: 0, signal: null });
      assert.ok((await shareOf(recording.runDir)) > 0.3);
      assert.equal(await server.answer(), 'served');
    });
  }

  it('may be killed meanwhile: what was recorded is there', async () => {
    const server = await serveHere();
    const recording = await attach(server.pid, pySpy());
    await record(recording, 500);
    server.child.kill('SIGKILL');
    await server.ended();
    assert.deepEqual(await recording.exit(), { code: 0, signal: null });
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal((await manifestOf(recording)).state, 'ended');
    assert.match(recording.output(), /my server\.py has ended after/);
  });

  it('is let go by the next window when the launcher was killed', async () => {
    const server = await serveHere();
    const recording = await attach(server.pid, pySpy());
    await record(recording, 500);
    recording.launcher.kill('SIGKILL');
    await recording.exit();
    assert.equal(await AdoptedRun.adopt(recording.runDir, () => undefined), undefined);
    const { samplerPid = 0 } = await manifestOf(recording);
    await until('the tool’s end', () => !isProcessAlive(samplerPid));
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal(await server.answer(), 'served');
  });

  it('is left alone when the tool does not run, and the reason is told', async () => {
    const server = await serveHere();
    const tool = [join(bin, 'python'), '-c', 'import sys; sys.exit("Error: no")'];
    const recording = await attach(server.pid, { ...pySpy(), tool });
    const failure = await recording.message('failed');
    assert.equal(failure.code, 'attachFailed');
    assert.equal(failure.facts['reason'], 'no');
    await recording.exit();
    assert.equal(await server.answer(), 'served');
  });
});
