import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { austin3Tool } from '../../helpers/engineTools.mjs';
import { readLineShares, readProcesses } from '../../helpers/runLines';
import { until } from '../../helpers/until';
import { austin4, austinScriptName, interpreter, outsideCases, pythonOf } from './engineCases';
import { launch } from './launcherRig';

const work = `import sys, time
def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(200))
busy(0.6)
time.sleep(0.6)
`;
const [busyLine, sleepLine] = [6, 7];

for (const { title, engine, found, ...names } of outsideCases) {
  describe(`a program that ${title} looks at`, { skip: found ? false : 'it does not run here' }, () => {
    const setUp = { engine, ...names, ...(found ?? { tool: [], interpreter }) };

    it('is seen from its first line to its last, and ends as it would', async () => {
      const program = await launch({ source: `${work}raise SystemExit(5)\n`, ...setUp });
      assert.deepEqual(await program.exit(), { code: 5, signal: null });
      const shares = await readLineShares(program.runDir);
      assert.ok(Math.abs((shares.get(sleepLine) ?? 0) - 0.5) < 0.15, JSON.stringify([...shares]));
      assert.equal(logOf(program.runDir), '');
    });

    it('goes on when the recording is stopped, and what was recorded is there', async () => {
      const source = `${work}print("ready", flush=True)\nprint("went on", sys.stdin.readline())\n`;
      const program = await launch({ source, ...setUp });
      await program.message('recording');
      await until('the program', () => program.output().includes('ready'));
      program.send({ type: 'stop' });
      assert.equal((await program.message('stopped')).busyProcessCount, 0);
      assert.ok(((await readLineShares(program.runDir)).get(busyLine) ?? 0) > 0.2);
      program.launcher.stdin?.end('and on\n');
      assert.equal((await program.exit()).code, 0);
      assert.match(program.output(), /went on and on/);
      assert.equal((await readRunManifest(program.runDir)).state, 'stopped');
      assert.equal(logOf(program.runDir), '');
    });

    it('has its children beside it, as lanes of the same run', async () => {
      const source = `import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time\\nprint('child', flush=True)\\ntime.sleep(3)"])
print(child.pid, flush=True)
child.wait()
`;
      const program = await launch({ source, ...setUp });
      assert.equal((await program.exit()).code, 0);
      const childPid = Number(/\d+/.exec(program.output())?.[0]);
      const { programPid } = await readRunManifest(program.runDir);
      const { pids, problems } = await readProcesses(program.runDir);
      assert.ok(pids.includes(childPid) && pids.includes(programPid ?? 0), `${pids}: ${problems}`);
    });

    it('is left alone by a tool that is told to look no further than it', async () => {
      const source = `import subprocess, sys\nsubprocess.run([sys.executable, "-c", "import time; time.sleep(1)"])\n`;
      const program = await launch({ source, ...setUp, options: { children: false } });
      assert.equal((await program.exit()).code, 0);
      assert.equal((await readProcesses(program.runDir)).pids.length, 1);
    });
  });
}

describe('what Austin cannot read', () => {
  it('is said, with its share', async () => {
    const program = await launch({
      source: 'import time\ntime.sleep(0.5)\n',
      scriptName: 'a’s.py',
      engine: 'austin',
      interpreter: [pythonOf('3.13')],
      ...austin3Tool(),
    });
    assert.equal((await program.exit()).code, 0);
    assert.match(logOf(program.runDir), /^Austin could not read \d+ % of its samples: .*Latin-1.*\.\n$/);
  });

  it('is said of Python 3.12, which it takes for another, when the tool was named unasked', async () => {
    for (const tool of [austin3Tool(), ...(austin4 ? [austin4] : [])]) {
      const source = 'import time\ntime.sleep(0.5)\n';
      const program = await launch({
        source,
        scriptName: austinScriptName,
        engine: 'austin',
        interpreter,
        ...tool,
      });
      assert.equal((await program.exit()).code, 0);
      assert.match(logOf(program.runDir), /^Austin misreads Python 3\.12, .*\.\n$/);
    }
  });
});

function logOf(runDir: string): string {
  try {
    return readFileSync(join(runDir, 'collector.log'), 'utf8');
  } catch {
    return '';
  }
}
