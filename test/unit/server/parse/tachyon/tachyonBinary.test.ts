import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleState } from '../../../../../src/shared/profile';
import { fixtureBytes, formatOf, parseBytes, stackWeights } from '../../../../helpers/parsing';

const attached = fixtureBytes('tachyon/attached.bin');

/** Rows of the profile by stack, as `replay --collapsed` writes stacks. */
async function collapsed(bytes: Uint8Array): Promise<Map<string, number>> {
  const { profile } = await parseBytes(bytes);
  const counts = new Map<string, number>();
  for (const lane of profile.lanes) {
    for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
      const frames: string[] = [];
      for (let node = profile.samples.node[i] ?? -1; node >= 0; node = profile.nodes.parent[node] ?? -1) {
        const frame = profile.nodes.frame[node] ?? 0;
        const func = profile.frames.func[frame] ?? 0;
        const name = profile.strings[profile.functions.name[func] ?? 0] ?? '';
        const file = profile.strings[profile.functions.file[func] ?? 0] ?? '';
        const place = `${file.slice(file.lastIndexOf('/') + 1)}:${name}:${profile.frames.line[frame]}`;
        frames.push(file === '~' ? name : place);
      }
      const stack = [`tid:${lane.tid}`, ...frames.reverse()].join(';');
      counts.set(stack, (counts.get(stack) ?? 0) + 1);
    }
  }
  return counts;
}

test('stacks and their counts are those of Python’s own replay', async () => {
  const lines = new TextDecoder().decode(fixtureBytes('tachyon/attached.replayed.txt')).trim().split('\n');
  const expected = lines.map(line => [
    line.slice(0, line.lastIndexOf(' ')),
    Number(line.slice(line.lastIndexOf(' '))),
  ]);
  const found = await collapsed(attached);
  const sum = expected.reduce((all, [, count]) => all + Number(count), 0);
  // A sample that coincides with the one before has no length and leaves no row.
  const rows = [...found.values()].reduce((all, count) => all + count, 0);
  assert.ok(rows <= sum && rows >= sum - 4, `${rows} of ${sum}`);
  assert.deepEqual([...found.keys()].sort(), expected.map(([stack]) => stack).sort());
  for (const [stack, count] of expected) {
    assert.ok(Math.abs((found.get(String(stack)) ?? 0) - Number(count)) <= 4, String(stack));
  }
});

test('threads have lanes on the monotonic clock, the main one first', async () => {
  const { profile, problems } = await parseBytes(attached);
  assert.deepEqual(problems, []);
  const { info, lanes } = profile;
  assert.deepEqual(
    lanes.map(({ isMain }) => isMain),
    [true, false],
  );
  assert.deepEqual(
    [info.hasTimeAxis, info.hasColumns, info.hasCpu, info.python],
    [true, true, false, '3.15.0'],
  );
  assert.equal(info.rateHzAsked, 1000);
  assert.ok(info.startNs > 0 && info.durationNs > 0.9e9 * 0.5);
});

test('the launcher’s frames are taken out of the stacks', async () => {
  const { profile } = await parseBytes(fixtureBytes('agreement/tachyon.bin'));
  const roots = new Set([...stackWeights(profile).keys()].map(stack => stack.split(';')[0]));
  for (const root of roots) assert.doesNotMatch(root ?? '', /^(_run_|main|_execute_script)/);
  assert.ok(roots.has('<module>:33'));
});

test('CPU mode knows the CPU time and says what it skips', async () => {
  const { profile } = await parseBytes(fixtureBytes('tachyon/cpu.bin'));
  assert.equal(profile.info.hasCpu, true);
  assert.match(profile.info.limits[0] ?? '', /CPU/);
  assert.ok(profile.samples.cpuNs.every((cpu, i) => Math.abs(cpu - (profile.samples.weightNs[i] ?? 0)) < 1));
});

test('GIL mode says what it skips', async () => {
  const { profile } = await parseBytes(fixtureBytes('tachyon/gil.bin'));
  assert.match(profile.info.limits[0] ?? '', /GIL/);
});

test('samples packed with zstd are read', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('agreement/tachyon-zstd.bin'));
  assert.deepEqual(problems, []);
  assert.ok(profile.samples.length > 500);
  assert.match(profile.info.limits[0] ?? '', /main thread/);
});

