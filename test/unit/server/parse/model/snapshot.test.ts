import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProfileBuilder } from '../../../../../src/server/parse/model/profileBuilder';
import { profileInfo } from '../../../../../src/server/parse/model/profileInfo';
import { Slicer } from '../../../../../src/server/slicer';
import type { Profile } from '../../../../../src/shared/profile';

const slicer = new Slicer();
const info = profileInfo({ format: 'test', hasTimeAxis: true, durationNs: 1e9 });

/** As many lanes as there may be, and some more. */
const tooManyLanes = 100_010;

function lanes(builder: ProfileBuilder, count: number): number[] {
  const lane = { kind: 'thread', parent: -1, pid: 1, name: '' } as const;
  // The main thread comes last but is shown first.
  return Array.from({ length: count }, (_, tid) => builder.lane({ ...lane, tid, isMain: tid === count - 1 }));
}

function fill(builder: ProfileBuilder, ids: readonly number[], from: number): void {
  for (const [at, lane] of ids.entries()) {
    const endNs = from + at;
    builder.sample({ lane, endNs, weightNs: 1, node: -1, cpuNs: at % 2, state: at % 3, task: at % 2 });
    if (at % 2 === 0) builder.samples.setCount(builder.samples.length - 1, 5);
  }
}

async function profileOf(ids: (builder: ProfileBuilder) => number[], isWatched: boolean): Promise<Profile> {
  const builder = new ProfileBuilder({ ownRoots: [] });
  const all = ids(builder);
  fill(builder, all, 0);
  if (isWatched) await builder.snapshot(info, slicer);
  for (let at = 0; at < 5000; at++) builder.samples.add(0, -1, 1e6 + at, 1);
  return builder.finish({ info, endNs: 2e6 }, slicer);
}

test('a picture of full columns leaves them as they were', async () => {
  const full = (builder: ProfileBuilder) => {
    const two = lanes(builder, 2);
    return Array.from({ length: 4096 }, (_, at) => two[1 - (at >> 11)] ?? 0);
  };
  assert.deepEqual(await profileOf(full, true), await profileOf(full, false));
});

test('a picture without the samples of refused lanes leaves nothing of them to later samples', async () => {
  const many = (builder: ProfileBuilder) => lanes(builder, tooManyLanes);
  assert.deepEqual(await profileOf(many, true), await profileOf(many, false));
});
