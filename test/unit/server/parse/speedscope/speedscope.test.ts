import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../../../../../src/shared/profile';
import { fixtureBytes, formatOf, parseBytes, stackWeights } from '../../../../helpers/parsing';

const schema = 'https://www.speedscope.app/file-format-schema.json';
const frames = [
  { name: '<module>', file: '/tmp/a.py', line: 9 },
  { name: 'work', file: '/tmp/a.py', line: 3 },
  { name: 'rest', file: '/tmp/a.py', line: 6 },
];
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const total = (profile: Profile) => profile.samples.weightNs.reduce((sum, weight) => sum + weight, 0);

const sampled = {
  type: 'sampled',
  name: 'Process 7 Thread 8 "a "b" c"',
  unit: 'milliseconds',
  startValue: 0,
  endValue: 6,
  samples: [[0, 1], [0, 1], [0, 2], [0]],
  weights: [1, 2, 2, 1],
};

test('samples keep their stacks and weights, whatever the order of the keys', async () => {
  const shuffled = Object.fromEntries(Object.entries(sampled).reverse());
  const orders = [
    { $schema: schema, shared: { frames }, profiles: [sampled] },
    { profiles: [shuffled], shared: { frames }, $schema: schema },
  ];
  for (const file of orders) {
    const { profile, problems } = await parseBytes(bytesOf(file));
    assert.deepEqual(problems, []);
    const expected = { '<module>:9;work:3': 3e6, '<module>:9;rest:6': 2e6, '<module>:9': 1e6 };
    assert.deepEqual(Object.fromEntries(stackWeights(profile)), expected);
    const [lane] = profile.lanes;
    assert.deepEqual([lane?.pid, lane?.tid, lane?.name], [7, 8, 'a "b" c']);
    assert.equal(profile.info.hasTimeAxis, false);
    assert.equal(profile.info.durationNs, 6e6);
    assert.ok(profile.info.limits.length > 0);
  }
});

const event = (type: string, at: number, frame: number) => ({ type, at, frame });
const evented = (startValue: number, events: unknown[]) => ({
  type: 'evented',
  name: 'main',
  unit: 'seconds',
  startValue,
  endValue: 10,
  events,
});

test('events become the time of what is on top, on the clock of the file', async () => {
  const events = [event('O', 1, 0), event('O', 2, 1), event('C', 5, 1), event('C', 6, 0)];
  const { profile, problems } = await parseBytes(
    bytesOf({ $schema: schema, shared: { frames }, profiles: [evented(0, events)] }),
  );
  assert.deepEqual(problems, []);
  assert.equal(profile.info.hasTimeAxis, true);
  assert.deepEqual([...profile.samples.endNs], [2e9, 5e9, 6e9]);
  assert.deepEqual([...profile.samples.weightNs], [1e9, 3e9, 1e9]);
});

test('closes without an open, and opens without a close, are told and do no harm', async () => {
  const events = [event('O', 1, 0), event('C', 2, 2), event('O', 3, 1), event('C', 4, 0), event('O', 5, 2)];
  const { profile, problems } = await parseBytes(
    bytesOf({ $schema: schema, shared: { frames }, profiles: [evented(0, events)] }),
  );
  assert.equal(problems.length, 1);
  assert.equal(total(profile), 8e9);
});

test('several threads that each begin at zero have no common clock', async () => {
  const events = [event('O', 0, 0), event('C', 4, 0)];
  for (const [start, hasTimeAxis] of [
    [0, false],
    [1, true],
  ] as const) {
    const profiles = [evented(0, events), evented(start, events)];
    const { profile } = await parseBytes(bytesOf({ $schema: schema, shared: { frames }, profiles }));
    assert.equal(profile.info.hasTimeAxis, hasTimeAxis);
    if (!hasTimeAxis) assert.equal(profile.info.durationNs, 8e9);
  }
});

test('py-spy: a lane per thread and process, without the pseudo frames, the idle thread guessed waiting', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('speedscope/py-spy-threads.json'));
  assert.deepEqual(problems, []);
  // Sums of the weights as Python's json module reads them.
  const sums = profile.lanes.map(lane => Math.round(lane.sampleCount));
  assert.deepEqual(
    sums.sort((a, b) => a - b),
    [2, 25, 27, 125, 130, 158],
  );
  assert.ok(!profile.strings.some(text => /^(?:thread \(|process \d)/.test(text)));
  assert.equal(profile.info.rateHzAsked, 100);
  assert.deepEqual([profile.info.engine, profile.info.engineVersion], ['py-spy', '0.4.3']);
  assert.equal(profile.info.hasTimeAxis, false);
  assert.equal(profile.info.lineMeaning, 'executing');
});

test('memray: bytes and allocations are two measurements', async () => {
  const bytes = fixtureBytes('speedscope/memray.json');
  for (const [valueType, unit, sum, large] of [
    [0, 'bytes', 1_673_134, 1_048_577],
    [1, 'count', 1023, 1],
  ] as const) {
    const { profile } = await parseBytes(bytes, { valueType });
    assert.deepEqual([profile.info.unit, total(profile)], [unit, sum]);
    assert.deepEqual(
      profile.info.valueTypes.map(type => type.name),
      ['Memory', 'Allocations'],
    );
    const found = [...stackWeights(profile)].find(([stack]) => stack.endsWith(';large:7'));
    assert.equal(found?.[1], large);
    assert.ok(![...stackWeights(profile).keys()].some(stack => stack.includes('_run_tracker')));
  }
});

test('a file that is cut off anywhere gives what stood before the cut, and one problem for the cut', async () => {
  for (const name of ['speedscope/py-spy-plain.json', 'speedscope/memray.json']) {
    const bytes = fixtureBytes(name);
    const whole = total((await parseBytes(bytes)).profile);
    for (let length = 1200; length < bytes.length - 2; length += 131) {
      const { profile, problems } = await parseBytes(bytes.subarray(0, length));
      assert.equal(problems.filter(problem => problem.offset >= 0).length, 1, `${name} at ${length}`);
      assert.ok(profile.info.unit === 'count' || total(profile) <= whole * (1 + 1e-9));
    }
  }
});

test('hostile numbers neither throw nor allocate', async () => {
  const samples = [[1e9, -1, 1.5, null, 'x'], 'no', { a: 1 }, [], [0]];
  const hostile = { ...sampled, samples, weights: [1, -2, null, 1e308, 1] };
  const events = [null, { type: 'O' }, event('O', Number.NaN, 0), event('Q', 1, 0), event('O', 1, 2 ** 40)];
  const profiles = [hostile, 7, null, evented(0, events)];
  const { profile } = await parseBytes(bytesOf({ $schema: schema, shared: { frames: [3, {}] }, profiles }));
  assert.ok(profile.samples.length > 0);
});

test('its files are known without their names', () => {
  for (const name of ['py-spy-threads', 'py-spy-plain', 'memray'])
    assert.equal(formatOf(fixtureBytes(`speedscope/${name}.json`)), 'speedscope');
  assert.equal(formatOf(fixtureBytes('agreement/pyinstrument-speedscope.json')), 'speedscope');
});
