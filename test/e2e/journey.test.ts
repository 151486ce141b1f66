import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { profile, readLabel, sampleWorkspace, startWorkbench, storedRuns } from '../helpers/workbenchJourney';

describe('profiling the voice agent, from the palette to the source and back', () => {
  let workbench: Workbench;
  const file = (name: string) => join(workbench.folders[0] ?? '', name);

  before(async () => {
    workbench = await startWorkbench({ folders: { 'voice agent': sampleWorkspace } });
    await profile(workbench, file('voice_agent.py'));
  });
  after(() => workbench?.stop());

  /** The label of a line of the voice agent, scrolled into view. */
  async function labelOf(text: string) {
    await workbench.editor.show(file('voice_agent.py'), text);
    return until(`the label of «${text}»`, () => workbench.editor.label(text));
  }

  /** The lens above a function of the voice agent, scrolled into view. */
  async function lensAbove(definition: string) {
    await workbench.editor.show(file('voice_agent.py'), definition);
    return until(`the lens above «${definition}»`, async () => {
      const line = await workbench.editor.lineOf(definition);
      return (await workbench.editor.lenses()).find(lens => lens.line === line);
    });
  }

  it('writes time and share behind the hot lines', async () => {
    const blocking = await labelOf('# the mistake');
    const { durationMs, percent } = readLabel(blocking.text);
    // 24 turns of 40 ms; the machine may be busy, never faster: then the share is smaller, too.
    assert.ok(durationMs > 900 && durationMs < 2500, blocking.text);
    assert.ok(percent !== undefined && percent > 2 && percent < 50, blocking.text);
  });

  it('says that a waiting line waits, and for what', async () => {
    const label = await labelOf('# the mistake');
    assert.match(label.text, /^‖ sleep /);
  });

  it('gives an await line the time that its task waited', async () => {
    const label = await labelOf('run_in_executor(pool');
    assert.match(label.text, /‖/);
  });

  it('tints hot lines and marks them in the overview ruler', async () => {
    const { line } = await labelOf('# the mistake');
    const tints = await workbench.editor.tints();
    assert.ok(
      tints.some(tint => tint.line === line),
      JSON.stringify(tints),
    );
    assert.ok((await workbench.editor.rulerColors()).size > 1);
  });

  it('never lets a share exceed the whole', async () => {
    const labels = await workbench.editor.labels();
    assert.ok(labels.length >= 5, `${labels.length} labels`);
    for (const { text } of labels) assert.ok((readLabel(text).percent ?? 0) <= 100, text);
  });

  it('puts one CodeLens above the functions that matter', async () => {
    // The editor asks for lenses at its leisure: for a moment those of the running program may stand there.
    await untilValue(
      'the lens of the whole run',
      () => lensAbove('def fetch_voice'),
      ({ text }) => readLabel(text).durationMs > 900,
    );
    for (const lens of await workbench.editor.lenses())
      assert.match(lens.text, /^[\d.]+ \S+ total · .* samples?/);
  });

  it('tells wall, CPU, share and samples in the hover', async () => {
    await workbench.editor.show(file('voice_agent.py'), '# the mistake');
    const isOurs = (text: string) => /samples/i.test(text);
    const text = await workbench.editor.hover('# the mistake', 'sleep', isOurs);
    assert.match(text, /wall/i);
    assert.match(text, /CPU/);
    assert.match(text, /±/);
    await workbench.screenshot('journey-hover-dark');
    await workbench.picture('hover');
    await workbench.page.mouse.move(700, 840);
  });

  it('opens the result editor beside the source with a painted flame graph', async () => {
    await workbench.result.untilPainted();
    const text = await workbench.result.text();
    assert.match(text, /voice_agent\.py/);
    assert.match(text, /samples/);
    await workbench.screenshot('journey-dark');
  });

  it('focuses the flame graph on the function whose lens is clicked', async () => {
    const lens = await lensAbove('def fetch_voice');
    await workbench.editor.clickLens(lens.text);
    await untilValue(
      'the function in the result editor',
      () => workbench.result.text(),
      text => text.includes('fetch_voice'),
    );
    await workbench.screenshot('journey-lens-focused');
  });

  it('puts the caret on the line of a clicked frame, in the middle, and keeps the focus', async () => {
    await workbench.runCommand('View: Hide Panel');
    await workbench.result.press('0');
    const point = await workbench.result.findFrame(text => text.startsWith('best_reply\n'));
    await workbench.result.click(point);
    await until('the file', () => workbench.page.$('.tab.active[data-resource-name="tokens.py"]'));
    const caret = await untilValue(
      'the caret',
      () => workbench.editor.caret(),
      ({ line }) => line > 1,
    );
    const text = (await workbench.editor.lines()).get(caret.line);
    assert.ok(text !== undefined && /best_reply|max\(REPLIES/.test(text), `line ${caret.line}: ${text}`);
    assert.ok(caret.height > 0.2 && caret.height < 0.8, `caret at ${caret.height} of the height`);
    const hasFocus = await (await workbench.result.frame()).evaluate(() => document.hasFocus());
    assert.ok(hasFocus, 'the flame graph keeps the keyboard');
  });

  it('narrows the numbers on the lines to the clicked frame until Escape', async () => {
    const narrowed = await untilValue(
      'the narrowed scale',
      () => workbench.statusTexts(),
      texts => texts.some(text => text.startsWith('Timings narrowed to')),
    );
    assert.ok(
      narrowed.some(text => text.includes('best_reply')),
      narrowed.join(' | '),
    );
    await workbench.screenshot('journey-narrowed');
    // Each Escape undoes one step: a zoom may stand before the selection.
    await until('the whole run again', async () => {
      await workbench.result.press('Escape');
      return (await workbench.statusTexts()).some(text => text.startsWith('Timings of'));
    });
  });

  it('goes from a source line back to the flame graph', async () => {
    await workbench.editor.focus();
    await workbench.openFile(file('voice_agent.py'));
    await workbench.editor.show(file('voice_agent.py'), 'async def converse');
    await workbench.runCommand('Pyrolens: Reveal in Flame Graph');
    await untilValue(
      'the function in the result editor',
      () => workbench.result.text(),
      text => text.includes('converse'),
    );
  });

  it('hides and shows everything with the toggle', async () => {
    await workbench.editor.focus();
    await workbench.runCommand('Pyrolens: Show or Hide Timings');
    await until('no labels', async () => (await workbench.editor.labels()).length === 0);
    await until('no lenses', async () => (await workbench.editor.lenses()).length === 0);
    await workbench.runCommand('Pyrolens: Show or Hide Timings');
    await until('labels', async () => (await workbench.editor.labels()).length > 0);
  });

  for (const theme of ['light', 'highContrast', 'highContrastLight', 'dark'] as const) {
    it(`looks right in the ${theme} theme`, async () => {
      await workbench.useTheme(theme);
      await workbench.result.untilPainted();
      await until('labels', async () => (await workbench.editor.labels()).length > 0);
      await until('lenses', async () => (await workbench.editor.lenses()).length > 0);
      await workbench.screenshot(`journey-${theme}`);
      if (theme === 'dark' || theme === 'light') await workbench.picture(`result-${theme}`);
    });
  }

  it('brings the numbers back after the window was reloaded', async () => {
    await workbench.editor.focus();
    await workbench.editor.show(file('voice_agent.py'), '# the mistake');
    const before = await workbench.editor.labels();
    await workbench.reload();
    const labels = await untilValue(
      'labels after the reload',
      () => workbench.editor.labels(),
      found => found.length > 0,
      60_000,
    );
    const texts = new Set(before.map(label => label.text));
    assert.ok(
      labels.some(label => texts.has(label.text)),
      JSON.stringify({ before, labels }),
    );
    await workbench.result.untilPainted();
    await workbench.screenshot('journey-reloaded');
  });

  it('removes everything with Clear, and keeps the run', async () => {
    await workbench.runCommand('Pyrolens: Clear');
    await until('no labels', async () => (await workbench.editor.labels()).length === 0);
    await until('no lenses', async () => (await workbench.editor.lenses()).length === 0);
    assert.equal(storedRuns(workbench).length, 1);
    assert.equal(storedRuns(workbench)[0]?.manifest.exit?.code, 0);
  });
});
