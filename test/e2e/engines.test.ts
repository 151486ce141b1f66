import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { localPythons } from '../helpers/localPythons';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { programs, startWorkbench, storedRuns, untilRecorded } from '../helpers/workbenchJourney';

const python = localPythons().find(({ version }) => ['3.11', '3.12', '3.10'].includes(version));
const skip = python === undefined && 'needs a Python from 3.10 to 3.12';
const install = 'Install py-spy into Pyrolens’s own tools folder';
const instead = 'Use the bundled sampler instead';

describe('engines', { skip }, () => {
  let workbench: Workbench;
  const file = (name: string) => join(workbench.folders[0] ?? '', name);
  const dialog = () => workbench.page.locator('.monaco-dialog-box');
  /** The engine in the settings: in a remote window those of the machine come before the user's, and are changed. */
  const engineInSettings = () => {
    const text = readFileSync(join(workbench.server.userData, 'Machine', 'settings.json'), 'utf8');
    return (JSON.parse(text) as Record<string, unknown>)['pyrolens.engine'];
  };

  before(async () => {
    workbench = await startWorkbench({
      folders: { programs },
      settings: { 'pyrolens.engine': 'py-spy', 'pyrolens.result.openAfterRun': false },
    });
    // An environment of the workspace's own: whatever is installed elsewhere does not count.
    execFileSync(python?.path ?? '', ['-m', 'venv', file('.venv')], { stdio: 'pipe' });
  });
  after(() => workbench?.stop());
  afterEach(async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.dismissNotifications();
  });

  /** Asks for a profile and resolves when the dialog is there that says why py-spy cannot run. */
  async function askForProfile(): Promise<string> {
    await workbench.openFile(file('calls.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await dialog().waitFor({ timeout: 30_000 });
    return (await dialog().textContent()) ?? '';
  }

  const press = (label: string) => dialog().locator('.monaco-button', { hasText: label }).first().click();

  /** What is visible of the report, in one line. */
  async function report(): Promise<string> {
    return [...(await workbench.editor.lines()).values()].join(' ').replace(/\s+/g, ' ');
  }

  it('that are missing are said to be, and whoever wants none of the offers starts nothing', async () => {
    const text = await askForProfile();
    assert.match(text, /py-spy is not installed: neither beside .*\.venv.*, nor on PATH\./);
    assert.match(text, /Your environment is not changed\./);
    for (const label of [install, instead]) assert.ok(text.includes(label), label);
    await workbench.screenshot('engine-missing');
    await press('Cancel');
    await untilValue(
      'the end of it',
      () => workbench.statusTexts(),
      texts => !texts.some(status => status.includes('Starting')),
    );
    assert.deepEqual(storedRuns(workbench), []);
  });

  it('can be replaced for this run by the bundled sampler', async () => {
    await askForProfile();
    await press(instead);
    await untilRecorded(workbench);
    const [run] = storedRuns(workbench);
    assert.equal(run?.manifest.engine, 'bundled-sampler');
    assert.equal(run?.manifest.state, 'ended');
    assert.equal(engineInSettings(), 'py-spy', 'the choice stays');
  });

  it('are reported by Doctor, which installs one at a click; then it records', async () => {
    await workbench.runCommand('Pyrolens: Clear');
    await workbench.runCommand('View: Hide Panel');
    await workbench.runCommand('Pyrolens: Doctor');
    const missing = await untilValue('the report', report, text => text.includes('Austin'), 60_000);
    assert.match(missing, /Pyrolens Doctor Interpreter/);
    assert.match(missing, /CPython 3\.1\d\.\d+ .*\.venv/);
    assert.match(missing, /✓ bundled sampler comes with Pyrolens Gives: lines/);
    assert.match(missing, /✗ py-spy py-spy is not installed/);
    await until('the lens', async () =>
      (await workbench.editor.lenses()).some(({ text }) => text === install),
    );
    await workbench.screenshot('doctor');
    await workbench.editor.clickLens(install);
    await untilValue('py-spy', report, text => /✓ py-spy 0\.\d/.test(text), 120_000);
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile(file('calls.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await untilRecorded(workbench);
    const [run] = storedRuns(workbench);
    assert.equal(run?.manifest.engine, 'py-spy');
    assert.match(run?.manifest.engineVersion ?? '', /^0\.\d/);
  });

  it('are selected from a list that says what each gives and which can run', async () => {
    await workbench.openFile(file('calls.py'));
    await workbench.runCommand('Pyrolens: Select Engine…');
    const rows = await untilValue(
      'the engines',
      () => workbench.quickPickRows(),
      all => all.some(row => row.includes('bundled tracer')),
      60_000,
    );
    const row = (name: string) => rows.find(text => text.includes(name)) ?? '';
    assert.match(row('py-spy'), /current/);
    assert.match(row('profiling.sampling'), /needs Python 3\.15 or later/);
    assert.match(row('cProfile'), /exact call counts/);
    await workbench.screenshot('select-engine');
    // Rows that have to be scrolled to do not exist yet.
    await workbench.page.keyboard.type('VizTracer');
    const [vizTracer = ''] = await untilValue(
      'the row of VizTracer',
      () => workbench.quickPickRows(),
      all => all[0]?.includes('VizTracer') ?? false,
    );
    assert.match(vizTracer, /exact call counts.* — VizTracer is not installed/);
    await workbench.page.locator('.quick-input-widget input').first().fill('');
    assert.ok(await workbench.pick('cProfile'));
    await untilValue('the setting', engineInSettings, engine => engine === 'cprofile');
  });
});
