import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, before, describe, it } from 'node:test';
import { AdoptedRun } from '../../../../src/recorder/adoptedRun';
import { requireAttachable } from '../../../../src/recorder/attach/attachable';
import { type AttachChoice, chooseAttachEngine } from '../../../../src/recorder/attach/attachEngine';
import { findTool as findToolOf } from '../../../../src/recorder/preflight/findTool';
import { isProcessAlive } from '../../../../src/recorder/processAlive';
import type { PythonFacts } from '../../../../src/recorder/pythonProbe';
import type { EngineName } from '../../../../src/shared/engines';
import { findInterpreters } from '../../../helpers/interpreters.mjs';
import { builtObserver } from '../../../helpers/observed';
import { installProfilers } from '../../../helpers/profilers.mjs';
import { until } from '../../../helpers/until';
import { attach, endServers, manifestOf, record, serve, shareOf, toolsAt } from './attachRig';

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

describe('other tools, and programs in a change root', async () => {
  afterEach(endServers);
  const bin = installProfilers();
  const inRoot = (await findInterpreters({ log: () => undefined })).filter(({ kind }) => kind === 'chroot');
  const newest = inRoot.at(-1);
  const oldest = inRoot[0];

  it('py-spy sees a program in a change root, and its files are known', {
    skip: !oldest && 'no change root',
  }, async () => {
    const server = await serve(oldest?.command ?? []);
    const choice = {
      engine: 'py-spy',
      tool: [join(bin, 'py-spy')],
      toolVersion: '0.4.3',
      interpreter: [],
    } as const;
    const recording = await attach(server.pid, choice, 1);
    assert.equal((await recording.exit()).code, 0, recording.output());
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    const { attached, interpreter } = await manifestOf(recording);
    assert.equal(attached?.root, oldest?.root);
    assert.match(interpreter.path, /^\/usr\/bin\/python3/);
  });

  it('the standard library’s sampler sees a program of its version', {
    skip: !newest?.version.startsWith('3.15') && 'no 3.15',
  }, async () => {
    const server = await serve(newest?.command ?? []);
    const program = await requireAttachable(server.pid);
    const findTool = (engine: EngineName, python: PythonFacts) =>
      findToolOf(engine, { python, toolsDir: '/nowhere', environment: {} });
    const choice = await chooseAttachEngine(program, { findTool });
    assert.equal(choice.engine, 'tachyon');
    const recording = await attach(server.pid, choice, 1);
    assert.equal((await recording.exit()).code, 0, recording.output());
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal(await server.answer(), 'served');
  });

  it('our observer sees a program, without any tool', async () => {
    const server = await serve([join(bin, 'python')]);
    const program = await requireAttachable(server.pid);
    const choice = await chooseAttachEngine(program, toolsAt({ observer: 'found' }));
    assert.equal(choice.engine, 'observer');
    const tool = [process.execPath, await builtObserver()];
    const recording = await attach(server.pid, { ...choice, tool }, 1);
    assert.equal((await recording.exit()).code, 0, recording.output());
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal(await server.answer(), 'served');
  });

  it('Austin sees a program', async () => {
    const server = await serve([join(bin, 'python')]);
    const tool = [join(installProfilers('austin3'), 'austin')];
    const recording = await attach(
      server.pid,
      { engine: 'austin', tool, toolVersion: '3.7.0', interpreter: [] },
      1,
    );
    assert.equal((await recording.exit()).code, 0, recording.output());
    assert.ok((await shareOf(recording.runDir)) > 0.3);
    assert.equal(await server.answer(), 'served');
  });
});
