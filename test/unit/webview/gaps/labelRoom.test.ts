import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexGaps } from '../../../../webview/gaps/gapIndex';
import { labelRoom } from '../../../../webview/gaps/labelRoom';
import type { Scene } from '../../../../webview/gaps/scene';
import { type DrawnGap, gapsOf } from './sampleViews';

/** Where a name stands in a slice from 100 to 300 when a pixel is a nanosecond; gaps may lie over it. */
function roomBeside(gaps: readonly DrawnGap[]): readonly [number, number] | undefined {
  const scene = {
    gaps: indexGaps(gapsOf(gaps)),
    viewport: { startNs: 0, endNs: 1000, scrollTopPx: 0 },
    size: { width: 1000, height: 22, ratio: 1 },
  } as unknown as Scene;
  const rect = { x: 100, y: 2, width: 200, height: 18 };
  const room = labelRoom(scene, { track: 0, lane: 0, rect, leastPx: 40 });
  return room && [room.x, room.width];
}

test('a name has the whole slice when no gap lies over it', () => {
  assert.deepEqual(roomBeside([]), [100, 200]);
  assert.deepEqual(roomBeside([[1, 120, 160, 0]]), [100, 200], 'that of another lane');
});

test('a name stands before the first gap, else behind it', () => {
  assert.deepEqual(roomBeside([[0, 180, 300, 0]]), [100, 80]);
  assert.deepEqual(roomBeside([[0, 120, 160, 0]]), [160, 140]);
});

test('there is no name where gaps leave too little room', () => {
  assert.equal(
    roomBeside([
      [0, 90, 180, 0],
      [0, 210, 320, 0],
    ]),
    undefined,
  );
});
