import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseParts } from '../../../../../src/server/parse';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { Slicer } from '../../../../../src/server/slicer';
import { crc32 } from '../../../../../src/shared/crc32';
import {
  type ParseResult,
  type Profile,
  sampleState,
  waitReasonIndex,
} from '../../../../../src/shared/profile';
import { ChunkWriter } from '../../../../helpers/chunkWriter';

const file = '/work/app.py';

function parse(...parts: (readonly [string, Uint8Array])[]): Promise<ParseResult> {
  return parseParts(
    parts.map(([name, bytes]) => new MemorySource(name, bytes)),
    { origins: { ownRoots: ['/work'] }, slicer: new Slicer(), sidecar: () => undefined },
  );
}

function stackNames(profile: Profile, sample: number): string[] {
  const names: string[] = [];
  for (let node = profile.samples.node[sample] ?? -1; node >= 0; node = profile.nodes.parent[node] ?? -1) {
    const func = profile.frames.func[profile.nodes.frame[node] ?? 0] ?? 0;
    names.unshift(profile.strings[profile.functions.name[func] ?? 0] ?? '');
  }
  return names;
}

/** A process with one thread in `outer → inner`, ticks of 10 ns. */
function plainStream(pid = 42, startNs = 1000) {
  const writer = new ChunkWriter(pid).meta({ monotonicNs: startNs });
  const main = writer.lane('MainThread', { identity: 1 });
  const outer = writer.stack(-1, writer.location(writer.func('outer', file, 1), 2));
  const inner = writer.stack(
    outer,
    writer.location(writer.func('inner', file, 5), 6, { column: 4, endColumn: 9 }),
  );
  return { writer, main, outer, inner };
}

test('samples stand for the time since the tick before, on one axis from the start', async () => {
  const { writer, main, outer, inner } = plainStream();
  writer.tick(10, [{ lane: main, stack: outer, cpuNs: 10 }]);
  writer.tick(30, [{ lane: main, stack: inner, cpuNs: 5 }]);
  writer.data(1000).end({ monotonicNs: 1045 });
  const { profile, problems } = await parse(['samples-42-1.chunks', writer.build().bytes]);
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
  const { profile, problems } = await parse(['samples-42-1.chunks', bytes]);
  assert.deepEqual([...profile.samples.endNs], [10, 30]);
  assert.deepEqual(
    problems.map(problem => [problem.part, problem.offset]),
    [['samples-42-1.chunks', second]],
  );
});

test('what a lost chunk defined is an unknown frame, not an error', async () => {
  const { writer, main, inner } = plainStream();
  writer.data(1000);
  const other = writer.stack(inner, writer.location(writer.func('late', file, 9), 9));
  writer.data(1000);
  const last = writer.stack(other, writer.location(writer.func('leaf', file, 20), 21));
  writer.tick(10, [{ lane: main, stack: last }]).data(1000);
  const { bytes, offsets } = writer.end({ monotonicNs: 1010 }).build();
  const lost = (offsets[2] ?? 0) + 12;
  bytes[lost] = (bytes[lost] ?? 0) ^ 1;
  const { profile, problems } = await parse(['samples-42-1.chunks', bytes]);
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
  const { profile } = await parse(
    ['samples-43-1388.chunks', child.writer.build().bytes],
    ['samples-42-3e8.chunks', parent.writer.build().bytes],
  );
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
  const { samples } = (await parse(['samples-42-1.chunks', writer.build().bytes])).profile;
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
  const { samples } = (await parse(['samples-42-1.chunks', writer.build().bytes])).profile;
  assert.equal(samples.reason.length, 0);
});

test('a thread born between two ticks is only as old as it is', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .laneStart(main, 1007)
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile } = await parse(['samples-42-1.chunks', writer.build().bytes]);
  assert.deepEqual([...profile.samples.weightNs], [3]);
});

test('without CPU times a known waiting function on top is a guessed wait', async () => {
  const writer = new ChunkWriter().meta({ hasThreadCpu: false });
  const main = writer.lane('MainThread');
  const user = writer.stack(-1, writer.location(writer.func('main', file, 1), 2));
  const get = writer.stack(
    user,
    writer.location(writer.func('Queue.get', '/usr/lib/python3.12/queue.py', 1), 171),
  );
  writer
    .tick(10, [{ lane: main, stack: get }])
    .tick(10, [{ lane: main, stack: user }])
    .data(1000)
    .end();
  const { profile } = await parse(['samples-42-1.chunks', writer.build().bytes]);
  assert.deepEqual([...profile.samples.state], [sampleState.waiting | sampleState.guessed, 0]);
  assert.equal(profile.info.hasCpu, false);
});

