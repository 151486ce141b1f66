import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FromPanel } from '../../../../src/shared/panelMessages';
import type { FunctionsView } from '../../../../src/shared/views';
import { PanelController } from '../../../../webview/controller';
import { FlameSource } from '../../../../webview/flame/flameSource';
import { indexGaps } from '../../../../webview/gaps/gapIndex';
import { keepGapsFresh } from '../../../../webview/gaps/gapQueries';
import { GapsController } from '../../../../webview/gaps/gapsController';
import { indexSlices } from '../../../../webview/gaps/sliceIndex';
import { TimelineSource } from '../../../../webview/gaps/timelineSource';
import type { HostChannel } from '../../../../webview/hostChannel';
import { initialState, type PanelState } from '../../../../webview/state';
import { createStore } from '../../../../webview/store';
import { until } from '../../../helpers/until';
import { gapsOf, summaryOf, timelineOf } from './sampleViews';

globalThis.requestAnimationFrame = work => setTimeout(() => work(0)) as unknown as number;

const summary = summaryOf(['thread', 'thread']);
const gaps = indexGaps(
  gapsOf(
    [
      [0, 100, 162, 0],
      [1, 300, 310, -1],
      [0, 400, 500, 0],
    ],
    1,
  ),
);
const view = timelineOf(['loop', 'thread'], [[0, 0, 1000, 'running']]);

/** The controllers of a panel that shows a run of 1000 ns with three gaps, two of them in one group. */
function shown(changes: Partial<PanelState> = {}) {
  const store = createStore<PanelState>({
    ...initialState,
    summary,
    phase: { kind: 'ready' },
    gaps,
    timeline: { overview: indexSlices(view), detail: null },
    ...changes,
  });
  const posted: FromPanel[] = [];
  const channel = {
    post: (message: FromPanel) => posted.push(message),
    request: () => new Promise(() => undefined),
    abandonRequests: () => undefined,
  } as unknown as HostChannel;
  const never = () => new Promise<never>(() => undefined);
  const nothing = () => undefined;
  const panel = new PanelController(store, channel, new FlameSource(never, nothing, nothing));
  panel.hasReducedMotion = true;
  const controller = new GapsController(panel, new TimelineSource(never, nothing, nothing));
  return { store, posted, panel, controller };
}

test('a group that is asked for before the gaps are here is chosen when they come', () => {
  const { store, controller } = shown({ gaps: null });
  controller.showGroup(0);
  assert.equal(store.state.chosenGap.group, -1);
  store.patch({ gaps });
  assert.deepEqual([store.state.chosenGap.group, store.state.tab], [0, 'gaps']);
});

test('a clicked gap is chosen, explained in its tab, and opens the line that waited; the picture stays', () => {
  const { store, posted, controller } = shown();
  controller.open(0, false);
  assert.deepEqual(store.state.chosenGap, { gap: 0, group: 0 });
  assert.equal(store.state.tab, 'gaps');
  assert.equal(store.state.timelineViewport, null);
  assert.deepEqual(posted, [{ type: 'reveal', file: 3, line: 1, takeFocus: false }]);
  assert.match(store.state.announcement, /^gap 0, 62\.0 ns|^gap 0, 62 ns/);
});

test('a gap that is not listed is chosen without a group and opens nothing', () => {
  const { store, posted, controller } = shown();
  controller.open(1, false);
  assert.deepEqual(store.state.chosenGap, { gap: 1, group: -1 });
  assert.equal(store.state.tab, 'functions');
  assert.deepEqual(posted, []);
});

test('a group chosen in the list chooses its longest gap', () => {
  const { store, controller } = shown();
  controller.chooseGroup(0);
  assert.deepEqual(store.state.chosenGap, { gap: 2, group: 0 });
});

test('period and comma walk the listed gaps and say when there are no more', () => {
  const { store, controller } = shown();
  controller.step(1);
  controller.step(1);
  assert.equal(store.state.chosenGap.gap, 2);
  controller.step(1);
  assert.equal(store.state.chosenGap.gap, 2);
  assert.equal(store.state.announcement, store.state.strings.noMoreGaps);
  controller.step(-1);
  assert.equal(store.state.chosenGap.gap, 0);
});

