import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { processTable } from '../../../src/cli/processTable';
import { installProfilers } from '../../helpers/profilers.mjs';
import { until } from '../../helpers/until';
import { endServers, serve } from '../recorder/attach/attachRig';
import { python, temporaryFolder } from '../recorder/launcherRig';

const folder = temporaryFolder('pyrolens cli attach ');
const cli = join(folder, 'dist', 'cli.js');
const env = { ...process.env, XDG_DATA_HOME: join(folder, 'data') };

describe('pyrolens attach', {
  skip: process.platform !== 'linux' && 'the data folder is set by XDG_DATA_HOME',
}, () => {
  let bin = '';
  before(async () => {
    bin = installProfilers();
    const options = { bundle: true, platform: 'node', format: 'cjs' } as const;
    await build({ entryPoints: ['src/cli/main.ts'], outfile: cli, ...options });
    cpSync('src/collectors', join(folder, 'dist', 'collectors'), { recursive: true });
  });
  afterEach(endServers);
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [cli, ...words], { env, encoding: 'utf8', timeout: 60_000 });
  const asPySpy = () => ['--engine', 'py-spy', '--tool', join(bin, 'py-spy')];

  it('records for the asked time and prints where it went', async () => {
    const server = await serve([join(bin, 'python')]);
    const { stdout, stderr, status } = run('attach', String(server.pid), '--duration', '1', ...asPySpy());
    assert.equal(status, 0, stdout + stderr);
    assert.match(stderr, /^Pyrolens: recording my server\.py\. Press Ctrl\+C/);
    assert.match(stdout, /my server\.py:\d+ +sum\(n \* n for n in range\(200\)\)/);
    assert.match(stdout, /Kept in /);
    assert.equal(await server.answer(), 'served');
  });

  it('records until Ctrl+C and prints one object with --json', async () => {
    const server = await serve([join(bin, 'python')]);
    const child = spawn(process.execPath, [cli, 'attach', String(server.pid), '--json', ...asPySpy()], {
      env,
    });
    let [out, said] = ['', ''];
    child.stdout.on('data', data => (out += String(data)));
    child.stderr.on('data', data => (said += String(data)));
    const exit = new Promise(resolve => child.once('close', resolve));
    await until('the beginning', () => said.includes('recording'));
    child.kill('SIGINT');
    assert.equal(await exit, 0, said);
    assert.equal(JSON.parse(out).engine, 'py-spy');
    assert.equal(await server.answer(), 'served');
  });

  it('says what is wrong with a process', () => {
    const { stderr, status } = run('attach', '4194305', ...asPySpy());
    assert.deepEqual([stderr, status], ['There is no process 4194305. List them: pyrolens processes\n', 2]);
    const own = run('attach', String(process.pid), ...asPySpy());
    assert.match(own.stderr, /does not run Python/);
  });

  it('says that the tool is missing', async () => {
    // Beside this one there is none.
    const server = await serve([python]);
    const words = [cli, 'attach', String(server.pid), '--engine', 'py-spy'];
    const options = { env: { ...env, PATH: '/nowhere' }, encoding: 'utf8', timeout: 60_000 } as const;
    const { stderr, status } = spawnSync(process.execPath, words, options);
    assert.match(
      stderr,
      /by py-spy, which was not found\. Name it with --tool PATH, or install it: pyrolens install py-spy/,
    );
    assert.equal(status, 2);
  });

  it('lists the processes to choose from', async () => {
    const server = await serve([join(bin, 'python')]);
    const { stdout } = run('processes');
    const line = stdout
      .split('\n')
      .find(row => row.includes(` ${server.pid} `) || row.startsWith(`${server.pid} `));
    assert.match(line ?? stdout, /3\.12\.\d+ .*my server\.py$/);
    assert.match(stdout, /^ *PID +PYTHON +AGE +CPU +USER +COMMAND\n/);
    const found = JSON.parse(run('processes', '--json').stdout);
    assert.ok(found.some(({ pid }: { pid: number }) => pid === server.pid));
  });
});

it('a table of processes has numbers on the right and says what is not known', () => {
  const facts = { parentPid: 1, executable: '', cpuSeconds: 0, isOwn: true, cwd: '', root: '/' } as const;
  const python = { implementation: 'cpython', version: '', isFreeThreaded: false } as const;
  const rows = processTable(
    [
      {
        ...facts,
        pid: 7,
        python,
        startedAtMs: 0,
        cpuShare: 0.126,
        user: 'ada',
        command: ['python3', 'a.py'],
      },
      {
        ...facts,
        pid: 1234,
        python: undefined,
        startedAtMs: 1000,
        cpuShare: undefined,
        user: '',
        command: ['x'],
      },
    ],
    3000,
  );
  assert.deepEqual(rows, [
    ' PID  PYTHON     AGE   CPU  USER  COMMAND',
    '   7  ?       3.00 s  13 %  ada   python3 a.py',
    '1234  -       2.00 s              x',
  ]);
});
