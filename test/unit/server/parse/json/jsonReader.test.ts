import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { ByteStrings } from '../../../../../src/server/parse/bytes/byteStrings';
import { IntegerList } from '../../../../../src/server/parse/json/integerList';
import { JsonDamaged } from '../../../../../src/server/parse/json/jsonDamaged';
import { JsonKeys } from '../../../../../src/server/parse/json/jsonKeys';
import { JsonReader } from '../../../../../src/server/parse/json/jsonReader';

/** The smallest window that holds a token's margin: every longer text crosses its end many times. */
const smallWindow = 1100;

function readerOf(text: string, windowBytes = smallWindow): JsonReader {
  return new JsonReader(new MemorySource('', new TextEncoder().encode(text)), 0, windowBytes);
}

/** Rebuilds the value with the reader's own methods. */
function build(reader: JsonReader): unknown {
  if (reader.isArray()) {
    const values: unknown[] = [];
    reader.beginArray();
    while (reader.nextElement()) values.push(build(reader));
    return values;
  }
  if (reader.isObject()) {
    const entries: [string, unknown][] = [];
    reader.beginObject();
    for (let key = reader.nextKeyText(); key !== undefined; key = reader.nextKeyText()) {
      entries.push([key, build(reader)]);
    }
    return Object.fromEntries(entries);
  }
  if (reader.isString()) return reader.string();
  if (reader.isNumber()) return reader.number();
  return reader.value();
}

const value = fc.jsonValue({ maxDepth: 6 });
const padded = fc.tuple(value, fc.array(fc.string({ maxLength: 400, unit: 'grapheme' }), { maxLength: 12 }));

test('any JSON is read as JSON.parse reads it, wherever the window ends', () => {
  fc.assert(
    fc.property(padded, fc.constantFrom(undefined, 1, '\t'), (data, space) => {
      const text = JSON.stringify(data, undefined, space);
      assert.deepEqual(build(readerOf(text)), JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('any value can be skipped', () => {
  fc.assert(
    fc.property(padded, data => {
      const reader = readerOf(`[${JSON.stringify(data)},7]`);
      reader.beginArray();
      reader.nextElement();
      reader.skip();
      assert.equal(reader.nextElement(), true);
      assert.equal(reader.number(), 7);
    }),
  );
});

test('text that is cut off anywhere is reported as cut off, never read as whole', () => {
  fc.assert(
    fc.property(padded, fc.nat(), (data, at) => {
      const text = new TextEncoder().encode(JSON.stringify([data]));
      const cut = text.subarray(0, at % text.length);
      const reader = new JsonReader(new MemorySource('', cut), 0, smallWindow);
      assert.throws(
        () => reader.skip(),
        (error: unknown) => error instanceof JsonDamaged,
      );
    }),
  );
});

test('numbers are the nearest doubles', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), number => {
      const text = JSON.stringify(number);
      assert.equal(readerOf(text).number(), JSON.parse(text));
      assert.equal(readerOf(`"${text}"`).number(), JSON.parse(text));
    }),
  );
  for (const text of ['123456789012345678901234567890', '0.1234567890123456789', '1e400', '-0.0']) {
    assert.equal(readerOf(text).number(), Number(text));
  }
  assert.equal(readerOf('null').number(-1), -1);
});

test('known keys are found by their bytes, also when they are written with escapes', () => {
  const keys = new JsonKeys(['ph', 'ts', 'pid', 'tid', 'name', '']);
  const reader = readerOf('{"tid":1,"other":2,"\\u0070id":3,"":4}');
  reader.beginObject();
  const found: [number, number][] = [];
  for (let key = reader.nextKey(keys); key !== JsonReader.end; key = reader.nextKey(keys)) {
    found.push([key, reader.number()]);
  }
  assert.deepEqual(found, [
    [3, 1],
    [JsonReader.otherKey, 2],
    [2, 3],
    [5, 4],
  ]);
});

test('strings are interned by their bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 60 }), texts => {
      const strings = new ByteStrings();
      const reader = readerOf(JSON.stringify([...texts, ...texts]));
      const ids: number[] = [];
      reader.beginArray();
      while (reader.nextElement()) ids.push(reader.stringId(strings));
      assert.deepEqual(
        ids.map(id => strings.text(id)),
        [...texts, ...texts],
      );
      assert.equal(strings.length, new Set(texts).size);
    }),
  );
});

test('a depth bomb is skipped without recursion', () => {
  const depth = 2_000_000;
  const reader = readerOf(`[${'['.repeat(depth)}${']'.repeat(depth)},5]`);
  reader.beginArray();
  reader.nextElement();
  reader.skip();
  reader.nextElement();
  assert.equal(reader.number(), 5);
});

for (const text of ['[1 2]', '{"a" 1}', '{1:2}', '[,1]', ']', '{"a":}', 'x!']) {
  test(`«${text}» is damaged, with its place`, () => {
    assert.throws(() => build(readerOf(text)), JsonDamaged);
  });
}

