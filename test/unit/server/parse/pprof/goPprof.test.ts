/** Go's own profiles, held against what «go tool pprof» said about them when they were recorded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { samplesOfLane } from '../../../../../src/server/analyze/certainty';
import { fixtureBytes, parseBytes, profilesFolder, stackWeights } from '../../../../helpers/parsing';
import { ownFlatAndCum, type RawPprof, readRaw, readTops } from '../../../../helpers/pprofTexts';

const bytesOf = (name: string) => fixtureBytes(`pprof/go-${name}.pprof`);
const goldenOf = (name: string) =>
  readFileSync(join(profilesFolder, 'pprof', `go-${name}.golden.txt`), 'utf8');

/** The weight of each stack that has any. */
function rawWeights({ samples }: RawPprof, type: number): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { values, stack } of samples) {
    const weight = values[type] ?? 0;
    if (weight !== 0) weights.set(stack, (weights.get(stack) ?? 0) + weight);
  }
  return weights;
}

for (const name of ['cpu', 'heap', 'allocs', 'mutex', 'goroutine']) {
  describe(`Go’s ${name} profile`, () => {
    const raw = readRaw(goldenOf(name));

    it('offers the sample types with their units, the same one first', async () => {
      const { profile, problems } = await parseBytes(bytesOf(name));
      assert.deepEqual(problems, []);
      const types = raw.types.map(({ name, unit }) => ({ name, unit }));
      assert.deepEqual(profile.info.valueTypes, types.length > 1 ? types : []);
      const shown = raw.types.findIndex(({ isDefault }) => isDefault);
      assert.equal(profile.info.valueType, shown < 0 ? types.length - 1 : shown);
      assert.equal(profile.info.lineMeaning, 'executing');
    });

    raw.types.forEach(({ name: type, unit }, valueType) => {
      it(`has every stack with its ${type}, inlined functions too`, async () => {
        const { profile } = await parseBytes(bytesOf(name), { valueType });
        assert.equal(profile.info.unit, unit);
        const expected = rawWeights(raw, valueType);
        assert.ok(expected.size > 0);
        assert.deepEqual(stackWeights(profile), expected);
      });
    });

    for (const [type, functions] of readTops(goldenOf(name))) {
      it(`adds up the ${type} of every function as pprof does`, async () => {
        const valueType = raw.types.findIndex(({ name }) => name === type);
        const { profile } = await parseBytes(bytesOf(name), { valueType });
        const own = ownFlatAndCum(profile);
        assert.ok(functions.size > 0);
        for (const [func, times] of functions) assert.deepEqual(own.get(func), times, func);
        const others = [...own].filter(([func, { cum }]) => cum > 0 && !functions.has(func));
        assert.deepEqual(others, []);
      });
    }
  });
}

it('Go’s CPU profile gives the functions the shares that the program spent in them', async () => {
  const own = ownFlatAndCum((await parseBytes(bytesOf('cpu'))).profile);
  const whole = own.get('main.rounds')?.cum ?? 0;
  for (const [func, share] of [
    ['main.half', 0.5],
    ['main.threeTenths', 0.3],
    ['main.twoTenths', 0.2],
  ] as const) {
    const found = (own.get(func)?.cum ?? 0) / whole;
    assert.ok(Math.abs(found - share) < 0.05, `${func}: ${found} instead of ${share}`);
  }
});

it('Go’s CPU profile says how often it looked, how long, and how many samples it has, whichever type is shown', async () => {
  const raw = readRaw(goldenOf('cpu'));
  const samples = raw.samples.reduce((sum, { values }) => sum + (values[0] ?? 0), 0);
  assert.equal(Number(raw.facts['Period']), 1e7);
  for (const valueType of [0, 1]) {
    const { profile } = await parseBytes(bytesOf('cpu'), { valueType });
    const counted = profile.lanes.map(lane => samplesOfLane(profile, lane));
    assert.deepEqual(counted, [samples], raw.types[valueType]?.name);
    assert.equal(profile.info.rateHzAsked, valueType === 1 ? 100 : 0);
    assert.equal(profile.info.durationNs, valueType === 1 ? samples * 1e7 : samples);
  }
});

it('a lock’s delay stands for as many samples as there were contentions', async () => {
  const { profile } = await parseBytes(bytesOf('mutex'));
  const contentions = readRaw(goldenOf('mutex')).samples.map(({ values }) => values[0]);
  assert.equal(profile.info.valueTypes[profile.info.valueType]?.name, 'delay');
  assert.deepEqual([...profile.samples.count], contentions);
});
