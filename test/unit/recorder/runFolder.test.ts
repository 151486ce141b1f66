import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  createRun,
  deleteRun,
  hasParts,
  listRuns,
  pruneRuns,
  readRunManifest,
  renameRun,
  stateOf,
  storageFailure,
  updateManifest,
} from '../../../src/recorder/runFolder';
import { PyrolensError } from '../../../src/shared/failures';
import type { RunManifest } from '../../../src/shared/manifest';
import { temporaryFolder } from './launcherRig';

const draft = (changes: Partial<RunManifest> = {}): Omit<RunManifest, 'version' | 'id'> => ({
  name: 'app.py',
  engine: 'bundled-sampler',
  engineVersion: '1',
  rateHzAsked: 100,
  command: ['python3', '/w/app.py'],
  script: '/w/app.py',
  cwd: '/w',
  interpreter: { path: '/usr/bin/python3', version: '3.12.1' },
  startedAtMs: Date.UTC(2026, 10, 23, 10, 0, 0),
  endedAtMs: undefined,
  state: 'ended',
  exit: undefined,
  git: undefined,
  sources: undefined,
  ...changes,
});

const isFailure = (code: string) => (error: unknown) => error instanceof PyrolensError && error.code === code;

describe('run folders', () => {
  it('are named after time and program', async () => {
    const { dir, manifest } = await createRun(temporaryFolder(), draft());
    assert.match(manifest.id, /^20261123-100000-app-[0-9a-f]{6}$/);
    assert.deepEqual(await readRunManifest(dir), JSON.parse(JSON.stringify(manifest)));
    assert.deepEqual(readdirSync(dir), ['run.pyrolens']);
  });

  it('are listed newest first, and folders that are none are left out', async () => {
    const root = temporaryFolder();
    for (const minute of [5, 9, 1])
      await createRun(root, draft({ startedAtMs: minute * 60_000, name: `${minute}` }));
    mkdirSync(join(root, 'something else'));
    mkdirSync(join(root, 'damaged'));
    writeFileSync(join(root, 'damaged', 'run.pyrolens'), '{"version": 1');
    assert.deepEqual(
      (await listRuns(root)).map(run => run.manifest.name),
      ['9', '5', '1'],
    );
    assert.deepEqual(await listRuns(join(root, 'missing')), []);
  });

  it('can be renamed and deleted', async () => {
    const root = temporaryFolder();
    const { dir } = await createRun(root, draft());
    assert.equal((await renameRun(dir, 'before the cache')).name, 'before the cache');
    assert.equal((await readRunManifest(dir)).name, 'before the cache');
    await deleteRun(dir);
    assert.equal(existsSync(dir), false);
  });

  it('are pruned oldest first; renamed ones and running ones stay', async () => {
    const root = temporaryFolder();
    const names = ['oldest', 'renamed', 'running', 'middle', 'newest'];
    for (const [minute, name] of names.entries()) {
      const state = name === 'running' ? 'recording' : 'ended';
      const changes = {
        startedAtMs: minute * 60_000,
        script: `/w/${name}`,
        state,
        launcherPid: process.pid,
      } as const;
      await createRun(root, draft({ ...changes, name: name === 'renamed' ? 'mine' : name }));
    }
    assert.equal(await pruneRuns(root, 1), 2);
    assert.deepEqual(
      (await listRuns(root)).map(run => run.manifest.name),
      ['newest', 'running', 'mine'],
    );
  });

  it('say so when they were cut off', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await new Promise(resolve => gone.once('close', resolve));
    const recording = { version: 1, id: 'x', ...draft({ state: 'recording' }) } as const;
    assert.equal(stateOf({ ...recording, launcherPid: process.pid }), 'recording');
    assert.equal(stateOf({ ...recording, launcherPid: gone.pid }), 'interrupted');
    assert.equal(stateOf({ ...recording, state: 'ended', launcherPid: gone.pid }), 'ended');
  });

  it('know whether anything was measured', async () => {
    const { dir, manifest } = await createRun(temporaryFolder(), draft());
    assert.equal(await hasParts(dir, manifest), false);
    writeFileSync(join(dir, 'samples-12-3fa.chunks'), '');
    assert.equal(await hasParts(dir, manifest), true);
    assert.equal(await hasParts(dir, { ...manifest, engine: 'cprofile' }), false);
  });

  it('change their manifest in one step', async () => {
    const { dir } = await createRun(temporaryFolder(), draft());
    const names = Array.from({ length: 20 }, (_, index) => `name ${index}`);
    await Promise.all(names.map(name => updateManifest(dir, { name })));
    assert.ok(names.includes((await readRunManifest(dir)).name));
    assert.deepEqual(readdirSync(dir), ['run.pyrolens']);
  });
});

describe('a disk that refuses', () => {
  it('is named when the folder cannot be created', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'runs'), 'a file where the folder should be');
    await assert.rejects(createRun(join(root, 'runs'), draft()), (error: unknown) => {
      assert.ok(isFailure('storageUnwritable')(error));
      assert.match((error as PyrolensError).facts['path'] ?? '', /runs/);
      return true;
    });
  });

  it('is told apart when it is full', async t => {
    const folder = temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k,nr_inodes=4', 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      t.skip('a file system of 8 KB cannot be mounted here');
      return;
    }
    after(() => execFileSync('umount', [folder]));
    writeFileSync(join(folder, 'big'), Buffer.alloc(4096));
    await assert.rejects(
      createRun(join(folder, 'runs'), draft({ cwd: 'x'.repeat(10_000) })),
      isFailure('diskFull'),
    );
  });

  it('keeps the operating system’s reason', () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    const failure = storageFailure(denied, '/runs');
    assert.equal(failure.code, 'storageUnwritable');
    assert.deepEqual(failure.facts, { reason: 'EACCES: permission denied', path: '/runs' });
  });
});
