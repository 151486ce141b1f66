import assert from 'node:assert/strict';
import { test } from 'node:test';
import { found, idle, lane, lib, main, round, runs, step, suspended, toldOf, waits } from './drawnGaps';

const at = (line: number, name = 'talk') => ['main', round, step, `${name}[line:${line}]`];
const sleepAt1 = ['time.sleep(0.045)'];
/** Looks every ten milliseconds: the sleep seems to last from 10 to 60. */
const sleeping = main(
  waits(10, ...idle),
  ...Array.from({ length: 5 }, () => waits(10, ...at(1))),
  waits(10, ...idle),
);

test('a step that the loop measured begins and ends when it did, not when somebody looked', async () => {
  const loop = {
    span: [0, 70] as const,
    rounds: [{ at: 7.5, ms: 50.5, cpu: 1 }],
    steps: [{ at: 8, ms: 50, cpu: 1 }],
  };
  assert.deepEqual(await toldOf(sleeping, { source: sleepAt1, loop }), [
    'loop.blocked(timer.sleep) culprit line 1 8-58',
  ]);
  const { gaps } = await found(sleeping, { source: sleepAt1, loop });
  const [idleBefore, gap, idleAfter] = gaps;
  assert.equal(gap?.confidence, 'exact');
  assert.equal(gap?.cpuNs, 1e6);
  assert.deepEqual([idleBefore?.gapClass, idleBefore?.endNs], ['loop.idle', 7.5e6]);
  assert.deepEqual([idleAfter?.gapClass, idleAfter?.startNs], ['loop.idle', 58e6]);
});

test('what looks like one step was many when the loop measured none, polls between them included', async () => {
  const drawing = main(...Array.from({ length: 6 }, () => runs(10, ...at(2))));
  assert.deepEqual(await toldOf(drawing, {}), ['loop.blocked(run.python) culprit line 2 0-60']);
  assert.deepEqual(await toldOf(drawing, { loop: { span: [0, 60] } }), []);
});

test('while the loop was not measured yet, the samples tell', async () => {
  const drawing = main(...Array.from({ length: 6 }, () => runs(10, ...at(2))), waits(100, ...idle));
  assert.deepEqual(await toldOf(drawing, { loop: { span: [70, 160] } }), [
    'loop.blocked(run.python) culprit line 2 0-60',
  ]);
});

test('many short steps between two polls are a busy loop, though the looks saw one function only', async () => {
  const drawing = main(...Array.from({ length: 6 }, () => runs(10, ...at(2))), waits(10, ...idle));
  const loop = { span: [0, 70] as const, rounds: [{ at: 3, ms: 54, cpu: 50, steps: 108, delayed: 98 }] };
  assert.deepEqual(await toldOf(drawing, { loop }), ['loop.busy culprit line 2 3-57']);
  const { gaps } = await found(drawing, { loop });
  const busy = gaps.find(({ gapClass }) => gapClass === 'loop.busy');
  assert.deepEqual([busy?.stepCount, busy?.confidence], [108, 'exact']);
});

test('a step that was long only for want of a processor is one of the many', async () => {
  const drawing = main(...Array.from({ length: 6 }, () => runs(10, ...at(2))), waits(10, ...idle));
  const loop = {
    span: [0, 70] as const,
    rounds: [{ at: 3, ms: 54, cpu: 44, steps: 88 }],
    steps: [{ at: 20, ms: 10, cpu: 0.5 }],
  };
  assert.deepEqual(await toldOf(drawing, { loop }), ['loop.busy culprit line 2 3-57']);
});

