import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Profile as PprofProfile } from 'pprof-format';
import { ProfileBuilder } from '../../../../../src/server/parse/model/profileBuilder';
import { Slicer } from '../../../../../src/server/slicer';
import type { Profile, ValueUnit } from '../../../../../src/shared/profile';
import {
  assertSameWeights,
  collapsedWeights,
  exportedBytes,
  exportedText,
  firefoxFile,
  firefoxWeights,
  pprofWeights,
  speedscopeWeights,
  traceEvents,
  traceWeights,
  trueWeights,
  type Weights,
} from '../../../../helpers/exports';
import { profileOf, randomRun } from '../../../../helpers/randomRuns';
import { infoOf, textProfile } from '../../../../helpers/textProfile';

/** Formats that say «task» nowhere name the lane alone. */
function plainLanes(weights: Weights): Weights {
  return new Map([...weights].map(([key, weight]) => [key.replace(/^task /, ''), weight]));
}

/** Of traced calls every nanosecond is written; of samples a trace keeps whole microseconds. */
function traced(profile: Profile): Profile {
  return { ...profile, info: { ...profile.info, isTraced: true } };
}

/** The same weights as sums of another unit, without a time axis. */
function aggregated(profile: Profile, unit: ValueUnit): Profile {
  return { ...profile, info: { ...profile.info, unit, hasTimeAxis: false, hasCpu: false } };
}

function checkAll(profile: Profile): void {
  const { unit } = profile.info;
  const withLines = trueWeights(profile, { hasLines: true });
  const functions = trueWeights(profile, { hasLines: false });
  const isTime = unit === 'nanoseconds';
  assertSameWeights(speedscopeWeights(exportedText(profile, 'speedscope')), plainLanes(withLines));
  const type = { nanoseconds: 'wall', bytes: 'space', count: 'samples' }[unit];
  assertSameWeights(pprofWeights(exportedBytes(profile, 'pprof'), type), withLines);
  assertSameWeights(traceWeights(exportedText(profile, 'chrome-trace'), isTime ? 1000 : 1), functions);
  assertSameWeights(firefoxWeights(exportedText(profile, 'firefox'), isTime ? 1e6 : 1), withLines);
  // Collapsed stacks hold whole microseconds: only the others are exact.
  if (!isTime) assertSameWeights(collapsedWeights(exportedText(profile, 'collapsed')), plainLanes(functions));
}

describe('every stack keeps its weight in every format', () => {
  it('with a time axis', async () => {
    await fc.assert(fc.asyncProperty(randomRun, async run => checkAll(traced(await profileOf(run)))));
  });

  for (const unit of ['nanoseconds', 'bytes', 'count'] as const) {
    it(`without one, in ${unit}`, async () => {
      const check = async (run: Parameters<typeof profileOf>[0]) =>
        checkAll(aggregated(traced(await profileOf(run)), unit));
      await fc.assert(fc.asyncProperty(randomRun, check), { numRuns: 50 });
    });
  }
});

