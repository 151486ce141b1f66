import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { familyTimes } from '../../../../webview/gaps/familyTimes';
import {
  findAgain,
  gapAt,
  gapsIn,
  indexGaps,
  listedFrom,
  longestOf,
  readGap,
} from '../../../../webview/gaps/gapIndex';
import { type DrawnGap, gapsOf } from './sampleViews';

/**
 *     lane 0  [ 0      ]      [ 2 ]
 *     lane 1      [ 1 (not listed)      ]   [ 3 ]
 */
const index = indexGaps(
  gapsOf([
    [0, 0, 100, 0],
    [1, 50, 300, -1],
    [0, 200, 250, 1],
    [1, 400, 420, 0],
  ]),
);

test('a moment hits the gap of its lane, or the nearest within reach', () => {
  assert.equal(gapAt(index, 0, { ns: 50, toleranceNs: 0 }), 0);
  assert.equal(gapAt(index, 0, { ns: 150, toleranceNs: 10 }), -1);
  assert.equal(gapAt(index, 0, { ns: 195, toleranceNs: 10 }), 2);
  assert.equal(gapAt(index, 5, { ns: 50, toleranceNs: 10 }), -1);
});

test('of gaps that lie in each other the inner one is hit', () => {
  const nested = indexGaps(
    gapsOf([
      [0, 0, 1000, 0],
      [0, 100, 200, 0],
    ]),
  );
  assert.equal(gapAt(nested, 0, { ns: 150, toleranceNs: 0 }), 1);
  assert.equal(gapAt(nested, 0, { ns: 900, toleranceNs: 0 }), 0);
});

test('the gaps in view are exactly those that touch it, whatever overlaps', () => {
  const gap = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.nat(1000), fc.integer({ min: 1, max: 400 }));
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 40 }), fc.nat(1000), fc.nat(300), (drawn, start, length) => {
      const gaps = drawn
        .map(([lane, startNs, durationNs]): DrawnGap => [lane, startNs, startNs + durationNs, -1])
        .sort((a, b) => a[1] - b[1]);
      const found = [...gapsIn(indexGaps(gapsOf(gaps)), 1, { startNs: start, endNs: start + length })];
      const expected = gaps.flatMap(([lane, from, to], at) =>
        lane === 1 && from < start + length && to > start ? [at] : [],
      );
      assert.deepEqual(found, expected);
    }),
  );
});

test('the next and previous listed gap follow time over all lanes, and end at the ends', () => {
  assert.deepEqual([...index.listed], [0, 2, 3]);
  assert.equal(listedFrom(index, { gap: 0, ns: 0 }, 1), 2);
  assert.equal(listedFrom(index, { gap: 3, ns: 0 }, 1), -1);
  assert.equal(listedFrom(index, { gap: 2, ns: 0 }, -1), 0);
  assert.equal(listedFrom(index, { gap: 0, ns: 0 }, -1), -1);
});

test('with none chosen the walk begins at what is in view', () => {
  assert.equal(listedFrom(index, { gap: -1, ns: 150 }, 1), 2);
  assert.equal(listedFrom(index, { gap: -1, ns: 150 }, -1), 0);
  assert.equal(listedFrom(index, { gap: -1, ns: 900 }, 1), -1);
  assert.equal(listedFrom(index, { gap: -1, ns: 900 }, -1), 3);
});

test('a group is represented by its longest gap', () => {
  assert.equal(longestOf(index, 0), 0);
  assert.equal(longestOf(index, 1), 2);
  assert.equal(longestOf(index, 9), -1);
});

test('a gap is found again in a run that was read anew, where its number may be another', () => {
  const grown = indexGaps(
    gapsOf([
      [1, 0, 10, 0],
      [0, 200, 260, 0],
    ]),
  );
  const gap = readGap(index, 2);
  const gone = readGap(index, 0);
  assert.ok(gap && gone);
  assert.equal(findAgain(grown, gap), 1);
  assert.equal(findAgain(grown, gone), -1);
});

test('a family counts with what of its listed gaps is in view', () => {
  assert.deepEqual(
    familyTimes(index, { startNs: 50, endNs: 210 }).map(time => time.totalNs),
    [60],
  );
  assert.deepEqual(familyTimes(index, { startNs: 110, endNs: 190 }), []);
});
