import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParseResult } from '../../../../../src/shared/profile';
import { ChunkWriter } from '../../../../helpers/chunkWriter';
import { parseFiles } from '../../../../helpers/parsing';

const ms = 1e6;
const [loopStep, handoff] = [48, 52];

function parse(parts: Readonly<Record<string, ChunkWriter>>): Promise<ParseResult> {
  return parseFiles(
    Object.fromEntries(Object.entries(parts).map(([name, writer]) => [name, writer.build().bytes])),
  );
}

/** What an observer wrote of a process with a main thread, and of what else the test adds before its end. */
function observed(add: (writer: ChunkWriter, main: number) => void, pid = 42): ChunkWriter {
  const writer = new ChunkWriter(pid).meta({ engine: 'observer', pid, monotonicNs: ms, rateHzAsked: 1000 });
  const main = writer.lane('MainThread', { identity: 7_000, tid: pid });
  writer.tick(ms, [{ lane: main, stack: -1, cpuNs: 0 }]);
  add(writer, main);
  return writer.data(ms).end({ monotonicNs: 900 * ms, lookCount: 900, samplerCpuNs: 5 * ms });
}

/** What the hooks of the same process wrote. */
function hooks(add: (writer: ChunkWriter, main: number) => void, pid = 42): ChunkWriter {
  const writer = new ChunkWriter(pid).meta({ engine: 'hooks', pid, monotonicNs: 1, hasThreadCpu: false });
  const main = writer.lane('MainThread', { identity: 7_000, tid: pid });
  writer.tick(50 * ms, []);
  add(writer, main);
  return writer.data(2 * ms).end({ monotonicNs: 2_000 * ms, samplerCpuNs: 1 * ms });
}

const nothing = () => undefined;
const names = ({ profile }: ParseResult) => profile.lanes.map(({ name }) => name);

