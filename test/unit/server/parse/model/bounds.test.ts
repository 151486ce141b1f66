/** What no file can bring into a profile, whatever its parser passes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxAmount } from '../../../../../src/server/parse/model/bounds';
import { ProfileBuilder } from '../../../../../src/server/parse/model/profileBuilder';
import { profileInfo } from '../../../../../src/server/parse/model/profileInfo';
import { Slicer } from '../../../../../src/server/slicer';
import { brokenInvariants } from '../../../../fuzz/invariants';
import { parseBytes } from '../../../../helpers/parsing';
import { bytesField, numbers } from '../../../../helpers/protobufWriter';

const thread = { kind: 'thread', parent: -1, pid: 1, tid: 1, name: '', isMain: false } as const;
const format = 'test';

function finish(builder: ProfileBuilder) {
  return builder.finish({ info: profileInfo({ format }), endNs: 0 }, new Slicer());
}

test('facts that cannot be are unknown, durations end at the bound', () => {
  const info = profileInfo({
    format,
    startNs: Number.NaN,
    startEpochNs: Number.NEGATIVE_INFINITY,
    durationNs: 1e308,
    rateHzAsked: Number.POSITIVE_INFINITY,
    rateHzReached: -1,
    valueTypes: [{ name: 'wall', unit: 'nanoseconds' }],
    valueType: 7,
  });
  assert.equal(info.startNs, 0);
  assert.equal(info.startEpochNs, -maxAmount);
  assert.equal(info.durationNs, maxAmount);
  assert.deepEqual([info.rateHzAsked, info.rateHzReached, info.valueType], [0, 0, 0]);
});

test('ids that are no whole numbers are unknown, and times and weights stay within the bounds', async () => {
  const builder = new ProfileBuilder({ ownRoots: [] });
  const lane = builder.lane({ ...thread, pid: Number.POSITIVE_INFINITY, tid: 0.5 });
  builder.samples.add(lane, -1, -1e308, Number.NaN);
  builder.samples.setCount(builder.samples.add(lane, -1, 1e308, 1e308), 1e308);
  const profile = await finish(builder);
  assert.deepEqual([profile.lanes[0]?.pid, profile.lanes[0]?.tid], [0, 0]);
  assert.deepEqual([...profile.samples.endNs], [-maxAmount, maxAmount]);
  assert.deepEqual([...profile.samples.weightNs], [0, maxAmount]);
  assert.deepEqual([...profile.samples.count], [1, maxAmount]);
});

test('of more lanes than anyone can look at, the first are kept with their samples, and it is said', async () => {
  const builder = new ProfileBuilder({ ownRoots: [] });
  for (let i = 0; i < 100_003; i++) builder.samples.add(builder.lane({ ...thread, tid: i }), -1, i, 1);
  const profile = await finish(builder);
  assert.equal(profile.lanes.length, 100_000);
  assert.equal(profile.samples.length, 100_000);
  assert.equal(profile.samples.endNs.at(-1), 99_999);
  assert.match(profile.info.limits.join(), /more than 100000 threads and tasks/);
  assert.deepEqual(brokenInvariants({ profile, problems: [] }), []);
});

test('Firefox threads beyond the most that are kept are one problem', async () => {
  const one = '{"samples":{"stack":[0],"time":[1]}}';
  const threads = Array.from({ length: 10_050 }, () => one).join();
  const text = `{"meta":{"preprocessedProfileVersion":57},"threads":[${threads}]}`;
  const { problems } = await parseBytes(new TextEncoder().encode(text));
  assert.equal(problems.filter(({ message }) => /more than 10000 threads/.test(message)).length, 1);
});

test('units and labels of pprof that are called like built-in members are names like others', async () => {
  for (const name of ['constructor', '__proto__']) {
    const strings = ['', name, 'cpu', 'main'].flatMap(text => bytesField(6, text));
    const label = bytesField(3, numbers({ 1: 1, 2: 3 }));
    const bytes = [
      ...bytesField(1, numbers({ 1: 2, 2: 1 })),
      ...bytesField(2, [...bytesField(1, [1]), ...bytesField(2, [7]), ...label]),
      ...bytesField(4, [...numbers({ 1: 1 }), ...bytesField(4, numbers({ 1: 1 }))]),
      ...bytesField(5, numbers({ 1: 1, 2: 3 })),
      ...strings,
    ];
    const { profile, problems } = await parseBytes(Uint8Array.from(bytes));
    assert.deepEqual(problems, []);
    assert.equal(profile.info.unit, 'count');
    assert.deepEqual([...profile.samples.weightNs], [7]);
  }
});
