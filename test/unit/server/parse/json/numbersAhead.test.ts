import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { NumbersAhead } from '../../../../../src/server/parse/json/numbersAhead';
import { Slicer } from '../../../../../src/server/slicer';

const slicer = new Slicer();

/** The weights that are found from the `!` on, which stands for nothing. */
async function found(text: string, count = 10): Promise<number[]> {
  const source = new MemorySource('', new TextEncoder().encode(text.replace('!', '')));
  const ahead = await NumbersAhead.behind(source, text.indexOf('!'), 'weights', slicer);
  await ahead.readTo(count, 0, slicer);
  return [...ahead.values.toArray()];
}

test('numbers are found behind the array at hand', async () => {
  assert.deepEqual(await found('{"samples":[[1],!\n[2]] ,\n "weights" : [3, 4.5]}'), [3, 4.5]);
  assert.deepEqual(await found('{"samples":[1!],"weights":[3,"x",null,1e999]}'), [3, 0, 0, 0]);
});

test('what was cut off is as long as it is', async () => {
  assert.deepEqual(await found('{"samples":[[1]!],"weights":['), []);
  assert.deepEqual(await found('{"samples":[[1]!]'), []);
});

test('weights of another profile, and other values, are not taken', async () => {
  assert.deepEqual(await found('[{"samples":[[1]!]},{"weights":[3]}]'), []);
  assert.deepEqual(await found('[{"samples":[[1]!],"unit":"s","weights":[3]}]'), []);
  assert.deepEqual(await found('{"samples":[[1]!],"weights":{"a":[3]}}'), []);
  assert.deepEqual(await found('{"samples":[[1]!],"weightsOf":[3]}'), []);
  assert.deepEqual(await found('{"samples":[1!,"weights",[3]]}'), []);
});

test('no more is read than is asked for, but for the last batch', async () => {
  const text = `{"samples":[[1]!],"weights":[${Array.from({ length: 5000 }, (_, at) => at).join(',')}]}`;
  assert.equal((await found(text, 1500)).length, 2048);
  assert.equal((await found(text, 9000)).length, 5000);
});
