import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { engineTool, toolFolder } from '../../../../src/recorder/preflight/engineTools';
import { findTool } from '../../../../src/recorder/preflight/findTool';
import type { ToolSearch } from '../../../../src/recorder/preflight/toolFinding';
import { type PythonFacts, probePython } from '../../../../src/recorder/pythonProbe';
import { engineNames } from '../../../../src/shared/engines';
import { localPythons } from '../../../helpers/localPythons';
import { installProfilers } from '../../../helpers/profilers.mjs';
import { until } from '../../../helpers/until';
import { temporaryFolder } from '../launcherRig';
import { emptySearch, somePython, writeProgram } from './toolRig';

const skip = process.platform === 'win32' && 'the programs of these tests are shell scripts';
const pathOf = (search: ToolSearch) => search.environment['PATH'] ?? '';
const beside = (search: ToolSearch) => dirname(search.python.executable);

async function problemOf(search: ToolSearch, engine: 'py-spy' | 'austin' = 'py-spy') {
  const finding = await findTool(engine, search);
  assert.equal(finding.state, 'unusable', JSON.stringify(finding));
  return finding.state === 'unusable' ? finding.problem : undefined;
}

describe('looking for a program', { skip }, () => {
  it('goes through the environment, our own folder and PATH, in this order', async () => {
    const search = emptySearch();
    const say = (place: string) => `echo py-spy 0.4.${place}`;
    const found = async () => {
      const finding = await findTool('py-spy', search);
      return finding.state === 'ready' && [finding.place, finding.version];
    };
    writeProgram(pathOf(search), 'py-spy', say('1'));
    assert.deepEqual(await found(), ['path', '0.4.1']);
    const own = join(toolFolder(search.toolsDir, 'py-spy', search.python), 'bin');
    const path = writeProgram(own, 'py-spy', say('2'));
    assert.deepEqual(await found(), ['toolsFolder', '0.4.2']);
    writeProgram(beside(search), 'py-spy', say('3'));
    assert.deepEqual(await found(), ['environment', '0.4.3']);
    rmSync(join(beside(search), 'py-spy'));
    const finding = await findTool('py-spy', search);
    assert.deepEqual(finding.state === 'ready' && finding.command, [path]);
  });

  it('says that it is nowhere', async () => {
    const search = emptySearch();
    assert.deepEqual(await findTool('py-spy', search), {
      state: 'missing',
      problem: {
        text: 'programMissing',
        facts: { engine: 'py-spy', python: search.python.executable },
      },
    });
  });

  it('passes over what cannot be used when another can', async () => {
    const search = emptySearch();
    writeProgram(beside(search), 'austin', 'echo austin 1.0.1');
    writeProgram(pathOf(search), 'austin', 'echo austin 4.0.0');
    const finding = await findTool('austin', search);
    assert.deepEqual(finding.state === 'ready' && [finding.place, finding.version], ['path', '4.0.0']);
  });

  it('finds the version of an old distribution too old', async () => {
    const search = emptySearch();
    const path = writeProgram(pathOf(search), 'austin', 'echo austin 1.0.1');
    assert.deepEqual(await problemOf(search, 'austin'), {
      text: 'toolTooOld',
      facts: { engine: 'Austin', path, version: '1.0.1', needed: '3.7', python: search.python.version },
    });
  });

  it('finds a version too old for a newer Python', async () => {
    const search = emptySearch();
    writeProgram(pathOf(search), 'austin', 'echo austin 4.0.0');
    const stateFor = async (version: string) =>
      (await findTool('austin', { ...search, python: somePython({ version }) })).state;
    assert.deepEqual([await stateFor('3.14.0'), await stateFor('3.15.0')], ['ready', 'unusable']);
  });

  it('does not wait for a program that hangs, and ends its children with it', async () => {
    const search = emptySearch();
    const pidFile = join(temporaryFolder(), 'pid');
    writeProgram(pathOf(search), 'py-spy', `/bin/sleep 600 & echo $! > '${pidFile}'; wait`);
    const problem = await problemOf({ ...search, timeoutMs: 500 });
    assert.deepEqual([problem?.text, problem?.facts['seconds']], ['toolHangs', '0.5']);
    const child = Number(readFileSync(pidFile, 'utf8'));
    await until('the end of the child', () => !existsSync(`/proc/${child}`) || isZombie(child));
  });

  it('survives a program that prints garbage without end', async () => {
    const search = emptySearch();
    writeProgram(pathOf(search), 'py-spy', 'while :; do echo nonsense nonsense nonsense; done');
    assert.equal((await problemOf({ ...search, timeoutMs: 500 }))?.text, 'toolHangs');
  });

  it('takes no other program for the tool', async () => {
    const search = emptySearch();
    writeProgram(pathOf(search), 'py-spy', 'echo "GNU coreutils 9.1"');
    const problem = await problemOf(search);
    assert.deepEqual([problem?.text, problem?.facts['said']], ['toolGarbage', 'GNU coreutils 9.1']);
  });

  it('says why a program does not run', async () => {
    const failing = emptySearch();
    writeProgram(pathOf(failing), 'py-spy', 'echo "libunwind.so.8: cannot open" >&2; exit 127');
    assert.deepEqual((await problemOf(failing))?.facts['reason'], 'libunwind.so.8: cannot open');
    const silent = emptySearch();
    writeProgram(pathOf(silent), 'py-spy', 'exit 3');
    assert.equal((await problemOf(silent))?.facts['reason'], 'exit code 3');
    const crashing = emptySearch();
    writeProgram(pathOf(crashing), 'py-spy', 'kill -SEGV $$');
    assert.equal((await problemOf(crashing))?.facts['reason'], 'SIGSEGV');
    const notExecutable = emptySearch();
    writeProgram(pathOf(notExecutable), 'py-spy', 'echo py-spy 0.4.3', 0o644);
    assert.match((await problemOf(notExecutable))?.facts['reason'] ?? '', /EACCES/);
    const folder = emptySearch();
    mkdirSync(join(pathOf(folder), 'py-spy'));
    assert.equal((await problemOf(folder))?.text, 'toolBroken');
  });

  it('needs nothing for what comes with Pyrolens', async () => {
    const search = emptySearch();
    for (const engine of engineNames.filter(name => engineTool(name).kind === 'none')) {
      const finding = await findTool(engine, search);
      assert.deepEqual(
        finding.state === 'ready' && [finding.place, finding.command],
        ['bundled', []],
        engine,
      );
    }
  });
});

