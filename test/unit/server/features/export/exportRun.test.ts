import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { exportRun } from '../../../../../src/server/features/exportRun';
import { OpenRun } from '../../../../../src/server/loadedRun';
import { loadRun } from '../../../../../src/server/runFolder';
import { Slicer } from '../../../../../src/server/slicer';
import { WorkspaceFiles } from '../../../../../src/server/workspaceFiles';
import { type ExportFormat, exportFormatFacts, exportFormats } from '../../../../../src/shared/exportFormats';
import { PyrolensError } from '../../../../../src/shared/failures';
import { exportedText, pprofWeights } from '../../../../helpers/exports';
import { profilesFolder } from '../../../../helpers/parsing';
import { runFixture } from '../../../../helpers/runFixture';
import { textProfile } from '../../../../helpers/textProfile';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens-export-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function openRun(path: string): Promise<OpenRun> {
  const loaded = await loadRun(path, { slicer: new Slicer(), ownRoots: [] });
  return OpenRun.open(loaded, { workspaceFolders: [], mappings: [] }, new WorkspaceFiles());
}

function reasonOf(format: ExportFormat, open: OpenRun): Promise<string> {
  return exportRun(open, format, join(folder, 'refused')).then(
    () => 'exported',
    error => (error instanceof PyrolensError ? String(error.facts['reason']) : String(error)),
  );
}

describe('an export', () => {
  it('writes every format made from stacks, pprof packed', async () => {
    const fixture = runFixture();
    after(() => fixture.remove());
    const open = await openRun(fixture.runPath);
    for (const { id, needs } of exportFormats) {
      const target = join(folder, `sampled.${exportFormatFacts(id).extension}`);
      if (needs !== 'stacks') continue;
      await exportRun(open, id, target);
      assert.ok(readFileSync(target).length > 100, id);
    }
    const packed = readFileSync(join(folder, 'sampled.pb.gz'));
    const wall = pprofWeights(gunzipSync(packed), 'wall');
    assert.equal(wall.get('MainThread|<module>:17;score:7'), 400e6);
    assert.equal(await reasonOf('pstats', open), 'the run was sampled: it has no call counts');
  });

  it('of a cProfile result is a copy as pstats, and one sentence for everything else', async () => {
    const name = readdirSync(join(profilesFolder, 'agreement')).find(each => each.includes('cprofile'));
    assert.ok(name);
    const path = join(profilesFolder, 'agreement', name);
    const open = await openRun(path);
    const target = join(folder, 'copy.pstats');
    await exportRun(open, 'pstats', target);
    assert.deepEqual(readFileSync(target), readFileSync(path));
    for (const { id, needs } of exportFormats) {
      if (needs !== 'stacks') continue;
      assert.equal(
        await reasonOf(id, open),
        'cProfile keeps no stacks: export as pstats, or record with the sampler',
      );
    }
    assert.ok(!existsSync(join(folder, 'refused')));
  });

  it('into a folder that does not exist fails and leaves nothing', async () => {
    const fixture = runFixture();
    after(() => fixture.remove());
    const open = await openRun(fixture.runPath);
    await assert.rejects(exportRun(open, 'svg', join(folder, 'none', 'x.svg')), PyrolensError);
    assert.ok(!existsSync(join(folder, 'none')));
  });
});

describe('hostile names', () => {
  const hostile = 'a;b\n\u202e\u0007"</script>\ud800';
  const renamed = textProfile('evil\nwork').then(profile => ({
    ...profile,
    strings: profile.strings.map(text => (text === 'evil' ? hostile : text)),
  }));

  it('survive in JSON and look harmless there', async () => {
    for (const format of ['speedscope', 'chrome-trace', 'firefox'] as const) {
      const text = exportedText(await renamed, format);
      assert.ok(!text.includes('\u202e') && !text.includes('\u0007'), format);
      const names: unknown[] = [];
      JSON.parse(text, (_, value: unknown) => {
        names.push(value);
        return value;
      });
      assert.ok(names.includes(hostile), format);
    }
  });

  it('are one frame of one line in collapsed stacks', async () => {
    assert.equal(
      exportedText(await renamed, 'collapsed'),
      'MainThread;a；b⟨U+000A⟩⟨U+202E⟩⟨U+0007⟩"</script>⟨U+D800⟩ (app.py:1);work (app.py:1) 1000\n',
    );
  });
});
