import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeMetrics } from '../../../../src/server/analyze/rangeMetrics';
import type { Profile } from '../../../../src/shared/profile';
import { textProfile } from '../../../helpers/textProfile';

const drawing = `
  lane MainThread
  time 10 10 20
  cpu  10 0  5
  main main main
  lane worker
  time 10 10 20
  cpu  0  10 20
  work work work
`;
const range = (startMs: number, endMs: number) => ({ rangeStartNs: startMs * 1e6, rangeEndNs: endMs * 1e6 });

test('the whole run: wall once, CPU of all threads, the main thread’s share of its life', async () => {
  const { wallNs, cpuNs, mainBusyShare } = rangeMetrics(await textProfile(drawing), range(0, 0));
  assert.deepEqual([wallNs, cpuNs, mainBusyShare], [40e6, 45e6, 15 / 40]);
});

test('in a stretch, samples at its edges count in part', async () => {
  const { wallNs, cpuNs, mainBusyShare } = rangeMetrics(await textProfile(drawing), range(5, 30));
  assert.deepEqual([wallNs, cpuNs, mainBusyShare], [25e6, (5 + 10 + 2.5 + 10) * 1e6, 7.5 / 25]);
});

test('pauses of the collector count where they lie in the stretch', async () => {
  const profile: Profile = {
    ...(await textProfile(drawing)),
    gcPauses: {
      length: 3,
      startNs: Float64Array.of(1e6, 4e6, 35e6),
      durationNs: Float64Array.of(2e6, 2e6, 1e6),
      generation: Uint8Array.of(1, 2, 0),
      lane: Int32Array.of(0, 0, 0),
    },
  };
  const { gcPauseCount, gcPauseNs } = rangeMetrics(profile, range(5, 30));
  assert.deepEqual([gcPauseCount, gcPauseNs], [1, 1e6]);
});

test('CPU time that was not measured is unknown, not none', async () => {
  const profile = await textProfile(drawing, { hasCpu: false });
  const { cpuNs, mainBusyShare } = rangeMetrics(profile, range(0, 0));
  assert.deepEqual([cpuNs, mainBusyShare], [-1, -1]);
});