test('arrays of whole numbers are read one after another, with how far they begin alike', () => {
  const stacks = fc.array(fc.array(fc.nat({ max: 12 }), { maxLength: 40 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(stacks, fc.constantFrom(undefined, 1), fc.boolean(), (data, space, isPython) => {
      const text = JSON.stringify(data, undefined, space);
      const reader = readerOf(isPython ? text.replaceAll(',', ', ') : text);
      const list = new IntegerList();
      let before: number[] = [];
      reader.beginArray();
      for (const stack of data) {
        assert.ok(reader.nextElement());
        reader.integers(list);
        assert.deepEqual([...list.values.subarray(0, list.length)], stack);
        const differs = stack.findIndex((value, index) => value !== before[index]);
        assert.equal(list.sameCount, differs < 0 ? stack.length : differs);
        before = stack;
      }
      assert.equal(reader.nextElement(), false);
    }),
  );
});

test('an array that begins like the one before is read from where it differs', () => {
  const change = fc.tuple(fc.nat({ max: 12 }), fc.array(fc.nat({ max: 120 }), { maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 200, maxLength: 300 }), fc.boolean(), (changes, isPython) => {
      let stack: number[] = [];
      const data = changes.map(([kept, added]) => {
        stack = [...stack.slice(0, kept), ...added];
        return stack;
      });
      const text = JSON.stringify(data);
      const reader = readerOf(isPython ? text.replaceAll(',', ', ') : text, 3 * smallWindow);
      const list = new IntegerList();
      const found: number[][] = [];
      reader.beginArray();
      while (reader.nextElement()) {
        reader.integers(list);
        found.push([...list.values.subarray(0, list.length)]);
      }
      assert.deepEqual(found, data);
    }),
  );
});

test('what is no small whole number reads as -1 in a list of them', () => {
  const list = new IntegerList();
  const reader = readerOf('[1, -2, 1.5, null, "x", [3], {"a": 4}, 12345678901, 1e3, 7]');
  reader.integers(list);
  assert.deepEqual([...list.values.subarray(0, list.length)], [1, -1, -1, -1, -1, -1, -1, -1, 1000, 7]);
  for (const damaged of ['[1 2]', '[1,,2]', '[1}', '[1', '[', '[1,', '1'])
    assert.throws(() => readerOf(damaged).integers(new IntegerList()), JsonDamaged, damaged);
});

test('escapes of every kind are read as JSON.parse reads them', () => {
  const escapes = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 });
  fc.assert(
    fc.property(escapes, codes => {
      const text = `"${codes.map(code => `\\u${code.toString(16).padStart(4, '0')}`).join('')}"`;
      // Lone surrogates have no UTF-8: they become replacement characters.
      assert.equal(readerOf(text).string(), JSON.parse(text).toWellFormed());
    }),
  );
  assert.throws(() => readerOf('"\\u00g0"').string(), JsonDamaged);
});

test('numbers in bulk are those read one by one, whatever stands between', () => {
  const item = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
  const list = fc.array(fc.tuple(item, fc.constantFrom('', ' ', '\n  ')), { maxLength: 600 });
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 700 }), (items, size) => {
      const text = `[${items.map(([value, blank]) => blank + JSON.stringify(value) + blank).join(',')}]`;
      const reader = readerOf(text);
      const found: number[] = [];
      const target = new Float64Array(size);
      reader.beginArray();
      for (let count = size; count === size; ) {
        count = reader.numbers(target, -7);
        found.push(...target.subarray(0, count));
      }
      assert.deepEqual(
        found,
        items.map(([value]) => (value === null ? -7 : (JSON.parse(JSON.stringify(value)) as number))),
      );
    }),
    { numRuns: 100 },
  );
});

/** Reads the array that is the whole text, so many numbers at a time. */
function numbersOf(text: string, batch: number): number[] {
  const reader = readerOf(text, 3 * smallWindow);
  const target = new Float64Array(batch);
  const found: number[] = [];
  reader.beginArray();
  for (let count = batch; count === batch; ) {
    count = reader.numbers(target, -7);
    found.push(...target.subarray(0, count));
  }
  return found;
}

test('indexes are whole, no larger than 32 bits hold, and -1 for what is none', () => {
  const short = Array.from({ length: 1500 }, (_, index) => index * 7);
  const others = {
    '1.5': 1,
    '-4': -1,
    null: -1,
    '999999999': 999_999_999,
    '12345678901': 0x7fffffff,
    ' 8 ': 8,
  };
  for (const [other, expected] of Object.entries(others)) {
    const reader = readerOf(`[${short},${other},${short}]`, 3 * smallWindow);
    const target = new Int32Array(short.length * 2 + 2);
    reader.beginArray();
    assert.equal(reader.indexes(target), target.length - 1, other);
    assert.deepEqual([...target.subarray(0, -1)], [...short, expected, ...short], other);
  }
});

test('a long stretch of short whole numbers ends where anything else stands', () => {
  const short = Array.from({ length: 300 }, (_, index) => index * 7);
  for (const other of ['1.5', '1e3', '-4', '123456789', '12345678901', 'null', '"8"', '\n7 ', '[3]']) {
    const value: unknown = JSON.parse(other);
    const expected = value === null || typeof value === 'object' ? -7 : Number(value);
    assert.deepEqual(numbersOf(`[${short},${other},${short}]`, 64), [...short, expected, ...short], other);
  }
  const damaged = [
    `[,${short}]${' '.repeat(2000)}`,
    `[${short}}`,
    `[${short},`,
    `[${short},,${short}]`,
    `[${short} ${short}]`,
  ];
  for (const text of damaged) assert.throws(() => numbersOf(text, 64), JsonDamaged, text);
});
