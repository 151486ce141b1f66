import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { programs, startWorkbench, storedRuns, untilRecorded } from '../helpers/workbenchJourney';

describe('the Profiles view and the first steps', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await startWorkbench({ folders: { programs } });
  });
  after(() => workbench?.stop());

  const rowsOf = () => workbench.treeRows();
  const row = (name: string) =>
    workbench.page.locator('.part.sidebar .monaco-list-row', { hasText: name }).first();

  async function fromMenu(name: string, item: string): Promise<void> {
    await row(name).click({ button: 'right' });
    const entry = workbench.page.locator('.monaco-menu .action-item', { hasText: item }).first();
    await entry.waitFor();
    // A menu ignores the mouse for a moment after it has opened.
    await until('the menu to take the click', async () => {
      await entry.click({ timeout: 1_000 }).catch(() => undefined);
      return !(await entry.isVisible());
    });
  }

  it('offers one button while there is no run', async () => {
    await workbench.openFile(join(workbench.folders[0] ?? '', 'crashes.py'));
    await workbench.runCommand('Pyrolens: Focus on Profiles View');
    const buttons = workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button');
    await buttons.first().waitFor();
    assert.deepEqual(await buttons.allTextContents(), ['Profile Current File']);
    await workbench.screenshot('profiles-empty');
  });

  it('profiles the file in the editor from that button', async () => {
    await workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button').first().click();
    await untilRecorded(workbench);
    const rows = await untilValue('the run', rowsOf, found => found.length === 1);
    assert.match(rows[0] ?? '', /crashes\.py/);
    await workbench.result.untilPainted();
  });

  it('renames a run', async () => {
    await fromMenu('crashes.py', 'Rename');
    await workbench.answer('before the fix');
    await untilValue('the new name', rowsOf, rows => rows.some(text => text.startsWith('before the fix')));
    assert.equal(storedRuns(workbench)[0]?.manifest.name, 'before the fix');
    await workbench.screenshot('profiles-renamed');
  });

  it('opens a run from the tree', async () => {
    await workbench.runCommand('View: Close All Editors');
    await row('before the fix').click();
    await workbench.result.untilPainted();
    assert.match(await workbench.result.text(), /before the fix/);
  });

  it('exports a run for speedscope', async () => {
    const target = join(workbench.server.home, 'exported.speedscope.json');
    await fromMenu('before the fix', 'Export');
    assert.ok(await workbench.pick('speedscope'));
    // The list of formats closes before the dialog's box opens: an answer typed between the two is lost.
    await untilValue(
      'the dialog',
      () => workbench.quickInputText(),
      text => text.endsWith('.speedscope.json'),
    );
    await workbench.answer(target);
    // The simple file dialog may take a first Enter as «go there».
    await until('the exported file', async () => {
      const text = existsSync(target) ? '' : await workbench.quickInputText();
      if (text !== '' && text !== target) {
        await workbench.page.locator('.quick-input-widget input').first().fill(target, { timeout: 1_000 });
      }
      if (text !== '') await workbench.page.keyboard.press('Enter');
      return existsSync(target);
    });
    const exported = await until('the whole file', () => {
      try {
        return JSON.parse(readFileSync(target, 'utf8')) as {
          $schema?: string;
          shared?: { frames: { name: string }[] };
        };
      } catch {
        return undefined;
      }
    });
    assert.match(exported.$schema ?? '', /speedscope/);
    assert.ok(
      exported.shared?.frames.some(frame => frame.name === 'work'),
      JSON.stringify(exported.shared),
    );
  });

  it('shows a run as plain text', async () => {
    await fromMenu('before the fix', 'Show Profile as Text');
    await untilValue(
      'the report',
      async () => [...(await workbench.editor.lines()).values()].join('\n'),
      text => text.includes('crashes.py'),
    );
  });

  it('deletes a run after asking', async () => {
    await fromMenu('before the fix', 'Delete');
    const dialog = workbench.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Delete' }).first();
    await dialog.click();
    await until('no runs', () => storedRuns(workbench).length === 0);
    await untilValue('an empty tree', rowsOf, rows => rows.length === 0);
  });

  it('opens the bundled sample profile from the walkthrough', async () => {
    await workbench.runCommand('Welcome: Open Walkthrough...');
    assert.ok(await workbench.pick('Get started with Pyrolens'));
    const step = workbench.page
      .locator('.getting-started-step', { hasText: 'Look at a finished profile' })
      .first();
    await step.click();
    await workbench.screenshot('profiles-walkthrough');
    await workbench.page
      .locator('.getting-started-step .monaco-button', { hasText: 'Open Sample Profile' })
      .click();
    await workbench.result.untilPainted();
    assert.match(await workbench.result.text(), /voice_agent/);
    await workbench.screenshot('profiles-sample');
  });
});