describe('a run of two threads', () => {
  const drawn = textProfile(`
    lane MainThread
    time  10  10
    cpu   9   0
    state run wait
    main[line:3] main[line:4]
    work[line:7] -
    task Task-1
    time  15
    state susp
    poll  poll[line:9]
  `);

  it('gives CPU time and sample counts to pprof, and says which number comes first', async () => {
    const bytes = exportedBytes(await drawn, 'pprof');
    const profile = PprofProfile.decode(bytes);
    const text = (index: number | bigint) => profile.stringTable.strings[Number(index)];
    assert.deepEqual(
      profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`),
      ['samples/count', 'wall/nanoseconds', 'cpu/nanoseconds'],
    );
    assert.equal(text(profile.defaultSampleType), 'wall');
    assert.equal(pprofWeights(bytes, 'cpu').get('MainThread|main:3;work:7'), 9e6);
    assert.equal(pprofWeights(bytes, 'samples').get('task Task-1|poll:9'), 1);
  });

  it('is one slice per call in a trace, with its waiting and its CPU time', async () => {
    const slices = traceEvents(exportedText(await drawn, 'chrome-trace')).filter(event => event.ph === 'X');
    const main = slices.find(slice => slice.name === 'main');
    assert.equal(slices.filter(slice => slice.name === 'main').length, 1, 'not split by line');
    assert.deepEqual([main?.ts, main?.dur, main?.tdur], [0, 20_000, 9000]);
    assert.equal(main?.args['waiting ms'], 10);
    assert.equal(slices.find(slice => slice.name === 'work')?.args['waiting ms'], undefined);
  });

  it('marks waiting in the Firefox Profiler', async () => {
    const { shared, threads } = firefoxFile(exportedText(await drawn, 'firefox'));
    const [main, task] = threads;
    assert.deepEqual([main?.name, task?.name], ['MainThread', 'task Task-1']);
    assert.deepEqual([main?.markers.startTime, main?.markers.endTime], [[10], [20]]);
    assert.equal(shared.stringArray[main?.markers.name[0] ?? -1], 'Waiting');
  });

  it('rounds collapsed stacks to microseconds without losing any', async () => {
    const tenths = textProfile(`
      time  0.0004 0.0004 0.0004
      a     b      c
    `);
    const values = [...collapsedWeights(exportedText(await tenths, 'collapsed')).values()];
    assert.deepEqual(values, [1], 'three times 0.4 µs are 1 µs');
    const weights = collapsedWeights(exportedText(await drawn, 'collapsed'));
    assert.equal(weights.get('MainThread|main;work'), 10_000);
  });
});

describe('garbage collections', () => {
  it('are events of their own in a trace and markers in the Firefox Profiler', async () => {
    const builder = new ProfileBuilder({ ownRoots: [] });
    const lane = builder.lane({ kind: 'thread', parent: -1, pid: 7, tid: 8, name: 'T', isMain: true });
    const func = builder.func('f', '/work/f.py', 1);
    const frame = builder.frame({ func, line: 2, endLine: 2, column: -1, endColumn: -1 });
    builder.samples.add(lane, builder.node(-1, frame), 2e6, 2e6);
    builder.gcPause({ startNs: 1e6, durationNs: 3e6, generation: 2, lane });
    const profile = await builder.finish({ info: infoOf(4e6, false), endNs: 4e6 }, new Slicer());
    const gc = traceEvents(exportedText(profile, 'chrome-trace')).filter(event => event.cat === 'gc');
    assert.deepEqual(
      gc.map(({ ph, ts, id, pid }) => [ph, ts, id, pid]),
      [
        ['b', 1000, '0x1', 7],
        ['e', 4000, '0x1', 7],
      ],
    );
    const { markers } = firefoxFile(exportedText(profile, 'firefox')).threads[0] ?? assert.fail();
    assert.deepEqual([markers.startTime, markers.endTime], [[1], [4]]);
  });
});

describe('lanes that share their numbers', () => {
  it('get tracks of their own', async () => {
    const builder = new ProfileBuilder({ ownRoots: [] });
    const frame = builder.frame({
      func: builder.func('f', '', 0),
      line: 0,
      endLine: 0,
      column: -1,
      endColumn: -1,
    });
    const node = builder.node(-1, frame);
    for (const name of ['a', 'b']) {
      const tid = 2 ** 47;
      const lane = builder.lane({ kind: 'thread', parent: -1, pid: 0, tid, name, isMain: false });
      builder.samples.add(lane, node, 1e6, 1e6);
    }
    const profile = await builder.finish({ info: infoOf(1e6, false), endNs: 1e6 }, new Slicer());
    const named = traceEvents(exportedText(profile, 'chrome-trace')).filter(at => at.name === 'thread_name');
    assert.equal(new Set(named.map(({ pid, tid }) => `${pid},${tid}`)).size, 2);
    for (const { pid, tid } of named) assert.ok(pid > 0 && tid > 0 && tid < 2 ** 31);
  });
});
