import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AdoptedRun } from '../../../src/recorder/adoptedRun';
import type { FromLauncher } from '../../../src/recorder/controlMessages';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { streamHasEnded } from '../../../src/recorder/streamEnd';
import { until } from '../../helpers/until';
import { builtLauncher, launch } from './launcherRig';

const waitForLine = 'import sys\nprint("ready", flush=True)\nline = sys.stdin.readline()\n';

describe('a program under the launcher', () => {
  it('keeps its exit code, and the manifest has it', async () => {
    const program = await launch({ source: 'import sys\nsys.exit(7)\n' });
    assert.deepEqual(await program.exit(), { code: 7, signal: null });
    const manifest = await readRunManifest(program.runDir);
    assert.equal(manifest.state, 'ended');
    assert.deepEqual(manifest.exit, { code: 7, signal: null });
    assert.ok(manifest.endedAtMs !== undefined && manifest.endedAtMs >= manifest.startedAtMs);
    assert.equal((await program.message('ended')).code, 7);
  });

  it('reads standard input and sees its own arguments and environment', async () => {
    const source = `import os, sys
print(sys.stdin.readline().strip(), sys.argv[1:], __name__, "ELECTRON_RUN_AS_NODE" in os.environ)
`;
    const program = await launch({ source, args: ['a b', '"q"', 'ü', ''] });
    program.launcher.stdin?.end('hello\n');
    await program.exit();
    assert.match(program.output(), /^hello \['a b', '"q"', 'ü', ''\] __main__ False/);
  });

  it('prints one line at the end', async () => {
    const program = await launch({ source: 'print("out")\n' });
    await program.exit();
    assert.match(program.output(), /^out\r?\nPyrolens: exit code 0 after [\d.]+ m?s, profile kept\.\n$/);
  });

  it('leaves tracebacks alone', async () => {
    const program = await launch({ source: 'def f():\n    raise ValueError("mine")\nf()\n' });
    assert.equal((await program.exit()).code, 1);
    assert.match(program.output(), /Traceback.*line 3, in <module>.*line 2, in f.*ValueError: mine/s);
    assert.doesNotMatch(program.output(), /pyrolens_collect|sitecustomize/);
  });

  it('ends by the program’s own signal', async () => {
    const source = 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n';
    const program = await launch({ source });
    assert.deepEqual(await program.exit(), { code: null, signal: 'SIGKILL' });
    assert.deepEqual((await readRunManifest(program.runDir)).exit, { code: null, signal: 'SIGKILL' });
  });

  it('gets SIGTERM passed on and may handle it', async () => {
    const source = `import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("got it", flush=True), sys.exit(3)))
print("ready", flush=True)
while True: time.sleep(0.01)
`;
    const program = await launch({ source });
    await until('the program', () => program.output().includes('ready'));
    program.launcher.kill('SIGTERM');
    assert.equal((await program.exit()).code, 3);
    assert.match(program.output(), /got it/);
  });

  it('is not disturbed by a SIGINT that only the launcher gets', async () => {
    const program = await launch({ source: `${waitForLine}print("went on", line)\n` });
    await until('the program', () => program.output().includes('ready'));
    program.launcher.kill('SIGINT');
    program.launcher.stdin?.end('still here\n');
    assert.equal((await program.exit()).code, 0);
    assert.match(program.output(), /went on still here/);
  });

  it('is ended by «kill», even when it ignores SIGTERM', async () => {
    const source = `import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True: time.sleep(0.01)
`;
    const program = await launch({ source });
    await until('the program', () => program.output().includes('ready'));
    await program.message('started');
    program.send({ type: 'kill' });
    assert.deepEqual(await program.exit(), { code: null, signal: 'SIGKILL' });
  });

  it('goes on when whoever started it goes away', async () => {
    const program = await launch({ source: `${waitForLine}sys.exit(5)\n` });
    await program.message('recording');
    program.control.dispose();
    program.launcher.stdin?.end('go\n');
    assert.equal((await program.exit()).code, 5);
    assert.deepEqual((await readRunManifest(program.runDir)).exit, { code: 5, signal: null });
  });

  it('that cannot be started is reported with its path', async () => {
    const program = await launch({ source: '', interpreter: ['/nowhere/python3'] });
    const failure = await program.message('failed');
    assert.equal(failure.code, 'launchFailed');
    assert.equal(failure.facts['path'], '/nowhere/python3');
    assert.equal((await program.exit()).code, 127);
    assert.equal((await readRunManifest(program.runDir)).state, 'ended');
  });
});

