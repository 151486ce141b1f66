import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { firstUsablePython, probePython } from '../../../src/recorder/pythonProbe';
import { findInterpreters, interpreterIn } from '../../../src/recorder/pythonSearch';
import { PyrolensError } from '../../../src/shared/failures';
import { python, temporaryFolder } from './launcherRig';

const failsWith = (code: string) => (error: unknown) => error instanceof PyrolensError && error.code === code;

function fakeProgram(text: string): string {
  const path = join(temporaryFolder(), 'python');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('probing an interpreter', () => {
  it('learns its version and where it is', async () => {
    const facts = await probePython([python]);
    assert.match(facts.version, /^3\.\d+\.\d+$/);
    assert.equal(facts.implementation, 'cpython');
    assert.ok(existsSync(facts.executable));
    assert.deepEqual(facts.command, [python]);
  });

  it('says that it does not run', async () => {
    await assert.rejects(probePython(['/nowhere/python3']), failsWith('pythonBroken'));
    const broken = fakeProgram('echo "libpython is missing" >&2; exit 127');
    await assert.rejects(probePython([broken]), (error: PyrolensError) => {
      assert.equal(error.code, 'pythonBroken');
      assert.equal(error.facts['reason'], 'libpython is missing');
      return true;
    });
  });

  it('says that it answers something else', async () => {
    await assert.rejects(probePython([fakeProgram('echo hello')]), failsWith('pythonBroken'));
  });

  for (const version of ['2.7.18', '3.8.18']) {
    const path = join(homedir(), '.pyenv', 'versions', version, 'bin', 'python');
    it(`refuses Python ${version}`, { skip: !existsSync(path) && 'not installed' }, async () => {
      await assert.rejects(probePython([path]), failsWith('pythonTooOld'));
    });
  }

  it('asks again after a failure, and once otherwise', async () => {
    const folder = temporaryFolder();
    const count = join(folder, 'count');
    const answer = '{"version":"3.12.1","implementation":"cpython","executable":"/x","baseExecutable":"/x"}';
    const path = fakeProgram(`echo x >> '${count}'; echo '${answer}'`);
    await Promise.all([probePython([path]), probePython([path])]);
    await probePython([path]);
    const { readFileSync } = await import('node:fs');
    assert.equal(readFileSync(count, 'utf8'), 'x\n');
  });
});

describe('choosing an interpreter', () => {
  it('takes the first that runs', async () => {
    const facts = await firstUsablePython([['/nowhere/python'], [python]]);
    assert.deepEqual(facts.command, [python]);
  });

  it('names the first candidate’s fault when none runs, and «noPython» when there is none', async () => {
    await assert.rejects(firstUsablePython([['/nowhere/python']]), failsWith('pythonBroken'));
    await assert.rejects(firstUsablePython([]), failsWith('noPython'));
  });

  it('prefers the nearest .venv, then the active environment, then PATH', async () => {
    const workspaceDir = temporaryFolder();
    const scriptDir = join(workspaceDir, 'src', 'app');
    const make = (folder: string) => {
      const path = interpreterIn(folder);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, '');
      chmodSync(path, 0o755);
      return path;
    };
    mkdirSync(scriptDir, { recursive: true });
    const outer = make(join(workspaceDir, '.venv'));
    const inner = make(join(workspaceDir, 'src', 'venv'));
    const active = make(join(workspaceDir, 'elsewhere'));
    const onPath = join(workspaceDir, 'bin', 'python3');
    mkdirSync(join(onPath, '..'));
    writeFileSync(onPath, '');
    chmodSync(onPath, 0o755);
    const environment = {
      VIRTUAL_ENV: join(workspaceDir, 'elsewhere'),
      PATH: `${join(onPath, '..')}:/nowhere`,
    };
    assert.deepEqual(await findInterpreters({ scriptDir, workspaceDir, environment }), [
      inner,
      outer,
      active,
      onPath,
    ]);
  });
});
