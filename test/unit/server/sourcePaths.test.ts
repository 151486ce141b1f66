import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadRun } from '../../../src/server/runFolder';
import { Slicer } from '../../../src/server/slicer';
import { SourcePaths, uriOfPath } from '../../../src/server/sourcePaths';
import { keptSourceUri } from '../../../src/shared/keptSource';
import { ChunkWriter } from '../../helpers/chunkWriter';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens-paths-')));
after(() => rmSync(root, { recursive: true, force: true }));

/** A run that measured the given paths, seen from the given workspace folders. */
async function pathsOf(recorded: readonly string[], workspaceFolders: readonly string[], cwd = root) {
  const folder = mkdtempSync(join(root, 'run-'));
  const writer = new ChunkWriter().meta();
  const main = writer.lane('MainThread');
  for (const path of recorded) {
    writer.tick(1, [{ lane: main, stack: writer.stack(-1, writer.location(writer.func('f', path, 1), 1)) }]);
  }
  writeFileSync(join(folder, 'samples-1-1.chunks'), writer.data(0).end().build().bytes);
  const manifest = {
    version: 1,
    id: 'r',
    name: 'r',
    engine: 'bundled-sampler',
    command: [],
    script: '',
    cwd,
    interpreter: { path: '', version: '' },
    state: 'ended',
  };
  writeFileSync(join(folder, 'run.pyrolens'), JSON.stringify(manifest));
  const run = await loadRun(folder, { slicer: new Slicer(), ownRoots: workspaceFolders });
  const nameOf = (file: number | undefined) => (file === undefined ? undefined : run.profile.strings[file]);
  const paths = new SourcePaths(run, workspaceFolders);
  return { paths, documentFile: (uri: string) => nameOf(paths.fileOfDocument(uri)) };
}

function write(...parts: string[]): string {
  const path = join(root, ...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
  return path;
}

test('a recorded file that is here is itself, with spaces and umlauts', async () => {
  const path = write('süß dir', 'a b.py');
  const { paths, documentFile } = await pathsOf([path], []);
  assert.equal(paths.localFile(path), path);
  assert.equal(documentFile(uriOfPath(path)), path);
});

test('a relative path counts from the folder where the program ran', async () => {
  const path = write('cwd', 'rel.py');
  const { documentFile } = await pathsOf(['rel.py'], [], join(root, 'cwd'));
  assert.equal(documentFile(uriOfPath(path)), 'rel.py');
});

test('a document opened through a symbolic link is the recorded file', async () => {
  const path = write('real', 'linked.py');
  symlinkSync(join(root, 'real'), join(root, 'link'));
  const { documentFile } = await pathsOf([path], []);
  assert.equal(documentFile(uriOfPath(join(root, 'link', 'linked.py'))), path);
});

test('a file recorded elsewhere is found by the longest end of its path, if only one folder has it', async () => {
  const one = write('one', 'pkg', 'mod.py');
  const { paths } = await pathsOf(['/srv/app/pkg/mod.py'], [join(root, 'one'), join(root, 'real')]);
  assert.equal(paths.localFile('/srv/app/pkg/mod.py'), one);
  write('two', 'pkg', 'mod.py');
  const both = await pathsOf(['/srv/app/pkg/mod.py'], [join(root, 'one'), join(root, 'two')]);
  assert.equal(both.paths.localFile('/srv/app/pkg/mod.py'), undefined);
});

test('a bare __init__.py tells nothing', async () => {
  write('three', '__init__.py');
  const { paths } = await pathsOf(['/srv/app/pkg/__init__.py'], [join(root, 'three')]);
  assert.equal(paths.localFile('/srv/app/pkg/__init__.py'), undefined);
});

test('text kept with the run is its recorded file, of this run only', async () => {
  const { documentFile } = await pathsOf(['/gone/x y.py'], []);
  const source = { runDir: '/runs/r', sha256: 'a'.repeat(64), recordedPath: '/gone/x y.py' };
  assert.equal(documentFile(keptSourceUri({ ...source, runId: 'r' })), '/gone/x y.py');
  assert.equal(documentFile(keptSourceUri({ ...source, runId: 'other' })), undefined);
});

test('documents that are no measured file are none', async () => {
  const { documentFile } = await pathsOf([write('m.py')], []);
  for (const uri of ['untitled:Untitled-1', 'file:///nowhere/else.py', 'file://%', 'rubbish']) {
    assert.equal(documentFile(uri), undefined);
  }
});
