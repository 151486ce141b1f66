import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Profile } from '../../../../../src/shared/profile';
import {
  fixtureBytes,
  formatOf,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';

interface Event {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly name: string;
  readonly args?: Record<string, unknown>;
}

/** The trace as JSON.parse has it: the independent reader. */
function eventsOf(name: string): Event[] {
  const trace = JSON.parse(new TextDecoder().decode(fixtureBytes(name)));
  return Array.isArray(trace) ? trace : trace.traceEvents;
}

const parseText = (text: string) => parseBytes(new TextEncoder().encode(text));
const parseEvents = (events: readonly object[]) => parseText(JSON.stringify(events));

/** A complete event; times in microseconds. */
const call = (name: string, ts: number, dur: number, tid = 1, pid = 1) => ({
  ph: 'X',
  name,
  ts,
  dur,
  tid,
  pid,
});
const mark = (ph: 'B' | 'E', name: string, ts: number, tid = 1, pid = 1) => ({ ph, name, ts, tid, pid });

function laneTexts({ lanes }: Profile): string[] {
  return lanes.map(({ kind, parent, pid, tid, name }) => `${kind} ${parent} ${pid}/${tid} ${name}`);
}

/** Time of a lane, and the calls of functions by name. */
function laneNs({ lanes, samples }: Profile, lane: number): number {
  const { firstSample = 0, sampleCount = 0 } = lanes[lane] ?? {};
  return samples.weightNs.subarray(firstSample, firstSample + sampleCount).reduce((sum, ns) => sum + ns, 0);
}

function callsOf({ functions, strings, callCounts }: Profile): Record<string, number> {
  const calls: Record<string, number> = {};
  for (let func = 0; func < functions.length; func++) {
    const name = strings[functions.name[func] ?? 0] ?? '';
    calls[name] = (calls[name] ?? 0) + (callCounts?.[func] ?? 0);
  }
  return calls;
}

const ns = (microseconds: number) => Math.round(microseconds * 1000);

/** Union of a lane's calls: the time that its samples must add up to. */
function coveredNs(events: readonly Event[]): number {
  const spans = events
    .map(({ ts, dur }): [number, number] => [ns(ts), ns(ts) + ns(dur)])
    .sort(([a], [b]) => a - b);
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [start, end] of spans) {
    sum += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return sum;
}

for (const name of ['processes.json.gz', 'overflow.json', 'tasks.json.gz']) {
  test(`each lane of VizTracer's ${name} has the time and the calls of its events`, async () => {
    const events = eventsOf(`viztracer/${name}`).filter(({ ph }) => ph === 'X');
    const { profile } = await parseBytes(fixtureBytes(`viztracer/${name}`));
    assert.equal(profile.info.format, 'VizTracer');
    assert.equal(profile.info.engineVersion, '1.1.1');
    assert.equal(profile.info.isTraced, true);
    assert.equal(profile.info.lineMeaning, 'definition');
    const keys = new Set(events.map(({ pid, tid }) => `${pid}/${tid}`));
    assert.equal(profile.lanes.length, keys.size);
    profile.lanes.forEach(({ pid, tid }, lane) => {
      const own = events.filter(event => event.pid === pid && event.tid === tid);
      assert.equal(laneNs(profile, lane), coveredNs(own), `${pid}/${tid}`);
    });
    const expected: Record<string, number> = {};
    for (const event of events) {
      const plain = event.name.replace(/ \(.*$/, '');
      expected[plain] = (expected[plain] ?? 0) + 1;
    }
    assert.deepEqual(callsOf(profile), expected);
  });
}

test('forked processes keep lanes of their own though their threads have the same ids', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('viztracer/processes.json.gz'));
  assert.deepEqual(problems, []);
  const mains = profile.lanes.filter(({ isMain }) => isMain);
  assert.equal(mains.length, 3);
  assert.equal(new Set(mains.map(({ tid }) => tid)).size, 1);
  assert.equal(new Set(mains.map(({ pid }) => pid)).size, 3);
});

test('asyncio tasks are lanes below the main thread, and say that awaiting is not there', async () => {
  const { profile } = await parseBytes(fixtureBytes('viztracer/tasks.json.gz'));
  const names = profile.lanes.filter(({ kind }) => kind === 'task').map(({ name }) => name);
  for (const name of ['branch-0', 'branch-1', 'branch-2']) assert.ok(names.includes(name), name);
  for (const { kind, parent } of profile.lanes) assert.equal(parent, kind === 'task' ? 0 : -1);
  assert.match(profile.info.limits.join(), /suspended/);
});

