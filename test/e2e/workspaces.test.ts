import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import { profile, programs, sampleWorkspace, startWorkbench, storedRuns } from '../helpers/workbenchJourney';

describe('workspaces of all kinds', () => {
  it('keeps two folders apart: each file has the numbers of the run it was measured in', async () => {
    const workbench = await startWorkbench({ folders: { first: programs, 'second one': programs } });
    try {
      const [first = '', second = ''] = workbench.folders;
      await profile(workbench, join(second, 'measured.py'));
      assert.equal(storedRuns(workbench)[0]?.manifest.script, join(second, 'measured.py'));
      await workbench.runCommand('View: Close All Editors');
      await workbench.openFile(join(first, 'measured.py'));
      assert.deepEqual(await workbench.editor.labels(), []);
      await workbench.openFile(join(second, 'measured.py'));
      await until('labels', async () => (await workbench.editor.labels()).length > 0);
      await workbench.screenshot('workspaces-two-folders');
    } finally {
      await workbench.stop();
    }
  });

  it('profiles a file when no folder is open', async () => {
    const workbench = await startWorkbench({});
    try {
      const folder = join(workbench.server.home, 'loose files');
      cpSync(programs, folder, { recursive: true });
      await profile(workbench, join(folder, 'crashes.py'));
      await workbench.screenshot('workspaces-no-folder');
    } finally {
      await workbench.stop();
    }
  });

  it('views profiles in Restricted Mode, and launches nothing', async () => {
    const workbench = await startWorkbench({ folders: { restricted: sampleWorkspace }, asksForTrust: true });
    try {
      await untilValue(
        'Restricted Mode',
        () => workbench.statusTexts(),
        texts => texts.some(text => text.startsWith('Restricted Mode')),
      );
      await workbench.openFile(join(workbench.folders[0] ?? '', 'primes.py'));
      await workbench.runCommand('Pyrolens: Profile Current File');
      await untilValue(
        'the sentence',
        () => workbench.notifications(),
        texts => texts.some(text => text.includes('Restricted Mode')),
      );
      assert.equal(storedRuns(workbench).length, 0);
      await workbench.screenshot('workspaces-restricted');
      await workbench.runCommand('Pyrolens: Open Sample Profile');
      await workbench.result.untilPainted();
    } finally {
      await workbench.stop();
    }
  });
});
