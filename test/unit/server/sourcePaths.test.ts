import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { OpenRun } from '../../../src/server/loadedRun';
import { type LoadedRun, loadRun } from '../../../src/server/runFolder';
import { Slicer } from '../../../src/server/slicer';
import { SourcePaths, uriOfPath } from '../../../src/server/sourcePaths';
import { WorkspaceFiles } from '../../../src/server/workspaceFiles';
import { keptSourceUri } from '../../../src/shared/keptSource';
import type { PathMapping } from '../../../src/shared/pathMapping';
import { functionKinds } from '../../../src/shared/profile';
import { ChunkWriter } from '../../helpers/chunkWriter';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens-paths-')));
after(() => rmSync(root, { recursive: true, force: true }));

/** A run that measured the given paths, seen from the given workspace folders. */
async function pathsOf(
  recorded: readonly string[],
  workspaceFolders: readonly string[],
  options: {
    cwd?: string;
    mappings?: readonly PathMapping[];
    isImported?: boolean;
    /** Where the recorded program's own `/` is. */
    programRoot?: string;
    maxEntries?: number;
  } = {},
) {
  const { cwd = root, mappings = [], isImported = false, maxEntries = 1000 } = options;
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
    ...(options.programRoot && { attached: { root: options.programRoot, startedAtMs: 0 } }),
  };
  writeFileSync(join(folder, 'run.pyrolens'), JSON.stringify(manifest));
  const loaded = await loadRun(folder, { slicer: new Slicer(), ownRoots: workspaceFolders });
  const run: LoadedRun = isImported
    ? { ...loaded, manifest: { ...loaded.manifest, engine: 'imported' } }
    : loaded;
  const nameOf = (file: number | undefined) => (file === undefined ? undefined : run.profile.strings[file]);
  const roots = { workspaceFolders, mappings };
  const paths = await SourcePaths.find(run, roots, new WorkspaceFiles({ maxEntries }));
  return { paths, run, roots, documentFile: (uri: string) => nameOf(paths.fileOfDocument(uri)) };
}