describe('stopping a recording', () => {
  it('completes the sampler’s streams while the program goes on', async () => {
    const program = await launch({ source: `${waitForLine}print("went on")\nsys.exit(4)\n` });
    await program.message('recording');
    program.send({ type: 'stop' });
    assert.equal((await program.message('stopped')).busyProcessCount, 0);
    const [stream] = readdirSync(program.runDir).filter(name => name.endsWith('.chunks'));
    assert.ok(stream);
    assert.equal(await streamHasEnded(join(program.runDir, stream)), true);
    assert.equal((await readRunManifest(program.runDir)).state, 'stopped');
    program.launcher.stdin?.end('go\n');
    assert.equal((await program.exit()).code, 4);
    const manifest = await readRunManifest(program.runDir);
    assert.deepEqual([manifest.state, manifest.exit?.code], ['stopped', 4]);
  });

  it('saves cProfile’s counts while the program goes on', {
    skip: process.platform === 'win32',
  }, async () => {
    const source = `import sys
def work(n): return sum(range(n))
print("ready", flush=True)
for n in range(1000): work(n)
sys.stdin.readline()
work(1)
print("went on")
`;
    const program = await launch({ source, engine: 'cprofile' });
    await until('the program', () => program.output().includes('ready'));
    await program.message('recording');
    program.send({ type: 'stop' });
    assert.equal((await program.message('stopped')).busyProcessCount, 0);
    const names = readdirSync(program.runDir);
    assert.ok(names.some(name => /^calls-\d+\.pstats$/.test(name)));
    program.launcher.stdin?.end('\n');
    assert.equal((await program.exit()).code, 0);
    assert.match(program.output(), /went on/);
  });
});

describe('what a run leaves behind', () => {
  it('is in the run folder only', async () => {
    const program = await launch({ source: 'import time\ntime.sleep(0.2)\n' });
    await program.exit();
    const around = readdirSync(join(program.runDir, '..', '..'));
    assert.deepEqual(around.sort(), ['it’s a "test".py', 'runs']);
    assert.ok(existsSync(join(program.runDir, 'run.pyrolens')));
    const log = join(program.runDir, 'collector.log');
    assert.equal(existsSync(log) ? readFileSync(log, 'utf8') : '', '');
  });
});

describe('after a reload of the window', () => {
  it('a recording is taken up, stopped, and its end is noticed, without a control channel', async () => {
    const program = await launch({ source: `${waitForLine}sys.exit(6)\n` });
    await program.message('recording');
    program.control.dispose();
    const messages: FromLauncher[] = [];
    const adopted = await AdoptedRun.adopt(program.runDir, message => messages.push(message));
    assert.ok(adopted);
    await adopted.stop();
    assert.deepEqual(messages, [{ type: 'stopped', busyProcessCount: 0 }]);
    program.launcher.stdin?.end('go\n');
    assert.equal((await program.exit()).code, 6);
    await until('the end', () => messages.length === 2);
    assert.deepEqual(messages[1], { type: 'ended', code: 6, signal: null });
    assert.equal(await AdoptedRun.adopt(program.runDir, () => undefined), undefined);
  });

  it('a terminal that is brought back does not run the program again', async () => {
    const program = await launch({ source: 'print("once")\n' });
    await program.exit();
    const again = spawnSync(process.execPath, [await builtLauncher(), program.runDir], { encoding: 'utf8' });
    assert.deepEqual([again.status, again.stdout], [0, '']);
  });
});