describe('what hooks measured inside a program that was observed', () => {
  it('belongs to the lanes that the observer made', async () => {
    const result = await parse({
      'hooks-42-1.chunks': hooks((writer, main) => {
        const worker = writer.lane('work', { identity: 8_000, tid: 43 });
        const foreign = writer.lane('foreign', { identity: 9_000 });
        writer.record(loopStep, worker, 3 * ms, 6 * ms, ms, 0, 1, 0, 0);
        writer.gc({ startNs: 5 * ms, durationNs: ms, generation: 1, lane: foreign });
        writer.record(handoff, 0, main + 1, 0, 0, 0, worker + 1, 4 * ms, 0, 0, 2, ms, 6 * ms);
      }),
      'samples-42-f4240.chunks': observed(writer => {
        writer.lane('work', { identity: 8_000, tid: 43 });
        writer.lane('foreign', { identity: 9_000, tid: 44 });
      }),
    });
    const { profile, problems } = result;
    assert.deepEqual(problems, []);
    assert.deepEqual(names(result), ['MainThread', 'work', 'foreign']);
    assert.equal(profile.loops?.steps.lane[0], 1);
    assert.equal(profile.gcPauses.lane[0], 2);
    assert.deepEqual([profile.handoffs?.lane[0], profile.handoffs?.workerLane[0]], [0, 1]);
  });

  it('leaves the rate, the extent and the end of the run to the observer', async () => {
    const silent = new ChunkWriter().meta({ engine: 'hooks', monotonicNs: 1 });
    const { profile, problems } = await parse({
      'samples-42-f4240.chunks': observed(nothing),
      'hooks-42-1.chunks': silent,
    });
    const { info } = profile;
    assert.deepEqual(problems, []);
    assert.deepEqual([info.engine, info.rateHzAsked, info.hasCpu], ['observer', 1000, true]);
    assert.deepEqual([info.startNs, info.durationNs], [ms, 899 * ms]);
  });

  it('adds its cost to the observer’s', async () => {
    const { profile } = await parse({
      'samples-42-f4240.chunks': observed(nothing),
      'hooks-42-1.chunks': hooks(nothing),
    });
    assert.equal(profile.info.samplerCpuNs, 6 * ms);
  });

  it('says of suspended tasks what the observer does not, below their thread', async () => {
    const result = await parse({
      'samples-42-f4240.chunks': observed(nothing),
      'hooks-42-1.chunks': hooks((writer, main) => {
        const place = writer.stack(-1, writer.location(writer.func('fetch', '/work/a.py', 1, 1), 2));
        const task = writer.lane('fetch', { kind: 'task', parent: main, identity: 0x7f00_1000 });
        writer.tick(20 * ms, [{ lane: task, stack: place, isSuspended: true }]);
      }),
    });
    const [, task] = result.profile.lanes;
    assert.deepEqual([task?.name, task?.kind, task?.parent, task?.sampleCount], ['fetch', 'task', 0, 1]);
    assert.equal(result.profile.samples.weightNs[task?.firstSample ?? 0], 20 * ms);
  });

  it('names the tasks that the observer knows, though others had their place in memory', async () => {
    const address = 0x7f00_1000;
    const result = await parse({
      'samples-42-f4240.chunks': observed((writer, main) => {
        const task = (name: string) => writer.lane(name, { kind: 'task', parent: main, identity: address });
        writer.laneEnd(task('first'), 10 * ms);
        writer.laneEnd(task('second'), 30 * ms);
        task('second');
      }),
      'hooks-42-1.chunks': hooks((writer, main) => {
        const second = writer.lane('second', { kind: 'task', parent: main, identity: address });
        writer.record(loopStep, main, 51 * ms, 6 * ms, ms, 0, 1, second + 1, 0);
        writer.laneEnd(second, 60 * ms);
      }),
    });
    assert.deepEqual(names(result), ['MainThread', 'first', 'second', 'second']);
    assert.equal(result.profile.loops?.steps.task[0], 3);
  });

  it('replaces collections that the observer saw by what was measured, and leaves it the others', async () => {
    const { profile } = await parse({
      'samples-42-f4240.chunks': observed((writer, main) => {
        for (const startNs of [100, 200, 300])
          writer.gc({ startNs: startNs * ms, durationNs: 10 * ms, generation: 255, lane: main });
      }),
      'hooks-42-1.chunks': hooks((writer, main) => {
        writer.gc({ startNs: 201 * ms, durationNs: 8 * ms, generation: 2, lane: main });
        writer.gc({ startNs: 170 * ms, durationNs: 0.1 * ms, generation: 0, lane: main });
        writer.gc({ startNs: 370 * ms, durationNs: 0.1 * ms, generation: 1, lane: main });
      }),
    });
    const { startNs, generation } = profile.gcPauses;
    assert.deepEqual(
      [...startNs].map((ns, index) => [(ns + ms) / ms, generation[index]]),
      [
        [100, 255],
        [170, 0],
        [201, 2],
        [300, 255],
        [370, 1],
      ],
    );
  });

  it('is left out of processes that nobody looked at', async () => {
    const result = await parse({
      'samples-42-f4240.chunks': observed(nothing),
      'hooks-42-1.chunks': hooks(nothing),
      'hooks-50-1.chunks': hooks(nothing, 50),
    });
    assert.deepEqual(names(result), ['MainThread']);
  });

  it('goes with the program that ran at the time, of those that took turns in one process', async () => {
    const second = new ChunkWriter().meta({ engine: 'observer', monotonicNs: 1_000 * ms });
    const main = second.lane('second program', { identity: 7_000, tid: 42 });
    second
      .tick(ms, [{ lane: main, stack: -1 }])
      .data(1_000 * ms)
      .end({ monotonicNs: 1_500 * ms });
    const late = new ChunkWriter().meta({ engine: 'hooks', monotonicNs: 990 * ms });
    const lateMain = late.lane('MainThread', { identity: 7_000, tid: 42 });
    late
      .gc({ startNs: 1_100 * ms, durationNs: ms, generation: 2, lane: lateMain })
      .data(990 * ms)
      .end();
    const result = await parse({
      'samples-42-f4240.chunks': observed(nothing),
      'samples-42-3b9aca00.chunks': second,
      'hooks-42-1.chunks': hooks(nothing),
      'hooks-42-3b023380.chunks': late,
    });
    assert.deepEqual(names(result), ['MainThread', 'second program']);
    assert.equal(result.profile.gcPauses.lane[0], 1);
  });
});