describe('the real tools', { skip }, () => {
  let bin = '';
  let python: PythonFacts;
  before(async () => {
    bin = installProfilers();
    python = await probePython([join(bin, 'python')]);
  });
  const environment = () => ({ PATH: process.env['PATH'] });

  it('are found in the environment of the interpreter', async () => {
    const search = { ...emptySearch(), python, environment: environment(), timeoutMs: 30_000 };
    const summary = async (engine: 'py-spy' | 'viztracer' | 'memray') => {
      const finding = await findTool(engine, search);
      return finding.state === 'ready' ? [finding.place, finding.version, finding.command] : finding;
    };
    assert.deepEqual(await summary('py-spy'), ['environment', '0.4.3', [join(bin, 'py-spy')]]);
    const { command } = python;
    assert.deepEqual(await summary('viztracer'), ['environment', '1.1.1', [...command, '-m', 'viztracer']]);
    assert.deepEqual(await summary('memray'), ['environment', '1.20.0', [...command, '-m', 'memray']]);
  });

  it('are found on PATH', async () => {
    const old = installProfilers('austin3');
    const search = { ...emptySearch(), python: somePython(), environment: { PATH: old } };
    const finding = await findTool('austin', search);
    assert.deepEqual(finding.state === 'ready' && [finding.place, finding.version], ['path', '3.7.0']);
  });

  it('are looked for in our folder of this interpreter’s version, through PYTHONPATH', async () => {
    const other = localPythons().find(({ version }) => version === '3.11' || version === '3.10');
    assert.ok(other, 'another interpreter');
    const search = { ...emptySearch(), environment: environment(), timeoutMs: 30_000 };
    const plain = { ...search, python: await probePython([other.path]) };
    assert.deepEqual(await findTool('viztracer', plain), {
      state: 'missing',
      problem: {
        text: 'libraryMissing',
        facts: { engine: 'VizTracer', python: plain.python.executable },
      },
    });
    // What fits 3.12 does not fit here: its compiled part is missing for this version.
    const folder = toolFolder(search.toolsDir, 'viztracer', plain.python);
    assert.match(folder, /viztracer-cp31[01]$/);
    cpSync(join(bin, '..', 'lib', 'python3.12', 'site-packages', 'viztracer'), join(folder, 'viztracer'), {
      recursive: true,
    });
    const unfit = await findTool('viztracer', plain);
    assert.ok(unfit.state === 'unusable' && unfit.problem.text === 'toolBroken', JSON.stringify(unfit));
    assert.match(unfit.problem.facts['reason'] ?? '', /Error/);
  });
});

describe('looking for a module of Python’s own', { skip }, () => {
  it('takes it from the interpreter, and not from the program’s environment', async () => {
    const env = join(temporaryFolder(), 'env');
    execFileSync(localPythons()[0]?.path ?? '', ['-m', 'venv', '--without-pip', env], { stdio: 'pipe' });
    const python = await probePython([join(env, 'bin', 'python')]);
    const lib = join(env, 'lib', `python${python.version.replace(/\.\d+$/, '')}`, 'site-packages');
    const elsewhere = temporaryFolder();
    const search = { ...emptySearch({ environment: { PYTHONPATH: elsewhere } }), python };
    const writeModule = (folder: string, text: string) => {
      mkdirSync(join(folder, 'profiling'), { recursive: true });
      writeFileSync(join(folder, 'profiling', 'sampling.py'), text);
    };
    writeModule(elsewhere, '');
    const missing = await findTool('tachyon', search);
    assert.ok(missing.state === 'missing' && missing.problem.text === 'moduleMissing');
    writeModule(lib, 'raise ImportError("no _remote_debugging")');
    const broken = await findTool('tachyon', search);
    assert.ok(broken.state === 'unusable');
    assert.equal(broken.problem.facts['reason'], 'ImportError: no _remote_debugging');
    writeModule(lib, '');
    const ready = await findTool('tachyon', search);
    assert.ok(ready.state === 'ready');
    assert.deepEqual(ready.command, [...python.command, '-m', 'profiling.sampling']);
    assert.deepEqual([ready.place, ready.version], ['interpreter', python.version]);
  });
});

function isZombie(pid: number): boolean {
  return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
