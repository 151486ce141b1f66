import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { JsonReader } from '../../../../../src/server/parse/json/jsonReader';
import { RepeatedObjects } from '../../../../../src/server/parse/json/repeatedObjects';

/** The smallest window that holds a token's margin: objects lie across its end again and again. */
const smallWindow = 1100;

/** Reads an array of objects; those that are known are taken from what was read before. */
function readAll(text: string): { values: unknown[]; knownCount: number } {
  const reader = new JsonReader(new MemorySource('', new TextEncoder().encode(text)), 0, smallWindow);
  const objects = new RepeatedObjects();
  const read: unknown[] = [];
  const values: unknown[] = [];
  let knownCount = 0;
  reader.beginArray();
  while (reader.nextElement()) {
    const known = reader.knownObject(objects);
    if (known >= 0) {
      knownCount++;
      values.push(read[known]);
      continue;
    }
    const start = reader.offset;
    const value = reader.value();
    objects.learn(read.push(value) - 1, reader.offset - start);
    values.push(value);
  }
  return { values, knownCount };
}

const name = fc.constantFrom('', 'f', 'main', 'a "quoted" }', '{', 'é', 'x'.repeat(90), 'y'.repeat(300));
/** Objects that differ at their beginning, in their middle or only at their end. */
const frame = fc.record({
  functionName: name,
  scriptId: fc.constantFrom('1', '12'),
  url: name,
  line: fc.nat(3),
});
const frames = fc
  .array(frame, { minLength: 1, maxLength: 12 })
  .chain(pool => fc.array(fc.constantFrom(...pool), { maxLength: 80 }));

test('an object that comes again is what it was, in any layout and wherever the window ends', () => {
  fc.assert(
    fc.property(frames, fc.constantFrom(undefined, 1, '\t'), (list, space) => {
      const text = JSON.stringify(list, undefined, space);
      assert.deepEqual(readAll(text).values, JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

test('objects that are alike up to their last number are told apart, and known from the second sight on', () => {
  const alike = Array.from({ length: 50 }, (_, line) => ({ functionName: '', url: 'z'.repeat(200), line }));
  const list = [...alike, ...alike, ...[...alike].reverse()];
  assert.deepEqual(readAll(JSON.stringify(list)), { values: list, knownCount: 100 });
});

test('an object whose text ends a known one, or goes on behind it, is read for itself', () => {
  const long = { functionName: 'q'.repeat(120), line: 1 };
  const list = [long, { ...long, inner: { line: 1 } }, long, { ...long, functionName: 'q}' }, long];
  assert.deepEqual(readAll(JSON.stringify(list)), { values: list, knownCount: 2 });
});