test('garbage collections become pauses, each from its start to its end', async () => {
  const counters = eventsOf('viztracer/tasks.json.gz').filter(({ ph }) => ph === 'C');
  const starts = counters.filter(({ args }) => args?.['collecting'] === 1).map(({ ts }) => ns(ts));
  const ends = counters.filter(({ args }) => args?.['collecting'] === 0).map(({ ts }) => ns(ts));
  const { profile } = await parseBytes(fixtureBytes('viztracer/tasks.json.gz'));
  assert.ok(starts.length >= 3);
  assert.deepEqual(
    [...profile.gcPauses.startNs].map(start => start + profile.info.startNs),
    starts,
  );
  assert.deepEqual(
    [...profile.gcPauses.durationNs],
    ends.map((end, index) => end - (starts[index] ?? 0)),
  );
});

test('a full buffer is told', async () => {
  const { problems } = await parseBytes(fixtureBytes('viztracer/overflow.json'));
  assert.match(problems.map(({ message }) => message).join(), /oldest calls were dropped/);
});

test('calls that were open at the end last as long as anything is known, with their callees inside', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('viztracer/open.json'));
  assert.deepEqual(problems, []);
  assert.deepEqual(callsOf(profile), { 'builtins.exec': 1, '<module>': 1, deep: 4 });
  const stacks = [...stackWeights(profile).keys()];
  assert.ok(stacks.includes('builtins.exec:0;<module>:0;deep:0;deep:0;deep:0'), stacks.join('\n'));
});

test('arguments and return values are nowhere in the profile', async () => {
  const text = new TextDecoder().decode(fixtureBytes('viztracer/open.json'));
  assert.match(text, /hunter2/);
  const { profile, problems } = await parseBytes(fixtureBytes('viztracer/open.json'));
  assert.doesNotMatch(JSON.stringify([profile.strings, profile.info, profile.lanes, problems]), /hunter2/);
});

test('functions are found by name, file and line of the def', async () => {
  const { profile } = await parseBytes(fixtureBytes('agreement/viztracer.json'));
  const { functions, strings } = profile;
  const at = [...functions.name].findIndex(name => strings[name] === 'three_tenths');
  assert.equal(strings[functions.file[at] ?? 0], '/tmp/pyrolens-fixtures/agreement.py');
  assert.equal(functions.firstLine[at], 15);
});

test('py-spy tells executing lines, threads and that idle time is held open', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('chrometrace/threads.json.gz'));
  assert.deepEqual(problems, []);
  assert.equal(profile.info.format, 'py-spy chrometrace');
  assert.equal(profile.info.lineMeaning, 'executing');
  assert.equal(profile.info.isTraced, false);
  assert.equal(profile.callCounts, undefined);
  assert.match(profile.info.limits.join(), /idle/);
  assert.equal(profile.lanes.length, 3);
  assert.ok(profile.lanes.every(({ tid, pid }) => tid >= pid && tid < pid + 100));
  assert.deepEqual(
    profile.lanes.filter(({ isMain }) => isMain).map(({ name }) => name),
    ['MainThread'],
  );
  assert.ok([...profile.strings].every(text => !text.startsWith('thread (')));
});

test('py-spy mixes up forked processes: the lanes stay apart, strays are counted', async () => {
  const { profile, problems } = await parseBytes(fixtureBytes('chrometrace/processes.json.gz'));
  assert.match(problems.map(({ message }) => message).join(), /^\d+ ends of calls had no beginning/);
  const pids = new Set(eventsOf('chrometrace/processes.json.gz').map(({ pid }) => pid));
  assert.equal(new Set(profile.lanes.map(({ pid }) => pid)).size, pids.size);
  for (const { depth } of [profile.nodes]) assert.ok(Math.max(...depth) < 46);
});

test('each moment belongs to the innermost call', async () => {
  const { profile, problems } = await parseEvents([call('h', 6, 1), call('g', 2, 6), call('f', 0, 10)]);
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), {
    'f:0': 4000,
    'f:0;g:0': 5000,
    'f:0;g:0;h:0': 1000,
  });
  assert.deepEqual([...profile.samples.endNs], [2000, 6000, 7000, 8000, 10000]);
});

test('the order of events and of their keys changes nothing', async () => {
  const events = [
    call('f', 0, 10),
    call('g', 2, 6),
    call('h', 6, 1),
    call('k', 8, 2),
    call('f', 20, 5),
    call('i', 3, 4, 2),
  ];
  const expected = stackWeights((await parseEvents(events)).profile);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.boolean(),
      async (shuffled, isReversed) => {
        const written = shuffled.map(event =>
          isReversed ? Object.fromEntries(Object.entries(event).reverse()) : event,
        );
        assert.deepEqual(
          new Map([...stackWeights((await parseEvents(written)).profile)].sort()),
          new Map([...expected].sort()),
        );
      },
    ),
  );
});

