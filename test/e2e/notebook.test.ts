import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { installProfilers } from '../helpers/profilers.mjs';
import { packageStub } from '../helpers/stubExtension';
import { untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { readLabel, startWorkbench } from '../helpers/workbenchJourney';

const notebooks = join(process.cwd(), 'test', 'e2e', 'notebooks');

describe('a notebook cell', () => {
  let workbench: Workbench;
  before(async () => {
    const env = { PYROLENS_STUB_KERNEL: join(installProfilers('kernel'), 'python') };
    workbench = await startWorkbench({ folders: { notebooks }, env }, [packageStub('jupyter')]);
    await workbench.openPath(join(workbench.folders[0] ?? '', 'analysis.ipynb'));
    await workbench.page.waitForSelector('.notebook-editor .view-line', { timeout: 30_000 });
  });
  after(() => workbench?.stop());

  /** Labels behind the code of all cells in view, by the code's line. */
  const labels = async (): Promise<Map<string, string>> =>
    new Map(
      await workbench.page.locator('.notebook-editor .monaco-editor .view-line').evaluateAll(lines =>
        lines.flatMap(line => {
          const marks = [...line.querySelectorAll('[class*="ced-"]')];
          const text = marks.map(mark => getComputedStyle(mark, '::after').content.replace(/^"|"$/g, ''));
          const label = text.find(content => /\d/.test(content));
          return label === undefined ? [] : [[line.textContent ?? '', label] as [string, string]];
        }),
      ),
    );
  const labelOf = async (code: string) =>
    [...(await labels())].find(([line]) => line.replaceAll('\u00a0', ' ').includes(code))?.[1];

  it('cannot be profiled before its kernel runs, and says what to do', async () => {
    await workbench.page.locator('.notebook-editor .cell-editor-part').first().click();
    await workbench.runCommand('Pyrolens: Profile Cell');
    await untilValue(
      'the sentence',
      () => workbench.notifications(),
      texts => texts.some(text => /Run any cell first/.test(text)),
    );
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('has its numbers on its own lines, and on those of the cell that it calls', async () => {
    await workbench.page.locator('.notebook-editor .cell-editor-part').first().click();
    await workbench.runCommand('Notebook: Execute Cell');
    await workbench.page.locator('.notebookOverlay').getByText('[1]').waitFor({ timeout: 30_000 });
    await workbench.page.locator('.notebook-editor .cell-editor-part').nth(1).click();
    await workbench.runCommand('Pyrolens: Profile Cell');
    const sleep = await untilValue('the sleep', () => labelOf('time.sleep'), Boolean, 60_000);
    const asleep = readLabel(sleep ?? '');
    assert.ok(Math.abs(asleep.durationMs - 600) < 120, sleep);
    assert.match(sleep ?? '', /sleep/);
    assert.match((await labelOf('clean(range')) ?? '', /ms|s/);
    assert.match((await labelOf('return [sum')) ?? '', /ms|s/);
    await workbench.screenshot('notebook-cell');
  });
});
