import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { openProfile, readLabel, startWorkbench } from '../helpers/workbenchJourney';

/** As if recorded in a folder that no machine of ours has; the length stays, so the file stays whole. */
const profile = Buffer.from(
  readFileSync('test/fixtures/profiles/agreement/cprofile.pstats', 'latin1').replaceAll('/tmp/', '/srv/'),
  'latin1',
);
const program = join(process.cwd(), 'test', 'fixtures', 'programs', 'agreement.py');
const themes = ['light', 'highContrast', 'dark'] as const;

/** A workbench on a folder with these files: `program` is where the profile's source lies. */
async function openFolder(programName: string, others: Readonly<Record<string, Uint8Array>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-foreign-'));
  const files = { [programName]: readFileSync(program), 'cprofile.pstats': profile, ...others };
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  const workbench = await startWorkbench({ folders: { project: folder } });
  rmSync(folder, { recursive: true });
  return { workbench, file: (name: string) => join(workbench.folders[0] ?? '', name) };
}

/** The labels on the three functions' `def` lines are half, three tenths and two tenths of the run. */
async function assertAgreement(workbench: Workbench): Promise<void> {
  for (const [definition, percent] of [
    ['def half', 50],
    ['def three_tenths', 30],
    ['def two_tenths', 20],
  ] as const) {
    const label = await until(`the label of ${definition}`, () => workbench.editor.label(definition));
    assert.equal(readLabel(label.text).percent, percent, label.text);
  }
}

const explorerRow = (workbench: Workbench, name: string) =>
  workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();

/** Resolves when the result editor says it. */
function panelText(workbench: Workbench, wanted: string | RegExp): Promise<string> {
  return untilValue(
    'the result editor',
    () => workbench.result.text(),
    text => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)),
    60_000,
  );
}

async function clickFunction(workbench: Workbench, name: string): Promise<void> {
  const frame = await workbench.result.frame();
  // A run with gaps opens on the list of them.
  await frame.getByRole('tab', { name: 'Top functions' }).click({ timeout: 90_000 });
  const row = frame.locator('.grid-body .grid-row', { hasText: name }).first();
  await row.waitFor({ timeout: 90_000 });
  await row.click();
}

/** Answers the simple file dialog: it fills in a folder when that is read, and may take a first Enter as «go there». */
async function chooseFile(workbench: Workbench, path: string, isDone: () => Promise<unknown>): Promise<void> {
  const box = workbench.page.locator('.quick-input-widget input').first();
  await untilValue(
    'the dialog',
    () => workbench.quickInputText(),
    text => text.startsWith('/'),
  );
  await until('the chosen file', async () => {
    if (await isDone()) return true;
    // A dialog that is closing takes nothing any more.
    const isTyped = await box.fill(path, { timeout: 1_000 }).then(
      () => true,
      () => false,
    );
    if (isTyped) await workbench.page.keyboard.press('Enter');
    return isDone();
  });
}