test('random trees of calls come back whole from the order of their ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 30 }), async pairs => {
      const nested: [number, number][] = [];
      for (const [start, dur] of pairs) {
        const end = start + dur;
        if (
          nested.every(
            ([s, e]) => end <= s || start >= e || (start >= s && end <= e) || (start <= s && end >= e),
          )
        )
          nested.push([start, end]);
      }
      const events = nested.map(([start, end], index) => call(`f${index}`, start, end - start));
      const byEnd = [...events].sort((a, b) => a.ts + a.dur - b.ts - b.dur || b.ts - a.ts);
      const { profile, problems } = await parseEvents([...byEnd, call('end', 1000, 1)]);
      assert.deepEqual(problems, []);
      assert.equal(laneNs(profile, 0), coveredNs(events as Event[]) + 1000);
      assert.ok(profile.samples.weightNs.every(weight => weight > 0));
    }),
  );
});

test('calls that overlap are cut where their caller ends, and counted once', async () => {
  const { profile, problems } = await parseEvents([call('f', 0, 10), call('g', 5, 10), call('h', 20, 1)]);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), { 'f:0': 5000, 'f:0;g:0': 5000, 'h:0': 1000 });
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['1 calls reached beyond the call that they began in: they were cut there.'],
  );
  const rounded = await parseEvents([call('f', 0, 10), call('g', 5, 5.5)]);
  assert.deepEqual(rounded.problems, []);
});

test('begins and ends are matched, whatever is stray or still open', async () => {
  const { profile, problems } = await parseEvents([
    mark('E', 'stray', 1),
    mark('B', 'f', 2),
    mark('B', 'g', 4),
    { ph: 'E', ts: 5, tid: 1, pid: 1 },
    mark('B', 'h', 6),
    mark('E', 'f', 8),
    mark('B', 'open', 9),
    call('k', 10, 2, 2),
  ]);
  assert.deepEqual(Object.fromEntries(stackWeights(profile)), {
    'f:0': 3000,
    'f:0;g:0': 1000,
    'f:0;h:0': 2000,
    'open:0': 3000,
    'k:0': 2000,
  });
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['1 ends of calls had no beginning and were left out.'],
  );
});

test('asynchronous operations share a lane when they follow each other, and no other lane', async () => {
  const operation = (ph: string, id: string, ts: number, name = 'request') => ({
    ph,
    id,
    ts,
    name,
    cat: 'net',
    pid: 1,
    tid: 5,
  });
  const { profile } = await parseEvents([
    operation('b', '0x1', 0),
    operation('b', '0x2', 5),
    operation('b', '0x1', 2, 'dns'),
    operation('e', '0x1', 4, 'dns'),
    operation('n', '0x1', 4, 'tick'),
    operation('e', '0x1', 10),
    operation('b', '0x3', 11),
    operation('e', '0x3', 12),
    operation('e', '0x2', 20),
  ]);
  assert.deepEqual(laneTexts(profile), ['task -1 1/0 request', 'task -1 1/0 request 2']);
  assert.deepEqual([laneNs(profile, 0), laneNs(profile, 1)], [11000, 15000]);
});

test('metadata names and sorts lanes', async () => {
  const named = (name: string, args: object, tid: number, pid = 1) => ({ ph: 'M', name, args, tid, pid });
  const { profile } = await parseEvents([
    call('a', 0, 1, 1, 7),
    call('a', 0, 1, 2),
    call('a', 0, 1, 3),
    named('thread_name', { name: 'last' }, 2),
    named('thread_name', { name: 'first' }, 3),
    named('thread_name', { name: 'never ran' }, 4),
    named('thread_sort_index', { sort_index: 5 }, 2),
    named('process_sort_index', { sort_index: 9 }, 0, 7),
  ]);
  assert.deepEqual(laneTexts(profile), ['thread -1 1/3 first', 'thread -1 1/2 last', 'thread -1 7/1 ']);
});

test('times in quotes, missing ids, trailing commas and a missing bracket are legal', async () => {
  const text =
    '[{"ph":"X","ts":"5","dur":"2.5","name":"f"},{"ph":"X","ts":8,"dur":1,"name":"g","tid":"render"},';
  for (const ending of ['', ']', '\n']) {
    const { profile, problems } = await parseText(text + ending);
    assert.deepEqual(problems, []);
    assert.deepEqual(laneTexts(profile), ['thread -1 0/0 ', 'thread -1 0/0 render']);
    assert.deepEqual([...profile.samples.weightNs], [2500, 1000]);
  }
});

