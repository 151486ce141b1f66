/** Streams of chunks as the sampler and the observer write them: lanes, ticks, stacks and states. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleState, waitReasonIndex } from '../../../../../src/shared/profile';
import { ChunkWriter } from '../../../../helpers/chunkWriter';
import { parseFiles } from '../../../../helpers/parsing';
import { parseStream, plainStream, scriptPath, stackNames } from '../../../../helpers/plainStream';

test('samples stand for the time since the tick before, on one axis from the start', async () => {
  const { writer, main, outer, inner } = plainStream();
  writer.tick(10, [{ lane: main, stack: outer, cpuNs: 10 }]);
  writer.tick(30, [{ lane: main, stack: inner, cpuNs: 5 }]);
  writer.data(1000).end({ monotonicNs: 1045 });
  const { profile, problems } = await parseStream(writer.build().bytes);
  assert.deepEqual(problems, []);
  assert.deepEqual([...profile.samples.endNs], [10, 40]);
  assert.deepEqual([...profile.samples.weightNs], [10, 30]);
  assert.deepEqual([...profile.samples.state], [0, sampleState.waiting]);
  assert.deepEqual(stackNames(profile, 1), ['outer', 'inner']);
  assert.equal(profile.info.durationNs, 45);
  assert.equal(profile.lanes[0]?.isMain, true);
});

test('a second chunk counts from its own base, so that a lost chunk moves nothing', async () => {
  const { writer, main, outer } = plainStream();
  writer.tick(10, [{ lane: main, stack: outer }]).data(1000);
  writer.tick(10, [{ lane: main, stack: outer }]).data(1010);
  writer.tick(10, [{ lane: main, stack: outer }]).data(1020);
  const { bytes, offsets } = writer.end().build();
  const second = offsets[2] ?? 0;
  bytes[second + 12] = (bytes[second + 12] ?? 0) ^ 0xff;
  const { profile, problems } = await parseStream(bytes);
  assert.deepEqual([...profile.samples.endNs], [10, 30]);
  assert.deepEqual(
    problems.map(problem => [problem.part, problem.offset]),
    [['samples-42-1.chunks', second]],
  );
});

test('what a lost chunk defined is an unknown frame, not an error', async () => {
  const { writer, main, inner } = plainStream();
  writer.data(1000);
  const other = writer.stack(inner, writer.location(writer.func('late', scriptPath, 9), 9));
  writer.data(1000);
  const last = writer.stack(other, writer.location(writer.func('leaf', scriptPath, 20), 21));
  writer.tick(10, [{ lane: main, stack: last }]).data(1000);
  const { bytes, offsets } = writer.end({ monotonicNs: 1010 }).build();
  const lost = (offsets[2] ?? 0) + 12;
  bytes[lost] = (bytes[lost] ?? 0) ^ 1;
  const { profile, problems } = await parseStream(bytes);
  assert.equal(problems.length, 1);
  assert.deepEqual(stackNames(profile, 0), ['<lost>', 'leaf']);
});

test('processes of one run share the axis; main threads come first, tasks below their thread', async () => {
  const child = plainStream(43, 5000);
  child.writer
    .tick(10, [{ lane: child.main, stack: child.outer }])
    .data(5000)
    .end({ monotonicNs: 5010 });
  const parent = plainStream(42, 1000);
  const worker = parent.writer.lane('worker', { identity: 7 });
  const task = parent.writer.lane('fetch', { kind: 'task', parent: parent.main });
  parent.writer
    .tick(10, [
      { lane: worker, stack: parent.inner },
      { lane: parent.main, stack: parent.outer, task },
      { lane: task, stack: parent.inner, isSuspended: true },
    ])
    .data(1000)
    .end({ monotonicNs: 9000 });
  const { profile } = await parseFiles({
    'samples-43-1388.chunks': child.writer.build().bytes,
    'samples-42-3e8.chunks': parent.writer.build().bytes,
  });
  assert.deepEqual(
    profile.lanes.map(lane => [lane.pid, lane.name, lane.kind, lane.parent, lane.isMain]),
    [
      [42, 'MainThread', 'thread', -1, true],
      [42, 'fetch', 'task', 0, false],
      [42, 'worker', 'thread', -1, false],
      [43, 'MainThread', 'thread', -1, true],
    ],
  );
  assert.deepEqual([...profile.samples.endNs], [10, 10, 10, 4010]);
  assert.deepEqual([...profile.samples.task], [1, -1, -1, -1]);
  assert.equal(profile.samples.state[1], sampleState.waiting | sampleState.suspended);
  assert.equal(profile.info.durationNs, 8000);
  assert.equal(profile.functions.length, 2);
});

test('what the observer knows of the GIL and of a wait stays with its sample, whichever lane it is of', async () => {
  const { writer, main, outer, inner } = plainStream();
  const worker = writer.lane('worker', { identity: 7 });
  const [holdsGil, wantsGil] = [4, 8];
  const reason = (name: Parameters<typeof waitReasonIndex>[0]) => waitReasonIndex(name) << 4;
  writer
    .tick(10, [
      { lane: worker, stack: outer, cpuNs: 10, bits: holdsGil },
      { lane: main, stack: outer, cpuNs: 10, bits: wantsGil },
    ])
    .tick(10, [
      { lane: worker, stack: outer, cpuNs: 0, bits: reason('timer.sleep') },
      { lane: main, stack: inner, cpuNs: 0, bits: reason('rt.gil') },
    ])
    .tick(10, [{ lane: worker, stack: outer, cpuNs: 0, bits: 63 << 4 }])
    .data(1000)
    .end({ monotonicNs: 1030 });
  const { samples } = (await parseStream(writer.build().bytes)).profile;
  const reasons = ['none', 'rt.gil', 'none', 'timer.sleep', 'unknown'] as const;
  assert.deepEqual([...samples.reason], reasons.map(waitReasonIndex));
  const { waiting } = sampleState;
  assert.deepEqual(
    [...samples.state],
    [sampleState.wantsGil, waiting | sampleState.wantsGil, sampleState.holdsGil, waiting, waiting],
  );
});

test('where no sample has a reason, its column is empty', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { samples } = (await parseStream(writer.build().bytes)).profile;
  assert.equal(samples.reason.length, 0);
});

test('a thread born between two ticks is only as old as it is', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .laneStart(main, 1007)
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile } = await parseStream(writer.build().bytes);
  assert.deepEqual([...profile.samples.weightNs], [3]);
});

test('without CPU times a known waiting function on top is a guessed wait', async () => {
  const writer = new ChunkWriter().meta({ hasThreadCpu: false });
  const main = writer.lane('MainThread');
  const user = writer.stack(-1, writer.location(writer.func('main', scriptPath, 1), 2));
  const get = writer.stack(
    user,
    writer.location(writer.func('Queue.get', '/usr/lib/python3.12/queue.py', 1), 171),
  );
  writer
    .tick(10, [{ lane: main, stack: get }])
    .tick(10, [{ lane: main, stack: user }])
    .data(1000)
    .end();
  const { profile } = await parseStream(writer.build().bytes);
  assert.deepEqual([...profile.samples.state], [sampleState.waiting | sampleState.guessed, 0]);
  assert.equal(profile.info.hasCpu, false);
});

test('our own frames leave no trace', async () => {
  const writer = new ChunkWriter().meta();
  const main = writer.lane('MainThread');
  const hook = writer.func('run', '/ext/dist/collectors/pyrolens_collect/target.py', 1);
  const runner = writer.func('_run_module_code', '<frozen runpy>', 96);
  const own = writer.func('main', scriptPath, 1);
  const a = writer.stack(writer.stack(-1, writer.location(runner, 98)), writer.location(hook, 3));
  const b = writer.stack(a, writer.location(own, 2));
  const c = writer.stack(b, writer.location(hook, 9));
  writer
    .tick(10, [{ lane: main, stack: b }])
    .tick(10, [{ lane: main, stack: c }])
    .data(1000)
    .end();
  const { profile } = await parseStream(writer.build().bytes);
  assert.deepEqual([stackNames(profile, 0), stackNames(profile, 1)], [['main'], ['main']]);
  assert.equal(profile.nodes.length, 1);
});

test('a killed process, a refused one and skipped tasks are told in words', async () => {
  const killed = plainStream();
  killed.writer.tick(10, [{ lane: killed.main, stack: killed.outer }]).data(1000);
  const first = await parseStream(killed.writer.build().bytes);
  assert.match(first.problems[0]?.message ?? '', /Process 42 ended without warning/);
  const refused = new ChunkWriter()
    .meta()
    .end({ reason: 'refused', message: 'free-threaded build', tasksLeftOut: 3 });
  const second = await parseStream(refused.build().bytes);
  assert.match(second.problems[0]?.message ?? '', /free-threaded build/);
  assert.match(second.problems[1]?.message ?? '', /up to 3 were left out/);
});

test('stacks thousands of frames deep are read without recursion', async () => {
  const { writer, main, outer, inner } = plainStream();
  let stack = outer;
  const location = writer.location(0, 2);
  for (let depth = 0; depth < 20_000; depth++) stack = writer.stack(stack, location);
  writer
    .tick(10, [
      { lane: main, stack },
      { lane: main, stack: inner },
    ])
    .data(1000)
    .end();
  const { profile } = await parseStream(writer.build().bytes);
  assert.equal(profile.nodes.depth[profile.samples.node[0] ?? 0], 20_000);
});

test('the stack tree is in depth-first order with true subtree ends', async () => {
  const { writer, main, outer, inner } = plainStream();
  const sibling = writer.stack(outer, writer.location(0, 99));
  const below = writer.stack(inner, writer.location(1, 98));
  writer
    .tick(10, [{ lane: main, stack: below }])
    .tick(10, [{ lane: main, stack: sibling }])
    .data(1000)
    .end();
  const { nodes } = (await parseStream(writer.build().bytes)).profile;
  assert.deepEqual([...nodes.parent], [-1, 0, 1, 0]);
  assert.deepEqual([...nodes.subtreeEnd], [4, 3, 3, 4]);
  assert.deepEqual([...nodes.depth], [0, 1, 2, 1]);
});