describe('a profile that another tool has made', () => {
  let workbench: Workbench;
  let file: (name: string) => string;

  before(async () => {
    const packed = gzipSync(profile);
    ({ workbench, file } = await openFolder('agreement.py', {
      'profile.out': profile,
      'broken.pstats': packed.subarray(0, packed.length / 2),
      'unknown.prof': Buffer.from('{"this": "is no profile"}'),
      'data.json': Buffer.from('{"this": "is data"}'),
    }));
  });
  after(() => workbench?.stop());

  const isResult = async (name: string) =>
    (await workbench.result.isOpen()) && (await workbench.result.text()).includes(name);
  it('opens from the Explorer, says what it is, and puts its numbers on the lines of the source', async () => {
    await workbench.runCommand('View: Show Explorer');
    await openProfile(workbench, () => explorerRow(workbench, 'cprofile.pstats').click());
    await until('the profile', () => isResult('three_tenths'), 90_000);
    assert.match(await workbench.result.text(), /cprofile\.pstats\s+1\.00 s · pstats/);
    await workbench.screenshot('foreign-opened');
    await clickFunction(workbench, 'three_tenths');
    await until('the source', () => workbench.page.$('.tab[data-resource-name="agreement.py"]'));
    await assertAgreement(workbench);
    const lens = await until('the lens', async () =>
      (await workbench.editor.lenses()).find(({ text }) => text.startsWith('500 ms total')),
    );
    assert.match(lens.text, /10 calls/);
    await workbench.screenshot('foreign-lines');
  });

  it('lists what is to be known of it', async () => {
    const frame = await workbench.result.frame();
    await frame.locator('.notes pyrolens-button').click();
    const dialog = frame.locator('dialog[open]');
    assert.match((await dialog.textContent()) ?? '', /About this recording[\s\S]*cProfile slows down code/);
    await workbench.screenshot('foreign-notes');
    await dialog.locator('pyrolens-button').click();
    await until('the list to close', async () => (await frame.locator('dialog[open]').count()) === 0);
  });

  it('opens by the command, whatever its name', async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.runCommand('Pyrolens: Open Profile…');
    await chooseFile(workbench, file('profile.out'), () => isResult('three_tenths'));
    await panelText(workbench, 'profile.out');
    await workbench.openFile(file('agreement.py'));
    await assertAgreement(workbench);
  });

  it('is offered in the menu of files that may be a profile, and leaves JSON to the text editor', async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile(file('data.json'));
    assert.equal(await workbench.result.isOpen(), false);
    await workbench.runCommand('View: Show Explorer');
    await explorerRow(workbench, 'data.json').click({ button: 'right' });
    const entry = workbench.page
      .locator('.monaco-menu .action-item', { hasText: 'Open with Pyrolens' })
      .first();
    await entry.waitFor();
    await workbench.screenshot('foreign-menu');
    await until('the menu to take the click', async () => {
      await entry.click({ timeout: 1_000 }).catch(() => undefined);
      return !(await entry.isVisible());
    });
    await panelText(workbench, /data\.json cannot be read as a profile: it is in none of the formats/);
    await workbench.screenshot('foreign-unknown');
  });

  it('says in one sentence what is wrong with a damaged file, with one thing to do', async () => {
    await workbench.openPath(file('broken.pstats'));
    await panelText(workbench, /broken\.pstats cannot be read as a profile: its packed data is damaged/);
    const buttons = (await workbench.result.frame()).locator('.state-pane pyrolens-button');
    assert.deepEqual(await buttons.allInnerTexts(), ['Open Another Profile…']);
    await workbench.openPath(file('unknown.prof'));
    await panelText(workbench, /unknown\.prof cannot be read as a profile/);
  });
});

describe('a profile that says how much and not when', () => {
  const fixture = (path: string) => readFileSync(join('test', 'fixtures', 'profiles', path));
  let workbench: Workbench;

  before(async () => {
    const threads = fixture('speedscope/py-spy-threads.json');
    ({ workbench } = await openFolder('agreement.py', {
      'py-spy.collapsed': fixture('agreement/py-spy.raw'),
      'memory.speedscope.json': fixture('speedscope/memray.json'),
      'cut.speedscope.json': threads.subarray(0, Math.floor(threads.length * 0.8)),
    }));
  });
  after(() => workbench?.stop());

  const view = async (name: string) =>
    (await workbench.result.frame()).locator('.view-switch pyrolens-button', { hasText: name });

  it('shows another of its measurements when asked to', async () => {
    await openProfile(workbench, () => explorerRow(workbench, 'memory.speedscope.json').click());
    await panelText(workbench, /1\.60 MB/);
    await workbench.result.untilPainted();
    await workbench.screenshot('foreign-bytes');
    const frame = await workbench.result.frame();
    await frame.locator('.header-more').click();
    await frame.locator('.value-list').click();
    await workbench.screenshot('foreign-values');
    await frame.locator('.value-list pyrolens-option', { hasText: 'Allocations' }).click();
    await panelText(workbench, /1,023 Allocations(?![\s\S]*\d MB)/);
    await workbench.result.untilPainted();
    await workbench.screenshot('foreign-allocations');
  });

  it('keeps what a damaged file still holds, and lists what is lost with its place', async () => {
    await workbench.runCommand('View: Close All Editors');
    await openProfile(workbench, () => explorerRow(workbench, 'cut.speedscope.json').click());
    await workbench.result.untilPainted();
    const frame = await workbench.result.frame();
    await frame.locator('.notes pyrolens-button').click();
    const text = (await frame.locator('dialog[open]').textContent()) ?? '';
    assert.match(text, /Damaged or left out.*cut\.speedscope\.json, byte [\d,]+/);
    await workbench.screenshot('foreign-damaged');
    // A dialog of the page leaves the workbench its keys.
    await workbench.runCommand('View: Close All Editors');
  });

  it('stands in left-heavy order, says why there is no other, and counts samples', async () => {
    await openProfile(workbench, () => explorerRow(workbench, 'py-spy.collapsed').click());
    const text = await panelText(workbench, 'three_tenths');
    assert.match(text, /py-spy\.collapsed\s+426 samples · collapsed/);
    assert.doesNotMatch(text, /wall clock|\d (ns|ms|s)\b|Only \d+ samples/i);
    assert.ok((await workbench.statusTexts()).some(each => each.endsWith('100 % is 426')));
    await workbench.result.untilPainted();
    const time = await view('Time order');
    assert.equal(await time.getAttribute('disabled'), '');
    assert.match((await time.getAttribute('title')) ?? '', /does not say when its samples were taken/);
    assert.equal(await (await view('Left-heavy')).getAttribute('aria-pressed'), 'true');
    await workbench.screenshot('foreign-counts');
    await clickFunction(workbench, 'half');
    const label = await until('the label', () => workbench.editor.label('sum(range(100))'));
    assert.match(label.text, /^174 · 41%$/);
    await workbench.screenshot('foreign-counts-lines');
  });

  for (const theme of themes) {
    it(`is there again beside its source after a reload, in the ${theme} theme`, async () => {
      await workbench.useTheme(theme);
      await workbench.result.untilPainted();
      await panelText(workbench, 'three_tenths');
      await until('labels', async () => (await workbench.editor.labels()).length > 0);
      await workbench.screenshot(`foreign-${theme}`);
    });
  }
});

