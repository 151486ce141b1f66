/** The outputs of CPython's profiling.sampling that have sums by line and no stacks: JSON lines and pstats. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureBytes, formatOf, parseBytes, stackWeights } from '../../../../helpers/parsing';

const recorded = new TextDecoder().decode(fixtureBytes('agreement/tachyon.jsonl'));
const bytesOf = (text: string) => new TextEncoder().encode(text);
const linesOf = (records: readonly unknown[]) =>
  bytesOf(records.map(record => `${JSON.stringify(record)}\n`).join(''));

test('each line of the JSON stands alone with its own samples', async () => {
  const { profile, problems } = await parseBytes(bytesOf(recorded));
  assert.deepEqual(problems, []);
  const records = recorded
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const total = records.at(-1).samples_total;
  assert.equal(
    profile.samples.count.reduce((sum, count) => sum + count, 0),
    total,
  );
  assert.equal(profile.info.durationNs, total * 1e6);
  assert.deepEqual(
    [profile.info.hasTimeAxis, profile.info.hasColumns, profile.info.limits.length],
    [false, true, 1],
  );
  assert.ok([...stackWeights(profile).keys()].every(stack => !stack.includes(';')));
});

test('version 1 has definitions and counts ids from 1', async () => {
  const base = { v: 1, run_id: 'a' };
  const { profile, problems } = await parseBytes(
    linesOf([
      { type: 'meta', ...base, sample_interval_usec: 500, mode: 'wall' },
      {
        type: 'str_def',
        ...base,
        defs: [
          { str_id: 1, value: 'f' },
          { str_id: 2, value: '/work/a.py' },
        ],
      },
      {
        type: 'frame_def',
        ...base,
        defs: [
          { frame_id: 1, path_str_id: 2, func_str_id: 1, line: 7, col: 2, end_col: 5 },
          { frame_id: 2, path_str_id: 2, func_str_id: 1, line: 0, synthetic: true },
        ],
      },
      {
        type: 'agg',
        ...base,
        kind: 'frame',
        scope: 'final',
        samples_total: 5,
        entries: [
          { frame_id: 1, self: 4, cumulative: 5 },
          { frame_id: 2, self: 1, cumulative: 1 },
        ],
      },
      { type: 'news', ...base },
      { type: 'end', ...base, samples_total: 5 },
    ]),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'f:7': 2e6, 'f:0': 5e5 });
  assert.deepEqual([profile.frames.column[0], profile.frames.endColumn[0]], [2, 5]);
});

test('keys may come in any order', () => {
  assert.equal(
    formatOf(bytesOf('{"run_id":"a","v":0,"sample_interval_usec":1000,"type":"meta"}\n')),
    'Tachyon JSON lines',
  );
  assert.equal(formatOf(bytesOf('{"type":"meta","rows":3}\n')), undefined);
});

test('JSON lines that are cut off give what stands before and one problem', async () => {
  for (let size = 120; size < recorded.length - 1; size += 89) {
    const { problems } = await parseBytes(bytesOf(recorded.slice(0, size)));
    assert.equal(problems.length, 1, `${size}`);
  }
});

test('a damaged line is left out', async () => {
  const lines = recorded.trim().split('\n');
  const { profile, problems } = await parseBytes(
    bytesOf([lines[0], '{"type":"agg",,', ...lines.slice(1)].join('\n')),
  );
  assert.equal(problems.length, 1);
  assert.ok(profile.samples.length > 0);
});

test('Tachyon’s pstats files hold samples of executing lines, not calls', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('agreement/tachyon.pstats'));
  assert.deepEqual(problems, []);
  assert.equal(profile.calls, undefined);
  assert.deepEqual(
    [profile.info.lineMeaning, profile.info.hasTimeAxis, profile.info.isTraced],
    ['executing', false, false],
  );
  assert.equal(profile.info.rateHzAsked, 1000);
  // As many nanoseconds as the samples' number times the interval.
  const samples = profile.samples.count.reduce((sum, count) => sum + count, 0);
  assert.ok(Math.abs(profile.info.durationNs - samples * 1e6) < 1);
  const half = [...stackWeights(profile)].filter(([stack]) => stack.startsWith('half:'));
  assert.ok(half.length >= 1 && half.every(([stack]) => /:1[12]$/.test(stack)));
});

test('cProfile’s files are still calls', async () => {
  const { profile } = await parseBytes(fixtureBytes('agreement/cprofile.pstats'));
  assert.notEqual(profile.calls, undefined);
  assert.equal(profile.info.lineMeaning, 'definition');
});
