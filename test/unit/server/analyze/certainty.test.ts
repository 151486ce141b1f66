import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSampled, samplesOfLane } from '../../../../src/server/analyze/certainty';
import { Measurement } from '../../../../src/server/analyze/measurement';
import { wholeRun } from '../../../../src/server/analyze/selection';
import { fixtureBytes, parseBytes } from '../../../helpers/parsing';

const parseText = (text: string) => parseBytes(Buffer.from(text));
const errorOfHalf = async (text: string) =>
  new Measurement((await parseText(text)).profile, wholeRun).shareError(0.5);

test('one row of many samples is as certain as a row for each of them', async () => {
  const merged = await errorOfHalf('main;left 200\nmain;right 200\n');
  const apart = await errorOfHalf('main;left 1\nmain;right 1\n'.repeat(200));
  assert.ok(Math.abs(merged - apart) < 1e-9, `${merged} and ${apart}`);
  assert.ok(merged < 0.05);
});

test('a lane has the samples that its rows stand for', async () => {
  const { profile } = await parseText('main;left 200\nmain;right 226\n');
  assert.deepEqual(
    profile.lanes.map(lane => samplesOfLane(profile, lane)),
    [426],
  );
});

for (const [name, expected] of [
  ['agreement/py-spy.raw', true],
  ['agreement/py-spy-speedscope.json', true],
  ['agreement/tachyon.collapsed', true],
  ['agreement/cprofile.pstats', false],
  ['agreement/viztracer.json', false],
  ['speedscope/memray.json', false],
] as const) {
  test(`${name} holds ${expected ? 'samples, whose shares have an error' : 'no samples'}`, async () => {
    const { profile, problems } = await parseBytes(fixtureBytes(name));
    assert.deepEqual(problems, []);
    assert.equal(isSampled(profile), expected);
    assert.equal(new Measurement(profile, wholeRun).shareError(0.5) > 0, expected);
  });
}

test('the allocations of memray are counted, not sampled', async () => {
  const { profile } = await parseBytes(fixtureBytes('speedscope/memray.json'), { valueType: 1 });
  assert.equal(profile.info.unit, 'count');
  assert.equal(isSampled(profile), false);
});