test('our own frames leave no trace', async () => {
  const writer = new ChunkWriter().meta();
  const main = writer.lane('MainThread');
  const hook = writer.func('run', '/ext/dist/collectors/pyrolens_collect/target.py', 1);
  const runner = writer.func('_run_module_code', '<frozen runpy>', 96);
  const own = writer.func('main', file, 1);
  const a = writer.stack(writer.stack(-1, writer.location(runner, 98)), writer.location(hook, 3));
  const b = writer.stack(a, writer.location(own, 2));
  const c = writer.stack(b, writer.location(hook, 9));
  writer
    .tick(10, [{ lane: main, stack: b }])
    .tick(10, [{ lane: main, stack: c }])
    .data(1000)
    .end();
  const { profile } = await parse(['samples-42-1.chunks', writer.build().bytes]);
  assert.deepEqual([stackNames(profile, 0), stackNames(profile, 1)], [['main'], ['main']]);
  assert.equal(profile.nodes.length, 1);
});

test('a killed process, a refused one and skipped tasks are told in words', async () => {
  const killed = plainStream();
  killed.writer.tick(10, [{ lane: killed.main, stack: killed.outer }]).data(1000);
  const first = await parse(['samples-42-1.chunks', killed.writer.build().bytes]);
  assert.match(first.problems[0]?.message ?? '', /Process 42 ended without warning/);
  const refused = new ChunkWriter()
    .meta()
    .end({ reason: 'refused', message: 'free-threaded build', tasksLeftOut: 3 });
  const second = await parse(['samples-42-1.chunks', refused.build().bytes]);
  assert.match(second.problems[0]?.message ?? '', /free-threaded build/);
  assert.match(second.problems[1]?.message ?? '', /up to 3 were left out/);
});

test('an unknown kind of chunk is skipped without a word', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .chunk(77, new Uint8Array([1, 2, 3]))
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile, problems } = await parse(['samples-42-1.chunks', writer.build().bytes]);
  assert.equal(profile.samples.length, 1);
  assert.deepEqual(problems, []);
});

test('an absurd length is damage, not an allocation', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { bytes, offsets } = writer.build();
  new DataView(bytes.buffer).setUint32(offsets[2] ?? 0, 0xfffffff0, true);
  const { profile, problems } = await parse(['samples-42-1.chunks', bytes]);
  assert.equal(profile.samples.length, 1);
  assert.equal(problems[0]?.offset, offsets[2]);
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
  const { profile } = await parse(['samples-42-1.chunks', writer.build().bytes]);
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
  const { nodes } = (await parse(['samples-42-1.chunks', writer.build().bytes])).profile;
  assert.deepEqual([...nodes.parent], [-1, 0, 1, 0]);
  assert.deepEqual([...nodes.subtreeEnd], [4, 3, 3, 4]);
  assert.deepEqual([...nodes.depth], [0, 1, 2, 1]);
});

test('no mutation of a stream makes the reader throw, nor the profile inconsistent', async () => {
  const { writer, main, outer, inner } = plainStream();
  const worker = writer.lane('worker');
  for (let tick = 0; tick < 20; tick++) {
    writer.tick(10, [
      { lane: main, stack: tick % 2 ? inner : outer, cpuNs: tick },
      { lane: worker, stack: -1, isSuspended: tick > 10 },
    ]);
  }
  writer.gc({ startNs: 1005, durationNs: 3, generation: 1, lane: main }).file(file, 1, 2).data(1000).end();
  const { bytes, offsets } = writer.build();
  const edit = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) });
  const cut = fc.option(fc.nat(bytes.length));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 6 }), cut, fc.boolean(), async (edits, length, isSealed) => {
      const mutated = bytes.slice();
      for (const { at, value } of edits) mutated[at] = value;
      if (isSealed) seal(mutated, offsets);
      const { profile } = await parse(['samples-42-1.chunks', mutated.subarray(0, length ?? mutated.length)]);
      checkConsistent(profile);
    }),
    { numRuns: 1500 },
  );
});

/** Makes the checksums right again, so that the damage reaches the records. */
function seal(bytes: Uint8Array, offsets: readonly number[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const offset of offsets) {
    const length = view.getUint32(offset, true);
    if (offset + 12 + length > bytes.length) continue;
    view.setUint32(offset + 8, crc32(bytes.subarray(offset + 12, offset + 12 + length)), true);
  }
}

