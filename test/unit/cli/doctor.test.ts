import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { engineNames } from '../../../src/shared/engines';
import { localPythons } from '../../helpers/localPythons';
import { installProfilers } from '../../helpers/profilers.mjs';
import { buildCli } from './builtCli';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens doctor é ')));
let cli = '';
const bare = join(folder, 'bare', 'bin', 'python');
const python = localPythons().find(({ version }) => ['3.11', '3.12', '3.10'].includes(version));

interface JsonReport {
  readonly python: { readonly executable: string };
  readonly auto: { readonly engine: string | null };
  readonly engines: readonly {
    readonly engine: string;
    readonly isReady: boolean;
    readonly tool: { readonly version: string } | null;
    readonly cause: { readonly key: string; readonly text: string } | null;
    readonly advice: string | null;
  }[];
}

function run(...words: string[]) {
  const env = { ...process.env, XDG_DATA_HOME: join(folder, 'data'), PATH: '/usr/bin:/bin' };
  return spawnSync(process.execPath, [cli, ...words], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 120_000,
  });
}

function reportOn(interpreter: string): JsonReport {
  const { stdout, stderr, status } = run('doctor', '--python', interpreter, '--json');
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as JsonReport;
}

describe('pyrolens doctor', {
  skip:
    process.platform !== 'linux' || python === undefined
      ? 'needs Linux, and a Python from 3.10 to 3.12'
      : false,
}, () => {
  before(async () => {
    cli = await buildCli(folder);
    execFileSync(python?.path ?? '', ['-m', 'venv', join(folder, 'bare')], { stdio: 'pipe' });
    writeFileSync(join(folder, 'app.py'), 'import time\ntime.sleep(0.3)\n');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reports every engine: what is ready, where it is, why not, and what to do', () => {
    const { stdout, status } = run('doctor', '--python', bare);
    assert.equal(status, 0);
    assert.match(stdout, /^Pyrolens Doctor\n\nInterpreter\n/);
    assert.ok(stdout.includes(`CPython ${python?.version}`) && stdout.includes(bare), stdout);
    assert.match(stdout, /«auto» is the bundled sampler: chosen because/);
    assert.match(stdout, /✓ bundled sampler +comes with Pyrolens\n {4}Gives: lines, time axis, CPU time/);
    const missing = stdout.slice(stdout.indexOf('✗ py-spy'), stdout.indexOf('Austin'));
    assert.match(missing.replace(/\s+/g, ' '), /py-spy is not installed: neither beside .* nor on PATH\./);
    assert.match(missing, /→ «pyrolens install py-spy» installs it for Pyrolens alone\.\n/);
    assert.match(stdout.replace(/\s+/g, ' '), /profiling\.sampling needs Python 3\.15 or later, and this is/);
    assert.ok(
      stdout.split('\n').every(line => line.length <= 140),
      'lines are short',
    );
  });

  it('reports the same to programs', () => {
    const report = reportOn(bare);
    assert.equal(report.python.executable, bare);
    assert.equal(report.auto.engine, 'bundled-sampler');
    assert.deepEqual(
      report.engines.map(({ engine }) => engine),
      engineNames,
    );
    for (const { engine, isReady, cause, advice } of report.engines) {
      assert.equal(isReady, cause === null, engine);
      assert.equal(isReady, advice === null, engine);
    }
    const viztracer = report.engines.find(({ engine }) => engine === 'viztracer');
    assert.equal(viztracer?.cause?.key, 'libraryMissing');
    assert.doesNotMatch(viztracer?.cause?.text ?? '{', /[{}]/);
  });

  it('sees the tools of another interpreter’s environment', () => {
    const report = reportOn(join(installProfilers(), 'python'));
    const versions = ['py-spy', 'viztracer', 'memray'].map(
      name => report.engines.find(({ engine }) => engine === name)?.tool?.version,
    );
    assert.deepEqual(versions, ['0.4.3', '1.1.1', '1.20.0']);
  });

  it('says what is wrong with the interpreter itself', () => {
    const { stderr, status } = run('doctor', '--python', '/nowhere/python');
    assert.equal(status, 2);
    assert.match(stderr, /^The Python interpreter \/nowhere\/python does not run: /);
  });

  it('goes before a run: an engine that cannot run is refused in one sentence, and nothing is started', () => {
    const { stderr, stdout, status } = run('profile', '--engine', 'py-spy', '--python', bare, 'app.py');
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^py-spy is not installed: .* nor on PATH\. «pyrolens install py-spy» installs it .*\.\n$/,
    );
    assert.ok(!existsSync(join(folder, 'data', 'pyrolens', 'runs')), 'no run was made');
  });

  it('installs an engine, which can be used then', () => {
    const installed = run('install', 'py-spy', '--python', bare);
    assert.equal(installed.status, 0, installed.stderr);
    assert.match(installed.stdout, /py-spy 0\.\S+ is installed in .*\/data\/pyrolens\/tools\n$/);
    assert.ok(reportOn(bare).engines.find(({ engine }) => engine === 'py-spy')?.isReady);
    const profiled = run('profile', '--engine', 'py-spy', '--python', bare, 'app.py');
    assert.equal(profiled.status, 0, profiled.stderr);
    assert.match(profiled.stdout, /ms self +app\.py:2\b/);
  });

  it('installs nothing where nothing is needed', () => {
    assert.equal(
      run('install', 'tracemalloc').stdout,
      'tracemalloc needs no installation: it comes with Pyrolens or with Python.\n',
    );
  });
});
