import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StackTest } from '../../../../../src/server/analyze/gaps/stackTest';

test('a question about stacks is asked once for each', () => {
  const asked: number[] = [];
  const isOdd = new StackTest(4, index => asked.push(index) > 0 && index % 2 === 1);
  assert.equal(isOdd.answer(2), undefined);
  assert.deepEqual(
    [3, 2, 3, 2].map(index => isOdd.holds(index)),
    [true, false, true, false],
  );
  assert.deepEqual([isOdd.answer(3), isOdd.answer(2)], [true, false]);
  assert.deepEqual(asked, [3, 2]);
});
