import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import {
  findProcess,
  listProcesses,
  type RunningProcess,
  shortName,
} from '../../../../src/recorder/processList/index';
import { inOrderOfInterest } from '../../../../src/recorder/processList/runningProcess';
import { findInterpreters } from '../../../helpers/interpreters.mjs';
import { until } from '../../../helpers/until';
import { endServers, serve } from '../attach/attachRig';
import { temporaryFolder } from '../launcherRig';

const cpython = { implementation: 'cpython', version: '3.12', isFreeThreaded: false } as const;

function processOf(pid: number, more: Partial<RunningProcess>): RunningProcess {
  return {
    pid,
    parentPid: 1,
    command: ['python3'],
    executable: '/usr/bin/python3',
    python: cpython,
    startedAtMs: pid,
    cpuSeconds: 0,
    cpuShare: undefined,
    user: 'ada',
    isOwn: true,
    cwd: '/',
    root: '/',
    ...more,
  };
}

describe('a list of processes', () => {
  it('has Python first, own ones before others’, and the newest first', () => {
    const list = inOrderOfInterest([
      processOf(1, { python: undefined }),
      processOf(2, { isOwn: false }),
      processOf(3, {}),
      processOf(4, { isOwn: false }),
      processOf(5, {}),
      processOf(6, { python: undefined, isOwn: false }),
    ]);
    assert.deepEqual(
      list.map(({ pid }) => pid),
      [5, 3, 4, 2, 1, 6],
    );
  });

  it('calls a process by its script or module', () => {
    const name = (...command: string[]) => shortName(processOf(1, { command }));
    assert.equal(name('/usr/bin/python3', '-u', '/srv/app/serve.py', '--port', '80'), 'serve.py');
    assert.equal(name('python3', '-m', 'http.server', '8000'), 'http.server');
    assert.equal(name('python3', '-um', 'http.server', '-c'), 'http.server');
    assert.equal(name('python3', '-c', 'import x'), 'python3');
    assert.equal(name('python3', '-X', 'dev', '-uW', 'error', 'serve.py', '-m', 'x'), 'serve.py');
    assert.equal(name('/usr/bin/python3'), 'python3');
    assert.equal(shortName(processOf(1, { command: ['/opt/app', 'x'], python: undefined })), 'app');
    assert.equal(shortName(processOf(1, { command: [] })), 'python3');
  });

  it('calls a process under debugpy by the user’s own program', () => {
    const python = ['python3', '-X', 'frozen_modules=off'];
    const debugpy = [
      '/env/debugpy/launcher/../../debugpy',
      '--connect',
      '127.0.0.1:41',
      '--configure-qt',
      'none',
    ];
    const name = (...words: string[]) =>
      shortName(processOf(1, { command: [...python, ...debugpy, ...words] }));
    assert.equal(name('--adapter-access-token', '4af', '/srv/serve.py', '--port'), 'serve.py');
    assert.equal(name('-m', 'shop.jobs'), 'shop.jobs');
    assert.equal(name('-c', 'import x'), 'python3');
  });
});

const interpreters = process.platform === 'linux' ? await findInterpreters() : [];

describe('a running Python', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  afterEach(endServers);
  for (const { version, command, kind, root } of interpreters) {
    it(`of version ${version} (${kind}) is known by version, place, age and work`, async () => {
      const server = await serve(command);
      const found = await until('work', async () => {
        const list = await listProcesses();
        const process_ = list.find(({ pid }) => pid === server.pid);
        return (process_?.cpuShare ?? 0) > 0.05 && process_;
      });
      assert.deepEqual(found.python, { implementation: 'cpython', version, isFreeThreaded: false });
      assert.equal(found.root, root ?? '/');
      assert.match(found.executable, /^\/(?!.*chroots).*python3/);
      assert.equal(basename(found.command.at(-1) ?? ''), 'my server.py');
      assert.equal(found.cwd, process.cwd());
      assert.ok(found.isOwn && found.user !== '');
      const ageMs = Date.now() - found.startedAtMs;
      assert.ok(ageMs > 0 && ageMs < 120_000, `${ageMs} ms old`);
      assert.ok(found.cpuSeconds > 0 && (found.cpuShare ?? 0) < 3, JSON.stringify(found));
    });
  }

  it('is found in a program of another name, and forgotten when it is gone', async () => {
    const local = interpreters.find(({ kind }) => kind === 'local');
    assert.ok(local);
    const program = join(temporaryFolder(), 'frozen app');
    copyFileSync(local.command[0] ?? '', program);
    const server = await serve([program]);
    const found = await findProcess(server.pid);
    assert.equal(found?.executable, program);
    assert.equal(found.python?.version, local.version);
    server.child.kill('SIGKILL');
    await server.ended();
    assert.equal(await findProcess(server.pid), undefined);
  });
});
