/** What event loops, locks, executors and the process measured of themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStream, plainStream, scriptPath } from '../../../../helpers/plainStream';

test('what event loops measured of themselves lies on the same axis, with lanes and functions resolved', async () => {
  const { writer, main, outer } = plainStream();
  const task = writer.lane('Task-1', { kind: 'task', parent: main });
  const func = writer.func('handle', scriptPath, 30);
  writer.record(48, main, 1100, 60, 5, 7, 3, task + 1, func + 1);
  writer.record(49, main, 1160, 50, 0, 0);
  writer.record(50, main, 1095, 70, 2, 9, 1, 3);
  writer.record(51, main, 1000, 500, 12, 34, 90, 410, 80, 60, 50, 3);
  writer.record(54, main, 1300, 40, 0, 0, 0);
  writer
    .tick(500, [{ lane: main, stack: outer }])
    .data(1000)
    .end({ hookFailure: 'TypeError: no' });
  const { profile, problems } = await parseStream(writer.build().bytes);
  const { loops, frames, functions, strings } = profile;
  assert.ok(loops);
  const rows = Object.entries(loops).map(([name, { length, ...columns }]) => [
    name,
    length,
    ...Object.values<ArrayLike<number>>(columns).map(column => column[0]),
  ]);
  const frame = loops.steps.frame[0] ?? -1;
  assert.deepEqual(rows, [
    ['steps', 1, 0, 100, 60, 5, 7, 3, 1, frame],
    ['delays', 1, 0, 160, 50, -1, -1],
    ['rounds', 1, 0, 95, 70, 2, 9, 1, 3],
    ['seconds', 1, 0, 0, 500, 12, 34, 90, 410, 80, 60, 50, 3],
    ['missedWakes', 1, 0, 300, 40, -1, -1],
  ]);
  assert.equal(strings[functions.name[frames.func[frame] ?? -1] ?? -1], 'handle');
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.message ?? '', /TypeError: no/);
});

test('a loop of a lane that was lost leaves nothing, and a run without loops has no tables', async () => {
  const lost = plainStream();
  lost.writer.record(48, 9, 1100, 60, 5, 0, 3, 0, 0).tick(10, [{ lane: lost.main, stack: lost.outer }]);
  const { profile } = await parseStream(lost.writer.data(1000).end().build().bytes);
  assert.equal(profile.loops, undefined);
});

test('a wait has its object, and who had it where; what the kernel counted ends when it says', async () => {
  const { writer, main, outer } = plainStream();
  const holder = writer.lane('holder');
  const func = writer.func('hold', scriptPath, 40);
  writer.record(53, main, 1, 1100, 50, 4711, writer.string('Account.mutex'), holder + 1, func + 1, 44);
  writer.record(53, main, 3, 1200, 50, 4712, writer.string('Event'), 0, 0, 0);
  writer.record(55, main, 1400, 100, 60, 3000, 2, 0);
  writer
    .tick(500, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile } = await parseStream(writer.build().bytes);
  const { waits, usages, frames, strings } = profile;
  assert.ok(waits && usages);
  assert.deepEqual(
    [...waits.name].map(name => strings[name]),
    ['Account.mutex', 'Event'],
  );
  assert.deepEqual([...waits.kind, ...waits.startNs, ...waits.holderLane], [1, 3, 100, 200, 1, -1]);
  assert.deepEqual([frames.line[waits.frame[0] ?? -1], waits.frame[1]], [44, -1]);
  assert.deepEqual([usages.startNs[0], usages.durationNs[0], usages.minorFaults[0]], [300, 100, 3000]);
});

test('a hand-off has its stages and bytes, a pool of threads only two of them', async () => {
  const { writer, main, outer } = plainStream();
  const worker = writer.lane('pool_0');
  const func = writer.func('submits', scriptPath, 40);
  writer.record(52, 1, main + 1, 0, func + 1, 44, 77, 1100, 4000, 5000, 8, 1, 2, 3, 4, 20, 5, 6, 7);
  writer.record(52, 0, main + 1, 0, 0, 0, worker + 1, 1200, 0, 0, 2, 30, 10);
  writer
    .tick(500, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile } = await parseStream(writer.build().bytes);
  const { handoffs, frames } = profile;
  assert.ok(handoffs);
  const { queueNs, runNs, requestPickleNs, resultUnpickleNs, startNs } = handoffs;
  assert.deepEqual([...startNs], [100, 200]);
  assert.deepEqual([...queueNs], [1, 30]);
  assert.deepEqual([...runNs], [20, 10]);
  assert.deepEqual([...requestPickleNs, ...resultUnpickleNs], [2, 0, 7, 0]);
  assert.deepEqual([handoffs.requestBytes[0], handoffs.resultBytes[0]], [4000, 5000]);
  assert.deepEqual([...handoffs.workerPid, ...handoffs.workerLane], [77, 0, -1, 1]);
  assert.equal(frames.line[handoffs.frame[0] ?? -1], 44);
});
