/** Headless Chromium through playwright-core, which is kept in the user's cache folder, not in the checkout. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pyrolens', 'webview-harness');
const packages = ['playwright-core', 'axe-core'];

/** Installs what is missing and answers a `require` for it. */
export function harnessRequire() {
  if (!packages.every(name => existsSync(join(folder, 'node_modules', name)))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private": true}');
    execFileSync('npm', ['install', ...packages], { cwd: folder, stdio: 'inherit' });
  }
  return createRequire(join(folder, 'package.json'));
}

/** The system's Chromium, or undefined where there is none. */
export function chromiumPath() {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
}

/** Starts the browser, with more arguments when there are any; the caller closes it. */
export async function launchBrowser(moreArgs = []) {
  const { chromium } = harnessRequire()('playwright-core');
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-gpu', ...moreArgs];
  return chromium.launch({ executablePath: chromiumPath(), args });
}
