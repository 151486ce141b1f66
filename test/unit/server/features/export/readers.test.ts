/** What the programs that the files are for make of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { exportFormatFacts } from '../../../../../src/shared/exportFormats';
import type { Profile } from '../../../../../src/shared/profile';
import { missingReaders, throughFirefox, throughSpeedscope } from '../../../../helpers/exportReaders.mjs';
import {
  assertSameWeights,
  exportedBytes,
  speedscopeWeights,
  trueWeights,
  type WrittenFormat,
} from '../../../../helpers/exports';
import { profileOf, type RandomLane, randomRun } from '../../../../helpers/randomRuns';
import { textProfile } from '../../../../helpers/textProfile';
import { chromiumPath, launchBrowser } from '../../../../helpers/webviewHarness/browser.mjs';

const missing =
  missingReaders() ?? (chromiumPath() === undefined ? 'there is no Chromium on this machine' : false);
const folder = mkdtempSync(join(tmpdir(), 'pyrolens-export-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(profile: Profile, format: WrittenFormat, name: string): string {
  const path = join(folder, `${name}.${exportFormatFacts(format).extension}`);
  const bytes = exportedBytes(profile, format);
  writeFileSync(path, format === 'pprof' ? gzipSync(bytes) : bytes);
  return path;
}

/** Random runs whose threads all have samples with frames, so that every reader shows every lane. */
async function randomProfiles(count: number): Promise<Profile[]> {
  const runs = fc.sample(
    randomRun.filter(run => run.every(lane => lane.samples.some(sample => sample.stack.length > 0))),
    { numRuns: count, seed: 7 },
  );
  return Promise.all(runs.map(run => profileOf(run.map(inMicroseconds))));
}

/** A thread with the lane's samples, a thousand times as long. */
function inMicroseconds({ samples }: RandomLane): RandomLane {
  const longer = samples.map(drawn => ({
    ...drawn,
    gapNs: drawn.gapNs * 1000,
    weightNs: drawn.weightNs * 1000,
  }));
  return { isTask: false, samples: longer };
}

/** Sums over all lanes: pprof's importer shows one merged profile. */
function merged(weights: ReadonlyMap<string, number>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, weight] of weights) {
    const stack = key.slice(key.indexOf('|'));
    sums.set(stack, (sums.get(stack) ?? 0) + weight);
  }
  return sums;
}

describe('speedscope', { skip: missing }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it('reads its own format: every stack of every lane with its weight', async () => {
    for (const [index, profile] of (await randomProfiles(4)).entries()) {
      const read = await throughSpeedscope(browser, write(profile, 'speedscope', `own-${index}`));
      assertSameWeights(speedscopeWeights(read), trueWeights(profile, { hasLines: true }));
    }
  });

  it('reads our pprof: every stack with its weight, lines merged as it does', async () => {
    for (const [index, profile] of (await randomProfiles(3)).entries()) {
      const read = await throughSpeedscope(browser, write(profile, 'pprof', `pprof-${index}`));
      const weights = speedscopeWeights(read, { hasLines: false });
      assertSameWeights(merged(weights), merged(trueWeights(profile, { hasLines: false })));
    }
  });

  it('reads our Chrome trace: every function with its time', async () => {
    for (const [index, profile] of (await randomProfiles(3)).entries()) {
      const read = await throughSpeedscope(browser, write(profile, 'chrome-trace', `trace-${index}`));
      const inNs = [...speedscopeWeights(withPlainNames(read), { hasLines: false })].map(
        ([key, weight]) => [key, Math.round(weight * 1000)] as const,
      );
      assertSameWeights(merged(new Map(inNs)), merged(trueWeights(profile, { hasLines: false })));
    }
  });
});

/** speedscope puts an event's arguments behind its name. */
function withPlainNames(text: string): string {
  const file = JSON.parse(text) as { shared: { frames: { name: string }[] } };
  for (const frame of file.shared.frames) frame.name = frame.name.replace(/ \{.*$/, '');
  return JSON.stringify(file);
}

describe('the Firefox Profiler', { skip: missing }, () => {
  it('adds up the same self and total times for every function of every thread', async () => {
    const [profile] = await randomProfiles(1);
    assert.ok(profile);
    const threads = throughFirefox(write(profile, 'firefox', 'firefox'));
    const truth = trueWeights(profile, { hasLines: false });
    let checked = 0;
    for (const { name: lane, weightType, functions } of threads) {
      assert.equal(weightType, 'tracing-ms');
      for (const { name, selfSamples, totalSamples } of functions) {
        const stacks = [...truth].filter(([key]) => key.startsWith(`${lane}|`));
        const sum = (belongs: (path: string[]) => boolean) =>
          stacks.reduce(
            (total, [key, weight]) =>
              belongs(key.slice(lane.length + 1).split(';')) ? total + weight : total,
            0,
          );
        assert.equal(
          Math.round(totalSamples * 1e6),
          sum(path => path.includes(name)),
        );
        assert.equal(
          Math.round(selfSamples * 1e6),
          sum(path => path.at(-1) === name),
        );
        checked++;
      }
    }
    assert.ok(checked > 3, 'the run had functions');
  });
});

describe('a browser shows the flame graph', { skip: missing }, () => {
  const hostile = '</text><script>window.hit=1</script><img/onerror=alert(1)>]]>"\'&\u202e\u0000';
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it('with hostile names as plain text, zooms and searches', async () => {
    const drawn = await textProfile(`
      time  60           40
      main  main
      evil  [file:/work/evil.py]
    `);
    const strings = drawn.strings.map(text => (text === 'evil' ? hostile : text));
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', error => faults.push(error.message));
    page.on('request', request => faults.push(...(request.url().startsWith('file:') ? [] : [request.url()])));
    await page.goto(pathToFileURL(write({ ...drawn, strings }, 'svg', 'hostile')).href);
    assert.equal(await page.locator('script').count(), 1, 'only our own');
    const box = page.locator('.box', { hasText: 'onerror' });
    const title = (await box.locator('title').textContent()) ?? '';
    assert.ok(title.startsWith('</text><script>window.hit=1</script>'), title);
    assert.doesNotMatch(title, /\u202e/);
    const rect = box.locator('rect');
    const widthPx = async () => Number(await rect.getAttribute('width'));
    const before = await widthPx();
    await box.click();
    assert.equal(await widthPx(), 1180);
    await page.keyboard.press('/');
    await page.keyboard.type('ONERROR');
    assert.equal(await page.locator('.found').textContent(), `${((100 * before) / 1180).toFixed(1)}%`);
    await page.keyboard.press('Escape');
    assert.equal(await widthPx(), before);
    assert.equal(await page.evaluate('window.hit'), undefined);
    assert.deepEqual(faults, []);
  });
});
