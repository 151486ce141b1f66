/** Collapsed stacks: py-spy's raw format, Tachyon's, and what flamegraph.pl reads. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Profile } from '../../../../../src/shared/profile';
import {
  fixtureBytes,
  formatOf,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';

const format = 'collapsed stacks';
const parseText = (text: string) => parseBytes(Buffer.from(text));
const lanesOf = ({ lanes }: Profile) => lanes.map(({ pid, tid, name }) => `${pid}/${tid} ${name}`);
const filesOf = ({ strings, functions }: Profile) =>
  [...functions.file.slice(0, functions.length)].map(file => strings[file]);

/** The sum of the numbers behind the last spaces: what any reader must find. */
function sumOfCounts(text: string): number {
  const lines = text.split('\n').filter(line => line !== '');
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

for (const name of readdirSync(join(profilesFolder, 'collapsed'))) {
  test(`${name}: all of its samples are there, as counts without a time axis`, async () => {
    const bytes = fixtureBytes(join('collapsed', name));
    assert.equal(formatOf(bytes), format);
    const { profile, problems } = await parseBytes(bytes);
    assert.deepEqual(problems, []);
    const { unit, hasTimeAxis, durationNs, lineMeaning } = profile.info;
    assert.deepEqual(
      { unit, hasTimeAxis, lineMeaning },
      { unit: 'count', hasTimeAxis: false, lineMeaning: 'executing' },
    );
    assert.equal(durationNs, sumOfCounts(Buffer.from(bytes).toString()));
    assert.equal(
      [...profile.samples.weightNs].reduce((a, b) => a + b, 0),
      durationNs,
    );
  });
}

for (const name of ['py-spy-threads.raw', 'py-spy-native.raw']) {
  test(`${name}: a thread whose name looks like a frame is a lane of that name`, async () => {
    const { profile } = await parseBytes(fixtureBytes(join('collapsed', name)));
    const names = profile.lanes.map(lane => lane.name).sort();
    assert.deepEqual(names, ['MainThread', 'a;b (x.py:3)', 'sleeper']);
    assert.deepEqual(
      profile.lanes.map(lane => lane.isMain),
      [true, false, false],
    );
  });
}

test('the children that py-spy followed are processes of their own', async () => {
  const { profile } = await parseBytes(fixtureBytes('collapsed/py-spy-children.raw'));
  assert.equal(new Set(profile.lanes.map(lane => lane.pid)).size, 4);
  assert.ok(profile.lanes.every(lane => lane.pid === lane.tid && lane.isMain));
});

test('in a file of many windows each line stays with its own process', async () => {
  const child = (pid: number) => `process 1:"python a.py";process ${pid}:"python b${pid}.py";f (/b.py:1)`;
  const rounds = 10_000;
  const text = `${child(2)} 1\n${child(3)} 1\n${child(4)} 2\n`.repeat(rounds);
  const { profile } = await parseText(text);
  const countOf = ({ firstSample, sampleCount }: Profile['lanes'][number]) =>
    profile.samples.weightNs
      .subarray(firstSample, firstSample + sampleCount)
      .reduce((sum, weight) => sum + weight, 0);
  assert.deepEqual(
    profile.lanes.map(lane => [lane.pid, countOf(lane)]),
    [
      [2, rounds],
      [3, rounds],
      [4, 2 * rounds],
    ],
  );
});

test('a command line with quotes and semicolons ends where the frames begin', async () => {
  const { profile } = await parseBytes(fixtureBytes('collapsed/py-spy-command.raw'));
  assert.deepEqual(
    profile.lanes.map(lane => lane.name),
    ['python -c import time; time.sleep(.3); "a;b"'],
  );
  assert.deepEqual([...stackWeights(profile).keys()], ['<module>:1']);
});

test('base names are kept and said to be base names', async () => {
  const tachyon = await parseBytes(fixtureBytes('collapsed/tachyon.collapsed'));
  assert.match(tachyon.profile.info.limits.join(' '), /without their folders/);
  assert.ok(filesOf(tachyon.profile).includes('threads.py'));
  assert.equal(tachyon.profile.lanes.length, 3);
  const full = await parseBytes(fixtureBytes('collapsed/py-spy-plain.raw'));
  assert.doesNotMatch(full.profile.info.limits.join(' '), /without their folders/);
});

test('a frame is split at its last parenthesis and its last colon', async () => {
  const { profile } = await parseText(
    'main (/a b/x (1).py:3);f (C:\\x;y\\z.py:7);<lambda> (<string>:1);bare 5\nmain (/a b/x (1).py:3);g (/n.py) 2\n',
  );
  assert.deepEqual(
    [...stackWeights(profile)],
    [
      ['main:3;f:7;<lambda>:1;bare:0', 5],
      ['main:3;g:0', 2],
    ],
  );
  assert.deepEqual(filesOf(profile), ['/a b/x (1).py', 'C:\\x;y\\z.py', '<string>', '', '/n.py']);
});

test('a stack without frames counts', async () => {
  const { profile } = await parseText('f (/a.py:1) 3\n 4\nthread (12) 2\nthread (12): w;f (/a.py:2) 1\n');
  assert.deepEqual([...stackWeights(profile)].sort(), [
    ['', 6],
    ['f:1', 3],
    ['f:2', 1],
  ]);
  assert.deepEqual(lanesOf(profile), ['0/0 All threads, merged', '0/12 w']);
});

test('what is common with the line before does not join what is not', async () => {
  const { profile } = await parseText('a;b;c 1\na;b;cd 2\na;b 3\na;b 4 x;c 5\na;bc;c 6\n;;a 7\n');
  assert.deepEqual(
    [...stackWeights(profile)],
    [
      ['a:0;b:0;c:0', 1],
      ['a:0;b:0;cd:0', 2],
      ['a:0;b:0', 3],
      ['a:0;b 4 x:0;c:0', 5],
      ['a:0;bc:0;c:0', 6],
      ['a:0', 7],
    ],
  );
});

test('any order of lines gives the same sums as a reader that splits strings', async () => {
  const frame = fc.constantFrom('a', 'ab', 'b', 'a (x)', 'b c', 'operator() (int)', 'é');
  const stacks = fc.array(
    fc.tuple(fc.array(frame, { minLength: 2, maxLength: 6 }), fc.integer({ min: 1, max: 99 })),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  await fc.assert(
    fc.asyncProperty(stacks, async list => {
      const expected = new Map<string, number>();
      for (const [frames, count] of list) {
        const key = frames.map(name => `${name}:0`).join(';');
        expected.set(key, (expected.get(key) ?? 0) + count);
      }
      const { profile } = await parseText(
        list.map(([frames, count]) => `${frames.join(';')} ${count}\n`).join(''),
      );
      assert.deepEqual(stackWeights(profile), expected);
    }),
  );
});

test('names that JavaScript objects have by nature are names', async () => {
  const { profile } = await parseText('tid:1;a.py:f:1;constructor;__proto__ 2\ntid:1;a.py:f:1 1\n');
  assert.equal(profile.info.durationNs, 3);
  assert.equal(stackWeights(profile).get('f:1;constructor:0;__proto__:0'), 2);
});

test('fractions are kept; negative counts and lines without one are left out and said', async () => {
  const lines = ['a;b 1.5', 'a;c -3', 'a;d', 'a;e 1e2', 'a;f 0', 'a;g 2', '# note'];
  const { profile, problems } = await parseText(
    `${Array(9).fill('a;z 1').join('\n')}\n${lines.join('\n')}\r\n`,
  );
  assert.equal(stackWeights(profile).get('a:0;b:0'), 1.5);
  assert.equal(stackWeights(profile).get('a:0;e:0'), 100);
  assert.equal(profile.info.durationNs, 9 + 1.5 + 100 + 2);
  assert.deepEqual(
    problems.map(({ message, offset }) => ({ message, offset })),
    [
      { message: '1 lines are no samples and were left out.', offset: 9 * 6 + 8 + 7 },
      { message: '1 stacks have a negative count and were left out.', offset: 9 * 6 + 8 },
    ],
  );
});

test('a file cut off anywhere gives the whole lines before and says so', async () => {
  const bytes = fixtureBytes('collapsed/py-spy-threads.raw');
  const text = Buffer.from(bytes).toString('latin1');
  for (let length = text.indexOf('\n') + 1; length < bytes.length; length += 7) {
    const { profile, problems } = await parseBytes(bytes.slice(0, length));
    const whole = text.slice(0, text.lastIndexOf('\n', length - 1) + 1);
    assert.equal(profile.info.durationNs, sumOfCounts(whole), `at ${length}`);
    assert.equal(problems.length, whole.length === length ? 0 : 1, `at ${length}`);
  }
});

test('hostile lines are read without harm', async () => {
  const deep = `${'a;'.repeat(200_000)}b 1\n`;
  const open = `${Array.from({ length: 20_000 }, (_, i) => `f${i} (`).join(';')} 1\n`;
  for (const text of [deep, `f (/a.py:1) 1\n${open}`, `process 1:"${'";'.repeat(20_000)} 1\n`]) {
    const { profile } = await parseText(`a;b 1\n${text}`);
    assert.ok(profile.info.durationNs >= 1);
  }
});

test('prose, tables, JSON and empty files are no collapsed stacks', () => {
  const others = [
    '',
    '\n',
    'Hello world 3',
    'one\ntwo 2\nthree;4\n',
    '{"a;b": 1}\n',
    '[\n"a;b 1"]',
    'a,b\n1,2\n',
  ];
  for (const text of others) assert.equal(formatOf(Buffer.from(text)), undefined, text);
});
