import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { installProfilers } from '../helpers/profilers.mjs';
import { type RunningServer, serverSource, startServer } from '../helpers/runningServer';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { programs, readLabel, startWorkbench, storedRuns, untilRecorded } from '../helpers/workbenchJourney';

const workText = 'sum(n * n for n in range(200))';

describe('attaching to a running server', () => {
  const bin = installProfilers();
  let workbench: Workbench;
  let server: RunningServer;
  let script = '';

  before(async () => {
    workbench = await startWorkbench({ folders: { 'my programs': programs } });
    script = join(workbench.folders[0] ?? '', 'serve.py');
    writeFileSync(script, serverSource);
    // py-spy lies beside its interpreter.
    server = await startServer([join(bin, 'python')], script);
  });
  after(async () => {
    server?.child.kill('SIGKILL');
    await workbench?.stop();
  });
  afterEach(async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  /** The rows of the list of processes, down to the server's. Others may have begun theirs since. */
  async function rowsToServer(filter = 'Python '): Promise<string[]> {
    await workbench.runCommand('Pyrolens: Attach to Process…');
    await workbench.page.locator('.quick-input-widget input').first().fill(filter);
    const isServer = (row: string) => row.includes(`${server.pid} · Python`);
    const rows = await untilValue(
      'the server in the list',
      () => workbench.quickPickRows(),
      found => found.some(isServer),
    );
    return rows.slice(0, rows.findIndex(isServer) + 1);
  }

  async function attachToServer(): Promise<void> {
    // Of many programs only the first are drawn.
    await rowsToServer(`${server.pid} · Python`);
    assert.ok(await workbench.pick(`${server.pid} · Python`, 5_000));
  }

  /** The choices for how long. */
  async function durations(): Promise<string[]> {
    const isThere = (rows: string[]) => rows.includes('Other…');
    return untilValue('the durations', () => workbench.quickPickRows(), isThere);
  }

  async function untilRecording(): Promise<void> {
    const bar = workbench.page.locator('.part.statusbar');
    await until('a second of recording', async () =>
      /Profiling [1-9]/.test((await bar.allInnerTexts()).join()),
    );
  }

  it('shows Python programs first, with their version, age and work', async () => {
    const rows = await rowsToServer();
    const facts = `serve\\.py.*${server.pid} · Python 3\\.\\d+\\.\\d+ · running .* · \\d+ % CPU`;
    assert.match(rows.at(-1) ?? '', new RegExp(facts));
    for (const row of rows) assert.match(row, /· (Python|PyPy)/);
    await workbench.screenshot('attach-processes');
    await workbench.page.keyboard.press('Escape');
  });

  it('records until it is stopped; the server goes on serving, and its lines have numbers', async () => {
    await workbench.openFile(script);
    await attachToServer();
    assert.match((await durations())[0] ?? '', /^Until it is stopped/);
    assert.ok(await workbench.pick('Until it is stopped', 5_000));
    await untilRecording();
    assert.equal(await server.answer(), 'served');
    await workbench.screenshot('attach-recording');
    await workbench.runCommand('Pyrolens: Stop Profiling');
    await untilRecorded(workbench);
    assert.equal(await server.answer(), 'served');
    await workbench.result.untilPainted();
    await workbench.editor.show(script, workText);
    const label = await until('the number of the line', () => workbench.editor.label(workText));
    assert.ok(readLabel(label.text).durationMs > 200, label.text);
    await workbench.screenshot('attach-result');
    const [run] = storedRuns(workbench);
    assert.deepEqual([run?.manifest.engine, run?.manifest.state], ['py-spy', 'stopped']);
    assert.equal(run?.manifest.attached?.root, '/');
  });

  it('records for a chosen time, which is the first choice from then on', async () => {
    await attachToServer();
    await durations();
    assert.ok(await workbench.pick('Other…', 5_000));
    await until('the question', () =>
      workbench.page.locator('.quick-input-title').filter({ hasText: 'Seconds to record' }).count(),
    );
    await workbench.page.keyboard.type('2');
    await workbench.page.keyboard.press('Enter');
    await untilRecording();
    const [before] = storedRuns(workbench);
    await untilRecorded(workbench);
    await until('the end', () => storedRuns(workbench)[0]?.manifest.durationNs);
    const [run] = storedRuns(workbench);
    assert.equal(run?.dir, before?.dir);
    const seconds = (run?.manifest.durationNs ?? 0) / 1e9;
    assert.ok(seconds > 1 && seconds < 4, `${seconds} s`);
    assert.equal(await server.answer(), 'served');
    await attachToServer();
    assert.match((await durations())[0] ?? '', /^2 seconds/);
    await workbench.screenshot('attach-how-long');
    await workbench.page.keyboard.press('Escape');
  });

  it('shows what was recorded until the server was killed', async () => {
    await attachToServer();
    await durations();
    assert.ok(await workbench.pick('Until it is stopped', 5_000));
    await untilRecording();
    server.child.kill('SIGKILL');
    await server.ended();
    await untilRecorded(workbench);
    await until('the end', () => storedRuns(workbench)[0]?.manifest.state === 'ended');
    const said = await workbench.terminalText();
    assert.match(said, /serve\.py has ended after/);
    await workbench.screenshot('attach-killed');
  });
});
