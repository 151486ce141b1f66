/** Austin's text output: modes, special frames, and the clock that is made of its durations. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Profile, sampleState } from '../../../../../src/shared/profile';
import {
  fixtureBytes,
  formatOf,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';

const parseText = (text: string) => parseBytes(Buffer.from(text));
const linesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString().split('\n');
const samplesOf = (bytes: Uint8Array) => linesOf(bytes).filter(line => line.startsWith('P'));
const metricOf = (line: string) =>
  line
    .slice(line.lastIndexOf(' ') + 1)
    .split(',')
    .map(Number);
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

/** The intervals of a lane in microseconds. */
function intervals(profile: Profile, lane: number): [number, number][] {
  const { firstSample = 0, sampleCount = 0 } = profile.lanes[lane] ?? {};
  return Array.from({ length: sampleCount }, (_, i) => {
    const end = profile.samples.endNs[firstSample + i] ?? 0;
    return [(end - (profile.samples.weightNs[firstSample + i] ?? 0)) / 1000, end / 1000];
  });
}

for (const name of readdirSync(join(profilesFolder, 'austinText'))) {
  test(`${name}: each thread's samples are there, in order and without overlap`, async () => {
    const bytes = fixtureBytes(join('austinText', name));
    assert.equal(formatOf(bytes), 'Austin text');
    const { profile, problems } = await parseBytes(bytes);
    assert.deepEqual(problems, []);
    assert.equal(profile.info.engineVersion, '3.7.0');
    const heads = new Set(samplesOf(bytes).map(line => /^P\d+;T[^; ]+/.exec(line)?.[0]));
    const measured = profile.lanes.filter(lane => lane.sampleCount > 0);
    assert.equal(measured.length, heads.size);
    if (!profile.info.hasTimeAxis) return;
    for (const [lane, { pid, tid }] of profile.lanes.entries()) {
      const own = samplesOf(bytes).filter(line => line.startsWith(`P${pid};T0:${tid}`));
      const list = intervals(profile, lane);
      assert.equal(
        sum(list.map(([start, end]) => end - start)),
        sum(own.map(line => metricOf(line)[0] ?? 0)),
      );
      for (const [i, [start]] of list.entries()) assert.ok(start >= (list[i - 1]?.[1] ?? 0));
    }
  });
}

test('the main thread of a wall clock recording lives as long as Austin watched', async () => {
  const bytes = fixtureBytes('austinText/wall.austin');
  const { profile } = await parseBytes(bytes);
  const watchedUs = Number(
    linesOf(bytes)
      .find(line => line.startsWith('# duration: '))
      ?.slice(12),
  );
  const main = profile.lanes.find(lane => lane.isMain);
  const livedUs = ((main?.endNs ?? 0) - (main?.startNs ?? 0)) / 1000;
  assert.ok(Math.abs(livedUs / watchedUs - 1) < 0.1, `${livedUs} of ${watchedUs}`);
  assert.equal(profile.info.durationNs, main?.endNs);
  assert.equal(profile.info.rateHzAsked, 100);
});

test('full mode knows idle threads and garbage collections', async () => {
  const bytes = fixtureBytes('austinText/full-gc.austin');
  const { profile } = await parseBytes(bytes);
  const idle = samplesOf(bytes).filter(line => metricOf(line)[1] === 1);
  assert.ok(idle.length > 20);
  assert.equal(profile.samples.state.filter(state => state === sampleState.waiting).length, idle.length);
  assert.equal(profile.samples.state.filter(state => (state & sampleState.guessed) !== 0).length, 0);
  const collected = [...stackWeights(profile)].filter(([stack]) => stack.endsWith('<GC>:0'));
  const expectedUs = sum(
    samplesOf(bytes).flatMap(line => (line.includes(';:GC: ') ? [metricOf(line)[0] ?? 0] : [])),
  );
  assert.ok(expectedUs > 0);
  assert.equal(sum(collected.map(([, weight]) => weight)), expectedUs * 1000);
});

test('memory is counted in bytes, taken and given back apart', async () => {
  const bytes = fixtureBytes('austinText/memory.austin');
  const deltas = samplesOf(bytes).map(line => metricOf(line)[0] ?? 0);
  const taken = await parseBytes(bytes);
  assert.deepEqual(
    taken.profile.info.valueTypes.map(type => `${type.name} ${type.unit}`),
    ['memory allocated bytes', 'memory released bytes'],
  );
  assert.equal(taken.profile.info.unit, 'bytes');
  assert.equal(taken.profile.info.hasTimeAxis, false);
  assert.equal(taken.profile.info.durationNs, sum(deltas.filter(delta => delta > 0)));
  const given = await parseBytes(bytes, { valueType: 1 });
  assert.equal(given.profile.info.durationNs, -sum(deltas.filter(delta => delta < 0)));
});

