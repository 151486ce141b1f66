import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureBytes, formatOf, parseBytes, stackWeights } from '../../../../helpers/parsing';

const sum = (column: Float64Array) => column.reduce((all, value) => all + value, 0);
const table = (...lines: unknown[][]) =>
  new TextEncoder().encode(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
const header = ['pyrolens memory', { version: 1, pid: 7, python: '3.12.1', frameLimit: 10 }];

test('a memory table has bytes or blocks by stack, each with its line', async () => {
  const bytes = table(
    header,
    ['f', 'main', '/a.py', 8, 5],
    ['f', 'keep', '/a.py', 2, 1],
    ['s', 3000, 2, true, 0, 1],
    ['s', 500, 5, false, 0],
  );
  assert.equal(formatOf(bytes), 'Pyrolens memory table');
  const { profile, problems } = await parseBytes(bytes);
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'main:8;keep:2': 3000, 'main:8': 500 });
  assert.deepEqual([profile.info.unit, profile.info.hasTimeAxis, profile.lanes[0]?.pid], ['bytes', false, 7]);
  const { profile: blocks } = await parseBytes(bytes, { valueType: 1 });
  assert.deepEqual(Object.fromEntries(stackWeights(blocks)), { 'main:8;keep:2': 2, 'main:8': 5 });
});

test('a recorded one has a megabyte at its line', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('memoryTable/allocations.jsonl'));
  assert.deepEqual(problems, []);
  const large = [...stackWeights(profile)].filter(([stack]) => /large:\d+$/.test(stack));
  assert.ok(Math.abs(sum(Float64Array.from(large, ([, weight]) => weight)) - 2 ** 20) < 200, String(large));
});

test('damaged lines are counted, and the rest is read', async () => {
  const [frame, stack] = [
    ['f', 'main', '/a.py', 8, 5],
    ['s', 10, 1, true, 0],
  ];
  const bytes = table(header, frame, ['s', 10, 1, true, 3], ['s', 'x', 1, true, 0], ['?'], stack);
  const { profile, problems } = await parseBytes(bytes);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'main:8': 10 });
  assert.match(problems[0]?.message ?? '', /^3 lines/);
  const fixture = fixtureBytes('memoryTable/allocations.jsonl');
  for (let length = 30; length < fixture.length; length += 37) await parseBytes(fixture.subarray(0, length));
});
