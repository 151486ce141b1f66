/**
 * The programs that exported files are for, kept in the user's cache folder: speedscope's released page, and the
 * Firefox Profiler's own command line, which reads a profile with the code of profiler.firefox.com.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pyrolens', 'export-readers');
const packages = ['speedscope@1.25.0', '@firefox-devtools/profiler-cli@0.10.0'];
const modules = join(folder, 'node_modules');
const firefoxCli = join(modules, '@firefox-devtools', 'profiler-cli', 'dist', 'profiler-cli.js');
const speedscopePage = join(modules, 'speedscope', 'dist', 'release', 'index.html');

/** Installs the readers when they are missing. Answers why they cannot be used, or undefined. */
export function missingReaders() {
  if (existsSync(firefoxCli) && existsSync(speedscopePage)) return undefined;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private": true}');
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    execFileSync('npm', ['install', ...options, ...packages], {
      cwd: folder,
      stdio: 'pipe',
      timeout: 120_000,
    });
    return undefined;
  } catch (error) {
    return `the readers cannot be installed: ${String(error.message).split('\n')[0]}`;
  }
}

/** Opens a file in speedscope's page and answers what speedscope itself saves again: its own reading of the file. */
export async function throughSpeedscope(browser, path) {
  const page = await browser.newPage({ acceptDownloads: true });
  const alerts = [];
  page.on('dialog', dialog => {
    alerts.push(dialog.message());
    void dialog.dismiss();
  });
  try {
    await page.goto(pathToFileURL(speedscopePage).href);
    await page.locator('input[type=file]').setInputFiles(path);
    await page.getByText('Left Heavy').waitFor({ timeout: 20_000 });
    const download = page.waitForEvent('download', { timeout: 20_000 });
    await page.keyboard.press('Control+s');
    return readFileSync(await (await download).path(), 'utf8');
  } catch (error) {
    throw new Error([...alerts, error.message].join(' — '));
  } finally {
    await page.close();
  }
}

/** The functions of each thread as the Firefox Profiler adds them up: `selfSamples` and `totalSamples` by name. */
export function throughFirefox(path) {
  const home = mkdtempSync(join(tmpdir(), 'pyrolens-firefox-'));
  const run = (...words) =>
    execFileSync(process.execPath, [firefoxCli, ...words], {
      env: { ...process.env, HOME: home, USERPROFILE: home },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
  try {
    loadPatiently(() => run('load', path));
    const info = JSON.parse(run('profile', 'info', '--json', '--all'));
    return info.processes
      .flatMap(process => process.threads)
      .map(({ name, threadHandle }) => ({
        name,
        ...JSON.parse(run('thread', 'functions', '--thread', threadHandle, '--limit', '0', '--json')),
      }));
  } finally {
    run('stop', '--all');
    rmSync(home, { recursive: true, force: true });
  }
}

const maxLoads = 20;

/** Its daemon has half a second to start, which a busy machine does not always keep: end that one and ask again. */
function loadPatiently(load) {
  for (let attempt = 1; ; attempt++) {
    try {
      return load();
    } catch (error) {
      const pid = /run "kill (\d+)"/.exec(String(error.stderr))?.[1];
      if (pid === undefined || attempt >= maxLoads) throw error;
      try {
        process.kill(Number(pid));
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}