function checkConsistent({ nodes, frames, functions, samples, lanes }: Profile): void {
  nodes.frame.forEach((frame, node) => {
    assert.ok(frame >= 0 && frame < frames.length);
    assert.ok((nodes.parent[node] ?? 0) < node);
  });
  for (const func of frames.func) assert.ok(func >= 0 && func < functions.length);
  for (const node of samples.node) assert.ok(node >= -1 && node < nodes.length);
  assert.equal(
    lanes.reduce((sum, lane) => sum + lane.sampleCount, 0),
    samples.length,
  );
  for (const weight of samples.weightNs) assert.ok(weight >= 0);
}

test('where only the bodies of tests were recorded, the run says so, and how often they ran', async () => {
  const limits = async (...ends: Record<string, unknown>[]) => {
    const parts = ends.map((end, index): [string, Uint8Array] => {
      const { writer, main, outer } = plainStream(42 + index);
      writer.tick(10, [{ lane: main, stack: outer }]).data(1000);
      return [`samples-${42 + index}-1.chunks`, writer.end(end).build().bytes];
    });
    return (await parse(...parts)).profile.info.limits.join();
  };
  assert.match(await limits({ testCount: 1, bodyCount: 100 }), /^Only the test’s body .* 100 times/);
  assert.match(await limits({ testCount: 1, bodyCount: 1 }), /^Only the test’s body was recorded: no/);
  assert.match(await limits({ testCount: 2, bodyCount: 40 }, { bodyCount: 1 }), /of 2 tests .* 41 runs/);
  assert.equal(await limits({}), '');
});

test('stacks of a test’s body begin with the test, not with what ran it', async () => {
  const { writer, main, inner } = plainStream();
  const runner = '/x/collectors/pyrolens_collect/test_bodies.py';
  const run = writer.func('recorded.<locals>.run_recorded', runner, 90);
  const body = writer.stack(inner, writer.location(run, 95));
  const testFunction = writer.stack(body, writer.location(writer.func('test_a', file, 30), 31));
  writer.tick(10, [{ lane: main, stack: testFunction }]);
  writer.tick(10, [{ lane: main, stack: body }]);
  const { profile } = await parse(['samples-42-1.chunks', writer.data(1000).end().build().bytes]);
  assert.deepEqual(stackNames(profile, 0), ['test_a']);
  assert.equal(profile.samples.node[1], -1);
});

test('what event loops measured of themselves lies on the same axis, with lanes and functions resolved', async () => {
  const { writer, main, outer } = plainStream();
  const task = writer.lane('Task-1', { kind: 'task', parent: main });
  const func = writer.func('handle', file, 30);
  writer.record(48, main, 1100, 60, 5, 7, 3, task + 1, func + 1);
  writer.record(49, main, 1160, 50, 0, 0);
  writer.record(50, main, 1095, 70, 2, 9, 1, 3);
  writer.record(51, main, 1000, 500, 12, 34, 90, 410, 80, 60, 50, 3);
  writer.record(54, main, 1300, 40, 0, 0, 0);
  writer
    .tick(500, [{ lane: main, stack: outer }])
    .data(1000)
    .end({ hookFailure: 'TypeError: no' });
  const { profile, problems } = await parse(['samples-42-1.chunks', writer.build().bytes]);
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
  const { profile } = await parse(['samples-42-1.chunks', lost.writer.data(1000).end().build().bytes]);
  assert.equal(profile.loops, undefined);
});

test('a wait has its object, and who had it where; what the kernel counted ends when it says', async () => {
  const { writer, main, outer } = plainStream();
  const holder = writer.lane('holder');
  const func = writer.func('hold', file, 40);
  writer.record(53, main, 1, 1100, 50, 4711, writer.string('Account.mutex'), holder + 1, func + 1, 44);
  writer.record(53, main, 3, 1200, 50, 4712, writer.string('Event'), 0, 0, 0);
  writer.record(55, main, 1400, 100, 60, 3000, 2, 0);
  writer
    .tick(500, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile } = await parse(['samples-42-1.chunks', writer.build().bytes]);
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
  const func = writer.func('submits', file, 40);
  writer.record(52, 1, main + 1, 0, func + 1, 44, 77, 1100, 4000, 5000, 8, 1, 2, 3, 4, 20, 5, 6, 7);
  writer.record(52, 0, main + 1, 0, 0, 0, worker + 1, 1200, 0, 0, 2, 30, 10);
  writer
    .tick(500, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile } = await parse(['samples-42-1.chunks', writer.build().bytes]);
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
