/**
 * `npm run bench -- view --json [--sizes 80]`: the built panel in Chromium, drawn in software, with the real server
 * behind it and a run of ten million slices (`--sizes`: megabytes; 80 are ten million) that no two neighbours of are
 * alike. What a frame costs is the work of the page from the input to the last canvas, painting included; the
 * intervals between frames are those of an untouched page.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { ViewQuery } from '../../src/shared/api';
import { untilQuiet } from '../helpers/quietMachine';
import { launchBrowser } from '../helpers/webviewHarness/browser.mjs';
import { bigRunFile, bigRunFileCount, writeBigRun } from './bigRun.mjs';
import type { Figure } from './host';
import { measureFrames } from './viewFrames';
import { ViewServer } from './viewServer';

const defaultSizeMb = 80;
const seed = 1;
const rounds = 20;
const patienceMs = 600_000;
const journeys = 5;
const aggregatedSamples = 1e6;
/** Threads are looked at a thousand times a second, are at another line each time, and wait now and then. */
const shape = { tickNs: 1_000_000, changeShare: 1, busyShare: 0.8 };

/** Measures everything; `report` gets a line per step. */
export async function measure(
  report: (line: string) => void,
  { sizes }: { readonly sizes: readonly number[] },
): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-bench-view-'));
  const root = join(folder, 'app');
  writeSources(root);
  const path = writeBigRun(join(folder, 'run'), (sizes[0] ?? defaultSizeMb) * 1e6, seed, { ...shape, root });
  const server = await ViewServer.open(path);
  report(`${server.summary.sampleCount} slices, server ${megabytes(server.residentBytes)} MB`);
  const pages = await servePanel(server);
  const browser = await launchBrowser();
  try {
    const page = await openPanel(browser, pages.url({ theme: 'dark' }), report);
    const figures = [
      ...(await frameFigures(page, report)),
      ...(await clickFigures(page, report)),
      ...(await rangeFigures(server, page, report)),
    ];
    await browser.close();
    return [...figures, ...(await memoryFigures(server, pages.url({ theme: 'dark', alone: '1' }), report))];
  } finally {
    await browser.close();
    pages.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pages {
  url(query: Record<string, string>): string;
  close(): void;
}

/** The harness builds from its own place, so it is not bundled with this file. */
async function servePanel(server: ViewServer): Promise<Pages> {
  const harness = join(process.cwd(), 'test', 'helpers', 'webviewHarness', 'server.mjs');
  const { serveWebview } = (await import(pathToFileURL(harness).href)) as {
    serveWebview(options: object): Promise<Pages>;
  };
  const answer = (path: string, text: string) => server.answer(path, text);
  return serveWebview({ host: 'test/bench/viewPage.ts', answer });
}

/** Files as long as the lines that the run names. */
function writeSources(root: string): void {
  const text = Array.from({ length: 3100 }, (_, line) => `    total += fetch(${line})\n`).join('');
  for (let file = 0; file < bigRunFileCount; file++) {
    const path = join(root, bigRunFile(file));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function openPanel(browser: Browser, url: string, report: (line: string) => void): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  page.on('pageerror', error => report(`error in the page: ${error.message}`));
  await page.goto(url);
  await page.waitForSelector('.is-ready .grid-body .grid-row', { timeout: patienceMs });
  await untilAnswered(page);
  const answers = await page.evaluate(() => window.bench.answers);
  report(
    `first pictures: ${answers.map(one => `${one.kind} ${one.ms.toFixed(0)} ms, ${megabytes(one.bytes)} MB`).join('; ')}`,
  );
  return page;
}

/** Nothing is asked any more, and what came is drawn. */
async function untilAnswered(page: Page): Promise<void> {
  await page.waitForFunction(
    () => window.bench.waiting === 0 && performance.now() - window.bench.lastSlabMs > 300,
    undefined,
    { timeout: patienceMs },
  );
}

async function frameFigures(page: Page, report: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [id, canvas] of [
    ['timeline', '.timeline-lanes'],
    ['flame', '.flame-boxes'],
  ] as const) {
    await untilQuiet();
    const { workMs, intervalMs, slowest } = await page.evaluate(measureFrames, {
      selector: canvas,
      journeys,
    });
    report(
      `${id}: ${workMs.length} frames, median ${part(workMs, 0.5)} ms, p95 ${part(workMs, 0.95)} ms, most ${part(workMs, 1)} ms (${slowest}); ` +
        `intervals median ${part(intervalMs, 0.5)} ms, p95 ${part(intervalMs, 0.95)} ms, most ${part(intervalMs, 1)} ms`,
    );
    figures.push(atMost(`${id}-frame-work-p95`, part(workMs, 0.95), { unit: 'ms', limit: 16.7 }));
    await untilAnswered(page);
  }
  return figures;
}

/** From the press of the button to the moment at which the host knows file and line. */
async function clickFigures(page: Page, report: (line: string) => void): Promise<Figure[]> {
  const bounds = await page.locator('.timeline-lanes').boundingBox();
  if (!bounds) return [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const point = {
      x: bounds.x + bounds.width * (0.1 + (0.8 * round) / rounds),
      y: bounds.y + 11 + 22 * (round % 6),
    };
    await page.evaluate(() => {
      window.bench.locatedMs = Number.NaN;
    });
    const startMs = await page.evaluate(pressAt, point);
    await page.waitForFunction(() => !Number.isNaN(window.bench.locatedMs), undefined, {
      timeout: patienceMs,
    });
    times.push((await page.evaluate(() => window.bench.locatedMs)) - startMs);
  }
  times.sort((a, b) => a - b);
  report(`click to source: median ${part(times, 0.5)} ms, p95 ${part(times, 0.95)} ms`);
  return [atMost('click-to-source-p95', part(times, 0.95), { unit: 'ms', limit: 120 })];
}

/** Runs in the page: a click where the pointer is, and when it began. */
function pressAt({ x, y }: { x: number; y: number }): number {
  const canvas = document.querySelector('.timeline-lanes');
  const startMs = performance.now();
  for (const type of ['pointermove', 'pointerdown', 'pointerup']) {
    canvas?.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, button: 0, bubbles: true }));
  }
  return startMs;
}

