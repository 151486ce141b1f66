import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { runNotes } from '../../../src/server/features/runSummary';
import { builtObserver } from '../../helpers/observed';
import { readLineShares, readProcesses, readRun } from '../../helpers/runLines';
import { until } from '../../helpers/until';
import { launch, substituteRateHz, temporaryFolder } from './launcherRig';

const observer = { engine: 'observer', tool: [process.execPath, await builtObserver()] } as const;
const isHere = process.platform === 'linux';

const busy = `import gc, time
end = time.perf_counter() + 0.5
while time.perf_counter() < end: sum(range(100))
gc.collect()
`;
const busyLine = 3;

/** The sorts of streams that a run has: `hooks`, `samples`. */
function streams(runDir: string): string[] {
  const names = readdirSync(runDir).filter(name => name.endsWith('.chunks'));
  return names.map(name => name.split('-')[0] ?? '').sort();
}

/** In the place of the observer: a tool that may not look. */
function refusedTool(): string[] {
  const path = join(temporaryFolder(), 'tool.sh');
  writeFileSync(path, '#!/bin/sh\necho "Pyrolens: Linux does not allow to read process 7." >&2; exit 1\n', {
    mode: 0o755,
  });
  return [path];
}

describe('a program under the observer', { skip: !isHere }, () => {
  it('has light hooks, whose collections are exact', async () => {
    const program = await launch({ source: busy, ...observer });
    assert.equal((await program.exit()).code, 0);
    assert.deepEqual(streams(program.runDir), ['hooks', 'samples']);
    const { profile, problems } = await readRun(program.runDir);
    assert.deepEqual(problems, []);
    assert.equal(profile.lanes.length, 1);
    assert.ok([...profile.gcPauses.generation].includes(2));
    assert.ok(((await readLineShares(program.runDir)).get(busyLine) ?? 0) > 0.5);
  });

  it('has none where they are turned off', async () => {
    const program = await launch({ source: busy, ...observer, env: { PYROLENS_HOOKS: '0' } });
    assert.equal((await program.exit()).code, 0);
    assert.deepEqual(streams(program.runDir), ['samples']);
  });

  it('has them in its children too, each in a file of its own', async () => {
    const source = `import subprocess, sys
subprocess.run([sys.executable, "-c", "import time; time.sleep(1)"], check=True)
`;
    const program = await launch({ source, ...observer });
    assert.equal((await program.exit()).code, 0);
    assert.deepEqual(streams(program.runDir), ['hooks', 'hooks', 'samples', 'samples']);
    const { pids, problems } = await readProcesses(program.runDir);
    assert.deepEqual([pids.length, problems], [2, []]);
  });

  it('ends them when the recording is stopped', async () => {
    const source = `${busy}print("ready", flush=True)\nimport sys\nsys.stdin.readline()\n`;
    const program = await launch({ source, ...observer });
    await until('the program', () => program.output().includes('ready'));
    program.send({ type: 'stop' });
    assert.equal((await program.message('stopped')).busyProcessCount, 0);
    assert.deepEqual((await readProcesses(program.runDir)).problems, []);
    program.launcher.stdin?.end('\n');
    assert.equal((await program.exit()).code, 0);
  });

  it('sees its own environment without a trace of the gate', async () => {
    const source = 'import os; print([name for name in os.environ if "GATE" in name], flush=True)';
    const program = await launch({ source, ...observer });
    await program.exit();
    assert.match(program.output(), /^\[\]/m);
  });
});

describe('a program that the observer may not look at', { skip: !isHere }, () => {
  it('is recorded by the bundled sampler where nobody chose the engine, and the run says why', async () => {
    const substitute = 'bundled-sampler';
    const program = await launch({ source: busy, engine: 'observer', tool: refusedTool(), substitute });
    assert.equal((await program.exit()).code, 0);
    assert.deepEqual(streams(program.runDir), ['samples']);
    const manifest = await readRunManifest(program.runDir);
    assert.deepEqual([manifest.engine, manifest.rateHzAsked], [substitute, substituteRateHz]);
    const run = await readRun(program.runDir);
    const { info } = run.profile;
    assert.deepEqual([info.engine, info.rateHzAsked], [substitute, substituteRateHz]);
    assert.ok(((await readLineShares(program.runDir)).get(busyLine) ?? 0) > 0.5);
    const [note] = runNotes({ run } as Parameters<typeof runNotes>[0]);
    assert.match(note ?? '', /sampler, because the observer .*Linux does not allow to read process 7\.$/);
  });

  it('is not held up by an observer that never begins', async () => {
    const path = join(temporaryFolder(), 'tool.sh');
    writeFileSync(path, '#!/bin/sh\nexec sleep 100\n', { mode: 0o755 });
    const substitute = 'bundled-sampler';
    const program = await launch({ source: busy, engine: 'observer', tool: [path], substitute });
    assert.equal((await program.exit()).code, 0);
    assert.deepEqual(streams(program.runDir), ['samples']);
    const { engine, replaced } = await readRunManifest(program.runDir);
    assert.deepEqual([engine, replaced?.reason], [substitute, 'it did not begin in 1 seconds']);
  });

  it('can be stopped then as any', async () => {
    const source = `${busy}print("ready", flush=True)\nimport sys\nsys.stdin.readline()\n`;
    const tool = refusedTool();
    const program = await launch({ source, engine: 'observer', tool, substitute: 'bundled-sampler' });
    await program.message('recording');
    await until('the program', () => program.output().includes('ready'));
    program.send({ type: 'stop' });
    assert.equal((await program.message('stopped')).busyProcessCount, 0);
    program.launcher.stdin?.end('\n');
    await program.exit();
  });

  it('is not recorded where the observer was asked for, and the log says why', async () => {
    const program = await launch({ source: busy, engine: 'observer', tool: refusedTool() });
    assert.equal((await program.exit()).code, 0);
    assert.deepEqual(streams(program.runDir), []);
    const log = join(program.runDir, 'collector.log');
    assert.match(
      existsSync(log) ? readFileSync(log, 'utf8') : '',
      /observer recorded nothing: .*process 7\.\n$/,
    );
  });
});