function write(...parts: string[]): string {
  const path = join(root, ...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
  return path;
}

test('a file of a program in a change root is there, also when one is here too', async () => {
  const jail = join(root, 'jail');
  const inside = write('jail', root, 'app.py');
  const outside = write('app.py');
  const { paths, documentFile, run } = await pathsOf([outside], [], { programRoot: jail });
  assert.equal(paths.localFile(outside), inside);
  assert.equal(documentFile(uriOfPath(inside)), outside);
  assert.equal(documentFile(uriOfPath(outside)), undefined);
  assert.equal(functionKinds[run.profile.functions.kind[0] ?? 0], 'own');
});

test('a recorded file that is here is itself, with spaces and umlauts', async () => {
  const path = write('süß dir', 'a b.py');
  const { paths, documentFile } = await pathsOf([path], []);
  assert.equal(paths.localFile(path), path);
  assert.equal(documentFile(uriOfPath(path)), path);
});

test('a relative path counts from the folder where the program ran', async () => {
  const path = write('cwd', 'rel.py');
  const { documentFile } = await pathsOf(['rel.py'], [], { cwd: join(root, 'cwd') });
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

test('a file deeper in the workspace is found when at least a folder and its name agree and no other fits as well', async () => {
  const deep = write('mono', 'services', 'api', 'app', 'models.py');
  write('mono', 'services', 'web', 'other', 'models.py');
  const { paths } = await pathsOf(['/srv/app/models.py', '/srv/else/models.py'], [join(root, 'mono')]);
  assert.equal(paths.localFile('/srv/app/models.py'), deep);
  assert.equal(paths.localFile('/srv/else/models.py'), undefined);
});

test('a name that is all that is known must be the only one, and the workspace small enough to know', async () => {
  const only = write('names', 'deep', 'only.py');
  write('names', 'a', 'twice.py');
  write('names', 'b', 'twice.py');
  const folders = [join(root, 'names')];
  const recorded = ['only.py', 'twice.py', '__init__.py', 'threading.py'];
  const { paths } = await pathsOf(recorded, folders, { isImported: true });
  assert.deepEqual(
    recorded.map(name => paths.localFile(name)),
    [only, undefined, undefined, undefined],
  );
  const large = await pathsOf(recorded, folders, { isImported: true, maxEntries: 2 });
  assert.equal(large.paths.localFile('only.py'), undefined);
});

test('packages, environments and hidden folders are not searched', async () => {
  for (const folder of ['node_modules', '.git', '.venv', 'venv', 'site-packages'])
    write('skips', folder, 'pkg', 'hid.py');
  write('skips', 'my-environment', 'pyvenv.cfg');
  write('skips', 'my-environment', 'pkg', 'hid.py');
  const { paths } = await pathsOf(['/srv/pkg/hid.py'], [join(root, 'skips')]);
  assert.equal(paths.localFile('/srv/pkg/hid.py'), undefined);
});

test('the standard library and installed packages are never searched for', async () => {
  write('libs', 'json', 'decoder.py');
  const recorded = ['/usr/lib/python3.12/json/decoder.py', '/x/site-packages/json/decoder.py'];
  const { paths } = await pathsOf(
    recorded.map(path => `/elsewhere${path}`),
    [join(root, 'libs')],
  );
  for (const path of recorded) assert.equal(paths.localFile(`/elsewhere${path}`), undefined);
});

test('what the user has taught comes before everything else, where it exists', async () => {
  const recorded = write('taught', 'remote', 'pkg', 'm.py');
  const local = write('taught', 'work', 'src', 'm.py');
  const mappings = [
    { from: join(root, 'taught', 'remote'), to: `\${workspaceFolder}/nowhere` },
    { from: join(root, 'taught', 'remote', 'pkg'), to: `\${workspaceFolder}/src` },
  ];
  const folders = [join(root, 'taught', 'work')];
  const { paths, documentFile } = await pathsOf([recorded], folders, { mappings });
  assert.equal(paths.localFile(recorded), local);
  assert.equal(documentFile(uriOfPath(local)), recorded);
  assert.equal((await pathsOf([recorded], folders)).paths.localFile(recorded), recorded);
});

test('a file that the user has shown is found under another name too', async () => {
  const local = write('renamed', 'new_name.py');
  const mappings = [{ from: 'old.py', to: local }];
  const { documentFile } = await pathsOf(['old.py'], [], { mappings, isImported: true });
  assert.equal(documentFile(uriOfPath(local)), 'old.py');
});

test('roots of processes and containers, URLs, archives and Windows paths are seen through', async () => {
  const local = write('seen', 'pkg', 'mod.py');
  const folders = [join(root, 'seen')];
  const recorded = [
    `/proc/4711/root${local}`,
    `/var/lib/docker/overlay2/0a1b/merged${local}`,
    uriOfPath(local),
    '/srv/app.pyz/pkg/mod.py',
    'C:\\Users\\me\\proj\\PKG\\Mod.py',
    'file:///C:/proj/pkg/mod.py',
    'pkg/mod.py',
    './pkg/../pkg/mod.py',
  ];
  const { paths } = await pathsOf(recorded, folders);
  assert.deepEqual(
    recorded.map(path => paths.localFile(path)),
    recorded.map(() => local),
  );
});

test('code without a file has none, however it is called', async () => {
  const recorded = ['<string>', '<frozen runpy>', '~', '', '<ipython-input-1-abc>', '/', '..'];
  const { paths } = await pathsOf(recorded, [root]);
  for (const path of recorded) assert.equal(paths.localFile(path), undefined);
});

test('code that ran elsewhere and is in the workspace is own code', async () => {
  write('kinds', 'pkg', 'mine.py');
  const recorded = ['/app/pkg/mine.py', '/opt/tool/theirs.py'];
  const { run, roots } = await pathsOf(recorded, [join(root, 'kinds')]);
  const open = await OpenRun.open(run, roots, new WorkspaceFiles());
  const kindOf = (file: string) =>
    functionKinds[
      open.run.profile.functions.kind[
        [...open.run.profile.functions.file].findIndex(index => open.run.profile.strings[index] === file)
      ] ?? -1
    ];
  assert.deepEqual(recorded.map(kindOf), ['own', 'package']);
});

test('any recorded path is answered, whatever it looks like', async () => {
  const hostile = fc.sample(
    fc.string({ unit: fc.constantFrom('/', '\\', '..', 'a', ':', '\u0000', '%', 'file://', 'é') }),
    300,
  );
  const { paths } = await pathsOf([...new Set(hostile)], [root]);
  for (const path of hostile) assert.doesNotThrow(() => paths.localFile(path));
});
