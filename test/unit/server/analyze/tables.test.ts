import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flameLayout } from '../../../../src/server/analyze/flameLayout';
import { Measurement } from '../../../../src/server/analyze/measurement';
import { neighbours } from '../../../../src/server/analyze/neighbours';
import { wholeRun } from '../../../../src/server/analyze/selection';
import type { FlameQuery } from '../../../../src/shared/api';
import type { Profile } from '../../../../src/shared/profile';
import { boxFlag } from '../../../../src/shared/views';
import { textProfile } from '../../../helpers/textProfile';
import { wholeFlame } from '../../../helpers/wholeQueries';

function nameOf(profile: Profile, func: number): string {
  return profile.strings[profile.functions.name[func] ?? -1] ?? '';
}

function drawn(profile: Profile, query: Partial<FlameQuery> = {}): string[] {
  const { boxes } = flameLayout(profile, { ...wholeFlame, ...query });
  return Array.from({ length: boxes.length }, (_, box) => {
    const isHidden = ((boxes.flags[box] ?? 0) & boxFlag.hidden) !== 0;
    const func = boxes.func[box] ?? -1;
    const name = isHidden
      ? `(${boxes.sampleCount[box]})`
      : func < 0
        ? `lane ${boxes.lane[box]}`
        : nameOf(profile, func);
    return `${boxes.row[box]} ${name} ${(boxes.startNs[box] ?? 0) / 1e6}-${(boxes.endNs[box] ?? 0) / 1e6}`;
  });
}

const example = `
  time  10  20  10  5
  main  main main -
  a     b   a   -
`;

test('left-heavy puts the heaviest child first and equal stacks together', async () => {
  assert.deepEqual(drawn(await textProfile(`time 10 20 10\nmain main main\na b a`)), [
    '0 lane 0 0-40',
    '1 main 0-40',
    '2 a 0-20',
    '2 b 20-40',
  ]);
});

test('time order keeps what came first, first', async () => {
  assert.deepEqual(drawn(await textProfile(example), { order: 'timeOrder' }), [
    '0 lane 0 0-45',
    '1 main 0-40',
    '2 a 0-10',
    '2 b 10-30',
    '2 a 30-40',
  ]);
});

test('narrow boxes become one filler that says how many they are', async () => {
  const profile = await textProfile('time 20 1 1 1\nmain main main main\na b c d\n- - x -');
  assert.deepEqual(drawn(profile, { minWidthNs: 2e6 }).slice(2), ['2 a 0-20', '2 (4) 20-23']);
});

test('a window lays out only what it shows, at its true place', async () => {
  const profile = await textProfile('time 20 10 5\nmain main main\na b c');
  const query = { windowStartNs: 22e6, windowEndNs: 29e6 };
  assert.deepEqual(drawn(profile, query), ['0 lane 0 0-35', '1 main 0-35', '2 b 20-30']);
});

test('all threads stand beside each other in left-heavy order and below each other in time order', async () => {
  const profile = await textProfile(
    'lane main\ntime 10\na\nlane worker\ntime 4\nb\ntask T\ntime 6\nstate susp\nc',
  );
  assert.deepEqual(drawn(profile), ['0 lane 0 0-10', '0 lane 1 10-14', '1 a 0-10', '1 b 10-14']);
  assert.deepEqual(drawn(profile, { lane: -2 }), ['0 lane -2 0-6', '1 c 0-6']);
  const rows = drawn(profile, { order: 'timeOrder' });
  assert.deepEqual(rows, ['0 lane 0 0-10', '1 a 0-10', '2 lane 1 0-4', '3 b 0-4', '4 lane 2 0-6', '5 c 0-6']);
});

test('a stretch without samples is a gap in time order', async () => {
  const profile = await textProfile('time 10 5 10\na gap a');
  assert.deepEqual(drawn(profile, { order: 'timeOrder' }).slice(1), ['1 a 0-10', '1 a 15-25']);
});

test('two threads on one line count the wall clock once and the processor twice', async () => {
  const lane = 'time 10 10\ncpu 10 10\nf[line:5] g[line:9]';
  const profile = await textProfile(`lane one\n${lane}\nlane two\n${lane}`);
  const { items, total } = new Measurement(profile, wholeRun).lines;
  const item = items.line.indexOf(5);
  assert.equal(total.totalNs[item], 10e6);
  assert.equal(total.cpuNs[item], 20e6);
});

test('a line waits only while none of its threads computes', async () => {
  const profile = await textProfile('lane one\ntime 10\nstate wait\nf\nlane two\ntime 4\nstate run\nf');
  const { total } = new Measurement(profile, wholeRun).lines;
  assert.equal(total.totalNs[0], 10e6);
  assert.equal(total.waitNs[0], 6e6);
});

test('spans share the line’s time by what was executing', async () => {
  const profile = await textProfile('time 30 10\nf[column:4,endColumn:8] f[column:10,endColumn:12]');
  const spans = new Measurement(profile, wholeRun).lines.spans(0);
  assert.deepEqual(
    spans.map(({ column, totalNs }) => [column, totalNs]),
    [
      [4, 30e6],
      [10, 10e6],
    ],
  );
});

test('few samples make a share uncertain, many make it certain', async () => {
  const few = new Measurement(await textProfile('a b a b'), wholeRun);
  const many = new Measurement(await textProfile('a b '.repeat(400)), wholeRun);
  assert.ok(few.shareError(0.5) > 0.3);
  assert.ok(many.shareError(0.5) < 0.04);
  assert.ok(many.shareError(0) > 0);
});

test('callers and callees of a recursive function', async () => {
  const profile = await textProfile('main main\nf f\nf g\nf -');
  const measured = new Measurement(profile, wholeRun);
  const func = [...profile.functions.name].findIndex((_, index) => nameOf(profile, index) === 'f');
  const found = neighbours(profile, func, { subset: measured.subset, times: measured.times });
  const named = (list: typeof found.callers) =>
    list.map(each => `${nameOf(profile, each.func)} ${each.totalNs / 1e6}`);
  assert.deepEqual(named(found.callers), ['main 2', 'f 1']);
  assert.deepEqual(named(found.callees), ['f 1', 'g 1']);
});
