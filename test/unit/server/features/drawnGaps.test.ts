import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnGaps } from '../../../../src/server/features/drawnGaps';

/** Gaps of so many milliseconds one behind the other; those that are listed, by their index. */
function drawn(lengths: readonly number[], listed: readonly number[], most: number): number[] {
  const startNs = Float64Array.from(lengths, (_, at) => at * 100);
  const endNs = startNs.map((ns, at) => ns + (lengths[at] ?? 0));
  const group = Int32Array.from(lengths, (_, at) => (listed.includes(at) ? 0 : -1));
  return [...drawnGaps({ length: lengths.length, startNs, endNs }, group, most)];
}

test('as long as there is room every gap is drawn', () => {
  assert.deepEqual(drawn([1, 2, 3], [], 3), [0, 1, 2]);
});

test('then listed ones come first, whatever their length, and the longest of the others', () => {
  assert.deepEqual(drawn([9, 1, 3, 8, 2], [1, 2], 3), [0, 1, 2]);
});

test('of too many listed ones the longest are drawn, in the order of their starts', () => {
  assert.deepEqual(drawn([4, 9, 1, 7], [0, 1, 2, 3], 2), [1, 3]);
});

test('of equally long ones an even part is drawn: the end of a run is not left empty', () => {
  const kept = drawn(new Array(100).fill(5), [], 10);
  assert.equal(kept.length, 10);
  assert.ok(
    kept.every((index, at) => Math.floor(index / 10) === at),
    kept.join(),
  );
});