test('a gap outside of the part in view is brought there, one that is seen moves nothing', () => {
  const viewport = { startNs: 600, endNs: 900, scrollTopPx: 0 };
  const { store, controller } = shown({ timelineViewport: viewport });
  controller.choose(2);
  const { startNs = 0, endNs = 0 } = store.state.timelineViewport ?? {};
  assert.ok(startNs <= 400 && endNs >= 500, `${startNs}–${endNs}`);
  const before = store.state.timelineViewport;
  controller.choose(2);
  assert.equal(store.state.timelineViewport, before);
});

test('a selected range narrows the inline numbers and lets go of the selected frame; it ends with the run', () => {
  const { store, posted, controller } = shown({ functionId: 4 });
  controller.setRange({ startNs: 200, endNs: 5000 });
  assert.deepEqual(store.state.range, { startNs: 200, endNs: 1000 });
  assert.equal(store.state.selected, null);
  const message = posted.at(-1);
  assert.ok(message?.type === 'select' && message.selection);
  const { rangeStartNs, rangeEndNs, path, lane } = message.selection;
  assert.deepEqual([rangeStartNs, rangeEndNs, path, lane], [200, 1000, [], -1]);
});

test('in time order the flame graph looks at the selected range', () => {
  const { store, controller } = shown({ order: 'timeOrder' });
  controller.setRange({ startNs: 200, endNs: 300 });
  assert.deepEqual(store.state.viewport, { startNs: 200, endNs: 300, scrollTopPx: 0 });
});

test('Escape undoes the gap, then the range, then the zoom of the timeline, and then nothing', () => {
  const viewport = { startNs: 0, endNs: 700, scrollTopPx: 0 };
  const { store, posted, controller } = shown({ timelineViewport: viewport });
  controller.setRange({ startNs: 200, endNs: 300 });
  controller.open(0, false);
  assert.equal(controller.unwind(), true);
  assert.equal(store.state.chosenGap.gap, -1);
  assert.notEqual(store.state.range, null);
  assert.equal(controller.unwind(), true);
  assert.equal(store.state.range, null);
  assert.deepEqual(posted.at(-1), { type: 'select', selection: null });
  assert.equal(controller.unwind(), true);
  assert.equal(controller.isZoomed, false);
  assert.equal(controller.unwind(), false);
});

test('Space narrows to the chosen gap, else to the part in view, and to nothing when that is all', () => {
  const { store, controller } = shown();
  assert.equal(controller.narrow(), false);
  controller.lookAt({ startNs: 300, endNs: 600, scrollTopPx: 0 });
  assert.equal(controller.narrow(), true);
  assert.deepEqual(store.state.range, { startNs: 300, endNs: 600 });
  controller.mark(0);
  controller.narrow();
  assert.deepEqual(store.state.range, { startNs: 100, endNs: 162 });
});

test('a slice opens the line that it executed', () => {
  const { posted, controller } = shown();
  controller.revealSlice(0, true);
  assert.deepEqual(posted, [{ type: 'reveal', file: 3, line: 7, takeFocus: true }]);
});

test('what the host narrowed back is forgotten without telling it again', () => {
  const { store, posted, panel, controller } = shown();
  controller.setRange({ startNs: 200, endNs: 300 });
  const count = posted.length;
  panel.forgetSelection();
  assert.equal(store.state.range, null);
  assert.equal(posted.length, count);
});

test('gaps and timeline are asked for when flame graph and table have their answers, not before', async () => {
  const asked: string[] = [];
  const store = createStore<PanelState>(initialState);
  const request = (query: { kind: string }) => {
    asked.push(query.kind);
    return new Promise(() => undefined);
  };
  keepGapsFresh(store, { request } as unknown as HostChannel);
  store.patch({ summary, phase: { kind: 'ready' } });
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setTimeout(resolve));
  assert.deepEqual(asked, []);
  store.patch({ functions: {} as FunctionsView });
  await until('the question', () => asked.length > 0);
  assert.deepEqual(asked, ['gaps']);
});

test('the list of gaps is shown when it names some, unless the user chose a tab', async () => {
  for (const [isTabChosen, expected] of [
    [false, 'gaps'],
    [true, 'functions'],
  ] as const) {
    const store = createStore<PanelState>({ ...initialState, isTabChosen });
    const channel = { request: async () => gaps.view } as unknown as HostChannel;
    keepGapsFresh(store, channel);
    store.patch({ summary, phase: { kind: 'ready' } });
    store.patch({ functions: {} as FunctionsView });
    await new Promise<void>(resolve => store.subscribe(state => state.gaps && resolve()));
    assert.equal(store.state.tab, expected);
  }
});
