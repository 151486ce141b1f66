/** pyinstrument's, Scalene's and memray's own files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureBytes, formatOf, functionShares, parseBytes, stackWeights } from '../../../helpers/parsing';

const sum = (column: Float64Array) => column.reduce((all, value) => all + value, 0);
const fixtures = [
  ['agreement/pyinstrument-session.json.gz', 'pyinstrument'],
  ['agreement/pyinstrument-json.json', 'pyinstrument'],
  ['scalene/agreement.json.gz', 'Scalene'],
  ['memrayCsv/allocations.csv', 'memray CSV'],
] as const;

for (const [name, format] of fixtures) {
  test(`${name} is known as ${format}, and survives every cut`, async () => {
    const bytes = fixtureBytes(name);
    assert.equal(formatOf(bytes), format);
    for (let length = 500; length < bytes.length; length += Math.ceil(bytes.length / 40)) {
      await parseBytes(bytes.subarray(0, length));
    }
  });
}

test('a pyinstrument session has every record, in order, on the lane of its thread', async () => {
  const bytes = fixtureBytes('agreement/pyinstrument-session.json.gz');
  const session = JSON.parse(new TextDecoder().decode(bytes));
  const { profile } = await parseBytes(bytes);
  const records: [string[], number][] = session.frame_records;
  assert.equal(profile.samples.length, records.length);
  const seconds = records.reduce((all, [, time]) => all + time, 0);
  assert.ok(Math.abs(sum(profile.samples.weightNs) / 1e9 - seconds) < 1e-6);
  assert.deepEqual(
    profile.lanes.map(lane => [lane.name, lane.isMain]),
    [['MainThread', true]],
  );
  assert.equal(profile.info.hasTimeAxis, true);
  const stacks = [...stackWeights(profile).keys()];
  // What runpy imports before the program hangs at the root; pyinstrument's own start is on no stack.
  assert.ok(stacks.some(stack => stack.startsWith('<module>:33;rounds:28;half:')));
  for (const stack of stacks) assert.doesNotMatch(stack, /^main:|^<module>:[18];|run_path:|_run_code:/);
});

test('a pyinstrument tree gives own times, waits apart, in any order of the keys', async () => {
  const leaf = (name: string, time: number) => ({ time, children: [], function: name, line_no: 4 });
  const children = [leaf('[self]', 1), leaf('[await]', 2), leaf('work', 3)];
  const root = { children, time: 6, function: 'main', file_path: '/tmp/a.py', line_no: 2 };
  const file = { root_frame: root, sample_count: 6, duration: 6 };
  const { profile, problems } = await parseBytes(new TextEncoder().encode(JSON.stringify(file)));
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'main:0': 3e9, 'main:0;work:0': 3e9 });
  assert.deepEqual(
    [...profile.samples.state].filter(state => state > 0),
    [1],
  );
  assert.equal(profile.info.lineMeaning, 'definition');
});

test('Scalene: the shares of the functions are those of the file', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('scalene/agreement.json.gz'));
  assert.deepEqual(problems, []);
  const shares = functionShares(profile);
  // As Python's json module adds them up: what Scalene measured, not what the program did.
  for (const [name, share] of [
    ['half', 0.418],
    ['three_tenths', 0.431],
    ['two_tenths', 0.151],
  ] as const)
    assert.ok(Math.abs((shares.get(name)?.total ?? 0) - share) < 0.001, name);
  assert.ok(profile.info.limits.length > 0);
});

test('memray CSV: bytes and allocations, leaf first, threads by name', async () => {
  const bytes = fixtureBytes('memrayCsv/allocations.csv');
  for (const [valueType, expected] of [
    [0, 1_689_550],
    [1, 1025],
  ] as const) {
    const { profile, problems } = await parseBytes(bytes, { valueType });
    assert.deepEqual(problems, []);
    assert.equal(sum(profile.samples.weightNs), expected);
    assert.ok(profile.lanes.some(lane => lane.name === 'allocator'));
  }
});

test('memray CSV: separators inside quotes, paths and operators split nothing', async () => {
  const head = 'allocator,num_allocations,size,tid,thread_name,stack_trace\r\n';
  const rows =
    'MALLOC,2,30,1,"0x1 (a, ""b"")","operator|(A, B);/x|y;z.cc;3|f;/tmp/a.py;7"\r\nMALLOC,x,1,1,t,f;a;1\r\n';
  const { profile, problems } = await parseBytes(new TextEncoder().encode(head + rows));
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'f:7;operator|(A, B):3': 30 });
  assert.equal(profile.lanes[0]?.name, 'a, "b"');
  assert.equal(problems.length, 1);
});