/** A file of one thread, written by hand: `main` at line 3 calls `leaf` at line 7. */
function written({ isBig = false, isOld = false, records = plainRecords, version = 1 } = {}): Uint8Array {
  const strings = ['/work/app.py', 'main', 'leaf', '~', '<GC>'];
  const stringTable = strings.flatMap(text => [text.length, ...new TextEncoder().encode(text)]);
  const frames = [
    [0, 1, 6, 0, 8, 8, 255],
    [0, 2, 14, 0, 1, 0, 255],
    [3, 4, 1, 0, 1, 0, 255],
  ].flat();
  const body = records(isBig);
  const size = 64 + body.length + stringTable.length + frames.length + 32;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), !isBig);
  view.setUint32(0, 0x54414348, !isBig);
  view.setUint32(4, version, !isBig);
  bytes.set([3, 15, 0], 8);
  u64(12, 5_000_000);
  u64(20, 1000);
  const shift = isOld ? -4 : 0;
  if (isOld) view.setUint32(28, 3, !isBig);
  else u64(28, 3);
  view.setUint32(36 + shift, 1, !isBig);
  u64(40 + shift, 64 + body.length);
  u64(48 + shift, 64 + body.length + stringTable.length);
  bytes.set([...body, ...stringTable, ...frames], 64);
  view.setUint32(size - 32, strings.length, !isBig);
  view.setUint32(size - 28, 3, !isBig);
  u64(size - 24, size);
  return bytes;
}

const thread = (isBig: boolean) => {
  const id = [9, 0, 0, 0, 0, 0, 0, 0];
  return [...(isBig ? id.reverse() : id), 0, 0, 0, 0];
};
/** 1 ms main;leaf, then main alone (off the CPU), main with a collection, and twice the same. */
const plainRecords = (isBig: boolean) => [
  ...[...thread(isBig), 1, 0xe8, 7, 34, 2, 1, 0],
  ...[...thread(isBig), 3, 0xe8, 7, 32, 1, 0],
  ...[...thread(isBig), 2, 0xe8, 7, 34, 1, 1, 2],
  ...[...thread(isBig), 0, 2, 0xe8, 7, 34, 0xe8, 7, 34],
];

for (const [name, options] of Object.entries({
  'this order': {},
  'the other byte order': { isBig: true },
  'the header before 3.15.0rc1': { isOld: true },
})) {
  test(`a file in ${name} is read`, async () => {
    const { profile, problems } = await parseBytes(written(options));
    assert.deepEqual(problems, []);
    assert.deepEqual(Object.fromEntries(stackWeights(profile)), {
      'main:3;leaf:7': 1e6,
      'main:3': 1e6,
      'main:3;<GC>:0': 3e6,
    });
    assert.deepEqual([...profile.samples.state], [0, sampleState.waiting, 0, 0, 0]);
    assert.deepEqual([...profile.samples.cpuNs], [1e6, 0, 1e6, 1e6, 1e6]);
    assert.deepEqual([profile.frames.column[0], profile.frames.endColumn[0]], [4, 8]);
    assert.deepEqual([profile.lanes[0]?.tid, profile.lanes[0]?.isMain, profile.info.startNs], [9, true, 5e9]);
  });
}

test('a stall of the sampler is not recorded time', async () => {
  const records = (isBig: boolean) => [
    ...[...thread(isBig), 1, 0xe8, 7, 37, 1, 0],
    // A second later.
    ...[...thread(isBig), 0, 1, 0xc0, 0x84, 0x3d, 37],
  ];
  const { profile } = await parseBytes(written({ records }));
  assert.deepEqual([...profile.samples.weightNs], [1e6, 1e6]);
  assert.deepEqual([...profile.samples.endNs], [1e6, 1001e6]);
});

test('a killed run has a clear problem', async () => {
  const bytes = attached.slice();
  bytes.fill(0, 0, 64);
  const { profile, problems } = await parseBytes(bytes);
  assert.equal(formatOf(bytes), 'Tachyon binary');
  assert.match(problems[0]?.message ?? '', /ended before it had written/);
  assert.equal(profile.samples.length, 0);
});

test('another version is named, with the way out', async () => {
  const { problems } = await parseBytes(written({ version: 2 }));
  assert.match(problems[0]?.message ?? '', /version 2 .* replay/);
});

test('a record that shares frames which were not there ends the reading', async () => {
  const records = (isBig: boolean) => [...plainRecords(isBig), ...thread(isBig), 2, 1, 34, 99, 0];
  const { profile, problems } = await parseBytes(written({ records }));
  assert.equal(problems.length, 1);
  assert.equal(profile.samples.length, 5);
});

test('a file that is cut off anywhere gives problems, not errors', async () => {
  for (const bytes of [attached, fixtureBytes('agreement/tachyon-zstd.bin')]) {
    for (let size = 8; size < bytes.length; size += 97) {
      const { problems } = await parseBytes(bytes.subarray(0, size));
      assert.equal(problems.length, 1, `${size}`);
    }
  }
});

test('changed bytes give problems or numbers, not errors', async () => {
  for (const original of [attached, fixtureBytes('agreement/tachyon-zstd.bin')]) {
    for (let at = 64; at < original.length; at += 61) {
      const bytes = original.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
      const { profile } = await parseBytes(bytes);
      assert.ok(profile.samples.length <= original.length * 10);
    }
  }
});
