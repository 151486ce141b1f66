import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaneSummary } from '../../../src/shared/api';
import { busiestLane } from '../../../webview/busiestLane';

function thread(index: number, cpuNs: number | null): LaneSummary {
  const life = { startNs: 0, endNs: 1e9, sampleCount: 10 };
  return {
    index,
    kind: 'thread',
    parent: -1,
    pid: 1,
    tid: index,
    name: '',
    isMain: index === 0,
    cpuNs,
    ...life,
  };
}

test('the first look is at the thread that did most of the work, when one did', () => {
  assert.equal(busiestLane([thread(0, 1e6), thread(1, 9e8), thread(2, 1e6)]), 1);
  assert.equal(busiestLane([thread(0, 3e8), thread(1, 3e8), thread(2, 3e8)]), -1);
});

test('a single thread fills the picture anyway, and without CPU times nothing is preferred', () => {
  assert.equal(busiestLane([thread(0, 5e8)]), -1);
  assert.equal(busiestLane([thread(0, null), thread(1, null)]), -1);
});
