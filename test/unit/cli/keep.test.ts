import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '../../helpers/until';
import { buildCli } from './builtCli';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens keep é '));
const data = join(folder, 'data');
const runs = join(data, 'pyrolens', 'runs');
const source = `import multiprocessing, sys, time
def stutter():
    time.sleep(0.005)
def other():
    while True:
        stutter()
if __name__ == '__main__':
    multiprocessing.Process(target=other, daemon=True).start()
    print('on', flush=True)
    sys.stdin.readline()
`;
let cli = '';
let program: ChildProcess;
let said = '';

before(async () => {
  cli = await buildCli(folder);
  writeFileSync(join(folder, 'agent.py'), source);
  program = spawn(process.execPath, [cli, 'record', '--last', '30', '--json', 'agent.py'], {
    cwd: folder,
    env: env(),
  });
  for (const stream of [program.stdout, program.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', text => {
      said += text;
    });
  }
  await until('the program', () => said.includes('on\n'));
});
after(async () => {
  program.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function env() {
  return { ...process.env, XDG_DATA_HOME: data };
}

function keptRuns(): string[] {
  return readdirSync(runs).filter(name => manifestOf(name).state === 'stopped');
}

function manifestOf(name: string) {
  return JSON.parse(readFileSync(join(runs, name, 'run.pyrolens'), 'utf8'));
}

function partsOf(name: string): string[] {
  return readdirSync(join(runs, name)).filter(file => file.endsWith('.chunks'));
}

describe('a program whose last seconds are kept', {
  skip: process.platform !== 'linux' && 'the data folder is set by XDG_DATA_HOME',
}, () => {
  it('says how to ask for them', () => {
    assert.match(said, /The last 30 s are kept in memory/);
    assert.match(said, new RegExp(`kill -USR2 ${program.pid}\\n`));
    assert.match(said, /pyrolens keep "\//);
  });

  it('answers another terminal with a run of all its processes, and goes on', async () => {
    const [name = ''] = readdirSync(runs);
    await until(
      'the child',
      () => readdirSync(join(runs, name)).filter(file => file.startsWith('keeping-')).length === 2,
    );
    const kept = spawnSync(process.execPath, [cli, 'keep', '--json'], {
      cwd: folder,
      env: env(),
      encoding: 'utf8',
    });
    assert.equal(kept.status, 0, kept.stderr);
    const report = JSON.parse(kept.stdout.trim().split('\n').at(-1) ?? '');
    assert.ok(
      report.functions.some((row: { name: string }) => row.name === 'stutter'),
      kept.stdout,
    );
    const [run = ''] = keptRuns();
    assert.equal(partsOf(run).length, 2);
    assert.equal(manifestOf(run).lastSeconds, 30);
    assert.deepEqual(partsOf(name), []);
    assert.equal(program.exitCode, null);
  });

  it('answers a signal with one more', async () => {
    program.kill('SIGUSR2');
    await until('the answer', () => said.includes('Kept the last seconds: pyrolens report'));
    assert.equal(keptRuns().length, 2);
    assert.equal(program.exitCode, null);
  });

  it('keeps them at its end, after which there is nobody to ask', async () => {
    program.stdin?.end('\n');
    await until('the end', () => program.exitCode !== null);
    const [first = ''] = readdirSync(runs).sort();
    assert.ok(partsOf(first).length >= 1);
    const kept = spawnSync(process.execPath, [cli, 'keep'], { cwd: folder, env: env(), encoding: 'utf8' });
    assert.equal(kept.status, 2);
    assert.match(kept.stderr, /No program that keeps its last seconds is running/);
  });
});
