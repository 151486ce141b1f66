import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { packageStub } from '../helpers/stubExtension';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import type { Label } from '../helpers/workbenchEditor';
import { profile, sampleWorkspace, startWorkbench } from '../helpers/workbenchJourney';

// The in-process sampler wakes where the interpreter lets it, at a loop's head.
const hotLine = 'while divisor * divisor <= number:';
// In a browser VS Code saves by itself, and then there is nothing to revert.
const settings = {
  'pyrolens.result.openAfterRun': false,
  'files.autoSave': 'off',
  // The numbers are to be the final ones from the first label on.
  'pyrolens.live.enabled': false,
  'editor.formatOnSave': true,
};

describe('numbers while the source is edited', () => {
  let workbench: Workbench;
  let original: Label;

  before(async () => {
    workbench = await startWorkbench({ folders: { primes: sampleWorkspace }, settings }, [
      packageStub('formatter'),
    ]);
    git('init');
    git('add', '.');
    git('commit', '--message', 'One version');
    await profile(workbench, join(folder(), 'primes.py'));
    original = await hotLabel();
  });
  after(() => workbench?.stop());

  beforeEach(async () => {
    await workbench.editor.focus();
    await workbench.runCommand('File: Revert File');
    await untilValue(
      'the label at its first place',
      hotLabel,
      ({ line, text }) => line === original.line && text === original.text,
    );
  });

  const folder = () => workbench.folders[0] ?? '';
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    execFileSync('git', [...identity, ...args], { cwd: folder(), stdio: 'pipe' });
  };
  const hotLabel = () => until('the label', () => workbench.editor.label(hotLine));
  const press = (key: string) => workbench.page.keyboard.press(key);
  const type = (text: string) => workbench.page.keyboard.type(text);
  const untilMovedBy = (lines: number) =>
    untilValue(`the label ${lines} lines further`, hotLabel, label => label.line === original.line + lines);

  it('moves them with their lines when Enter is pressed above', async () => {
    await workbench.editor.goToLine(2);
    await press('Enter');
    await press('Enter');
    const moved = await untilMovedBy(2);
    assert.equal(moved.text, original.text);
  });

  it('moves them with a paste of many lines above', async () => {
    await workbench.editor.goToLine(3);
    await press('Shift+End');
    await press('Control+c');
    await press('End');
    for (let count = 0; count < 3; count++) {
      await press('Enter');
      await press('Control+v');
    }
    assert.equal((await untilMovedBy(3)).text, original.text);
  });

  it('dims an edited line and says so; undo restores it', async () => {
    await workbench.editor.goToLine(original.line);
    await press('End');
    await type('  # looked at');
    const stale = await untilValue('the stale label', hotLabel, label => label.text.includes('edited since'));
    assert.notEqual(stale.color, original.color);
    assert.equal(stale.line, original.line);
    await workbench.screenshot('editing-stale');
    await untilValue(
      'the restored label',
      async () => {
        await press('Control+z');
        return hotLabel();
      },
      label => label.text === original.text,
    );
  });

  it('keeps the labels of all other lines when one is edited', async () => {
    const before = await workbench.editor.labels();
    await workbench.editor.goToLine(original.line);
    await press('End');
    await type(' ');
    await type('# x');
    await untilValue('the stale label', hotLabel, label => label.text.includes('edited since'));
    const others = (labels: Label[]) =>
      labels.filter(label => label.line !== original.line).map(label => label.text);
    assert.deepEqual(others(await workbench.editor.labels()), others(before));
  });

  it('never shifts code: labels stand behind it', async () => {
    const lines = await workbench.editor.lines();
    await workbench.runCommand('Pyrolens: Show or Hide Timings');
    await until('no labels', async () => (await workbench.editor.labels()).length === 0);
    assert.deepEqual(
      [...(await workbench.editor.lines()).values()].slice(0, 10),
      [...lines.values()].slice(0, 10),
    );
    await workbench.runCommand('Pyrolens: Show or Hide Timings');
    await until('labels', async () => (await workbench.editor.labels()).length > 0);
  });

  it('shows the same numbers in both halves of a split editor, and moves both', async () => {
    await workbench.runCommand('View: Split Editor');
    const right = await untilValue(
      'labels on the right',
      () => workbench.editor.labels(1),
      found => found.length > 0,
    );
    assert.ok(right.some(label => label.text === original.text));
    await workbench.editor.focus(1);
    await press('Control+Home');
    await press('Enter');
    for (const group of [0, 1]) {
      await untilValue(
        `the moved label in group ${group}`,
        () => workbench.editor.label(hotLine, group),
        label => label?.line === original.line + 1,
      );
    }
    await workbench.screenshot('editing-split');
    await workbench.runCommand('View: Close All Editors in Group').catch(() => undefined);
    await press('Escape');
  });

  it('moves them when the document is formatted, and keeps each with its own text', async () => {
    const texts = (labels: Label[]) => labels.map(label => label.text).filter(text => !/edited/.test(text));
    const before = texts(await workbench.editor.labels());
    await workbench.runCommand('Format Document');
    assert.equal((await untilMovedBy(2)).text, original.text);
    const after = texts(await workbench.editor.labels());
    assert.ok(
      after.length >= before.length - 1,
      'only the line that was taken apart may have lost its number',
    );
    assert.ok(
      after.every(text => before.includes(text)),
      `${before}\n${after}`,
    );
    await workbench.screenshot('editing-formatted');
  });

  it('moves them when saving formats the document', async () => {
    await workbench.editor.goToLine(2);
    await press('Enter');
    await untilMovedBy(1);
    await workbench.editor.save();
    assert.equal((await untilMovedBy(3)).text, original.text);
    assert.match(readFileSync(join(folder(), 'primes.py'), 'utf8'), /return \(\n/);
    git('checkout', '--', 'primes.py');
    await untilMovedBy(0);
  });

  it('moves them when another version of the file is checked out, and back', async () => {
    const path = join(folder(), 'primes.py');
    const head = 'def unused() -> None:\n    """Stands above everything."""\n\n\n';
    git('checkout', '-b', 'other');
    writeFileSync(path, readFileSync(path, 'utf8').replace('def is_prime', `${head}def is_prime`));
    git('commit', '--all', '--message', 'Another version');
    assert.equal((await untilMovedBy(4)).text, original.text);
    git('checkout', '-');
    assert.equal((await untilMovedBy(0)).text, original.text);
    git('checkout', 'other');
    assert.equal((await untilMovedBy(4)).text, original.text);
    git('checkout', '-');
    await untilMovedBy(0);
  });

  it('has them again after another file was looked at', async () => {
    await workbench.openFile(join(folder(), 'report.py'));
    await workbench.openFile(join(folder(), 'primes.py'));
    assert.equal((await hotLabel()).text, original.text);
  });

  it('underlines the exact hot expression where the interpreter tells it', async t => {
    const spans = await workbench.editor.spans();
    if (spans.length === 0) {
      const version = await interpreterVersion();
      if (version < 11) return t.skip(`Python 3.${version} does not tell columns`);
    }
    assert.ok(
      spans.some(span => span.text.includes('divisor')),
      JSON.stringify(spans),
    );
  });

  async function interpreterVersion(): Promise<number> {
    const { storedRuns } = await import('../helpers/workbenchJourney');
    return Number(storedRuns(workbench)[0]?.manifest.interpreter.version.split('.')[1]);
  }
});
