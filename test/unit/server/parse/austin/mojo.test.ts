import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleState } from '../../../../../src/shared/profile';
import { fixtureBytes, formatOf, parseBytes, stackWeights } from '../../../../helpers/parsing';

/** A number as MOJO writes it. */
function number(value: bigint | number): number[] {
  let rest = BigInt(value);
  const sign = rest < 0n ? 0x40 : 0;
  if (rest < 0n) rest = -rest;
  const bytes = [Number(rest & 0x3fn) | sign];
  for (rest >>= 6n; rest > 0n; rest >>= 7n) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(Number(rest & 0x7fn));
  }
  return bytes;
}

const text = (value: string) => [...new TextEncoder().encode(value), 0];
const head = (version: number, mode = 'wall') => [
  0x4d,
  0x4f,
  0x4a,
  version,
  1,
  ...text('mode'),
  ...text(mode),
];
const string = (key: bigint | number, value: string) => [11, ...number(key), ...text(value)];
const stack = (pid: number, tid: string, interpreter: number[] = [0]) => [
  2,
  ...number(pid),
  ...interpreter,
  ...text(tid),
];
const frame = (key: bigint | number, ...rest: (bigint | number)[]) => [
  3,
  ...number(key),
  ...rest.flatMap(number),
];
const reference = (key: bigint | number) => [5, ...number(key)];
const time = (us: number) => [9, ...number(us)];
const bytesOf = (...events: number[][]) => Uint8Array.from(events.flat());

/** `main` at line 3 calls `leaf` at line 7, defined in the process of the last stack. */
const definitions = [
  ...string(2, '/work/app.py'),
  ...string(3, 'main'),
  ...string(4, 'leaf'),
  ...frame(10, 2, 3, 3, 3, 5, 9),
  ...frame(11, 2, 4, 7, 7, 0, 0),
];

// The sums are those that austin-python's reader finds in the same files.
test('threads of a process share its clock', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('mojo/full-gc.mojo'));
  assert.deepEqual(problems, []);
  const [main, sleeper] = profile.lanes;
  assert.deepEqual([main?.tid, main?.isMain, main?.sampleCount, main?.endNs], [13371, true, 367, 415729000]);
  assert.deepEqual([sleeper?.tid, sleeper?.isMain, sleeper?.sampleCount], [0x343d, false, 348]);
  const { firstSample = 0, sampleCount = 0 } = sleeper ?? {};
  const times = profile.samples.weightNs.slice(firstSample, firstSample + sampleCount);
  assert.equal(
    times.reduce((sum, ns) => sum + ns, 0),
    387547000,
  );
});

test('full mode measures idle time, garbage collection and memory', async () => {
  const bytes = fixtureBytes('mojo/full-gc.mojo');
  const { profile } = await parseBytes(bytes);
  const { samples, info } = profile;
  let idleNs = 0;
  samples.state.forEach((state, i) => {
    if (state === sampleState.waiting) idleNs += samples.weightNs[i] ?? 0;
  });
  assert.equal(idleNs, 385330000);
  assert.equal(info.hasCpu, true);
  assert.deepEqual(
    info.valueTypes.map(({ name }) => name),
    ['time', 'allocated', 'freed'],
  );
  assert.equal((await parseBytes(bytes, { valueType: 1 })).profile.info.durationNs, 12726272);
  assert.equal((await parseBytes(bytes, { valueType: 2 })).profile.info.durationNs, 11739136);
  const collecting = [...stackWeights(profile)].filter(([stack]) => stack.endsWith('<GC>:0'));
  assert.ok(collecting.length > 0);
});

test('memory mode adds up bytes without a time axis', async () => {
  const { profile } = await parseBytes(fixtureBytes('mojo/memory.mojo'));
  assert.deepEqual(
    [profile.info.unit, profile.info.hasTimeAxis, profile.info.durationNs],
    ['bytes', false, 13787136],
  );
  assert.equal(profile.info.limits.length, 1);
});

test('a child process has its own lane, which begins while its parent waits', async () => {
  const { profile } = await parseBytes(fixtureBytes('mojo/children.mojo'));
  assert.deepEqual(
    profile.lanes.map(({ pid, isMain, sampleCount }) => [pid, isMain, sampleCount]),
    [
      [13413, true, 313],
      [13415, true, 238],
    ],
  );
  const [parent, child] = profile.lanes;
  assert.ok((child?.startNs ?? 0) > 0 && (child?.endNs ?? 0) <= (parent?.endNs ?? 0));
});

test('CPU mode says that waiting is not recorded', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('mojo/cpu.mojo'));
  assert.deepEqual(problems, []);
  assert.equal(profile.lanes[0]?.sampleCount, 372);
  assert.match(profile.info.limits[0] ?? '', /Only threads on the CPU/);
});

