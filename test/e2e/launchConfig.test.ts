import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { RunManifest } from '../../src/shared/manifest';
import { installProfilers } from '../helpers/profilers.mjs';
import { packageStub } from '../helpers/stubExtension';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { readLabel, startWorkbench, storedRuns, untilRecorded } from '../helpers/workbenchJourney';

const launching = join(process.cwd(), 'test', 'e2e', 'launching');

const hasPytest = spawnSync('python3', ['-c', 'import pytest']).status === 0;
const skip = hasPytest ? false : 'needs a python3 with pytest';

/** What `shop.jobs` says of how it was started. */
interface StartedWith {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | null>>;
}

describe('programs that are started as the user has configured them', () => {
  let workbench: Workbench;
  const file = (name: string) => join(workbench.folders[0] ?? '', name);

  before(async () => {
    // The kernel's environment has debugpy in it.
    const env = { PYROLENS_STUB_DEBUGPY: join(installProfilers('kernel'), 'python') };
    workbench = await startWorkbench({ folders: { launching }, env }, [
      packageStub('debugpy'),
      packageStub('tests'),
    ]);
  });
  after(() => workbench?.stop());
  afterEach(async () => {
    // A test that failed leaves its session.
    const stop = toolbar('Stop');
    if (await stop.isVisible()) await stop.click({ timeout: 3_000 }).catch(() => undefined);
    rmSync(file('started-with.json'), { force: true });
    await workbench.runCommand('View: Close All Editors');
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  /** Resolves with the manifest of the run that `start` leads to, when it has the state. */
  async function runOf(start: () => Promise<void>, state: RunManifest['state']): Promise<RunManifest> {
    const runCount = storedRuns(workbench).length;
    await start();
    const runs = await untilValue(
      `a run that is ${state}`,
      () => storedRuns(workbench),
      found => found.length > runCount && found[0]?.manifest.state === state,
      90_000,
    );
    return runs[0]?.manifest as RunManifest;
  }

  /** «Run and Debug» by an entry's name. */
  async function debug(name: string): Promise<void> {
    await until(`the entry ${name}`, async () => {
      await workbench.runCommand('Debug: Select and Start Debugging');
      return workbench.pick(name, 5_000);
    });
  }

  async function profileEntry(name: string): Promise<void> {
    await until(`the entry ${name}`, async () => {
      await workbench.runCommand('Pyrolens: Profile with Launch Configuration…');
      return workbench.pick(name, 5_000);
    });
  }

  const startedWith = () => JSON.parse(readFileSync(file('started-with.json'), 'utf8')) as StartedWith;
  const toolbar = (action: string) =>
    workbench.page.locator(`.debug-toolbar .action-label[aria-label^="${action}"]`);

  it('a module of launch.json gets its arguments and variables as they are written there', async () => {
    const manifest = await runOf(() => debug('Jobs'), 'ended');
    assert.deepEqual(startedWith(), {
      args: ['--label', 'two words', '$HOME "quoted"'],
      cwd: workbench.folders[0],
      env: { SHOP_REGION: 'Größe', SHOP_DATA: '/srv/shop/data', SHOP_BASE: '/srv/shop' },
      name: 'shop.jobs',
    });
    assert.equal(manifest.name, 'shop.jobs');
    assert.deepEqual(manifest.exit, { code: 0, signal: null });
    await untilRecorded(workbench);
    await workbench.openFile(file('shop/jobs.py'));
    await until('numbers on the lines', async () => (await workbench.editor.labels()).length > 0);
    await workbench.screenshot('launch-module');
  });

  it('Restart of the debug toolbar keeps the recording and starts another, Stop ends the program and keeps it', async () => {
    const runCount = storedRuns(workbench).length;
    await debug('Server');
    const isRecording = (texts: string[]) => texts.some(text => text.includes('is profiling server.py'));
    await untilValue('the recording', () => workbench.statusTexts(), isRecording, 60_000);
    await until('the program', async () => (await workbench.terminalText()).includes('serving with []'));
    await workbench.screenshot('launch-toolbar');
    await toolbar('Restart').click();
    await until('the second run', () => storedRuns(workbench).length === runCount + 2, 60_000);
    const [, first] = storedRuns(workbench);
    assert.equal(first?.manifest.state, 'stopped');
    await untilValue('the recording', () => workbench.statusTexts(), isRecording, 60_000);
    await until('the program', () => storedRuns(workbench)[0]?.manifest.programPid !== undefined);
    await toolbar('Stop').click();
    await until('its end', () => storedRuns(workbench)[0]?.manifest.exit !== undefined, 60_000);
    const [second] = storedRuns(workbench);
    assert.deepEqual(second?.manifest.exit, { code: null, signal: 'SIGTERM' });
    await untilRecorded(workbench);
    await until('no toolbar', async () => !(await toolbar('Stop').isVisible()));
    await workbench.openFile(file('server.py'));
    await until('numbers on the lines', async () => (await workbench.editor.labels()).length > 0);
    await workbench.screenshot('launch-stopped');
  });

  it('a debugpy entry is profiled unchanged, after its task, with the last choice offered first', async () => {
    const manifest = await runOf(() => profileEntry('Python: jobs'), 'ended');
    assert.deepEqual(startedWith().args, ['--fast', 'one word']);
    assert.ok(existsSync(file('prepared.txt')));
    assert.equal(manifest.engine, 'bundled-sampler');
    await untilRecorded(workbench);
    await workbench.runCommand('Pyrolens: Profile with Launch Configuration…');
    const rows = await untilValue(
      'the entries',
      () => workbench.quickPickRows(),
      found => found.some(row => row.startsWith('Python: jobs')),
    );
    await workbench.screenshot('launch-entries');
    assert.match(rows[0] ?? '', /^Python: jobs/);
    await workbench.pick('Python: attach');
    const said = await untilValue(
      'why it cannot be profiled',
      () => workbench.notifications(),
      texts => texts.length > 0,
    );
    assert.match(said.join(), /«Python: attach» attaches to a program/);
  });

  it('a pytest item of the Test Explorer is profiled: its body alone, often enough to be seen', {
    skip,
  }, async () => {
    await workbench.runCommand('Testing: Focus on Test Explorer View');
    const manifest = await runOf(async () => {
      await until('the button at the test', async () => {
        const row = workbench.page
          .locator('.test-explorer .monaco-list-row', { hasText: 'test_price' })
          .first();
        await row.hover({ timeout: 3_000 });
        await workbench.screenshot('launch-test-item');
        await row.locator('.action-label[aria-label^="Profile Test"]').click({ timeout: 3_000 });
        return true;
      });
    }, 'ended');
    assert.equal(manifest.name, 'test_price');
    assert.deepEqual(manifest.exit, { code: 0, signal: null });
    await untilRecorded(workbench);
    await workbench.openFile(file('tests/test_shop.py'));
    await workbench.editor.show(file('tests/test_shop.py'), 'total += abs');
    const label = await until('the body’s numbers', () => workbench.editor.label('total += abs'));
    assert.ok((readLabel(label.text).percent ?? 0) > 10, label.text);
    assert.equal(await workbench.editor.label('time.sleep(0.02)'), undefined);
    await workbench.screenshot('launch-test');
    assert.match(await workbench.terminalText(), /1 passed/);
  });

  it('a task of our type runs in a terminal, and its run stands among the others', async () => {
    const manifest = await runOf(async () => {
      await until('the task', async () => {
        await workbench.runCommand('Tasks: Run Task');
        return workbench.pick('profile jobs', 10_000);
      });
    }, 'ended');
    assert.equal(manifest.name, 'shop.jobs');
    const { args, env } = startedWith();
    assert.deepEqual([args, env['SHOP_REGION']], [['--from', 'a task'], 'task']);
    await untilValue(
      'the report',
      () => workbench.terminalText(),
      text => text.includes('Kept in'),
    );
    await workbench.runCommand('View: Show Pyrolens');
    const rows = await untilValue(
      'the run',
      () => workbench.treeRows(),
      found => found.length > 0,
    );
    assert.match(rows[0] ?? '', /shop\.jobs/);
    await workbench.screenshot('launch-task');
  });

  it('a module is asked for, with its arguments, and offered again', async () => {
    const manifest = await runOf(async () => {
      await workbench.runCommand('Pyrolens: Profile Module…');
      await workbench.answer('shop.jobs --from "the palette"');
    }, 'ended');
    assert.equal(manifest.script, '');
    assert.deepEqual(startedWith().args, ['--from', 'the palette']);
    await untilRecorded(workbench);
    await workbench.runCommand('Pyrolens: Profile Module…');
    const isOffered = (rows: string[]) => rows.some(row => row.startsWith('shop.jobs --from'));
    await untilValue('the last module', () => workbench.quickPickRows(), isOffered);
    await workbench.screenshot('launch-module-again');
    await workbench.page.keyboard.press('Escape');
  });

  it('a program under debugpy is recorded from the debug toolbar, and its run says that the debugger distorts it', async () => {
    await debug('Python: forever');
    const manifest = await runOf(async () => {
      await until('how long', async () => {
        await toolbar('Profile Debugged Program').click({ timeout: 10_000 });
        return workbench.pick('Until it is stopped', 5_000);
      });
      const bar = workbench.page.locator('.part.statusbar');
      const isRecording = (texts: string[]) => /Profiling [1-9]/.test(texts.join());
      await untilValue('a second of recording', () => bar.allInnerTexts(), isRecording, 60_000);
      await workbench.screenshot('launch-debugger');
      await workbench.runCommand('Pyrolens: Stop Profiling');
    }, 'stopped');
    assert.deepEqual([manifest.name, manifest.isUnderDebugger], ['server.py', true]);
    assert.match(manifest.command.join(' '), /debugpy .*server\.py/);
    await untilRecorded(workbench);
    const frame = await workbench.result.frame();
    await frame.locator('.notes pyrolens-button').click();
    const notes = await frame.locator('dialog[open]').textContent();
    assert.match(notes ?? '', /Distorted by the debugger/);
    await workbench.screenshot('launch-debugger-notes');
    await toolbar('Stop').click();
    await until('the end of it', async () => !(await toolbar('Stop').isVisible()));
  });

  it('a session of ours has no record button in its toolbar', async () => {
    await debug('Server');
    await toolbar('Stop').waitFor({ timeout: 30_000 });
    await until('no such button', async () => !(await toolbar('Profile Debugged Program').isVisible()));
    await toolbar('Stop').click();
    await until('the end of it', async () => !(await toolbar('Stop').isVisible()));
    await untilRecorded(workbench);
  });

  it('a wrong value is one sentence, and launch.json opens', async () => {
    await debug('Wrong');
    const said = await untilValue(
      'the sentence',
      () => workbench.notifications(),
      texts => texts.length > 0,
    );
    assert.match(
      said.join(),
      /«Wrong» cannot be profiled as it is configured: «args» must be a text or a list/,
    );
    await workbench.page.waitForSelector('.tab.active[data-resource-name="launch.json"]', {
      timeout: 20_000,
    });
    await workbench.screenshot('launch-wrong');
  });
});
