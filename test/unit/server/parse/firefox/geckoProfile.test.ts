import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { samplesOfLane } from '../../../../../src/server/analyze/certainty';
import { nodeTimes } from '../../../../../src/server/analyze/nodeTimes';
import { resolveFilter, wholeRun } from '../../../../../src/server/analyze/selection';
import type { Profile } from '../../../../../src/shared/profile';
import { sampleState } from '../../../../../src/shared/profile';
import {
  fixtureBytes,
  formatOf,
  functionShares,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = (value: unknown) => parseBytes(bytesOf(value));
const ms = 1e6;

/** A row may stand for several samples. */
const sampleCountOf = (profile: Profile) =>
  profile.lanes.reduce((sum, lane) => sum + samplesOfLane(profile, lane), 0);

const strings = ['main', 'work', '/srv/app.py', '(root)'];
const tables = {
  stackTable: { frame: [0, 1, 2], prefix: [null, 0, 1], length: 3 },
  frameTable: { func: [2, 0, 1], line: [null, 5, 9], category: [0, 0, 0], length: 3 },
  funcTable: {
    name: [0, 1, 3],
    fileName: [2, 2, null],
    lineNumber: [4, 8, null],
    resource: [-1, -1, -1],
    length: 3,
  },
};
const samples = {
  stack: [1, 2, 2, null],
  time: [10, 11, 13, 14],
  weight: null,
  weightType: 'samples',
  length: 4,
};
const meta = { interval: 1, startTime: 1_700_000_000_000, preprocessedProfileVersion: 47, product: 'app' };
const thread = { name: 'T', pid: '7', tid: 8, isMainThread: true, samples, ...tables, stringArray: strings };
const expected = new Map([
  ['main:5', 1 * ms],
  ['main:5;work:9', 3 * ms],
  ['', 1 * ms],
]);

test('a processed profile gives its stacks the time since the sample before', async () => {
  const { profile, problems } = await parse({ meta, threads: [thread] });
  assert.deepEqual(problems, []);
  assert.deepEqual(stackWeights(profile), expected);
  const { info, lanes } = profile;
  assert.equal(info.durationNs, 5 * ms);
  assert.equal(info.startEpochNs, (1_700_000_000_000 + 9) * ms);
  assert.equal(info.lineMeaning, 'executing');
  assert.equal(info.rateHzAsked, 1000);
  const [lane] = lanes;
  assert.deepEqual([lane?.pid, lane?.tid, lane?.name, lane?.isMain], [7, 8, 'T', true]);
});

const withoutStrings = Object.fromEntries(Object.entries(thread).filter(([key]) => key !== 'stringArray'));
const bare = { name: 'T', pid: '7', tid: '8', isMainThread: true };
const deltas = { stack: [1, 2, 2, null], timeDeltas: [10, 1, 2, 1], length: 4 };
const { fileName, ...funcsOf58 } = tables.funcTable;
const funcTable = { ...funcsOf58, source: [0, 0, null] };
const sources = { filename: [2], id: [null], length: 1 };
const stackTable = { frame: [0, 1, 2], prefixOffset: [0, 1, 1], length: 3 };
const shapes: Record<string, unknown> = {
  'version 20: a string table in each thread': {
    meta: { ...meta, preprocessedProfileVersion: 20 },
    threads: [thread],
  },
  'version 50: differences instead of times': { meta, threads: [{ ...thread, samples: deltas }] },
  'version 56: shared strings': { meta, threads: [withoutStrings], shared: { stringArray: strings } },
  'version 58: a table of sources': {
    meta,
    threads: [{ ...withoutStrings, funcTable }],
    shared: { stringArray: strings, sources },
  },
  'version 60: shared tables': {
    meta,
    shared: { ...tables, funcTable, sources, stringArray: strings },
    threads: [{ ...bare, samples }],
  },
  'version 66: offsets instead of prefixes': {
    meta,
    shared: { ...tables, stackTable, funcTable, sources, stringArray: strings },
    threads: [{ ...bare, samples: deltas }],
  },
};

for (const [name, value] of Object.entries(shapes)) {
  test(`${name}, in the file's order and backwards`, async () => {
    for (const shape of [value, reversed(value)]) {
      assert.equal(formatOf(bytesOf(shape)), 'Firefox Profiler');
      const { profile, problems } = await parse(shape);
      assert.deepEqual(problems, []);
      assert.deepEqual(stackWeights(profile), expected);
      assert.equal(profile.strings[profile.functions.file[0] ?? 0], '/srv/app.py');
      assert.deepEqual([...profile.functions.firstLine], [4, 8]);
    }
  });
}

/** The same JSON with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

const geckoThread = {
  name: 'GeckoMain',
  pid: 7,
  tid: 7,
  samples: {
    schema: { stack: 0, time: 1 },
    data: [
      [1, 10],
      [2, 11],
      [2, 13],
      [null, 14],
    ],
  },
  stackTable: {
    schema: { prefix: 0, frame: 1 },
    data: [
      [null, 0],
      [0, 1],
      [1, 2],
    ],
  },
  frameTable: { schema: { location: 0, line: 2 }, data: [[0], [1, null, 5], [2, null, 9]] },
  markers: {
    schema: { name: 0, startTime: 1, endTime: 2, phase: 3, category: 4, data: 5 },
    data: [
      [3, 11, 12, 1, 0, { type: 'GCMinor', nested: [1, { a: 2 }] }],
      [4, 12, null, 0, 0],
    ],
  },
  stringTable: ['(root)', 'main (/srv/app.js:4:2)', 'work (/srv/app.js:8:11)[3]', 'GCMinor', 'Other'],
};
const geckoMeta = { version: 33, interval: 1, startTime: 1000, processType: 0, product: 'Firefox' };

test('an unprocessed profile is read from its rows, and nested processes come onto one clock', async () => {
  const child = {
    meta: { ...geckoMeta, startTime: 1500 },
    threads: [{ ...geckoThread, pid: 9, tid: 9 }],
    processes: [],
  };
  for (const value of [
    { meta: geckoMeta, threads: [geckoThread], processes: [child] },
    reversed({ meta: geckoMeta, threads: [geckoThread], processes: [child] }),
  ]) {
    const { profile, problems } = await parse(value);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      stackWeights(profile),
      new Map([...expected].map(([stack, weight]) => [stack, weight * 2])),
    );
    const lives = profile.lanes.map(({ pid, isMain, startNs, endNs }) => ({ pid, isMain, startNs, endNs }));
    lives.sort((a, b) => a.pid - b.pid);
    assert.deepEqual(lives, [
      { pid: 7, isMain: true, startNs: 0, endNs: 5 * ms },
      { pid: 9, isMain: true, startNs: 500 * ms, endNs: 505 * ms },
    ]);
    assert.equal(profile.gcPauses.length, 2);
    assert.deepEqual(
      [...profile.gcPauses.startNs].sort((a, b) => a - b),
      [2 * ms, 502 * ms],
    );
    assert.deepEqual([...profile.gcPauses.durationNs], [ms, ms]);
    assert.deepEqual([...profile.functions.firstLine], [4, 8]);
  }
});

test('locations that name libraries or labels become functions without a file', async () => {
  const stringTable = ['(root)', 'malloc (in libc.so.6) + 12', 'Refresh driver tick', 'GCMinor'];
  const { profile } = await parse({ meta: geckoMeta, threads: [{ ...geckoThread, stringTable }] });
  assert.deepEqual([...stackWeights(profile).keys()], ['malloc:5', 'malloc:5;Refresh driver tick:9', '']);
  assert.ok(profile.functions.file.every(file => profile.strings[file] === ''));
});

test("CPython's perf trampolines become Python functions", async () => {
  const names = ['py::main:/srv/app.py', 'work', '/srv/app.py', '(root)'];
  const { profile } = await parse({ meta, threads: [{ ...thread, stringArray: names }] });
  assert.equal(profile.strings[profile.functions.name[0] ?? 0], 'main');
});

test('a thread that was left out while others were looked at did not run its next stack meanwhile', async () => {
  const time = Array.from({ length: 10 }, (_, index) => index);
  const busy = { stack: time.map(() => 2), time, length: 10 };
  const seldom = { stack: [1, 1, 1], time: [0, 1, 9], length: 3 };
  const threads = [
    { ...thread, samples: busy },
    { ...thread, tid: 9, isMainThread: false, samples: seldom },
  ];
  const weights = stackWeights((await parse({ meta, threads })).profile);
  assert.equal(weights.get('main:5'), 3 * ms);
  assert.equal(weights.get('main:5;work:9'), 10 * ms);
});

test('a silence of all threads is not recorded time, unless the weight says so', async () => {
  const silent = { stack: [1, 1, 2], time: [0, 1, 500], length: 3 };
  assert.equal(
    stackWeights((await parse({ meta, threads: [{ ...thread, samples: silent }] })).profile).get(
      'main:5;work:9',
    ),
    ms,
  );
  const weighted = { ...silent, weight: [1, 1, 499], weightType: 'samples' };
  const { profile } = await parse({ meta, threads: [{ ...thread, samples: weighted }] });
  assert.equal(stackWeights(profile).get('main:5;work:9'), 499 * ms);
});

test('an interval in seconds is not believed', async () => {
  const { profile } = await parse({ meta: { ...meta, interval: 0.001 }, threads: [thread] });
  assert.deepEqual(stackWeights(profile), expected);
  assert.equal(profile.info.rateHzAsked, 1000);
});

test('traced weights begin at their time', async () => {
  const traced = {
    stack: [1, 2, 1],
    time: [0, 2, 4],
    weight: [2, 2, 3],
    weightType: 'tracing-ms',
    length: 3,
  };
  const { profile } = await parse({ meta, threads: [{ ...thread, samples: traced }] });
  assert.equal(profile.info.isTraced, true);
  assert.equal(profile.info.durationNs, 7 * ms);
  assert.deepEqual(
    stackWeights(profile),
    new Map([
      ['main:5', 5 * ms],
      ['main:5;work:9', 2 * ms],
    ]),
  );
});

test('bytes have no time axis', async () => {
  const sizes = { stack: [1, 2], time: [0, 1], weight: [100, 28], weightType: 'bytes', length: 2 };
  const { profile } = await parse({ meta, threads: [{ ...thread, samples: sizes }] });
  assert.equal(profile.info.unit, 'bytes');
  assert.equal(profile.info.hasTimeAxis, false);
  assert.equal(profile.info.durationNs, 128);
});

test('CPU time is read in the unit of the file, and tells waiting from computing', async () => {
  const cpu = { ...samples, threadCPUDelta: [null, 900, 10, 800] };
  for (const [unit, factor] of [
    ['µs', 1000],
    ['ns', 1],
  ] as const) {
    const units = { time: 'ms', eventDelay: 'ms', threadCPUDelta: unit };
    const { profile } = await parse({
      meta: { ...meta, sampleUnits: units },
      threads: [{ ...thread, samples: cpu }],
    });
    assert.deepEqual(
      [...profile.samples.cpuNs].slice(1),
      [900, 10, 800].map(value => value * factor),
    );
    assert.equal(profile.info.hasCpu, true);
    const states = unit === 'ns' ? [0, 1, 1, 1] : [0, 0, 1, 0];
    assert.deepEqual([...profile.samples.state], states);
  }
  const cycles = { ...meta, sampleUnits: { threadCPUDelta: 'variable CPU cycles' } };
  const { profile } = await parse({ meta: cycles, threads: [{ ...thread, samples: cpu }] });
  assert.equal(profile.info.hasCpu, false);
});

test("CPython's markers say when a thread was off the CPU and when it collected garbage", async () => {
  const names = [...strings, 'On CPU', 'Off CPU', 'GC Collecting'];
  const markers = { name: [4, 5, 4, 6], startTime: [10, 11, 13, 13], endTime: [11, 13, 14, 14], length: 4 };
  const { profile } = await parse({
    meta: { ...meta, importedFrom: 'Tachyon Sampling Profiler', startTime: 5000, platform: 'Linux' },
    threads: [{ ...withoutStrings, pid: '99', markers }],
    shared: { stringArray: names },
  });
  assert.deepEqual([...profile.samples.state], [0, sampleState.waiting, 0, 0]);
  assert.deepEqual([...profile.gcPauses.startNs], [4 * ms]);
  assert.deepEqual([...profile.gcPauses.durationNs], [ms]);
  // The pid is the profiler's, the start is monotonic, the functions' lines are those first seen.
  assert.equal(profile.lanes[0]?.pid, 8);
  assert.equal(profile.info.startEpochNs, 0);
  assert.deepEqual([...profile.functions.firstLine], [0, 0]);
});

test("CPython's recording of two threads: one computes, one mostly waits", async () => {
  const bytes = fixtureBytes('gecko/tachyon-threads.json.gz');
  const { profile, problems } = await parseBytes(bytes);
  assert.deepEqual(problems, []);
  const file = JSON.parse(new TextDecoder().decode(bytes));
  assert.deepEqual(
    profile.lanes.map(lane => [lane.tid, samplesOfLane(profile, lane)]),
    file.threads.map((one: { tid: number; samples: { length: number } }) => [one.tid, one.samples.length]),
  );
  assert.ok(waitingShare(profile, 0) < 0.1);
  assert.ok(waitingShare(profile, 1) > 0.6);
  const shares = functionShares(profile);
  assert.ok((shares.get('sleeper')?.self ?? 0) > 0.6);
  assert.equal(shares.get('_run_module_as_main')?.total ?? 0, 0);
  assert.equal(profile.info.limits.length, 1);
});

function waitingShare({ lanes, samples: table }: Profile, index: number): number {
  const { firstSample = 0, sampleCount = 0 } = lanes[index] ?? {};
  let [waiting, all] = [0, 0];
  for (let row = firstSample; row < firstSample + sampleCount; row++) {
    const count = table.count[row] ?? 1;
    all += count;
    if (table.state[row] === sampleState.waiting) waiting += count;
  }
  return waiting / all;
}

test("CPython's totals are those that a reading by hand gives", async () => {
  const bytes = fixtureBytes('agreement/tachyon-gecko.json');
  const { profile } = await parseBytes(bytes);
  const { threads, shared } = JSON.parse(new TextDecoder().decode(bytes));
  const [one] = threads;
  const leafNames = one.samples.stack.map((stack: number) => {
    const func = one.frameTable.func[one.stackTable.frame[stack]];
    return shared.stringArray[one.funcTable.name[func]];
  });
  let half = 0;
  leafNames.forEach((name: string, i: number) => {
    if (name === 'half' && i > 0) half += one.samples.time[i] - one.samples.time[i - 1];
  });
  const share = functionShares(profile).get('half')?.total ?? 0;
  const length = one.samples.time.at(-1) - one.samples.time[0];
  assert.ok(Math.abs(share - half / length) < 0.002);
});

test('a thread that stays where it is takes one row that says how many samples it is', async () => {
  const stays = { ...thread, samples: { stack: [1, 1, 1, 0, 1], time: [0, 1, 2, 3, 4], length: 5 } };
  const { profile } = await parse({ meta: { ...meta, interval: 1 }, threads: [stays] });
  assert.deepEqual([...profile.samples.count], [3, 1, 1]);
  assert.deepEqual(
    [...profile.samples.weightNs].map(ns => Math.round(ns / 1e6)),
    [3, 1, 1],
  );
  const half = { ...wholeRun, rangeStartNs: 0, rangeEndNs: 1.5e6 };
  const times = nodeTimes(profile, resolveFilter(profile, half));
  assert.equal(times.sampleCount, 2);
  assert.equal(times.laneNs[0], 1.5e6);
});

test('a file cut anywhere keeps what stood before the cut and says so once', async () => {
  const forms = [
    bytesOf({ meta, threads: [thread, thread] }),
    bytesOf({ meta: geckoMeta, threads: [geckoThread] }),
  ];
  for (const bytes of forms) {
    for (let end = 1; end < bytes.length; end++) {
      const cut = bytes.subarray(0, end);
      if (formatOf(cut) !== 'Firefox Profiler') continue;
      const { profile, problems } = await parseBytes(cut);
      assert.deepEqual(
        problems.map(problem => problem.offset),
        [end],
      );
      for (const stack of stackWeights(profile).keys()) assert.ok(stack === '' || !stack.startsWith(';'));
    }
  }
  const whole = fixtureBytes('agreement/tachyon-gecko.json');
  const { profile, problems } = await parseBytes(whole.subarray(0, whole.length - 200));
  assert.equal(problems.length, 1);
  assert.ok(sampleCountOf(profile) > 500, 'the names at the end are lost, the samples are not');
});

test('indexes outside their tables and chains that bite their tail do no harm', async () => {
  const circle = { frame: [0, 1, 2], prefix: [2, 0, 1], length: 3 };
  const looped = await parse({ meta, threads: [{ ...thread, stackTable: circle }] });
  assert.equal(sampleCountOf(looped.profile), 4);
  const outside = { ...samples, stack: [1, 99, 4294967297, null] };
  const { profile, problems } = await parse({ meta, threads: [{ ...thread, samples: outside }] });
  assert.equal(profile.samples.length, 2);
  assert.deepEqual(
    problems.map(problem => problem.offset),
    [-1],
  );
  const wild = {
    ...thread,
    samples: { stack: 'x', time: [1], data: [[1]] },
    stackTable: [],
    funcTable: 5,
    markers: { name: [9], startTime: ['a'] },
  };
  assert.equal(
    (await parse({ meta: [], threads: [wild, 'x', 3, null], processes: {}, shared: 1 })).profile.samples
      .length,
    0,
  );
  const deep = `{"meta":{"preprocessedProfileVersion":1},${'"processes":[{'.repeat(20_000)}`;
  assert.equal((await parseBytes(new TextEncoder().encode(deep))).problems.length, 1);
});

test('pids that are texts stay apart', async () => {
  const threads = ['12', '12.1', 'Unknown Process 1'].map(pid => ({ ...thread, pid }));
  const pids = (await parse({ meta, threads })).profile.lanes.map(lane => lane.pid);
  assert.equal(new Set(pids).size, 3);
  assert.ok(pids.includes(12));
});

test('no other recording is taken for one of these, and these for no other', () => {
  const names = readdirSync(profilesFolder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.\w+$/.test(name),
  );
  for (const name of names) {
    const isOurs = /gecko|firefox/.test(name);
    assert.equal(formatOf(fixtureBytes(join('.', name))) === 'Firefox Profiler', isOurs, name);
  }
});