for (const version of [1, 2, 3, 4]) {
  test(`version ${version} is read`, async () => {
    const interpreter = version >= 3 ? [0] : [];
    const place = version >= 2 ? [7, 5, 9] : [];
    const { profile, problems } = await parseBytes(
      bytesOf(
        head(version),
        stack(5, '5', interpreter),
        string(2, '/work/naïve.py'),
        string(3, 'läuft'),
        frame(10, 2, 3, 7, ...place),
        reference(10),
        time(1500),
      ),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual([...stackWeights(profile)], [['läuft:7', 1500000]]);
    assert.equal(profile.strings[profile.functions.file[0] ?? 0], '/work/naïve.py');
    assert.deepEqual(
      [profile.frames.column[0], profile.frames.endColumn[0]],
      version >= 2 ? [4, 8] : [-1, -1],
    );
    assert.equal(profile.info.hasColumns, version >= 2);
  });
}

test('keys of more than 53 bits are told apart', async () => {
  const [one, two] = [2n ** 62n, 2n ** 62n + 1n];
  const { profile } = await parseBytes(
    bytesOf(
      head(3),
      stack(5, '5'),
      string(2, 'a.py'),
      string(3, 'f'),
      frame(one, 2, 3, 1, 1, 0, 0),
      frame(two, 2, 3, 2, 2, 0, 0),
      reference(one),
      reference(two),
      time(10),
    ),
  );
  assert.deepEqual([...stackWeights(profile)], [['f:1;f:2', 10000]]);
});

test('each process has its own tables, and what stands before the first stack is everyone’s', async () => {
  const { profile, problems } = await parseBytes(
    bytesOf(
      head(3),
      string(2, 'a.py'),
      string(3, 'shared'),
      frame(10, 2, 3, 1, 1, 0, 0),
      stack(5, '5'),
      reference(10),
      time(1),
      stack(6, '6'),
      string(4, 'own'),
      frame(10, 2, 4, 2, 2, 0, 0),
      reference(10),
      time(2),
      stack(5, '5'),
      reference(10),
      time(4),
    ),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'shared:1': 5000, 'own:2': 2000 });
});

test('a repeated stack lies below the frames that follow, without its own kernel frames', async () => {
  const { profile } = await parseBytes(
    bytesOf(
      head(4),
      stack(5, '5'),
      definitions,
      reference(10),
      reference(11),
      [6, ...text('read')],
      time(1),
      stack(5, '5'),
      [13],
      time(2),
      stack(5, '5'),
      [13, 6, ...text('write')],
      time(4),
    ),
  );
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), {
    'main:3;leaf:7;read:0': 1000,
    'main:3;leaf:7': 2000,
    'main:3;leaf:7;write:0': 4000,
  });
});

test('a key that is given another meaning means it in the same thread from then on', async () => {
  const again = [...reference(10), ...reference(11), ...time(1000)];
  const renamed = frame(11, 2, 3, 9, 9, 0, 0);
  const bytes = bytesOf(
    head(4),
    stack(5, '5'),
    definitions,
    again,
    stack(5, '5'),
    again,
    renamed,
    stack(5, '5'),
    again,
  );
  const { profile } = await parseBytes(bytes);
  assert.deepEqual(
    [...stackWeights(profile)],
    [
      ['main:3;leaf:7', 2e6],
      ['main:3;main:9', 1e6],
    ],
  );
});

test('what was referred to before its definition is known from then on', async () => {
  const sample = [...reference(10), ...reference(11), ...time(1000)];
  const bytes = bytesOf(
    head(4),
    stack(5, '5'),
    sample,
    stack(5, '5'),
    definitions,
    sample,
    stack(5, '5'),
    sample,
  );
  const { profile } = await parseBytes(bytes);
  assert.deepEqual(
    [...stackWeights(profile)],
    [
      ['<lost>:0;<lost>:0', 1e6],
      ['main:3;leaf:7', 2e6],
    ],
  );
});

test('suspended tasks are lanes below their thread', async () => {
  const { profile, problems } = await parseBytes(
    bytesOf(
      head(4),
      stack(5, '5'),
      definitions,
      string(6, 'fetch'),
      [15, ...number(77), ...number(78)],
      [14, ...number(77), ...number(6)],
      reference(11),
      time(5),
      reference(10),
      time(5),
    ),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    profile.lanes.map(({ kind, parent, name, sampleCount, endNs }) => [
      kind,
      parent,
      name,
      sampleCount,
      endNs,
    ]),
    [
      ['thread', -1, '', 1, 5000],
      ['task', 0, 'fetch', 1, 5000],
    ],
  );
  assert.deepEqual([...profile.samples.state], [0, sampleState.waiting | sampleState.suspended]);
});

test('an event of an unknown kind ends the reading, what was read is kept', async () => {
  const good = bytesOf(head(4), stack(5, '5'), definitions, reference(10), time(3));
  const { profile, problems } = await parseBytes(bytesOf([...good], [99, 1, 2, 3]));
  assert.deepEqual(
    problems.map(({ offset }) => offset),
    [good.length],
  );
  assert.deepEqual([...stackWeights(profile)], [['main:3', 3000]]);
});

test('a reference to nothing is one problem, not many', async () => {
  const { problems } = await parseBytes(bytesOf(head(4), stack(5, '5'), reference(1), reference(2), time(3)));
  assert.deepEqual(
    problems.map(({ message }) => message.split(' ')[0]),
    ['2'],
  );
});

test('a file that is cut off anywhere gives what stands before', async () => {
  const bytes = fixtureBytes('mojo/full-gc.mojo');
  const whole = (await parseBytes(bytes)).profile.samples.length;
  let last = 0;
  for (let size = 5; size < bytes.length; size += 331) {
    const { profile, problems } = await parseBytes(bytes.subarray(0, size));
    assert.ok(profile.samples.length >= last && profile.samples.length <= whole);
    assert.ok(problems.length <= 1);
    last = profile.samples.length;
  }
  assert.ok(last > whole * 0.9);
});

test('a number without an end is damage', async () => {
  const { problems } = await parseBytes(bytesOf(head(4), [5, ...new Array(4000).fill(0xff)]));
  assert.equal(problems.length, 1);
});

test('MOJO is known by its first bytes', () => {
  assert.equal(formatOf(fixtureBytes('agreement/austin4.mojo')), 'Austin MOJO');
  assert.equal(formatOf(new TextEncoder().encode('MOJITO recipe')), undefined);
});
