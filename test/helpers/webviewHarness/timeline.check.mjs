/**
 * Drives timeline and list of gaps in a real browser, with keys and mouse only:
 * `node --test test/helpers/webviewHarness/timeline.check.mjs`. Needs Chromium and npm's registry once.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { chromiumPath, harnessRequire } from './browser.mjs';
import { accessibilityFaults, frameTimes, messages, said, startHarness, until } from './harnessPage.mjs';
import { themes } from './themes.mjs';

const skip = chromiumPath() ? false : 'no Chromium on this machine';
const shots = 'out/webview-shots';

describe('timeline and gaps in a browser', { skip }, () => {
  let harness;
  before(async () => {
    harness = await startHarness();
    mkdirSync(shots, { recursive: true });
  });
  after(() => harness.close());
  const open = (query, options) => harness.open({ gaps: '1', ...query }, options, '.gap-row');

  it('opens on the list of gaps, the costliest first, beside the lanes', async () => {
    const page = await open();
    assert.deepEqual((await page.locator('.gap-title').allTextContents()).slice(0, 3), [
      'Event loop blocked by computing',
      'Full collection on the event loop',
      'Event loop blocked by a sleep',
    ]);
    const names = await page.locator('.timeline-name').allTextContents();
    assert.deepEqual(names.slice(0, 3), ['MainThread', 'transcriber_0', 'audio-writer']);
    assert.match(await page.textContent('.gaps-note'), /^97% of waiting explained/);
    assert.ok((await paintedColors(page)) > 12, 'lanes are painted');
    assert.deepEqual(page.problems, []);
    await page.screenshot({ path: `${shots}/timeline.png` });
  });

  it('shows why a clicked gap happened, and opens its line', async () => {
    const page = await open();
    await clickLane(page, 0, await xOfGap(page, 0));
    await page.waitForSelector('.gap-details-title');
    assert.match(await page.textContent('.gap-details-title'), /Event loop blocked by computing/);
    assert.equal((await messages(page, 'reveal'))[0].line, 44);
    await said(page, /^Event loop blocked by computing, .* on MainThread\./);
    await page.waitForSelector('.gap-row.is-chosen');
  });

  it('tells what the system did with a gap’s calls: facts, the queue over time, and what else helps', async () => {
    const page = await open({}, { bypassCSP: true });
    await page.locator('.gap-row', { hasText: 'Task waits for the network' }).click();
    await page.waitForSelector('.gap-system');
    const text = await page.textContent('.gap-system');
    assert.match(
      text,
      /What the system did.*full at 28 of 28 looks.*Queue length over time, 4\.00 MB at most/,
    );
    assert.match(text, /What else helps.*Gather many small pieces/);
    const line = await page.getAttribute('.gap-queue polyline', 'points');
    assert.equal(line.split(' ').length, 4);
    const faults = await accessibilityFaults(page, harnessRequire().resolve('axe-core/axe.min.js'));
    assert.deepEqual(faults, []);
    await page.screenshot({ path: `${shots}/gap-system.png` });
  });

  it('gives why a gap happened the whole of a short and narrow panel, until Escape', async () => {
    const page = await open({}, { viewport: { width: 600, height: 480 } });
    const [flame, splitter] = ['.flame', '.splitter'].map(part => page.locator(`.body > ${part}`));
    assert.deepEqual([await flame.isVisible(), await splitter.isVisible()], [true, true]);
    await page.locator('.gap-row', { hasText: 'Event loop blocked by computing' }).first().click();
    await page.waitForSelector('.gap-details-title');
    assert.deepEqual([await flame.isVisible(), await splitter.isVisible()], [false, false]);
    const [body, tables] = await Promise.all(
      ['.body', '.body > .tables'].map(selector => page.locator(selector).boundingBox()),
    );
    assert.ok(Math.abs(body.height - tables.height) <= 1, 'all but the border');
    await page.keyboard.press('Escape');
    await flame.waitFor({ state: 'visible' });
  });

  it('explains what the pointer is on', async () => {
    const page = await open();
    const lanes = await page.locator('.timeline-lanes').boundingBox();
    await page.mouse.move(lanes.x + (await xOfGap(page, 0)), lanes.y + 11);
    await page.waitForSelector('.timeline .frame-tooltip:not([hidden])');
    const text = await page.textContent('.timeline .frame-tooltip');
    assert.match(text, /Event loop blocked by computing.*exact.*Blamed linescore tokens\.py:44.*What helps/);
  });

  it('narrows everything to a stretch dragged on the ruler, and Escape undoes it', async () => {
    const page = await open();
    await drag(page, '.timeline .ruler', 300, 500);
    const [{ selection }] = await messages(page, 'select');
    assert.ok(selection.rangeStartNs > 1e9 && selection.rangeEndNs < 3e9);
    await until(
      page,
      start =>
        ['flame', 'functions'].every(kind =>
          window.harness.posted.some(({ query }) => query?.kind === kind && query.rangeStartNs === start),
        ),
      selection.rangeStartNs,
    );
    assert.match(await page.textContent('.range-chip'), /^1\.5–2\.5 s ×$/);
    await until(page, () => document.querySelector('.card').textContent.includes('in the selected stretch'));
    assert.match(
      await page.locator('.card').first().textContent(),
      /(?:9\d\d ms|1\.\d\d s)in the selected stretch/,
    );
    await page.keyboard.press('Escape');
    await until(page, () => document.querySelector('.range-chip').hidden);
    assert.equal((await messages(page, 'select')).at(-1).selection, null);
  });

  it('walks gaps by keyboard, narrows to one, zooms and unwinds', async () => {
    const page = await open();
    await page.keyboard.press('.');
    await said(page, /Waiting for work from a queue|Task waits|Event loop/);
    await page.focus('.timeline-lanes');
    await page.keyboard.press('ArrowUp');
    const first = await page.textContent('[aria-live]');
    await page.keyboard.press('ArrowRight');
    await until(page, before => document.querySelector('[aria-live]').textContent !== before, first);
    await page.keyboard.press('Enter');
    assert.equal((await messages(page, 'reveal')).length, 1);
    await page.keyboard.press(' ');
    await page.waitForSelector('.range-chip:not([hidden])');
    await page.keyboard.press('w');
    await untilWhole(page, false);
    for (let step = 0; step < 3; step++) await page.keyboard.press('Escape');
    await untilWhole(page, true);
    assert.equal(await page.locator('.range-chip').isHidden(), true);
    assert.deepEqual(page.problems, []);
  });

  it('walks the list by keyboard, and the timeline follows', async () => {
    const page = await open();
    await page.focus('.gaps-grid');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await said(page, /^Event loop blocked by a sleep, agent\.py:72\./);
    assert.equal(await page.getAttribute('.gaps-grid', 'aria-activedescendant'), 'gap-row-2');
    await page.keyboard.press('Enter');
    assert.equal((await messages(page, 'reveal'))[0].line, 72);
  });

  it('chooses the gap that the list of profiles asks for', async () => {
    const page = await open();
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.evaluate(() => window.harness.send({ type: 'focusGap', group: 1 }));
    await page.waitForSelector('.gap-details-title');
    assert.match(await page.textContent('.gap-details-title'), /Full collection on the event loop/);
  });

  it('does for commands what it does for keys, wherever the focus is', async () => {
    const page = await open();
    const press = key => page.evaluate(pressed => window.harness.send({ type: 'key', key: pressed }), key);
    await press('t');
    await until(page, () => document.querySelector('.timeline-body').hidden);
    await press('t');
    await page.focus('.timeline-lanes');
    await press('+');
    await untilWhole(page, false);
    await press('0');
    await untilWhole(page, true);
    await press('/');
    await until(page, () => document.activeElement.closest('.filter, header') !== null);
  });

  it('draws thin arrows for the gap under the pointer, and thick ones for the chosen', async () => {
    const page = await open();
    const inkOf = () =>
      page.evaluate(() => {
        const overlay = document.querySelector('.timeline-canvas .flame-overlay');
        const { data } = overlay.getContext('2d').getImageData(0, 0, overlay.width, overlay.height);
        return data.reduce((count, value, at) => count + (at % 4 === 3 && value > 0 ? 1 : 0), 0);
      });
    const lanes = await page.locator('.timeline-lanes').boundingBox();
    const group = await page.evaluate(() =>
      window.harness.gaps.groups.findIndex(({ classId }) => /executor/.test(classId)),
    );
    const x = lanes.x + (await xOfGap(page, group));
    const y = lanes.y + 3 * 22 + 11;
    await page.mouse.move(lanes.x + 2, lanes.y + 2);
    const before = await inkOf();
    await page.mouse.move(x, y);
    await page.waitForSelector('.timeline .frame-tooltip:not([hidden])');
    const hovered = await inkOf();
    assert.ok(hovered > before, `${hovered} after ${before}`);
    await page.mouse.click(x, y);
    await page.waitForSelector('.gap-row.is-chosen');
    assert.ok((await inkOf()) > hovered);
    await page.screenshot({ path: `${shots}/timeline-arrows.png` });
  });

  it('fetches finer slices where it zooms in', async () => {
    const page = await open();
    await page.focus('.timeline-lanes');
    for (let step = 0; step < 5; step++) await page.keyboard.press('w');
    await until(page, () => {
      const asked = window.harness.posted.filter(({ query }) => query?.kind === 'timeline');
      return asked.length > 1 && asked.at(-1).query.minWidthNs < asked[0].query.minWidthNs / 2;
    });
  });

  it('draws the busiest tasks until all are asked for', async () => {
    const page = await open({ tasks: '40' });
    await page.getByRole('button', { name: 'Show All 42 Tasks' }).waitFor();
    const heightOf = () => page.evaluate(() => document.querySelector('.timeline-scroller').scrollHeight);
    const before = await heightOf();
    await page.getByRole('button', { name: 'Show All 42 Tasks' }).click();
    await page.getByRole('button', { name: 'Show the Busiest Tasks Only' }).waitFor();
    assert.equal((await heightOf()) - before, 30 * 22);
    await page.focus('.timeline-lanes');
    await page.keyboard.press('End');
    await until(page, () => /CPU · GC/.test(document.querySelector('.timeline-names').textContent));
    await page.screenshot({ path: `${shots}/timeline-tasks.png` });
  });

  it('closes with a key, and stays closed and narrowed over a reload', async () => {
    const page = await open();
    await drag(page, '.timeline .ruler', 300, 500);
    await page.keyboard.press('t');
    await until(page, () => document.querySelector('.timeline-body').hidden);
    await page.waitForFunction(() => {
      const kept = JSON.parse(sessionStorage.getItem('state'))?.kept;
      return kept?.isTimelineOpen === false && kept.range !== null;
    });
    await page.reload();
    await page.waitForSelector('.gap-row');
    assert.equal(await page.locator('.timeline-body').isHidden(), true);
    assert.equal(await page.locator('.range-chip').isVisible(), true);
    assert.equal((await messages(page, 'select')).length, 1, 'the range is told again');
  });

  it('says in its place that there is no clock, and its tab is not there', async () => {
    const page = await harness.open({ show: 'foreign' });
    assert.equal(await page.locator('.timeline-body').isHidden(), true);
    assert.match(await page.textContent('.timeline-absent'), /^No timeline: speedscope does not record when/);
    await page.screenshot({ path: `${shots}/timeline-absent.png` });
    assert.equal(await page.getByRole('tab', { name: 'Gaps' }).count(), 0);
  });

  for (const theme of Object.keys(themes)) {
    for (const width of [1400, 600]) {
      it(`has no accessibility faults in ${theme} at ${width} px`, async () => {
        const page = await open({ theme }, { bypassCSP: true, viewport: { width, height: 850 } });
        await page.locator('.gap-row').first().click();
        await page.screenshot({ path: `${shots}/timeline-${theme}-${width}.png` });
        const faults = await accessibilityFaults(page, harnessRequire().resolve('axe-core/axe.min.js'));
        assert.deepEqual(faults, []);
        assert.deepEqual(page.problems, []);
      });
    }
  }

  it('pans and zooms over 20,000 slices, and prints how long a frame takes', async context => {
    const page = await open({ slices: '20000' });
    const times = await frameTimes(page, '.timeline-lanes');
    const at = part => times[Math.floor((times.length - 1) * part)].toFixed(1);
    context.diagnostic(`${times.length} frames: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    assert.ok(times.length > 30);
  });
});

/** Where the first gap of a listed group begins, and a little more, in pixels from the left of the lanes. */
function xOfGap(page, group) {
  return page.evaluate(wanted => {
    const { gaps } = window.harness.gaps;
    const gap = gaps.group.indexOf(wanted);
    const { width } = document.querySelector('.timeline-lanes').getBoundingClientRect();
    const middleNs = (gaps.startNs[gap] + gaps.endNs[gap]) / 2;
    return (middleNs / window.harness.profile.info.durationNs) * width;
  }, group);
}

async function clickLane(page, track, xPx) {
  const lanes = await page.locator('.timeline-lanes').boundingBox();
  await page.mouse.click(lanes.x + xPx, lanes.y + track * 22 + 11);
}

async function drag(page, selector, fromPx, toPx) {
  const bounds = await page.locator(selector).boundingBox();
  const y = bounds.y + bounds.height / 2;
  await page.mouse.move(bounds.x + fromPx, y);
  await page.mouse.down();
  await page.mouse.move(bounds.x + (fromPx + toPx) / 2, y);
  await page.mouse.move(bounds.x + toPx, y);
  await page.mouse.up();
}

function untilWhole(page, isWhole) {
  return until(
    page,
    wanted => document.querySelector('.timeline-brush').classList.contains('is-whole') === wanted,
    isWhole,
  );
}

function paintedColors(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('.timeline-lanes');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colors = new Set();
    for (let at = 0; at < data.length; at += 4 * 7) colors.add(data.slice(at, at + 3).join());
    return colors.size;
  });
}
