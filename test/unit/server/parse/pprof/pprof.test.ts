import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  fixtureBytes,
  formatOf,
  functionShares,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';
import { bytesField, numberField, numbers, varint } from '../../../../helpers/protobufWriter';

const strings = [
  '',
  'samples',
  'count',
  'cpu',
  'nanoseconds',
  'main',
  '/work/app.py',
  'leaf',
  'inner',
  'thread_id',
  '42',
  'thread_name',
  'worker',
];
const stringTable = strings.flatMap(text => bytesField(6, text));
const types = [...bytesField(1, numbers({ 1: 1, 2: 2 })), ...bytesField(1, numbers({ 1: 3, 2: 4 }))];
const large = 2n ** 63n + 5n;
const functions = [
  ...bytesField(5, numbers({ 1: 1, 2: 5, 4: 6 })),
  ...bytesField(5, numbers({ 1: large, 2: 7, 4: 6 })),
  ...bytesField(5, numbers({ 1: large + 1n, 2: 8, 4: 6 })),
];
const line = (func: bigint | number, at: number) => bytesField(4, numbers({ 1: func, 2: at }));
const locations = [
  ...bytesField(4, [...numberField(1, 1), ...line(1, 3)]),
  // Inlined: `inner` is the innermost, `leaf` its caller.
  ...bytesField(4, [...numberField(1, large), ...line(large + 1n, 9), ...line(large, 7)]),
];
const packed = (field: number, ...values: (bigint | number)[]) => bytesField(field, values.flatMap(varint));
const sample = (ids: (bigint | number)[], values: (bigint | number)[], ...labels: number[][]) =>
  bytesField(2, [
    ...packed(1, ...ids),
    ...packed(2, ...values),
    ...labels.flatMap(label => bytesField(3, label)),
  ]);
const looseSample = (ids: (bigint | number)[], values: (bigint | number)[]) =>
  bytesField(2, [
    ...ids.flatMap(id => numberField(1, id)),
    ...values.flatMap(value => numberField(2, value)),
  ]);
const parse = (fields: number[][], options = {}) => parseBytes(Uint8Array.from(fields.flat()), options);
const weights = async (...fields: number[][]) =>
  Object.fromEntries(stackWeights((await parse(fields)).profile));

const expected = { 'main:3;leaf:7;inner:9': 30, 'main:3': 5 };
const samples = [...sample([large, 1], [3, 30]), ...sample([1], [1, 5])];

for (const [name, fields] of Object.entries({
  'in the usual order': [types, samples, locations, functions, stringTable],
  'with samples first, as Datadog writes': [samples, types, stringTable, functions, locations],
  'with strings first': [stringTable, functions, locations, types, samples],
  'with unpacked numbers': [
    types,
    looseSample([large, 1], [3, 30]),
    looseSample([1], [1, 5]),
    locations,
    functions,
    stringTable,
  ],
  'with fields of the future': [
    types,
    samples,
    bytesField(99, 'x'),
    numberField(100, 7),
    locations,
    functions,
    stringTable,
  ],
})) {
  test(`a profile ${name} is read`, async () => {
    const { profile, problems } = await parse(fields);
    assert.deepEqual(problems, []);
    assert.deepEqual(Object.fromEntries(stackWeights(profile)), expected);
    assert.deepEqual([...profile.samples.count].sort(), [1, 3]);
  });
}

test('the last type is shown unless the profile names one or another is asked for', async () => {
  const base = [types, samples, locations, functions, stringTable];
  const { profile } = await parse(base);
  assert.deepEqual(profile.info.valueTypes, [
    { name: 'samples', unit: 'count' },
    { name: 'cpu', unit: 'nanoseconds' },
  ]);
  assert.deepEqual([profile.info.valueType, profile.info.unit], [1, 'nanoseconds']);
  assert.equal((await parse([...base, numberField(14, 1)])).profile.info.unit, 'count');
  assert.equal((await parse(base, { valueType: 0 })).profile.info.durationNs, 4);
});

test('units become nanoseconds, bytes or counts', async () => {
  const unit = async (name: string) => {
    const table = strings
      .map(text => (text === 'nanoseconds' ? name : text))
      .flatMap(text => bytesField(6, text));
    const { info } = (await parse([types, samples, locations, functions, table])).profile;
    return [info.unit, info.durationNs];
  };
  assert.deepEqual(await unit('microseconds'), ['nanoseconds', 35e3]);
  assert.deepEqual(await unit('seconds'), ['nanoseconds', 35e9]);
  assert.deepEqual(await unit('kilobytes'), ['bytes', 35 * 1024]);
  assert.deepEqual(await unit('bytes'), ['bytes', 35]);
  assert.deepEqual(await unit('parrots'), ['count', 35]);
});

