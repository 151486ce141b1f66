import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { profile, sampleWorkspace, startWorkbench } from '../helpers/workbenchJourney';

/** What the sample's loop is kept from running by, with the line to blame. */
const planted = [
  { title: 'Event loop blocked: sleep', place: 'voice_agent.py:71' },
  { title: 'Event loop blocked: waiting for a lock', place: 'voice_agent.py:40' },
] as const;

describe('the gaps of the voice agent', () => {
  let workbench: Workbench;
  const script = () => join(workbench.folders[0] ?? '', 'voice_agent.py');

  before(async () => {
    workbench = await startWorkbench({ folders: { 'voice agent': sampleWorkspace } });
    await profile(workbench, script());
    await workbench.result.untilPainted();
  });
  after(() => workbench?.stop());

  async function rows(): Promise<string[]> {
    const frame = await workbench.result.frame();
    return frame.locator('.gap-row').allInnerTexts();
  }

  it('stand in a list beside the flame graph, each with its line', async () => {
    const all = await untilValue('the list of gaps', rows, found => found.length >= planted.length);
    const places = planted.map(({ title, place }) =>
      all.findIndex(row => row.includes(title) && row.includes(place)),
    );
    assert.ok(
      places.every(at => at >= 0),
      all.join('\n---\n'),
    );
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
      'ranked by the delay that was felt',
    );
    assert.ok(
      all.some(row => row.includes('tokens.py') && row.includes('Event loop blocked: ')),
      all.join('\n---\n'),
    );
    await workbench.screenshot('gaps-list');
  });

  it('open their line and explain themselves when one is chosen', async () => {
    const frame = await workbench.result.frame();
    await frame.locator('.gap-row', { hasText: planted[0].place }).first().click();
    const details = frame.locator('.gaps');
    const explained = /Use the async version of this call, or asyncio\.to_thread\./;
    await until('the explanation', async () => explained.test((await details.textContent()) ?? ''));
    await frame.locator('.gap-row .link', { hasText: planted[0].place }).first().click();
    await until('the caret at the sleep', async () => (await workbench.editor.caret())?.line === 71);
    await workbench.screenshot('gaps-chosen');
  });

  it('are walked with keys, and the timeline folds away', async () => {
    const frame = await workbench.result.frame();
    const chosen = () => frame.locator('.gap-row.is-chosen').getAttribute('data-at', { timeout: 3_000 });
    const before = await chosen();
    await frame.locator('.gaps-grid').press('ArrowDown');
    await until('the next gap', async () => (await chosen()) !== before);
    const canvas = frame.locator('canvas.timeline-lanes');
    assert.equal(await canvas.isVisible(), true);
    await frame.locator('.gaps-grid').press('t');
    await until('no timeline', async () => !(await canvas.isVisible()));
    await frame.locator('.gaps-grid').press('t');
    await until('the timeline', () => canvas.isVisible());
  });

  it('stand at the line to blame, in its label and hover, and are counted above its function', async () => {
    await workbench.editor.show(script(), '# the mistake');
    const label = await until('the label', () => workbench.editor.label('# the mistake'));
    assert.match(label.text, /^‖ sleep .* · blocks loop$/);
    const line = await workbench.editor.lineOf('def fetch_voice');
    const lens = (await workbench.editor.lenses()).find(candidate => candidate.line === line);
    assert.match(lens?.text ?? '', / · \d+ gaps$/);
    const isExplained = (text: string) => text.includes('Event loop blocked: sleep');
    const hover = await workbench.editor.hover('# the mistake', 'sleep', isExplained);
    assert.match(hover, /kept the event loop from running: \d+ times/);
    await workbench.screenshot('gaps-source');
  });
});
