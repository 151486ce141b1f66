import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Profile, sampleState, waitReasonIndex } from '../../../../../src/shared/profile';
import { ChunkWriter } from '../../../../helpers/chunkWriter';
import { fixtureBytes, parseBytes } from '../../../../helpers/parsing';

const [exit, resume] = [0, 1];
const startNs = 1_000_000;
const compiled = 8;

/** A writer with the functions main, work and time.sleep, and a lane. */
function traced(facts: object = {}) {
  const meta = { engine: 'tracer', monotonicNs: startNs, hasThreadCpu: false, ...facts };
  const writer = new ChunkWriter().meta(meta);
  const sleeps = compiled | (waitReasonIndex('timer.sleep') << 4);
  const main = writer.func('main', '/work/a.py', 1) + 2;
  const work = writer.func('work', '/work/a.py', 9) + 2;
  const sleep = writer.func('time.sleep', '<built-in>', 0, sleeps) + 2;
  return { writer, main, work, sleep, lane: writer.lane('MainThread') };
}

function rowsOf({ samples, nodes, frames, functions, strings }: Profile): [string, number, number][] {
  return Array.from({ length: samples.length }, (_, index) => {
    const names: string[] = [];
    for (let node = samples.node[index] ?? -1; node >= 0; node = nodes.parent[node] ?? -1)
      names.unshift(strings[functions.name[frames.func[nodes.frame[node] ?? 0] ?? 0] ?? 0] ?? '');
    return [names.join(' '), samples.endNs[index] ?? 0, samples.weightNs[index] ?? 0];
  });
}

function callCount({ callCounts, functions, strings }: Profile, name: string): number | undefined {
  return callCounts?.[[...functions.name].findIndex(index => strings[index] === name)];
}