test("a quote in a task's name costs that event and nothing else", async () => {
  const broken = '{"ph":"M","pid":1,"tid":9,"name":"thread_name","args":{"name":"say "hello""}}';
  const text = `{"traceEvents": [${JSON.stringify(call('f', 0, 1))}, ${broken}, ${JSON.stringify(call('g', 2, 1))}], "viztracer_metadata": {"version": "1.1.1"}}`;
  const { profile, problems } = await parseText(text);
  assert.deepEqual(Object.keys(callsOf(profile)), ['f', 'g']);
  assert.equal(profile.info.engineVersion, '1.1.1');
  assert.deepEqual(
    problems.map(({ message, offset }) => [message, offset]),
    [['Damaged events were left out, at 1 places.', text.indexOf('hello')]],
  );
});

test('VizTracer tasks with the same id share a lane with both names', async () => {
  const event = { ...call('step (/a.py:3)', 0, 1, 9), cat: 'FEE' };
  const name = (text: string) => ({ ph: 'M', name: 'thread_name', args: { name: text }, tid: 9, pid: 1 });
  const { profile } = await parseEvents([event, { ...event, ts: 5 }, name('Task-1'), name('Task-2')]);
  assert.deepEqual(laneTexts(profile), ['task -1 1/9 Task-1, Task-2']);
});

test('the base time ties the clock to the epoch', async () => {
  const trace = {
    traceEvents: [call('f', 5, 1)],
    viztracer_metadata: { baseTimeNanoseconds: 1_700_000_000_000 },
  };
  const { profile } = await parseText(JSON.stringify(trace));
  assert.equal(profile.info.startEpochNs, 1_700_000_005_000);
});

test('names hold places as VizTracer and PyTorch write them, also in odd folders', async () => {
  const { profile } = await parseEvents([
    call('A.f (/a (b)/c.py:7)', 0, 1),
    call('/x/y.py(12): g', 2, 1),
    call('h', 4, 1),
  ]);
  const { functions, strings } = profile;
  const found = [...functions.name].map((name, at) => [
    strings[name],
    strings[functions.file[at] ?? 0],
    functions.firstLine[at],
  ]);
  assert.deepEqual(found, [
    ['A.f', '/a (b)/c.py', 7],
    ['g', '/x/y.py', 12],
    ['h', '', 0],
  ]);
});

test('a file cut off anywhere keeps what came before and says so once', async () => {
  const bytes = fixtureBytes('viztracer/tasks.json.gz');
  for (let length = 200; length < bytes.length; length += 4999) {
    const { profile, problems } = await parseBytes(bytes.subarray(0, length));
    assert.equal(problems.length, 1, String(length));
    assert.ok(profile.samples.length <= 2500);
  }
  const text = JSON.stringify([call('f', 0, 1), call('g', 2, 1)]);
  for (let length = 2; length < text.length; length++) await parseText(text.slice(0, length));
});

test('hostile traces are read without harm', async () => {
  const lanes = Array.from({ length: 25_000 }, (_, tid) => call('f', 0, 1, tid));
  const many = await parseEvents(lanes);
  assert.equal(many.profile.lanes.length, 20_000);
  assert.equal(many.problems.length, 1);
  const odd = [
    {},
    null,
    5,
    { ph: 'X' },
    { ph: 'X', ts: 'late', dur: -5 },
    { ph: 'X', ts: 1, dur: -5, name: {} },
    { ph: 'Q', ts: 1 },
  ];
  const { profile } = await parseText(`[{"ph":"X","ts":1,"dur":1},${JSON.stringify(odd).slice(1)}`);
  assert.equal(profile.info.durationNs, 1000);
  const deep = Array.from({ length: 70_000 }, (_, depth) => call('f', depth, 140_000 - 2 * depth));
  assert.equal(Math.max(...(await parseEvents(deep)).profile.nodes.depth.slice(-1)), 65_000);
});

test('the format is known by its content, and takes no other', () => {
  for (const folder of ['viztracer', 'chrometrace']) {
    for (const name of readdirSync(join(profilesFolder, folder))) {
      assert.equal(formatOf(fixtureBytes(`${folder}/${name}`)), 'Chrome trace');
    }
  }
  for (const name of readdirSync(join(profilesFolder, 'agreement'))) {
    const isTrace = /viztracer|chrometrace/.test(name);
    assert.equal(formatOf(fixtureBytes(`agreement/${name}`)) === 'Chrome trace', isTrace, name);
  }
  for (const text of ['{}', '[]', '[1,2]', '{"nodes": [], "samples": []}', '[{"name": "x"}]']) {
    assert.notEqual(formatOf(new TextEncoder().encode(text)), 'Chrome trace');
  }
});
