import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunSummary } from '../../../src/shared/api';
import { initialState, keepState, type PanelState, restoreState } from '../../../webview/state';
import { createStore } from '../../../webview/store';

test('a listener hears of changes only, with the state before', () => {
  const store = createStore({ a: 1, b: 'x' });
  const heard: string[] = [];
  const stop = store.subscribe((state, previous) => heard.push(`${previous.a}→${state.a}`));
  store.patch({ a: 1 });
  store.patch({ a: 2 });
  stop();
  store.patch({ a: 3 });
  assert.deepEqual(heard, ['1→2']);
});

test('a change from within a listener is delivered after the present one, to all', () => {
  const store = createStore({ a: 0 });
  const heard: number[] = [];
  store.subscribe(state => {
    if (state.a === 1) store.patch({ a: 2 });
  });
  store.subscribe(state => heard.push(state.a));
  store.patch({ a: 1 });
  assert.deepEqual(heard, [1, 2]);
});

const summary = { runId: 'one' } as RunSummary;
const changed: PanelState = {
  ...initialState,
  summary,
  filter: 'fib',
  lane: 3,
  viewport: { startNs: 1, endNs: 2, scrollTopPx: 3 },
};

test('what is kept comes back for the same run, through JSON', () => {
  const stored: unknown = JSON.parse(JSON.stringify(keepState(changed)));
  const restored = restoreState(stored, 'one');
  assert.equal(restored.filter, 'fib');
  assert.equal(restored.lane, 3);
  assert.deepEqual(restored.viewport, changed.viewport);
  assert.deepEqual(restoreState(stored, 'another'), {});
});

test('kept state of another shape is left out', () => {
  assert.deepEqual(restoreState(null, 'one'), {});
  assert.deepEqual(restoreState({ runId: 'one', kept: { filter: 7, lane: '3', split: 0.5 } }, 'one'), {
    split: 0.5,
  });
});
