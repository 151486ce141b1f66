import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { SliceColumns } from '../../../../src/server/analyze/sliceColumns';
import { type SliceQuery, TimelineSlices } from '../../../../src/server/analyze/timelineSlices';
import { type Profile, sampleState } from '../../../../src/shared/profile';
import { sliceStates } from '../../../../src/shared/views';
import { textProfile } from '../../../helpers/textProfile';

const sampleCount = 300_000;
const tickNs = 1e6;
const durationNs = sampleCount * tickNs;

describe('slices of a lane', () => {
  const look = { frameOf: (node: number) => node, isIdle: () => false };
  const laneOf = (profile: Profile, query: Partial<SliceQuery> = {}): SliceColumns =>
    new TimelineSlices(profile, look).of({
      ...{ lane: 0, rangeStartNs: 0, rangeEndNs: durationNs, minWidthNs: 0 },
      ...query,
    });
  const statesOf = ({ state, length }: SliceColumns): (string | undefined)[] =>
    [...state.subarray(0, length)].map(index => sliceStates[index]);

  it('are one for neighbours in one function and state, and another for anything else', async () => {
    const profile = await textProfile(`
      lane MainThread
      state run wait run run
      main  main main main
      -     work work work`);
    const slices = laneOf(profile);
    assert.deepEqual(statesOf(slices), ['running', 'waiting', 'running']);
    assert.deepEqual([...slices.endNs.subarray(0, 3)], [1e6, 2e6, 4e6]);
  });

  it('have holes where nothing was running', async () => {
    const profile = await textProfile(`
      lane MainThread
      main  gap main`);
    assert.deepEqual([...laneOf(profile).startNs.subarray(0, 2)], [0, 2e6]);
  });

  it('say of a mixture what it mostly is, and name what took longest', async () => {
    const mixture = async (states: string): Promise<SliceColumns> =>
      laneOf(
        await textProfile(`
          lane MainThread
          time 1 3 1
          state ${states}
          main  main main
          -     work -`),
        { minWidthNs: 10e6 },
      );
    for (const [states, state] of [
      ['run wait run', 'waiting'],
      ['wait run wait', 'mixed'],
      ['run susp run', 'idle'],
    ] as const) {
      const slices = await mixture(states);
      assert.deepEqual(statesOf(slices), [state], states);
      assert.equal(slices.frame[0], 1, 'work');
    }
  });

  describe('of a long recording', () => {
    let profile: Profile;
    before(async () => {
      profile = longProfile(
        await textProfile(`
        lane MainThread
        main main
        -    work`),
      );
    });

    it('are few from afar, in order, and leave nothing out', () => {
      const slices = laneOf(profile, { minWidthNs: durationNs / 100 });
      assert.ok(slices.length > 10 && slices.length <= 201, `${slices.length}`);
      assert.deepEqual([slices.startNs[0], slices.endNs[slices.length - 1]], [0, durationNs]);
      for (let at = 1; at < slices.length; at++) assert.equal(slices.startNs[at], slices.endNs[at - 1]);
    });

    it('show from afar where the lane waited', () => {
      const slices = laneOf(profile, { minWidthNs: durationNs / 100 });
      for (let at = 0; at < slices.length; at++) {
        const middleNs = ((slices.startNs[at] ?? 0) + (slices.endNs[at] ?? 0)) / 2;
        const isSurelyInside = Math.abs(middleNs - durationNs / 2) > durationNs / 50;
        if (!isSurelyInside) continue;
        const expected = middleNs > durationNs / 2 ? 'waiting' : 'mixed';
        assert.equal(statesOf(slices)[at], expected, `at ${middleNs}`);
      }
    });

    it('are single samples from near', () => {
      const slices = laneOf(profile, { rangeStartNs: 100 * tickNs, rangeEndNs: 110 * tickNs });
      assert.deepEqual([slices.length, slices.startNs[0]], [10, 100 * tickNs]);
    });

    it('begin and end with the part that is asked for', () => {
      const part = { rangeStartNs: durationNs * 0.4, rangeEndNs: durationNs * 0.6 };
      const minWidthNs = durationNs / 1000;
      const slices = laneOf(profile, { ...part, minWidthNs });
      const last = slices.length - 1;
      assert.ok(Math.abs((slices.startNs[0] ?? 0) - part.rangeStartNs) <= 2 * minWidthNs);
      assert.ok(Math.abs((slices.endNs[last] ?? 0) - part.rangeEndNs) <= 2 * minWidthNs);
    });
  });
});

/** Another function at each look; two of three looks find it computing in the first half, one of three in the second. */
function longProfile(profile: Profile): Profile {
  const isFirstHalf = (at: number): boolean => at < sampleCount / 2;
  const waits = (at: number): boolean => (isFirstHalf(at) ? at % 3 === 0 : at % 3 !== 0);
  const column = (of: (at: number) => number): number[] =>
    Array.from({ length: sampleCount }, (_, at) => of(at));
  return {
    ...profile,
    info: { ...profile.info, durationNs },
    lanes: profile.lanes.map(lane => ({ ...lane, endNs: durationNs, sampleCount })),
    samples: {
      length: sampleCount,
      endNs: Float64Array.from(column(at => (at + 1) * tickNs)),
      weightNs: new Float64Array(sampleCount).fill(tickNs),
      node: Int32Array.from(column(at => at % 2)),
      state: Uint8Array.from(column(at => (waits(at) ? sampleState.waiting : 0))),
      cpuNs: new Float64Array(),
      reason: new Uint8Array(),
      task: new Int32Array(),
      count: new Float64Array(),
    },
  };
}
