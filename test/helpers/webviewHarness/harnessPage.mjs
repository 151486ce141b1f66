/** The panel in a real browser, as the checks open and drive it. */
import { launchBrowser } from './browser.mjs';
import { serveWebview } from './server.mjs';

/** Starts browser and page; `open` answers a page that shows `query`, ready when `waitFor` is there. */
export async function startHarness() {
  const [server, browser] = await Promise.all([serveWebview(), launchBrowser()]);
  return {
    async open(query = {}, options = {}, waitFor = '.is-ready .grid-body .grid-row') {
      const context = await browser.newContext({ viewport: { width: 1400, height: 850 }, ...options });
      const page = await context.newPage();
      page.problems = [];
      page.on('pageerror', error => page.problems.push(error.stack));
      page.on('console', message => {
        if (message.type() === 'error') page.problems.push(message.text());
      });
      await page.goto(server.url({ theme: 'dark', ...query }));
      await page.waitForSelector(waitFor);
      await until(page, () => window.harness.posted.some(message => message.type === 'view'));
      return page;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** Waits until a condition holds in the page. */
export function until(page, condition, argument) {
  return page.waitForFunction(condition, argument, { timeout: 5000 });
}

/** What the page sent to the host, of one type. */
export function messages(page, type) {
  return page.evaluate(wanted => window.harness.posted.filter(message => message.type === wanted), type);
}

/** Waits until the live region says it. */
export function said(page, pattern) {
  return until(
    page,
    source => new RegExp(source).test(document.querySelector('[aria-live]').textContent),
    pattern.source,
  );
}

/** Names of the rules that the page breaks. */
export async function accessibilityFaults(page, axePath) {
  await page.addScriptTag({ path: axePath });
  return page.evaluate(async () => (await globalThis.axe.run()).violations.map(fault => fault.id));
}

/** Zooms and pans a picture by keys and answers how long the work of each frame took, the shortest first. */
export async function frameTimes(page, canvas) {
  const times = await page.evaluate(measureFrames, canvas);
  return times.sort((a, b) => a - b);
}

/** Runs in the page. Rasterisation is included: a pixel is read back. */
async function measureFrames(selector) {
  const canvas = document.querySelector(selector);
  const context = canvas.getContext('2d');
  const times = [];
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = work =>
    ask(now => {
      const start = performance.now();
      work(now);
      context.getImageData(0, 0, 1, 1);
      times.push(performance.now() - start);
    });
  canvas.focus();
  for (let turn = 0; turn < 60; turn++) {
    const key = ['w', 'd', 'a', 's'][turn % 4];
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    await new Promise(resolve => setTimeout(resolve, 30));
  }
  return times;
}