test('full mode shows time first, and memory on request', async () => {
  const bytes = fixtureBytes('austinText/full-memory.austin.gz');
  const memory = samplesOf(bytes).map(line => metricOf(line)[2] ?? 0);
  const { profile } = await parseBytes(bytes, { valueType: 1 });
  assert.equal(profile.info.durationNs, sum(memory.filter(delta => delta > 0)));
  assert.equal((await parseBytes(bytes)).profile.info.unit, 'nanoseconds');
});

test('each child process has its own clock, which is said', async () => {
  const { profile } = await parseBytes(fixtureBytes('austinText/children.austin.gz'));
  assert.ok(new Set(profile.lanes.map(lane => lane.pid)).size >= 3);
  assert.match(profile.info.limits.join(' '), /no clock common to several processes/);
});

test('threads of a process share the cycle: a repeated thread or another number begins the next', async () => {
  const { profile } = await parseText(
    [
      '# austin: 3.7.0\n# interval: 100\n# mode: cpu\n',
      'P1;T0:1;/a.py:f:1 100',
      'P1;T0:2;/a.py:g:2 100',
      'P1;T0:1;/a.py:f:1 100',
      'P1;T0:2;/a.py:g:2 90',
      'P1;T0:3;/a.py:h:3 90',
      '\n# duration: 290\n',
    ].join('\n'),
  );
  assert.deepEqual(intervals(profile, 0), [
    [0, 100],
    [100, 200],
  ]);
  assert.deepEqual(intervals(profile, 1), [
    [0, 100],
    [200, 290],
  ]);
  assert.deepEqual(intervals(profile, 2), [[200, 290]]);
  assert.match(profile.info.limits.join(' '), /leaves out what is idle/);
});

test('frames are split from the right, and special ones have names', async () => {
  const { profile, problems } = await parseText(
    [
      'P7;Tabc;C:\\x;y\\a.py:f:3;/odd:path/b.py:Class.g:0 10',
      'P7;Tabc;:INVALID: 10',
      'P7;Tabc 10',
      'P7;Tabc;/a.py:h:5;:GC: 10\n',
    ].join('\n'),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual([...stackWeights(profile).keys()], ['f:3;Class.g:0', '<invalid>:0', '', 'h:5;<GC>:0']);
  const { strings, functions } = profile;
  assert.deepEqual(
    [0, 1].map(func => strings[functions.file[func] ?? 0]),
    ['C:\\x;y\\a.py', '/odd:path/b.py'],
  );
  assert.deepEqual(
    profile.lanes.map(lane => [lane.pid, lane.tid]),
    [[7, 0xabc]],
  );
});

test('captures of Austin 2 are read', async () => {
  const { profile, problems } = await parseText('P5;T7f00aa;run (/r.py);L10;main (/m.py);L3 250\n');
  assert.deepEqual(problems, []);
  assert.deepEqual([...stackWeights(profile)], [['run:10;main:3', 250_000]]);
});

test('a wait is guessed by its function only where idleness was not measured', async () => {
  const line = 'P1;T0:1;/usr/lib/python3.12/threading.py:Condition.wait:355';
  const wall = await parseText(`# austin: 3.7.0\n# mode: wall\n\n${line} 100\n\n# duration: 1\n`);
  assert.deepEqual([...wall.profile.samples.state], [sampleState.waiting | sampleState.guessed]);
  const full = await parseText(`# austin: 3.7.0\n# mode: full\n\n${line} 100,0,0\n\n# duration: 1\n`);
  assert.deepEqual([...full.profile.samples.state], [0]);
});

test('a file cut off anywhere gives the whole lines before and says so', async () => {
  const bytes = fixtureBytes('austinText/cpu.austin');
  const text = Buffer.from(bytes).toString('latin1');
  for (let length = text.indexOf('P'); length < bytes.length - 1; length += 211) {
    const { profile, problems } = await parseBytes(bytes.slice(0, length));
    const whole = text.slice(0, text.lastIndexOf('\n', length - 1) + 1);
    assert.equal(profile.samples.length, whole.split('\n').filter(line => line.startsWith('P')).length);
    assert.equal(problems.length, 1, `at ${length}`);
  }
});

test('lines that are none of Austin’s are left out and counted', async () => {
  const bad = ['nonsense', 'P1;T0:1;/a.py:f:1 x', 'P1;Tzz;/a.py:f:1 5', `P${'9'.repeat(100)};T1 5`];
  const { profile, problems } = await parseText(`P1;T0:1;/a.py:f:1 5\n${bad.join('\n')}\n`);
  assert.equal(profile.samples.length, 1);
  assert.deepEqual(
    problems.map(problem => problem.message),
    ['4 lines are no samples and were left out.'],
  );
});
