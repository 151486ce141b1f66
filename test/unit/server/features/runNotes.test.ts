import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { runSummary } from '../../../../src/server/features/runSummary';
import { OpenRun } from '../../../../src/server/loadedRun';
import { loadRun } from '../../../../src/server/runFolder';
import { Slicer } from '../../../../src/server/slicer';
import { WorkspaceFiles } from '../../../../src/server/workspaceFiles';
import { runFixture } from '../../../helpers/runFixture';

describe('the notes of a run', () => {
  const fixture = runFixture();
  after(() => fixture.remove());

  /** The run's notes when its manifest says this too. */
  async function notesWith(facts: Readonly<Record<string, unknown>>): Promise<string> {
    const manifest = JSON.parse(readFileSync(fixture.runPath, 'utf8')) as object;
    writeFileSync(fixture.runPath, JSON.stringify({ ...manifest, ...facts }));
    const loaded = await loadRun(fixture.runPath, { slicer: new Slicer(), ownRoots: [] });
    const open = await OpenRun.open(loaded, { workspaceFolders: [], mappings: [] }, new WorkspaceFiles());
    return runSummary(open).notes.join('\n');
  }

  it('say that a debugger was at work in the program', async () => {
    assert.match(await notesWith({ isUnderDebugger: true }), /^Distorted by the debugger/m);
    assert.doesNotMatch(await notesWith({ isUnderDebugger: false }), /debugger/);
    assert.doesNotMatch(await notesWith({ isUnderDebugger: 'yes' }), /debugger/);
  });
});
