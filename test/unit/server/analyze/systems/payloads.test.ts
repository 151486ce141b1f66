import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payloads } from '../../../../../src/server/analyze/systems/payloads';
import { isMoveCostly } from '../../../../../src/server/analyze/systems/remedies';
import { found, main, waits } from '../gaps/drawnGaps';

/** Jobs submitted at line 3: queued, then the stages of moving around the run. */
async function payloadOf(runMs: number, bytes: number, workerPid = 77) {
  const stages = [5, 10, 10, 5, runMs, 10, 10, 5];
  const jobs = [1, 2].map(at => ({ at, stages, bytes }));
  const { profile } = await found(main(waits(50, 'ask[line:3]')), { jobs });
  const { handoffs } = profile;
  if (handoffs === undefined) throw new RangeError('no hand-offs');
  const frame = new Int32Array(2).fill(profile.nodes.frame[profile.samples.node[0] ?? -1] ?? -1);
  return payloads({
    ...profile,
    handoffs: { ...handoffs, frame, workerPid: new Int32Array(2).fill(workerPid) },
  });
}

test('the jobs of a line with their work, the moving of their data there and back, and its bytes', async () => {
  const [payload, ...others] = await payloadOf(20, 40e6);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [payload?.jobCount, payload?.runNs, payload?.moveNs, payload?.bytes],
    [2, 40e6, 100e6, 80e6],
  );
  assert.ok(payload && isMoveCostly(payload));
});

test('moving that is small beside the work, or of few bytes, is no matter', async () => {
  const [worthwhile] = await payloadOf(500, 40e6);
  const [tiny] = await payloadOf(20, 1_000);
  assert.ok(worthwhile && !isMoveCostly(worthwhile));
  assert.ok(tiny && !isMoveCostly(tiny));
});

test('jobs of threads move nothing', async () => {
  assert.deepEqual(await payloadOf(20, 40e6, 0), []);
});