test('negative values are left out and said', async () => {
  const { profile, problems } = await parse([
    types,
    samples,
    sample([1], [-1, -7]),
    locations,
    functions,
    stringTable,
  ]);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), expected);
  assert.match(problems[0]?.message ?? '', /^1 samples have a negative value/);
});

test('locations that are missing leave their sample, location 0 too', async () => {
  const { profile, problems } = await parse([
    types,
    sample([77, 0, 1], [1, 5]),
    locations,
    functions,
    stringTable,
  ]);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'main:3': 5 });
  assert.match(problems[0]?.message ?? '', /^2 frames/);
});

test('strings outside the table are empty, and equal strings keep their places', async () => {
  const twice = [...stringTable, ...bytesField(6, 'cpu'), ...bytesField(6, 'last')];
  const other = bytesField(5, numbers({ 1: 1, 2: strings.length + 1, 4: 999 }));
  assert.deepEqual(await weights(types, sample([1], [1, 5]), locations, functions, other, twice), {
    'last:3': 5,
  });
});

test('Pyroscope’s labels make lanes', async () => {
  const labels = [numbers({ 1: 9, 2: 10 }), numbers({ 1: 11, 2: 12 })];
  const { lanes } = (
    await parse([
      types,
      sample([1], [1, 5], ...labels),
      sample([1], [1, 5]),
      locations,
      functions,
      stringTable,
    ])
  ).profile;
  assert.deepEqual(
    lanes.map(({ tid, name, sampleCount }) => [tid, name, sampleCount]),
    [
      [42, 'worker', 1],
      [0, '', 1],
    ],
  );
});

test('code without symbols is shown by its address', async () => {
  const bare = bytesField(4, numbers({ 1: 5, 3: 0xabc }));
  assert.deepEqual(await weights(types, sample([5], [1, 5]), locations, bare, functions, stringTable), {
    '0xabc:0': 5,
  });
});

test('lines that are all the first of their function are definitions', async () => {
  const first = bytesField(5, numbers({ 1: 1, 2: 5, 4: 6, 5: 3 }));
  const one = bytesField(4, [...numberField(1, 1), ...line(1, 3)]);
  const { profile } = await parse([types, sample([1], [1, 5]), one, first, stringTable]);
  assert.equal(profile.info.lineMeaning, 'definition');
  assert.deepEqual([profile.functions.firstLine[0], profile.frames.line[0]], [3, 0]);
});

test('profiles without lines say so', async () => {
  const one = bytesField(4, [...numberField(1, 1), ...line(1, 0)]);
  assert.equal(
    (await parse([types, sample([1], [1, 5]), one, functions, stringTable])).profile.info.lineMeaning,
    'none',
  );
});

test('the file name that Pyroscope servers put before a name is taken off', async () => {
  const named = strings
    .map(text => (text === 'main' ? '/work/app.py:-1 - main' : text))
    .flatMap(text => bytesField(6, text));
  assert.deepEqual(await weights(types, sample([1], [1, 5]), locations, functions, named), { 'main:3': 5 });
});

test('dropped frames take what they call with them, but never the root', async () => {
  const patterns = [...stringTable, ...bytesField(6, 'le.f|main'), ...bytesField(6, '((a+)+)+$')];
  const base = [types, samples, locations, functions, patterns];
  assert.deepEqual(await weights(...base, numberField(7, strings.length)), {
    'main:3;leaf:7;inner:9': 30,
    'main:3': 5,
  });
  const leafOnly = [...stringTable, ...bytesField(6, 'inner')];
  assert.deepEqual(
    await weights(types, samples, locations, functions, leafOnly, numberField(7, strings.length)),
    {
      'main:3;leaf:7': 30,
      'main:3': 5,
    },
  );
  const { problems } = await parse([...base, numberField(7, strings.length + 1)]);
  assert.match(problems[0]?.message ?? '', /too complex/);
});

test('a beginning in microseconds is understood, nonsense is unknown', async () => {
  const began = async (value: bigint) =>
    (await parse([types, samples, numberField(9, value), locations, functions, stringTable])).profile.info
      .startEpochNs;
  assert.equal(await began(1_790_000_000_000_000n), 1.79e18);
  assert.equal(await began(12n), 0);
});

