import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkedFloat64, ChunkedInt32 } from '../../../../../src/server/columns/chunkedColumn';
import { type GeckoSamples, ticksOf } from '../../../../../src/server/parse/firefox/geckoSamples';
import { StackTree } from '../../../../../src/server/parse/model/stackTree';

test('every node is found again, also below parents of very many', () => {
  const tree = new StackTree();
  const parentOf = (node: number) => [-1, 0, node - 1][node % 3] ?? -1;
  for (let node = 0; node < 60_000; node++) {
    const parent = node === 0 ? -1 : parentOf(node);
    assert.equal(tree.find(parent, node), -1);
    assert.equal(tree.add(parent, node), node);
  }
  for (let node = 1; node < 60_000; node++) assert.equal(tree.find(parentOf(node), node), node);
  assert.equal(tree.find(0, 60_000), -1);
  assert.deepEqual([...tree.parents().subarray(0, 6)], [-1, 0, 1, -1, 0, 4]);
  assert.equal(tree.frameOf(59_999), 59_999);
});

test('columns in chunks hand over what was pushed, and are empty then', () => {
  for (const length of [0, 1, 9, 65_536, 65_537, 140_000]) {
    const [doubles, integers] = [new ChunkedFloat64(), new ChunkedInt32()];
    for (let i = 0; i < length; i++) {
      doubles.push(i / 2);
      integers.push(i);
    }
    assert.deepEqual(
      doubles.take(),
      Float64Array.from({ length }, (_, i) => i / 2),
    );
    assert.deepEqual(
      integers.take(),
      Int32Array.from({ length }, (_, i) => i),
    );
    doubles.push(7);
    assert.deepEqual([...doubles.take()], [7]);
    assert.equal(integers.length, 0);
  }
});

test('the ticks of a process are those of all its threads, each once', () => {
  assert.deepEqual([...ticksOf([])], []);
  assert.deepEqual([...ticksOf([samples(1, 3, 5), samples(2, 3, 6), samples(3)])], [1, 2, 3, 5, 6]);
  assert.deepEqual([...ticksOf([samples(Number.NaN), samples(4, Number.NaN, 2)])], [2, 4]);
  assert.deepEqual([...ticksOf([samples(1, Number.POSITIVE_INFINITY), samples(2)])], [1, 2, Infinity]);
});

function samples(...times: readonly number[]): GeckoSamples {
  const none = new Float64Array(0);
  const timeMs = Float64Array.from(times);
  const stack = new Int32Array(times.length);
  return { length: times.length, stack, timeMs, weight: none, weightType: 'samples', cpu: none };
}
