/**
 * speedscope as released on npm, in the Chromium of the end-to-end tests: the yardstick for imports. Its page
 * measures itself from the file's choice to the finished profile and says so on the console («import: 123 ms»).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { SetupError } from '../helpers/debianPackages.mjs';
import { cacheRoot, ensureChromium } from '../helpers/workbenchInstall.mjs';

const version = '1.25.0';

/**
 * What the peer did with a file. Not finished: `ms` is the limit, `why` what happened instead. Refused: it does not
 * know the format, which is no speed.
 */
export interface PeerResult {
  readonly ms: number;
  readonly outcome: 'finished' | 'unfinished' | 'refused';
  readonly why: string;
}

export const peerName = `speedscope ${version}`;
/** What does not finish in this time counts as having taken it. */
export const peerLimitMs = 120_000;

/** Installs the peer into the user's cache folder, once; returns its page. */
export function installSpeedscope(report: (line: string) => void): string {
  const folder = join(cacheRoot, `speedscope-${version}`);
  const page = join(folder, 'node_modules', 'speedscope', 'dist', 'release', 'index.html');
  if (existsSync(page)) return page;
  report(`Installing ${peerName} into the cache.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `speedscope@${version}`];
  const result = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (existsSync(page)) return page;
  throw new SetupError(`npm ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
}

/** Loads a file into a new browser, so that no run warms the next. */
export async function importWithSpeedscope(indexHtml: string, file: string): Promise<PeerResult> {
  const executablePath = ensureChromium(console.error) ?? '';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run'] });
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(indexHtml).href);
    const ended = endOfImport(page);
    await page.locator('input[type=file]').setInputFiles(file);
    return await ended;
  } finally {
    await browser.close();
  }
}

/** Every way in which a load can end: finished, refused, failed, crashed, or not at all. */
function endOfImport(page: Page): Promise<PeerResult> {
  const unfinished = (why: string): PeerResult => ({ ms: peerLimitMs, outcome: 'unfinished', why });
  return new Promise(resolve => {
    const timer = setTimeout(() => settle(unfinished('not done in 120 s')), peerLimitMs);
    const settle = (result: PeerResult) => {
      clearTimeout(timer);
      resolve(result);
    };
    page.on('console', message => {
      const text = message.text();
      const ms = /^import: ([\d.]+) ?ms/.exec(text)?.[1];
      if (ms !== undefined) settle({ ms: Number(ms), outcome: 'finished', why: '' });
      else if (text.startsWith('Failed to load format')) settle(unfinished(text.slice(0, 200)));
    });
    page.on('dialog', dialog => {
      settle({ ms: peerLimitMs, outcome: 'refused', why: dialog.message() });
      void dialog.dismiss().catch(() => undefined);
    });
    page.on('crash', () => settle(unfinished('its page crashed')));
    page.on('pageerror', error => settle(unfinished(error.message)));
  });
}