/** All views of a stretch with a million samples, each round another one: from the question to the last byte. */
async function rangeFigures(
  server: ViewServer,
  page: Page,
  report: (line: string) => void,
): Promise<Figure[]> {
  const { durationNs, sampleCount } = server.summary;
  const spanNs = durationNs * Math.min(1, aggregatedSamples / sampleCount);
  const times: number[] = [];
  const kinds = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    const rangeStartNs = ((durationNs - spanNs) * round) / rounds;
    const startMs = performance.now();
    for (const query of rangeQueries(rangeStartNs, rangeStartNs + spanNs)) {
      const askedMs = performance.now();
      await server.view(query);
      kinds.set(query.kind, [...(kinds.get(query.kind) ?? []), performance.now() - askedMs]);
    }
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  const parts = [...kinds]
    .map(
      ([kind, all]) =>
        `${kind} ${part(
          all.sort((a, b) => a - b),
          0.5,
        )} ms`,
    )
    .join(', ');
  report(`range of a million samples: median ${part(times, 0.5)} ms, p95 ${part(times, 0.95)} ms (${parts})`);
  const shownMs = await rangeInPage(page);
  report(
    `the same in the panel, to the last picture: median ${part(shownMs, 0.5)} ms, p95 ${part(shownMs, 0.95)} ms`,
  );
  return [atMost('range-million-samples-median', part(times, 0.5), { unit: 'ms', limit: 30 })];
}

function rangeQueries(rangeStartNs: number, rangeEndNs: number): ViewQuery[] {
  const scope = { lane: -1, rangeStartNs, rangeEndNs, ownCodeOnly: false };
  return [
    {
      kind: 'flame',
      order: 'leftHeavy',
      ...scope,
      minWidthNs: ((rangeEndNs - rangeStartNs) * 8) / 6400,
      windowStartNs: 0,
      windowEndNs: 0,
    },
    { kind: 'functions', ...scope, path: [] },
  ];
}

/** Drags stretches out on the ruler, and waits until nothing is asked any more. */
async function rangeInPage(page: Page): Promise<number[]> {
  const bounds = await page.locator('.timeline .ruler').boundingBox();
  if (!bounds) return [];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const x = bounds.x + bounds.width * (0.05 + (0.8 * round) / rounds);
    await page.mouse.move(x, bounds.y + 5);
    await page.mouse.down();
    await page.mouse.move(x + bounds.width * 0.05, bounds.y + 5);
    await page.mouse.move(x + bounds.width * 0.1, bounds.y + 5);
    const startMs = await page.evaluate(() => performance.now());
    await page.mouse.up();
    await untilAnswered(page);
    times.push((await page.evaluate(() => window.bench.lastSlabMs)) - startMs);
  }
  return times.sort((a, b) => a - b);
}

/**
 * What a page's process has for itself alone after a look at every picture and a collection, as the system counts it. A
 * page that nobody watches: for one that is driven the browser keeps copies of all that it received.
 */
async function memoryFigures(
  server: ViewServer,
  url: string,
  report: (line: string) => void,
): Promise<Figure[]> {
  const browser = await launchBrowser(['--js-flags=--expose-gc']);
  try {
    const session = await browser.newBrowserCDPSession();
    await session.send('Target.createTarget', { url, width: 1600, height: 900 });
    await server.pageDone;
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    const bytes = Math.max(...renderers.map(({ id }) => privateBytes(id)));
    report(`webview: private memory of its process ${megabytes(bytes)} MB`);
    return [atMost('webview-memory', megabytes(bytes), { unit: 'MB', limit: 150 })];
  } finally {
    await browser.close();
  }
}

function privateBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
  return (of('Private_Clean') + of('Private_Dirty')) * 1024;
}

function part(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN) * 10) / 10;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

function atMost(id: string, value: number, more: { unit: string; limit: number }): Figure {
  return { id, value, unit: more.unit, goal: `≤ ${more.limit}`, ok: value <= more.limit };
}
