import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowsOf } from '../../../../webview/gaps/flowArrows';
import { indexGaps, readGap } from '../../../../webview/gaps/gapIndex';
import { loopLagOf } from '../../../../webview/gaps/loopLag';
import { type DrawnGap, gapsOf } from './sampleViews';

/** Gaps of one group and class. */
function gapsOfClass(classId: string, gaps: readonly DrawnGap[], holderLane = -1) {
  const view = gapsOf(gaps, holderLane);
  return indexGaps({ ...view, groups: view.groups.map(group => ({ ...group, classId })) });
}

function flows(classId: string, holderLane: number) {
  const gaps = gapsOfClass(classId, [[0, 100, 160, 0]], holderLane);
  const gap = readGap(gaps, 0);
  assert.ok(gap);
  return flowsOf({ gaps }, gap);
}

test('whoever held a gap up wakes its lane at the end', () => {
  assert.deepEqual(flows('sync.lock', 3), [{ fromLane: 3, toLane: 0, atNs: 160, kind: 'wakeUp' }]);
});

test('work that was handed over flows there first', () => {
  assert.deepEqual(flows('task.await.executor', 3), [
    { fromLane: 0, toLane: 3, atNs: 100, kind: 'handOff' },
    { fromLane: 3, toLane: 0, atNs: 160, kind: 'wakeUp' },
  ]);
});

test('nothing flows where nobody is known, or from a lane to itself', () => {
  assert.deepEqual(flows('sync.lock', -1), []);
  assert.deepEqual(flows('sync.lock', 0), []);
});

const stops: readonly DrawnGap[] = [
  [0, 100, 160, 0],
  [0, 400, 500, 0],
  [0, 600, 601, -1],
];

test('a stopped loop lags by the time since it was stopped, short stops left out', () => {
  for (const classId of ['loop.blocked(run.python)', 'loop.busy']) {
    assert.deepEqual(loopLagOf(gapsOfClass(classId, stops)), {
      stops: [
        { startNs: 100, endNs: 160 },
        { startNs: 400, endNs: 500 },
      ],
      mostNs: 100,
    });
  }
});

test('a loop that waits for work does not lag', () => {
  assert.deepEqual(loopLagOf(gapsOfClass('loop.idle', stops)), { stops: [], mostNs: 0 });
});
