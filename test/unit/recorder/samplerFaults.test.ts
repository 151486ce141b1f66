import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isProcessAlive } from '../../../src/recorder/processAlive';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { pySpyTool } from '../../helpers/engineTools.mjs';
import { installProfilers } from '../../helpers/profilers.mjs';
import { readLineShares } from '../../helpers/runLines';
import { until } from '../../helpers/until';
import { launch, temporaryFolder } from './launcherRig';

const setUp = {
  engine: 'py-spy' as const,
  ...pySpyTool(),
  interpreter: [join(installProfilers(), 'python')],
};

/** A tool of ours in py-spy's place. */
function fakeTool(shellText: string): string[] {
  const path = join(temporaryFolder(), 'tool.sh');
  writeFileSync(path, `#!/bin/sh\n${shellText}\n`, { mode: 0o755 });
  return [path];
}

function logOf(runDir: string): string {
  const path = join(runDir, 'collector.log');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describe('a program whose tool', () => {
  const faults = [
    { what: 'is not there', tool: ['/nowhere/py-spy'], says: /recorded nothing: spawn .*ENOENT\.\n$/ },
    {
      what: 'does not know what it is asked',
      tool: [...setUp.tool, 'nonsense'],
      says: /recorded nothing: .+\n$/,
    },
    {
      what: 'may not look',
      tool: fakeTool(
        'echo "Error: Failed to suspend process"; echo "Reason: EPERM: Operation not permitted"; exit 1',
      ),
      says: /recorded nothing: Failed to suspend process\.\n$/,
    },
    {
      what: 'prints rubbish and ends',
      tool: fakeTool('head -c 300000 /dev/urandom; echo; echo "no idea"; exit 3'),
      says: /recorded nothing: no idea\.\n$/,
    },
    {
      what: 'hangs',
      tool: fakeTool('exec sleep 600'),
      says: /recorded nothing: it did not begin in 8 seconds\.\n$/,
    },
    {
      what: 'dies half-way',
      tool: fakeTool('echo "Sampling process"; kill -9 $$'),
      says: /recorded nothing: it was ended by SIGKILL\.\n$/,
    },
  ];
  for (const { what, tool, says } of faults) {
    it(`${what} runs on to its own end, and the log says why nothing was recorded`, async () => {
      const program = await launch({ source: 'print("ran")\nraise SystemExit(9)\n', ...setUp, tool });
      assert.equal((await program.exit()).code, 9);
      assert.match(program.output(), /ran/);
      assert.match(logOf(program.runDir), says);
      const { samplerPid } = await readRunManifest(program.runDir);
      assert.equal(samplerPid !== undefined && isProcessAlive(samplerPid), false);
    });
  }
});

const spin = `import time
def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end: pass
spin(0.4)
`;
const spinLine = 5;

describe('a recording whose launcher is killed', () => {
  it('is completed by the tool, which outlives it, when the program ends', async () => {
    const source = `${spin}print("ready", flush=True)\nimport sys\nsys.stdin.readline()\n`;
    const program = await launch({ source, ...setUp });
    await until('the program', () => program.output().includes('ready'));
    const { programPid = 0, samplerPid = 0 } = await readRunManifest(program.runDir);
    program.launcher.kill('SIGKILL');
    program.launcher.stdin?.end('\n');
    await until('the program to end', () => !isProcessAlive(programPid));
    await until('the tool to end', () => !isProcessAlive(samplerPid));
    assert.ok(((await readLineShares(program.runDir)).get(spinLine) ?? 0) > 0.05);
  });
});