test('a long step among short ones is told by itself, and those before and after it when they are many', async () => {
  const drawing = main(
    ...Array.from({ length: 2 }, () => runs(10, ...at(2))),
    ...Array.from({ length: 4 }, () => runs(10, ...at(3, 'score'))),
    waits(10, ...idle),
  );
  const loop = {
    span: [0, 70] as const,
    rounds: [{ at: 0, ms: 62, cpu: 60, steps: 40 }],
    steps: [{ at: 20, ms: 40, cpu: 40 }],
  };
  assert.deepEqual(await toldOf(drawing, { loop }), [
    'loop.busy culprit line 2 0-20',
    'loop.blocked(run.python) culprit line 3 20-60',
  ]);
});

test('of a call that let nobody look before it was over, the look that reaches into it tells the line', async () => {
  const source = ['', '', 'json.dumps(document)'];
  const drawing = main(waits(10, ...idle), runs(60, ...at(3)), waits(10, ...idle));
  const loop = {
    span: [0, 80] as const,
    rounds: [{ at: 12, ms: 55, cpu: 55 }],
    steps: [{ at: 12, ms: 55, cpu: 54 }],
  };
  assert.deepEqual(await toldOf(drawing, { source, loop }), [
    'loop.blocked(run.serialize) culprit line 3 12-67',
  ]);
});

test('a step without a look has its time, and computing if it used the CPU', async () => {
  const drawing = main(waits(50, ...idle));
  const loop = (cpu: number) => ({
    span: [0, 50] as const,
    rounds: [{ at: 20, ms: 8, cpu }],
    steps: [{ at: 20, ms: 8, cpu }],
  });
  assert.deepEqual(await toldOf(drawing, { loop: loop(7) }), [
    'loop.blocked(run.python) culprit line ? 20-28',
  ]);
  assert.deepEqual(await toldOf(drawing, { loop: loop(0) }), [
    'loop.blocked(unknown.offcpu) victim line ? 20-28',
  ]);
});

test('a step that used little of the processor was held up: its line is not to blame', async () => {
  const drawing = main(runs(10, ...at(2)), runs(10, ...at(2)), waits(10, ...idle));
  const loop = (cpu: number) => ({
    span: [0, 30] as const,
    rounds: [{ at: 3, ms: 7, cpu }],
    steps: [{ at: 3, ms: 7, cpu }],
  });
  assert.deepEqual(await toldOf(drawing, { loop: loop(6) }), [
    'loop.blocked(run.python) culprit line 2 3-10',
  ]);
  assert.deepEqual(await toldOf(drawing, { loop: loop(4) }), ['loop.blocked(sched.runq) victim line 2 3-10']);
});

test('tasks that were due meanwhile were delayed by it, for as long as the loop measured', async () => {
  const sleep = `sleep[file:${lib}/asyncio/tasks.py]`;
  const drawing = [sleeping, lane('task ticker', [suspended(70, 'tick[line:7]', sleep)])].join('\n');
  const loop = {
    span: [0, 70] as const,
    rounds: [{ at: 13, ms: 45, cpu: 1 }],
    steps: [{ at: 13, ms: 45, cpu: 1, task: -1 }],
    delays: [{ at: 58, ms: 40, task: 1 }],
  };
  const { profile, gaps } = await found(drawing, { source: sleepAt1, loop });
  const late = gaps.find(({ gapClass }) => gapClass === 'task.ready_delay');
  assert.deepEqual([late?.lane, late?.role, late?.startNs, late?.endNs], [1, 'victim', 18e6, 58e6]);
  assert.equal(profile.frames.line[late?.victimFrame ?? -1], 7);
  assert.equal(profile.frames.line[late?.holder?.frame ?? -1], 1);
  const blocking = gaps.find(({ isLoopBlocked }) => isLoopBlocked);
  assert.deepEqual([blocking?.delayedTasks, blocking?.longestDelayNs], [1, 40e6]);
  const asleep = gaps.filter(({ gapClass }) => gapClass === 'task.await.sleep');
  assert.deepEqual(
    asleep.map(({ startNs, endNs }) => [startNs, endNs]),
    [
      [0, 18e6],
      [58e6, 70e6],
    ],
  );
});