test('Datadog’s samples lie on the time axis of their threads, with CPU time', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('pprof/ddtrace-threads.pprof.gz'));
  assert.deepEqual(problems, []);
  const { info, lanes, samples: table } = profile;
  assert.deepEqual(
    [info.hasTimeAxis, info.hasCpu, info.valueTypes[info.valueType]?.name],
    [true, true, 'wall-time'],
  );
  assert.deepEqual(
    lanes.map(({ name, isMain }) => [name, isMain]),
    [
      ['MainThread', true],
      ['sleeper', false],
    ],
  );
  const sum = (column: Float64Array) =>
    column.reduce((all, value) => all + (Number.isNaN(value) ? 0 : value), 0);
  // What a reader of a few lines of Python finds in the same file.
  assert.ok(Math.abs(sum(table.weightNs) / 2991422000 - 1) < 0.02);
  assert.ok(Math.abs(sum(table.cpuNs) / 1512641000 - 1) < 0.02);
  for (const lane of lanes) {
    for (let i = lane.firstSample + 1; i < lane.firstSample + lane.sampleCount; i++) {
      assert.ok((table.endNs[i] ?? 0) - (table.weightNs[i] ?? 0) >= (table.endNs[i - 1] ?? 0) - 1);
    }
  }
});

test('Datadog’s memory is there to be chosen', async () => {
  const bytes = fixtureBytes('pprof/ddtrace-threads.pprof.gz');
  const { info } = (await parseBytes(bytes)).profile;
  const index = info.valueTypes.findIndex(({ name }) => name === 'alloc-space');
  const chosen = (await parseBytes(bytes, { valueType: index })).profile.info;
  assert.deepEqual([chosen.unit, chosen.hasTimeAxis, chosen.durationNs], ['bytes', false, 78896228]);
});

test('Pyroscope’s profile has the sums of its samples', async () => {
  const { profile } = await parseBytes(fixtureBytes('agreement/pyroscope.pprof'));
  assert.deepEqual(
    [profile.info.durationNs, profile.info.rateHzAsked, profile.info.hasTimeAxis],
    [3.65e9, 100, false],
  );
  assert.equal(
    profile.samples.count.reduce((sum, count) => sum + count, 0),
    365,
  );
  assert.ok((functionShares(profile).get('half')?.total ?? 0) > 0.4);
});

test('a file that is cut off anywhere gives what can be read, or is unknown', async () => {
  const bytes = fixtureBytes('pprof/ddtrace-threads.pprof.gz');
  for (let size = 300; size < bytes.length; size += 1009) {
    const { problems } = await parseBytes(bytes.subarray(0, size));
    assert.ok(problems.length > 0 || size === bytes.length, `${size}`);
  }
});

test('changed bytes give problems or numbers, not errors', async () => {
  const original = fixtureBytes('agreement/pyroscope.pprof');
  for (let at = 0; at < original.length; at++) {
    const bytes = original.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const { profile } = await parseBytes(bytes);
    assert.ok(profile.samples.length <= original.length);
  }
});

test('a length beyond the end of the file takes no memory', async () => {
  const { problems } = await parse([
    types,
    samples,
    locations,
    functions,
    stringTable,
    [0x32, 0xff, 0xff, 0xff, 0xff, 0x0f],
  ]);
  assert.equal(problems.length, 1);
});

test('no other recorded file, and no text, is taken for pprof', () => {
  for (const folder of readdirSync(profilesFolder)) {
    for (const name of readdirSync(join(profilesFolder, folder))) {
      const isPprof = name.includes('.pprof') && !name.endsWith('.zst');
      assert.equal(formatOf(fixtureBytes(join(folder, name))) === 'pprof', isPprof, name);
    }
  }
  for (const text of [
    '',
    '\n',
    '\n\n\n\n',
    '{"a": 1}',
    'main;leaf 3\nmain 2\n',
    '2\n3\n',
    '"\u0004\b\u0001',
  ]) {
    assert.notEqual(formatOf(new TextEncoder().encode(text)), 'pprof', JSON.stringify(text));
  }
});

test('random bytes are not taken for pprof', () => {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  };
  for (let round = 0; round < 3000; round++) {
    assert.notEqual(formatOf(Uint8Array.from({ length: 200 }, next)), 'pprof');
  }
});
