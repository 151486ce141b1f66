/**
 * Drives the built panel in a real browser, with keys and mouse only:
 * `node --test test/helpers/webviewHarness/panel.check.mjs`. Needs Chromium and npm's registry once.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromiumPath, harnessRequire } from './browser.mjs';
import { accessibilityFaults, frameTimes, messages, said, startHarness, until } from './harnessPage.mjs';
import { themes } from './themes.mjs';

const skip = chromiumPath() ? false : 'no Chromium on this machine';

describe('the panel in a browser', { skip }, () => {
  let harness;
  before(async () => {
    harness = await startHarness();
  });
  after(() => harness.close());
  const open = (query, options) => harness.open(query, options);

  it('is idle when nothing happens', async () => {
    const page = await open();
    const count = await page.evaluate(async () => {
      await new Promise(resolve => setTimeout(resolve, 400));
      let frames = 0;
      const ask = window.requestAnimationFrame;
      window.requestAnimationFrame = work => {
        frames += 1;
        return ask(work);
      };
      await new Promise(resolve => setTimeout(resolve, 500));
      return frames;
    });
    assert.equal(count, 0);
    assert.deepEqual(page.problems, []);
  });

  it('selects a clicked frame, opens its line and narrows the numbers', async () => {
    const page = await open();
    await clickRow(page, 8, 60);
    const [reveal] = await messages(page, 'reveal');
    assert.equal(reveal.takeFocus, false);
    assert.equal(reveal.line, 44);
    const [select] = await messages(page, 'select');
    assert.equal(select.selection.path.length, 8);
    assert.match(select.selection.label, /^score · /);
    await page.waitForSelector('.status-line:not([hidden])');
    assert.match(await page.textContent('.status-line'), /^In score: 100 % = /);
    await until(page, () => document.querySelector('.grid').getAttribute('aria-rowcount') === '7');
  });

  it('moves the focus to the source only with Ctrl', async () => {
    const page = await open();
    await page.keyboard.down('Control');
    await clickRow(page, 8, 60);
    await page.keyboard.up('Control');
    const [reveal] = await messages(page, 'reveal');
    assert.equal(reveal.takeFocus, true);
    assert.deepEqual(await messages(page, 'select'), []);
  });

  it('walks, zooms, opens and unwinds by keyboard, and says where it is', async () => {
    const page = await open();
    await page.focus('.flame-boxes');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    await said(page, /^run, runners\.py:160\. Self 0 s/);
    await page.keyboard.press('ArrowUp');
    await said(page, /^<module>, agent\.py:1/);
    await page.keyboard.press('ArrowRight');
    await said(page, /^_bootstrap/);
    await page.keyboard.press('Enter');
    await untilZoomed(page, true);
    await page.keyboard.press('Control+Enter');
    assert.equal((await messages(page, 'reveal'))[0].takeFocus, true);
    await page.keyboard.press(' ');
    assert.equal((await messages(page, 'select')).length, 1);
    await page.keyboard.press('/');
    await page.keyboard.type('fib');
    await until(page, () =>
      /Matching functions: 1 · \d/.test(document.querySelector('.status-line').textContent),
    );
    await page.keyboard.press('Escape');
    await until(page, () => !/Matching/.test(document.querySelector('.status-line').textContent));
    await untilZoomed(page, true);
    await page.keyboard.press('Escape');
    await until(page, () => document.querySelector('.status-line').hidden);
    assert.equal((await messages(page, 'select')).at(-1).selection, null);
    await untilZoomed(page, true);
    await page.keyboard.press('Escape');
    await untilZoomed(page, false);
    assert.deepEqual(page.problems, []);
  });

  it('says that a regular expression is not one', async () => {
    const page = await open();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('/(/');
    await until(page, () =>
      /^Not a regular expression/.test(document.querySelector('.status-line').textContent),
    );
  });

  it('asks for a finer picture when it zooms, and drops none of the old one', async () => {
    const page = await open();
    const before = (await flameQueries(page)).length;
    const canvas = await page.locator('.flame-boxes').boundingBox();
    await page.mouse.move(canvas.x + 300, canvas.y + 100);
    await page.keyboard.down('Control');
    for (let turn = 0; turn < 8; turn++) await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await until(
      page,
      count => window.harness.posted.filter(message => message.query?.kind === 'flame').length > count,
      before,
    );
    const last = (await flameQueries(page)).at(-1);
    assert.ok(last.windowEndNs - last.windowStartNs < 3e9, 'the window is a part of the run');
    assert.ok((await paintedShare(page)) > 0.02);
  });

  it('shows a function that a CodeLens asks for, in the lane where it is', async () => {
    const page = await open();
    const func = await page.evaluate(() => {
      const { functions, strings } = window.harness.profile;
      return functions.name.findIndex(name => strings[name] === 'Agent.play');
    });
    await page.evaluate(id => window.harness.send({ type: 'focusFunction', func: id }), func);
    await until(page, () => /^Agent\.play is shown/.test(document.querySelector('[aria-live]').textContent));
    assert.equal((await flameQueries(page)).at(-1).lane, -2);
    await page.getByRole('tab', { name: 'Details' }).click();
    await until(page, () => document.querySelector('.details-title span')?.textContent === 'Agent.play');
  });

  it('sorts by keyboard-reachable headers and walks the table', async () => {
    const page = await open();
    await page.getByRole('columnheader', { name: 'Total' }).getByRole('button').click();
    assert.equal(
      await page.getByRole('columnheader', { name: 'Total' }).getAttribute('aria-sort'),
      'descending',
    );
    await page.focus('.grid');
    await page.keyboard.press('ArrowDown');
    await said(page, /of the run’s/);
    const active = await page.getAttribute('.grid', 'aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).count(), 1);
    await page.keyboard.press('Control+Enter');
    assert.equal((await messages(page, 'reveal'))[0].takeFocus, true);
  });

  it('keeps order, filter, zoom and selection over a reload', async () => {
    const page = await open();
    await page.focus('.flame-boxes');
    await page.keyboard.press('2');
    for (const key of ['ArrowDown', 'ArrowDown', ' ', 'w', 'w']) await page.keyboard.press(key);
    await page.waitForFunction(() => sessionStorage.getItem('state')?.includes('"order":"timeOrder"'));
    await untilZoomed(page, true);
    await until(page, () => {
      const { kept } = JSON.parse(sessionStorage.getItem('state'));
      return kept.selected !== null && kept.viewport.endNs - kept.viewport.startNs < 4e9;
    });
    await page.reload();
    await page.waitForSelector('.is-ready .grid-body .grid-row');
    await untilZoomed(page, true);
    assert.equal(await page.locator('.view-switch > .pressed').textContent(), 'Time order');
    assert.match(await page.textContent('.status-line'), /^In /);
    assert.equal((await messages(page, 'select')).length, 1, 'the selection is told again');
  });

  it('moves the splitter by keyboard', async () => {
    const page = await open();
    const widthOf = async () => (await page.locator('.flame').boundingBox()).width;
    const before = await widthOf();
    await page.focus('.splitter');
    await page.keyboard.press('ArrowLeft');
    await until(page, width => document.querySelector('.flame').clientWidth < width - 20, before);
  });

  for (const theme of Object.keys(themes)) {
    for (const width of [1400, 400]) {
      it(`has no accessibility faults in ${theme} at ${width} px`, async () => {
        const page = await open({ theme }, { bypassCSP: true, viewport: { width, height: 850 } });
        const faults = await accessibilityFaults(page, harnessRequire().resolve('axe-core/axe.min.js'));
        assert.deepEqual(faults, []);
        assert.deepEqual(page.problems, []);
      });
    }
  }

  it('draws from a slab of more than 30,000 boxes, and prints how long a frame takes', async context => {
    const page = await open({ order: 'timeOrder', turns: '20', fanOut: '3000' });
    const times = await frameTimes(page, '.flame-boxes');
    const boxes = await page.evaluate(() => window.harness.flameBoxes);
    const median = times[Math.floor(times.length / 2)];
    context.diagnostic(`${boxes} boxes, median ${median.toFixed(1)} ms, worst ${times.at(-1).toFixed(1)} ms`);
    assert.ok(boxes > 30_000, `${boxes} boxes`);
  });
});

function untilZoomed(page, isZoomed) {
  return page.waitForFunction(
    wanted => document.querySelector('.minimap-brush').classList.contains('is-whole') !== wanted,
    isZoomed,
    { timeout: 5000 },
  );
}

async function flameQueries(page) {
  return (await messages(page, 'view')).map(message => message.query).filter(query => query.kind === 'flame');
}

async function clickRow(page, row, xPx) {
  const canvas = await page.locator('.flame-boxes').boundingBox();
  await page.mouse.click(canvas.x + xPx, canvas.y + row * 22 + 10);
}

/** Share of the canvas that is not background. */
function paintedShare(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('.flame-boxes');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] !== 31 || data[at + 2] !== 31) painted += 1;
    return painted / (data.length / 4);
  });
}
