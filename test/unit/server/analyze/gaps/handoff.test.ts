import assert from 'node:assert/strict';
import { test } from 'node:test';
import { found, lane, lib, main, runs, suspended, toldOf, waits } from './drawnGaps';

const result = `Future.result[file:${lib}/concurrent/futures/_base.py]`;
const toThread = `to_thread[file:${lib}/asyncio/threads.py]`;
const asks = main(waits(50, 'ask[line:3]', result), waits(50, 'ask[line:3]', result));

test('of a job of another process the work stands apart from the moving of its data', async () => {
  const job = { at: 2, stages: [1, 20, 15, 10, 20, 12, 10, 8], bytes: 40e6 };
  assert.deepEqual(await toldOf(asks, { jobs: [job] }), [
    'sync.future dependency line 3 2-3',
    'handoff.pickle dependency line 3 3-23',
    'handoff.pipe dependency line 3 23-38',
    'handoff.pickle dependency line 3 38-48',
    'sync.future dependency line 3 48-68',
    'handoff.pickle dependency line 3 68-80',
    'handoff.pipe dependency line 3 80-90',
    'handoff.pickle dependency line 3 90-98',
  ]);
  const { gaps } = await found(asks, { jobs: [job] });
  assert.deepEqual(gaps[0]?.handoff, { queueNs: 1e6, runNs: 20e6, moveNs: 75e6, bytes: 40e6 });
  assert.ok(gaps.every(({ confidence }) => confidence === 'exact'));
});

test('a job of a thread gives the wait its edges, and the time in the queue', async () => {
  const drawing = main(runs(10, 'ask[line:2]'), waits(90, 'ask[line:3]', result), runs(10, 'ask[line:4]'));
  const jobs = [{ at: 14, stages: [40, 42] }];
  assert.deepEqual(await toldOf(drawing, { jobs }), ['sync.future dependency line 3 14-96']);
  const { gaps } = await found(drawing, { jobs });
  assert.deepEqual(gaps[0]?.handoff, { queueNs: 40e6, runNs: 42e6, moveNs: 0, bytes: 0 });
});

test('a task waits for the job that it submitted itself, from then on', async () => {
  const sleep = `sleep[file:${lib}/asyncio/tasks.py]`;
  const task = lane('task worker', [
    suspended(30, 'work[line:7]', sleep),
    suspended(60, 'work[line:8]', toThread),
  ]);
  const drawing = [main(waits(90, 'main[line:1]')), task].join('\n');
  const spans = async (jobTask: number) => {
    const { gaps } = await found(drawing, { jobs: [{ at: 22, task: jobTask, stages: [1, 61] }] });
    return gaps
      .filter(gap => gap.lane === 1)
      .map(({ gapClass, startNs, endNs }) => `${gapClass} ${startNs / 1e6}-${endNs / 1e6}`);
  };
  assert.deepEqual(await spans(1), ['task.await.sleep 0-22', 'task.await.executor 22-84']);
  assert.deepEqual(await spans(0), ['task.await.sleep 0-30', 'task.await.executor 30-90']);
});

test('a job that lasted for a small part of a wait is not what was waited for', async () => {
  const jobs = [{ at: 2, stages: [1, 20] }];
  assert.deepEqual(await toldOf(asks, { jobs }), ['sync.future dependency line 3 0-100']);
});
