import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { after, describe, it } from 'node:test';
import { type PythonProcess, requireAttachable } from '../../../../src/recorder/attach/attachable';
import {
  type AttachWishes,
  chooseAttachEngine,
  pythonFactsOf,
} from '../../../../src/recorder/attach/attachEngine';
import type { PythonInside } from '../../../../src/recorder/processList/index';
import type { PyrolensError } from '../../../../src/shared/failures';
import { until } from '../../../helpers/until';
import { toolsAt } from './attachRig';

function program(python: Partial<PythonInside>, more: Partial<PythonProcess> = {}): PythonProcess {
  return {
    pid: process.pid,
    parentPid: 1,
    command: ['python3', '/srv/app.py'],
    executable: '/nowhere/python3',
    python: { implementation: 'cpython', version: '3.12.1', isFreeThreaded: false, ...python },
    startedAtMs: 0,
    cpuSeconds: 0,
    cpuShare: 0,
    user: 'root',
    isOwn: true,
    cwd: '/srv',
    root: '/',
    ...more,
  };
}

const withTool = toolsAt({ 'py-spy': '/opt/py-spy' });
const withoutTool = toolsAt({});

async function failureOf(target: PythonProcess, wishes: AttachWishes): Promise<Record<string, string>> {
  const failure = await chooseAttachEngine(target, wishes).then(
    choice => assert.fail(JSON.stringify(choice)),
    (error: PyrolensError) => error,
  );
  return { code: failure.code, ...failure.facts };
}

describe('the engine for a running program', () => {
  it('is a tool that looks from outside, where there is one', async () => {
    for (const version of ['3.9.18', '3.12', '3.14.8', '']) {
      const choice = await chooseAttachEngine(program({ version }), withTool);
      assert.deepEqual(choice, {
        engine: 'py-spy',
        tool: ['/opt/py-spy'],
        toolVersion: '1.2',
        interpreter: [],
      });
    }
  });

  it('is told to be missing where nothing else could do it', async () => {
    const failure = await failureOf(program({}), withoutTool);
    assert.deepEqual(failure, {
      code: 'attachNeedsTool',
      name: 'app.py',
      pid: String(process.pid),
      tool: 'py-spy',
      engine: 'py-spy',
    });
  });

  it('is not one whose tool does not work: the reason is that of the tool', async () => {
    const problem = {
      text: 'toolTooOld',
      facts: { path: '/opt/py-spy', version: '0.3', needed: '0.4' },
    } as const;
    const findTool = async () => ({ state: 'unusable', place: 'path', problem }) as const;
    const failure = await failureOf(program({}), { findTool });
    assert.deepEqual(failure, { code: 'engineRefused', text: 'toolTooOld', ...problem.facts });
  });

  it('cannot be had for PyPy and for builds without the GIL', async () => {
    assert.equal(
      (await failureOf(program({ implementation: 'pypy' }), withTool))['code'],
      'attachUnsupported',
    );
    const freeThreaded = program({ version: '3.14.0', isFreeThreaded: true });
    assert.match((await failureOf(freeThreaded, withTool))['reason'] ?? '', /free-threaded/);
  });

  it('says of the asked one what it lacks', async () => {
    const ask = (engine: AttachWishes['engine'], version: string) =>
      failureOf(program({ version }), { ...withTool, engine });
    assert.match((await ask('bundled-sampler', '3.13.1'))['reason'] ?? '', /needs Python 3\.14 or later/);
    assert.match((await ask('py-spy', '3.15.0'))['reason'] ?? '', /up to 3\.14/);
    for (const engine of ['cprofile', 'memray', 'viztracer'] as const)
      assert.match((await ask(engine, '3.12.1'))['reason'] ?? '', /cannot be put to a running program/);
    assert.match((await ask('bundled-sampler', '3.99.0'))['reason'] ?? '', /no interpreter of Python 3\.99/);
  });

  it('does not get into another user’s program', async () => {
    const target = program({ version: '3.14.1' }, { isOwn: false, user: 'www-data' });
    const failure = await failureOf(target, { ...withoutTool, engine: 'bundled-sampler' });
    assert.match(failure['reason'] ?? '', /belongs to www-data/);
  });
});

it('looks for tools in the environment that the program was started in', () => {
  const real = '/opt/python/bin/python3.12';
  const found = (...command: string[]) =>
    pythonFactsOf(program({}, { command, executable: real })).executable;
  assert.equal(found('/srv/venv/bin/python', 'app.py'), '/srv/venv/bin/python');
  assert.equal(found('python3', 'app.py'), real);
  assert.equal(found('/srv/venv/bin/gunicorn'), real);
  const inRoot = program({}, { command: ['/srv/venv/bin/python'], executable: real, root: '/jail' });
  assert.equal(pythonFactsOf(inRoot).executable, real);
});

describe('a process that is to be attached to', () => {
  const children: ReturnType<typeof spawn>[] = [];
  after(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  it('must exist', async () => {
    await assert.rejects(requireAttachable(2 ** 22 + 1), { code: 'processGone' });
  });

  it('must not have ended, although its parent has not noticed', {
    skip: process.platform !== 'linux',
  }, async () => {
    const script =
      'import os, time\npid = os.fork()\nif not pid:\n    os._exit(0)\nprint(pid, flush=True)\ntime.sleep(600)';
    const parent = spawn('python3', ['-c', script]);
    children.push(parent);
    let said = '';
    parent.stdout.on('data', data => (said += String(data)));
    const zombie = await until('a child', () => Number(said));
    await assert.rejects(requireAttachable(zombie), { code: 'processGone', facts: { pid: String(zombie) } });
  });

  it('must run Python', async () => {
    const child = spawn('sleep', ['600']);
    children.push(child);
    const pid = String(child.pid);
    await assert.rejects(requireAttachable(child.pid ?? 0), {
      code: 'notPython',
      facts: { pid, name: 'sleep', user: userInfo().username },
    });
  });
});
