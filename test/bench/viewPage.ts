/**
 * Stands in for VS Code in the page of `bench -- view`: what the panel asks goes to a real server behind `/view` and
 * `/locate`, and `window.bench` notes when. Built for the browser by the harness.
 */
import type { RunSummary } from '../../src/shared/api';
import { type FromPanel, panelStringsEnglish, type ToPanel } from '../../src/shared/panelMessages';
import { measureFrames } from './viewFrames';

/** Pages with this in their address zoom and pan on their own, collect their garbage and say when they are done. */
const isAlone = new URLSearchParams(location.search).has('alone');

/** What the benchmark reads from the page. */
export interface BenchPage {
  /** Questions that have no answer yet. */
  waiting: number;
  /** When the last slab was handed to the panel. */
  lastSlabMs: number;
  /** When the source of the last click was known; NaN before. */
  locatedMs: number;
  /** Bytes of all slabs so far. */
  slabBytes: number;
  /** How long each answer took, by kind of view. */
  readonly answers: { readonly kind: string; readonly ms: number; readonly bytes: number }[];
}

declare global {
  interface Window {
    bench: BenchPage;
    acquireVsCodeApi(): unknown;
  }
}

window.bench = { waiting: 0, lastSlabMs: 0, locatedMs: Number.NaN, slabBytes: 0, answers: [] };
window.acquireVsCodeApi = () => ({
  postMessage: (message: FromPanel) => void receive(message),
  getState: () => null,
  setState: () => undefined,
});

async function receive(message: FromPanel): Promise<void> {
  if (message.type === 'ready') await showRun();
  if (message.type === 'view') await answerView(message);
  if (message.type === 'reveal') await locate(message);
}

async function showRun(): Promise<void> {
  const summary = (await (await ask('/run', '')).json()) as RunSummary;
  const options = { order: 'leftHeavy', ownCodeOnly: false } as const;
  send({ type: 'run', summary, strings: panelStringsEnglish, options, live: 'ended' });
  if (isAlone) await lookAround();
}

/** Every picture is seen, and what they need of memory is in use. */
async function lookAround(): Promise<void> {
  await untilAnswered(4);
  for (const selector of ['.timeline-lanes', '.flame-boxes']) await measureFrames({ selector, journeys: 1 });
  await untilAnswered(4);
  (globalThis as { gc?: () => void }).gc?.();
  await ask('/done', '');
}

/** At least `count` views are here, and no more are asked for. */
function untilAnswered(count: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setInterval(() => {
      const { waiting, lastSlabMs, answers } = window.bench;
      if (waiting > 0 || answers.length < count || performance.now() - lastSlabMs < 500) return;
      clearInterval(timer);
      resolve();
    }, 100);
  });
}

async function answerView({ id, query }: FromPanel & { type: 'view' }): Promise<void> {
  const { bench } = window;
  bench.waiting += 1;
  const startMs = performance.now();
  const slab = await (await ask('/view', JSON.stringify(query))).arrayBuffer();
  bench.waiting -= 1;
  bench.lastSlabMs = performance.now();
  bench.slabBytes += slab.byteLength;
  bench.answers.push({ kind: query.kind, ms: bench.lastSlabMs - startMs, bytes: slab.byteLength });
  window.postMessage({ type: 'slab', id, slab } satisfies ToPanel, '*', [slab]);
}

async function locate(message: FromPanel & { type: 'reveal' }): Promise<void> {
  await ask('/locate', JSON.stringify(message));
  window.bench.locatedMs = performance.now();
}

function ask(path: string, body: string): Promise<Response> {
  return fetch(path, { method: 'POST', body });
}

function send(message: ToPanel): void {
  window.postMessage(message, '*');
}
