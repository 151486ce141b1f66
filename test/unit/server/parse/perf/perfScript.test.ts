/** The text of `perf script`, with Python's perf trampoline. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { functionKinds, type Profile } from '../../../../../src/shared/profile';
import {
  fixtureBytes,
  formatOf,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';

const parseText = (text: string) => parseBytes(Buffer.from(text));
const header = /^ *\S.* \d+(?:\/\d+)? +\d+\.\d+: +(\d+) cpu-clock/gm;
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

function functionsOf({ strings, functions }: Profile) {
  return Array.from({ length: functions.length }, (_, func) => ({
    name: strings[functions.name[func] ?? 0],
    file: strings[functions.file[func] ?? 0],
    kind: functionKinds[functions.kind[func] ?? 0],
  }));
}

for (const name of readdirSync(join(profilesFolder, 'perfScript'))) {
  test(`${name}: every sample is there with its period, on one time axis`, async () => {
    const bytes = fixtureBytes(join('perfScript', name));
    assert.equal(formatOf(bytes), 'perf script');
    const { profile, problems } = await parseBytes(bytes);
    assert.deepEqual(problems, []);
    const periods = [...Buffer.from(bytes).toString().matchAll(header)].map(match => Number(match[1]));
    assert.ok(periods.length > 10);
    assert.equal(profile.samples.length, periods.length);
    assert.equal(sum(profile.samples.weightNs), sum(periods));
    assert.equal(profile.info.unit, 'nanoseconds');
    assert.ok(profile.info.hasTimeAxis);
    assert.equal(profile.info.lineMeaning, 'none');
    for (const { firstSample, sampleCount } of profile.lanes) {
      for (let i = firstSample + 1; i < firstSample + sampleCount; i++) {
        const start = (profile.samples.endNs[i] ?? 0) - (profile.samples.weightNs[i] ?? 0);
        assert.ok(start >= (profile.samples.endNs[i - 1] ?? 0));
      }
    }
  });
}

test('threads are lanes by process and thread, with Python functions by name and file', async () => {
  const { profile } = await parseBytes(fixtureBytes('perfScript/threads.txt.gz'));
  assert.ok(profile.lanes.some(lane => lane.isMain && lane.name === 'python3.15'));
  assert.ok(profile.lanes.some(lane => !lane.isMain && lane.name === 'a;b (x.py:3)'));
  const work = functionsOf(profile).find(({ name }) => name === 'work');
  assert.deepEqual(work, { name: 'work', file: '/tmp/pyrolens-fixtures/threads.py', kind: 'own' });
  assert.ok(functionsOf(profile).some(({ name, kind }) => name === '[unknown]' && kind === 'native'));
});

const sample = (time: string, event: string, frames: readonly string[]) =>
  [`py worker 10/11 [003] ${time}: ${event}: `, ...frames.map(frame => `\t  ${frame}`), '', ''].join('\n');

test('frames come leaf first, lose their offsets, and keep their objects', async () => {
  const { profile } = await parseText(
    sample('5.000001', '1000 task-clock:u', [
      'ffffffff8220 do_it+0x19 ([kernel.kallsyms])',
      '1f operator new(unsigned long)+0xa (/lib/a b/libstdc++.so.6.0.30)',
      '7f00 py::Class.<lambda>:/odd:dir/a b.py+0xb (/tmp/perf-10.map)',
      '0 [unknown] ([unknown])',
    ]),
  );
  assert.deepEqual(
    [...stackWeights(profile)],
    [['[unknown]:0;Class.<lambda>:0;operator new(unsigned long):0;do_it:0', 1000]],
  );
  assert.deepEqual(
    functionsOf(profile)
      .map(({ file, kind }) => [file, kind])
      .sort(),
    [
      ['', 'native'],
      ['/lib/a b/libstdc++.so.6.0.30', 'native'],
      ['/odd:dir/a b.py', 'package'],
      ['[kernel.kallsyms]', 'native'],
    ],
  );
  const lane = profile.lanes[0];
  assert.deepEqual([lane?.pid, lane?.tid, lane?.name, lane?.isMain], [10, 11, 'py worker', false]);
  assert.deepEqual([profile.info.startNs, profile.info.durationNs], [5e9, 1000]);
});

test('cycles are counts, not time', async () => {
  const text =
    sample('5.0', '4000 cycles:P', ['1 f+0x1 (/a.so)']) + sample('5.1', '2000 cycles:P', ['1 g (/a.so)']);
  const { profile } = await parseText(text);
  assert.equal(profile.info.unit, 'count');
  assert.equal(profile.info.hasTimeAxis, false);
  assert.equal(profile.info.durationNs, 6000);
  assert.match(profile.info.limits.join(' '), /«cycles:P»/);
});

test('of several events one is shown, and the others can be chosen', async () => {
  const text =
    sample('5.0', '1000 cpu-clock', ['1 f (/a.so)']) +
    sample('5.0', '7 page-faults', ['1 g (/a.so)']) +
    sample('5.1', '1000 cpu-clock', ['1 f (/a.so)']);
  const { profile } = await parseText(text);
  assert.deepEqual(profile.info.valueTypes, [
    { name: 'cpu-clock', unit: 'nanoseconds' },
    { name: 'page-faults', unit: 'count' },
  ]);
  assert.deepEqual([...stackWeights(profile)], [['f:0', 2000]]);
  const other = await parseBytes(Buffer.from(text), { valueType: 1 });
  assert.deepEqual([...stackWeights(other.profile)], [['g:0', 7]]);
  assert.equal(other.profile.info.unit, 'count');
});

test('without periods samples are counted', async () => {
  const { profile } = await parseText(sample('5.0', 'cpu-clock', ['1 f (/a.so)']));
  assert.deepEqual([profile.info.unit, profile.info.durationNs], ['count', 1]);
});

test('a file cut off anywhere gives whole samples and says so', async () => {
  const bytes = fixtureBytes('perfScript/default-fields.txt.gz');
  const text = Buffer.from(bytes).toString('latin1');
  const first = text.indexOf('\n\n') + 2;
  for (let length = first + 1; length < bytes.length - 1; length += 37) {
    const { profile, problems } = await parseBytes(bytes.slice(0, length));
    const whole = text.slice(0, length).split('\n\n').length - 1;
    assert.equal(profile.samples.length, whole, `at ${length}`);
    assert.equal(problems.length, text.slice(0, length).endsWith('\n\n') ? 0 : 1, `at ${length}`);
  }
});