describe('a trace of calls', () => {
  it('gives each stretch to the innermost call, also long ones', async () => {
    const { writer, main, work, lane } = traced();
    const calls = [
      [main, 0],
      [work, 300],
      [exit, 70_000],
      [work, 1000],
      [exit, 5_000_000_000],
      [exit, 50],
    ] as const;
    const { profile, problems } = await parseBytes(end(writer.calls(lane, startNs, calls), 5_000_071_350));
    assert.deepEqual(problems, []);
    assert.deepEqual(rowsOf(profile), [
      ['main', 300, 300],
      ['main work', 70_300, 70_000],
      ['main', 71_300, 1000],
      ['main work', 5_000_071_300, 5_000_000_000],
      ['main', 5_000_071_350, 50],
    ]);
    assert.equal(callCount(profile, 'work'), 2);
    assert.deepEqual([profile.info.isTraced, profile.info.lineMeaning], [true, 'definition']);
  });

  it('knows what compiled functions wait for', async () => {
    const { writer, main, sleep, lane } = traced();
    writer.calls(lane, startNs, [
      [main, 0],
      [sleep, 10],
      [exit, 900],
      [exit, 10],
    ]);
    const { samples } = (await parseBytes(end(writer, 920))).profile;
    assert.deepEqual([...samples.reason], [0, waitReasonIndex('timer.sleep'), 0]);
    assert.deepEqual(
      [...samples.state].map(state => (state & sampleState.waiting) !== 0),
      [false, true, false],
    );
  });

  it('does not count a call again that goes on, though the two events stand in two records', async () => {
    const { writer, main, work, lane } = traced();
    writer.calls(lane, startNs, [
      [main, 0],
      [work, 10],
      [exit, 10],
      [resume, 10],
    ]);
    writer.calls(lane, startNs + 30, [
      [work, 0],
      [exit, 10],
      [exit, 10],
    ]);
    const { profile } = await parseBytes(end(writer, 50));
    assert.equal(callCount(profile, 'work'), 1);
    assert.equal(rowsOf(profile).filter(([stack]) => stack === 'main work').length, 2);
  });

  it('believes a stack that is written, and keeps compiled functions on it', async () => {
    const { writer, main, work, sleep, lane } = traced();
    writer.calls(lane, startNs, [
      [main, 0],
      [work, 10],
      [sleep, 10],
    ]);
    writer.record(33, lane, startNs + 50, 1, main - 2);
    writer.calls(lane, startNs + 60, [
      [exit, 0],
      [exit, 10],
    ]);
    const { profile } = await parseBytes(end(writer, 70));
    assert.deepEqual(
      rowsOf(profile).map(([stack]) => stack),
      ['main', 'main work', 'main work time.sleep', 'main time.sleep', 'main'],
    );
  });

  it('says that folded functions are part of their callers, and not how often they were called', async () => {
    const { writer, main, work, lane } = traced();
    writer.calls(lane, startNs, [
      [main, 0],
      [work, 10],
      [exit, 10],
      [exit, 10],
    ]);
    writer.record(34, work - 2, startNs + 30, 1, 5000, 300);
    const { profile } = await parseBytes(end(writer, 30));
    assert.equal(callCount(profile, 'work'), Number.NaN);
    assert.equal(callCount(profile, 'main'), 1);
    assert.match(profile.info.limits.join(), /part of their callers .*: 1 here/);
  });

  it('lets open calls last until the end, and ignores ends of calls that it has not seen begin', async () => {
    const { writer, main, lane } = traced();
    writer.calls(lane, startNs, [
      [exit, 0],
      [main, 10],
    ]);
    const { profile } = await parseBytes(end(writer, 500));
    assert.deepEqual(rowsOf(profile), [['main', 500, 490]]);
  });

  it('begins a trace of the last seconds with the calls that had begun before, does not count them, and says so', async () => {
    const { writer, main, work, sleep, lane } = traced({
      lastNs: 1000,
      keptNs: startNs + 1500,
      cutBy: 'time',
    });
    writer.record(35, lane, startNs + 400, 3, main - 2, work - 2, sleep - 2);
    writer.calls(lane, startNs + 450, [
      [exit, 0],
      [exit, 10],
      [work, 10],
      [exit, 230],
      [work, 100],
    ]);
    const { profile, problems } = await parseBytes(end(writer, 1500));
    assert.deepEqual(problems, []);
    // What was recorded before the last 1000 ns is left out, and the call that reaches into them is cut.
    assert.deepEqual(rowsOf(profile), [
      ['main work', 200, 200],
      ['main', 300, 100],
      ['main work', 1000, 700],
    ]);
    assert.deepEqual([callCount(profile, 'main'), callCount(profile, 'work')], [0, 1]);
    assert.deepEqual([profile.info.durationNs, profile.info.startsMidway], [1000, true]);
    assert.match(profile.info.limits.join(), /Only the last 1\.00 µs were kept/);
  });

  it('says when less was kept than should have been, and nothing where everything was', async () => {
    const limits = async (cutBy: string) => {
      const facts = { lastNs: 5000, keptNs: startNs + 1500, cutBy };
      const { writer, main, lane } = traced(facts);
      return (await parseBytes(end(writer.calls(lane, startNs, [[main, 0]]), 1500))).profile.info.limits;
    };
    assert.match((await limits('memory')).join(), /Of one process only 1\.50 µs were kept/);
    assert.deepEqual(await limits(''), []);
  });

  it('leaves out the machinery of imports', async () => {
    const { writer, main, work, lane } = traced();
    const load = writer.func('_find_and_load', '<frozen importlib._bootstrap>', 1) + 2;
    writer.calls(lane, startNs, [
      [main, 0],
      [load, 10],
      [work, 10],
      [exit, 10],
      [exit, 10],
      [exit, 10],
    ]);
    const stacks = rowsOf((await parseBytes(end(writer, 50))).profile).map(([stack]) => stack);
    assert.deepEqual(stacks, ['main', 'main', 'main work', 'main', 'main']);
  });

  it('reports columns that are cut off as damage', async () => {
    const { writer, lane } = traced();
    writer.record(32, lane, startNs, 9, 1, 1, 0, 2, 0);
    const { problems } = await parseBytes(end(writer, 10));
    assert.equal(problems.length, 1);
  });

  it('passes on why it ended early', async () => {
    const { writer } = traced();
    const message = 'The trace reached its limit of 1 MB, and ends there.';
    writer.data(startNs).end({ reason: 'budget', monotonicNs: startNs + 10, message });
    const { problems } = await parseBytes(writer.build().bytes);
    assert.deepEqual(
      problems.map(({ message }) => message),
      [message],
    );
  });

  it('of a real program is whole', async () => {
    const { profile, problems } = await parseBytes(fixtureBytes('agreement/tracer.chunks'));
    assert.deepEqual(problems, []);
    assert.deepEqual([profile.info.engine, profile.lanes.length], ['tracer', 1]);
    assert.equal(callCount(profile, 'rounds'), 1);
  });
});

function end(writer: ChunkWriter, durationNs: number): Uint8Array {
  return writer
    .data(startNs)
    .end({ monotonicNs: startNs + durationNs })
    .build().bytes;
}
