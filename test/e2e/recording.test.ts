import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import {
  profile,
  programs,
  readLabel,
  startWorkbench,
  storedRuns,
  untilRecorded,
} from '../helpers/workbenchJourney';

describe('recording programs of all kinds', () => {
  let workbench: Workbench;
  const file = (name: string) => join(workbench.folders[0] ?? '', name);

  before(async () => {
    workbench = await startWorkbench({ folders: { 'Größe & Maß 計測': programs } });
  });
  after(() => workbench?.stop());
  afterEach(async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  /** The label of a line of one of the programs, scrolled into view. */
  async function labelOf(name: string, text: string) {
    await workbench.editor.show(file(name), text);
    return until(`the label of «${text}»`, () => workbench.editor.label(text));
  }

  it('agrees with what a program measures of itself, in a folder with spaces and foreign letters', async () => {
    await profile(workbench, file('measured.py'));
    const truth = await until('the program’s own figures', async () => {
      const found = /\{"busy": ([\d.]+), "idle": ([\d.]+), "total": ([\d.]+)\}/.exec(
        await workbench.terminalText(),
      );
      return found && { busy: Number(found[1]), idle: Number(found[2]), total: Number(found[3]) };
    });
    const busy = readLabel((await labelOf('measured.py', '# busy')).text);
    const idle = readLabel((await labelOf('measured.py', '# idle')).text);
    const isNear = (labelMs: number, seconds: number) =>
      Math.abs(labelMs / 1000 - seconds) < 0.05 * truth.total;
    assert.ok(isNear(idle.durationMs, truth.idle), `idle ${idle.durationMs} ms, truth ${truth.idle} s`);
    assert.ok(isNear(busy.durationMs, truth.busy), `busy ${busy.durationMs} ms, truth ${truth.busy} s`);
  });

  it('leaves standard input, arguments, __main__ and the exit code as they are', async () => {
    await workbench.openFile(file('asks.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await untilValue(
      'the question',
      () => workbench.terminalText(),
      text => text.includes('name?'),
      60_000,
    );
    await workbench.typeInTerminal('Ada');
    await untilValue(
      'the answer',
      () => workbench.terminalText(),
      text => text.includes('hello Ada, main is __main__, 0 arguments'),
    );
    await until('the exit code', () => storedRuns(workbench)[0]?.manifest.exit?.code === 3);
  });

  it('shows what was measured of a program that crashes, with its traceback', async () => {
    await profile(workbench, file('crashes.py'));
    const terminal = await untilValue(
      'the traceback',
      () => workbench.terminalText(),
      text => text.includes('ValueError'),
    );
    assert.match(terminal, /Traceback \(most recent call last\)/);
    assert.doesNotMatch(terminal, /pyrolens_collect|sitecustomize/);
    const said = await untilValue(
      'the sentence',
      () => workbench.notifications(),
      texts => texts.some(text => text.includes('exit code 1')),
    );
    assert.ok(
      said.some(text => /crashes\.py ended with exit code 1/.test(text)),
      said.join(),
    );
    assert.match((await labelOf('crashes.py', 'sum(range(1000))')).text, /ms|s/);
    await workbench.screenshot('recording-crash');
  });

  it('keeps what was recorded when stopped half-way, and lets the program go on', async () => {
    await workbench.openFile(file('patient.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await untilValue(
      'two seconds of recording',
      () => workbench.statusTexts(),
      texts => texts.some(text => text.includes('is profiling')),
      60_000,
    );
    await until('elapsed time', async () =>
      /Profiling [2-9] s/.test((await workbench.page.locator('.part.statusbar').allInnerTexts()).join()),
    );
    await workbench.screenshot('recording-running');
    await workbench.runCommand('Pyrolens: Stop Profiling');
    await untilRecorded(workbench);
    const label = await labelOf('patient.py', 'sum(n * n');
    assert.ok(readLabel(label.text).durationMs > 1000, label.text);
    assert.doesNotMatch(await workbench.terminalText(), /patient has ended/);
    await workbench.typeInTerminal('');
    await untilValue(
      'the program’s own end',
      () => workbench.terminalText(),
      text => text.includes('patient has ended'),
    );
  });

  it('shows the numbers while the program runs, holds them still when asked, and follows again', async () => {
    await workbench.openFile(file('patient.py'));
    await workbench.runCommand('Pyrolens: Clear');
    await workbench.runCommand('Pyrolens: Profile Current File');
    const loopLabel = async () => (await workbench.editor.label('sum(n * n'))?.text ?? '';
    const first = await untilValue('a number', loopLabel, text => /\d/.test(text), 60_000);
    const later = await untilValue('a larger one', loopLabel, text => readLabel(text).durationMs > 2_500);
    assert.notEqual(later, first);
    const frame = await workbench.result.frame();
    await until('the flame graph', () => frame.locator('.flame-boxes').isVisible());
    await until('the mark', async () => (await frame.locator('.live-text').textContent()) === 'Recording');
    await workbench.screenshot('recording-live');
    await frame.locator('.live').getByTitle('Pause the Picture').click();
    await until('the pause', async () =>
      /paused/.test((await frame.locator('.live-text').textContent()) ?? ''),
    );
    const held = await loopLabel();
    const elapsed = async () =>
      Number(
        /Profiling (\d+) s/.exec((await workbench.page.locator('.part.statusbar').textContent()) ?? '')?.[1],
      );
    const pausedAt = await elapsed();
    await untilValue('three seconds', elapsed, seconds => seconds >= pausedAt + 3);
    assert.equal(await loopLabel(), held);
    await frame.locator('.live').getByTitle('Follow Again').click();
    await untilValue(
      'what was missed',
      loopLabel,
      text => readLabel(text).durationMs > readLabel(held).durationMs,
    );
    await frame.locator('.live').getByTitle('Stop Profiling').click();
    await untilRecorded(workbench);
    await until('the end of the mark', () => frame.locator('.live').isHidden());
    await workbench.typeInTerminal('');
  });

  it('stops on a click on the status item', async () => {
    await workbench.openFile(file('patient.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await until('elapsed time', async () =>
      /Profiling [1-9] s/.test((await workbench.page.locator('.part.statusbar').allInnerTexts()).join()),
    );
    await workbench.clickStatus('Profiling');
    await untilRecorded(workbench);
    await workbench.typeInTerminal('');
  });

  it('counts calls exactly, at the functions’ def lines', async () => {
    await workbench.openFile(file('calls.py'));
    await workbench.runCommand('Pyrolens: Profile Current File (Call Counts)');
    await untilRecorded(workbench);
    const lenses = await untilValue(
      'lenses with calls',
      () => workbench.editor.lenses(),
      found => found.some(lens => lens.text.includes('300,000 calls')),
    );
    assert.ok(
      lenses.some(lens => lens.text.includes('300 calls')),
      JSON.stringify(lenses),
    );
    const definitions = [
      await workbench.editor.lineOf('def leaf'),
      await workbench.editor.lineOf('def branch'),
    ];
    for (const { line } of await workbench.editor.labels())
      assert.ok(definitions.includes(line), `line ${line}`);
    await workbench.screenshot('recording-counts');
  });

  it('says in one sentence that the chosen interpreter does not exist', async () => {
    workbench.server.writeSettings({ 'pyrolens.python': '/nowhere/python3' });
    await workbench.openFile(file('calls.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    const said = await untilValue(
      'the sentence',
      () => workbench.notifications(),
      texts => texts.length > 0,
    );
    assert.match(said.join(), /\/nowhere\/python3/);
    await workbench.screenshot('recording-no-interpreter');
    workbench.server.writeSettings({});
  });

  it('writes nothing into the workspace', async () => {
    const { readdirSync } = await import('node:fs');
    const left = readdirSync(workbench.folders[0] ?? '').filter(name => name !== '__pycache__');
    assert.deepEqual(
      left.sort(),
      readdirSync(programs)
        .filter(name => name !== '__pycache__')
        .sort(),
    );
  });
});