describe('a profile whose source is somewhere else', () => {
  let workbench: Workbench;
  let file: (name: string) => string;

  before(async () => {
    ({ workbench, file } = await openFolder(join('src', 'inner', 'agreement.py')));
    await openProfile(workbench, () => explorerRow(workbench, 'cprofile.pstats').click());
  });
  after(() => workbench?.stop());

  it('is asked for once, and remembered as a path mapping', async () => {
    await clickFunction(workbench, 'three_tenths');
    await untilValue(
      'the question',
      () => workbench.notifications(),
      texts => texts.some(text => text.includes('/srv/pyrolens-fixtures/agreement.py was not found here')),
    );
    await workbench.screenshot('foreign-missing');
    await workbench.pressInNotification('Locate File…');
    const hasSource = () => workbench.page.$('.tab[data-resource-name="agreement.py"]');
    await chooseFile(workbench, file('src/inner/agreement.py'), hasSource);
    await assertAgreement(workbench);
    const settings = file('.vscode/settings.json');
    assert.ok(existsSync(settings));
    assert.deepEqual(JSON.parse(readFileSync(settings, 'utf8')), {
      'pyrolens.pathMappings': [{ from: '/srv/pyrolens-fixtures', to: `\${workspaceFolder}/src/inner` }],
    });
    await workbench.screenshot('foreign-located');
  });

  it('is found without asking from then on', async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.reload();
    await openProfile(workbench, () => explorerRow(workbench, 'cprofile.pstats').click());
    await clickFunction(workbench, 'two_tenths');
    await until('the source', () => workbench.page.$('.tab[data-resource-name="agreement.py"]'));
    await assertAgreement(workbench);
    assert.deepEqual(await workbench.notifications(), []);
  });

  it('follows mappings that are written by hand', async () => {
    cpSync(file('src/inner'), file('moved'), { recursive: true });
    writeFileSync(
      file('.vscode/settings.json'),
      JSON.stringify({ 'pyrolens.pathMappings': [{ from: '/srv', to: file('nowhere') }] }),
    );
    await until('no numbers', async () => (await workbench.editor.labels()).length === 0);
    const mappings = [{ from: '/srv/pyrolens-fixtures/', to: `\${workspaceFolder}/moved` }];
    writeFileSync(file('.vscode/settings.json'), JSON.stringify({ 'pyrolens.pathMappings': mappings }));
    await workbench.openFile(file('moved/agreement.py'));
    await assertAgreement(workbench);
  });
});
