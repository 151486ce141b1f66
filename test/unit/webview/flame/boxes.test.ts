import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findBox,
  firstBoxAfter,
  indexBoxes,
  isWithin,
  pathOf,
  readBox,
  refOf,
  widestBoxOf,
} from '../../../../webview/flame/boxes';
import { coveredNs } from '../../../../webview/flame/coverage';
import { boxAt } from '../../../../webview/flame/hitTest';
import { childrenOf, walk } from '../../../../webview/flame/walk';
import { sampleView, viewOf } from './sampleView';

const index = indexBoxes(sampleView);

test('rows are found, an empty one included', () => {
  assert.deepEqual([...index.rowStart], [0, 1, 3, 7]);
  const sparse = indexBoxes(
    viewOf([
      [0, 0, 10, 0, -1],
      [2, 0, 5, 1, 0],
    ]),
  );
  assert.deepEqual([...sparse.rowStart], [0, 1, 1, 2]);
});

test('the first box after a place is the one that contains it or the next', () => {
  assert.equal(firstBoxAfter(index, 2, 250), 4);
  assert.equal(firstBoxAfter(index, 2, 650), 6);
  assert.equal(firstBoxAfter(index, 2, 900), 7);
});

test('a place hits its box, a gap hits the nearest within reach, else nothing', () => {
  assert.equal(boxAt(index, { row: 1, ns: 599, toleranceNs: 0 }), 1);
  assert.equal(boxAt(index, { row: 1, ns: 600, toleranceNs: 0 }), 2);
  assert.equal(boxAt(index, { row: 2, ns: 610, toleranceNs: 20 }), 5);
  assert.equal(boxAt(index, { row: 2, ns: 690, toleranceNs: 20 }), 6);
  assert.equal(boxAt(index, { row: 2, ns: 650, toleranceNs: 20 }), -1);
  assert.equal(boxAt(index, { row: 3, ns: 10, toleranceNs: 1e9 }), -1);
  assert.equal(boxAt(index, { row: -1, ns: 10, toleranceNs: 1e9 }), -1);
});

test('a path names the functions from the root, without the lane', () => {
  assert.deepEqual(pathOf(sampleView, 6), [11, 10]);
  assert.deepEqual(pathOf(sampleView, 0), []);
  assert.equal(isWithin(sampleView, 6, 2), true);
  assert.equal(isWithin(sampleView, 6, 1), false);
});

test('walking goes to the parent, the widest shown child and along the row, and stops at the ends', () => {
  assert.equal(walk(index, -1, 'down'), 0);
  assert.equal(walk(index, 0, 'up'), 0);
  assert.equal(walk(index, 0, 'down'), 1);
  assert.equal(walk(index, 1, 'down'), 4);
  assert.equal(walk(index, 4, 'down'), 4);
  assert.equal(walk(index, 4, 'left'), 3);
  assert.equal(walk(index, 3, 'left'), 3);
  assert.equal(walk(index, 5, 'right'), 6);
  assert.equal(walk(index, 2, 'right'), 2);
  assert.deepEqual(childrenOf(index, 1), [3, 4, 5]);
});

test('a frame is found again in a layout where it has moved', () => {
  const box = readBox(sampleView, 6);
  assert.ok(box);
  const ref = refOf(sampleView, box);
  assert.equal(findBox(index, ref), 6);
  const moved = viewOf([
    [0, 0, 1000, -1, -1],
    [1, 0, 400, 1, 0],
    [1, 400, 1000, 0, 0],
    [2, 300, 400, 0, 1],
  ]);
  assert.equal(findBox(indexBoxes(moved), ref), 3);
  const gone = viewOf([
    [0, 0, 1000, -1, -1],
    [1, 0, 400, 1, 0],
  ]);
  assert.equal(findBox(indexBoxes(gone), ref), -1);
});

test('a recursive frame is not taken for its caller', () => {
  const recursive = viewOf([
    [0, 0, 100, 0, -1],
    [1, 0, 90, 0, 0],
    [2, 0, 80, 0, 1],
  ]);
  const box = readBox(recursive, 1);
  assert.ok(box);
  assert.equal(findBox(indexBoxes(recursive), refOf(recursive, box)), 1);
});

test('the widest box of a function is found, and none for one that is not drawn', () => {
  assert.equal(widestBoxOf(sampleView, 10), 1);
  assert.equal(widestBoxOf(sampleView, 99), -1);
});

test('covered time counts recursion and lanes that overlap once', () => {
  const view = viewOf(
    [
      [0, 0, 100, 0, -1],
      [0, 50, 120, 0, -1],
      [0, 200, 210, 0, -1],
      [1, 0, 90, 0, 0],
      [1, 0, 60, 1, 1],
    ],
    [0, 1, 0, 0, 1],
  );
  assert.equal(coveredNs(view, Uint8Array.from([1, 0])), 130);
  assert.equal(coveredNs(view, Uint8Array.from([0, 1])), 60);
  assert.equal(coveredNs(view, Uint8Array.from([0, 0])), 0);
});
