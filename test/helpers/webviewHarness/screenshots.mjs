/** Takes pictures of the panel: `node test/helpers/webviewHarness/screenshots.mjs [folder] [theme …]`. */
import { mkdirSync } from 'node:fs';
import { launchBrowser } from './browser.mjs';
import { serveWebview } from './server.mjs';
import { themes } from './themes.mjs';

const [folder = 'out/webview-shots', ...wanted] = process.argv.slice(2);
const sizes = [
  { width: 1400, height: 850 },
  { width: 700, height: 800 },
  { width: 400, height: 800 },
];
mkdirSync(folder, { recursive: true });
const [server, browser] = await Promise.all([serveWebview(), launchBrowser()]);
try {
  for (const theme of wanted.length > 0 ? wanted : Object.keys(themes)) {
    for (const viewport of sizes) await shoot(theme, viewport);
  }
} finally {
  await browser.close();
  server.close();
}

async function shoot(theme, viewport) {
  const page = await browser.newPage({ viewport });
  page.on('console', message => console.log(`${theme}: ${message.text()}`));
  page.on('pageerror', error => console.log(`${theme}: ${error.stack}`));
  await page.goto(server.url({ theme }));
  await page.waitForSelector('.grid-body .grid-row');
  await page.waitForTimeout(250);
  const name = `${folder}/${theme}-${viewport.width}`;
  await page.screenshot({ path: `${name}.png` });
  if (viewport.width === 1400) {
    await page.mouse.move(200, 330);
    await page.waitForTimeout(100);
    await page.screenshot({ path: `${name}-hover.png` });
    await page.mouse.click(200, 330);
    await page.keyboard.press('2');
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${name}-time.png` });
  }
  await page.close();
}
