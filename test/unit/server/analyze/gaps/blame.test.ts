import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holderLines, idle, lane, lib, main, round, runs, step, told, waits } from './drawnGaps';

const get = `Queue.get[file:${lib}/queue.py]`;
const worker = `_worker[file:${lib}/concurrent/futures/thread.py]`;
const result = `Future.result[file:${lib}/concurrent/futures/_base.py]`;
const drawn = (...lanes: string[]) => lanes.join('\n');

test('an empty queue is held up by the thread that puts into one of the same name', async () => {
  const source = [
    'def produce(orders):',
    '    time.sleep(1)',
    '    orders.put(1)',
    '',
    'order = orders.get()',
  ];
  const produce = waits(50, 'produce[line:2,first:1]');
  const consume = waits(50, 'consume[line:5,first:5]', get);
  assert.deepEqual(await holderLines(drawn(main(consume), lane('lane producer', [produce])), source), [
    ['sync.queue.empty', 2],
  ]);
  const others = ['def produce(bills):', '    time.sleep(1)', '    bills.put(1)', '', 'order = orders.get()'];
  assert.deepEqual(await holderLines(drawn(main(consume), lane('lane producer', [produce])), others), [
    ['sync.queue.empty', undefined],
  ]);
});

test('a second consumer of the queue, which puts things back, holds nobody up', async () => {
  const source = ['def consume(orders):', '    order = orders.get()', '    orders.put(order)'];
  const consume = waits(50, 'consume[line:2,first:1]', get);
  assert.deepEqual(await holderLines(drawn(main(consume), lane('lane other', [consume])), source), [
    ['sync.queue.empty', undefined],
  ]);
});

test('a result is held up by the job of the busy worker; by none when workers do different things', async () => {
  const asks = main(waits(50, 'ask[line:1]', result));
  const job = (line: number) => [waits(50, 'run', worker, `job[line:${line}]`)];
  const free = lane('lane free', [waits(50, 'run', worker)]);
  assert.deepEqual(await holderLines(drawn(asks, lane('lane busy', job(2)), free), []), [['sync.future', 2]]);
  const both = drawn(asks, lane('lane one', job(2)), lane('lane two', job(3)));
  assert.deepEqual(await holderLines(both, []), [['sync.future', undefined]]);
});

test('a thread kept the GIL that used the CPU while its victim got next to none, however busy the machine', async () => {
  const source = ['', 'total += n', 'sum(numbers)', 'time.sleep(1)'];
  const victim = main({ ms: 40, cpu: 1, stack: ['loop[line:2]'] });
  const hog = { ms: 40, cpu: 10, stack: ['hog[line:3]'] };
  assert.deepEqual(await holderLines(drawn(victim, lane('lane hog', [hog])), source), [['rt.gil', 3]]);
  const alike = drawn(main({ ms: 40, cpu: 8, stack: ['loop[line:2]'] }), lane('lane hog', [hog]));
  assert.deepEqual(await holderLines(alike, source), [['sched.runq', undefined]]);
});

test('of a hundred threads it is found wherever it stands', async () => {
  const victim = main({ ms: 40, cpu: 1, stack: ['loop[line:2]'] });
  const sleepers = Array.from({ length: 99 }, (_, at) => lane(`lane s${at}`, [waits(40, 'nap[line:4]')]));
  const hog = lane('lane hog', [runs(40, 'hog[line:3]')]);
  const found = await holderLines(drawn(victim, ...sleepers, hog), [
    '',
    'total += n',
    'sum(x)',
    'time.sleep(1)',
  ]);
  assert.deepEqual(
    found.filter(([gapClass]) => gapClass === 'rt.gil'),
    [['rt.gil', 3]],
  );
});

test('a line that waits did not keep the GIL, though most of a late look was given to it', async () => {
  const source = ['', 'total += n', 'sum(numbers)', 'time.sleep(1)'];
  const hog = [runs(40, 'hog[line:4]'), runs(30, 'hog[line:3]')];
  const victim = main({ ms: 70, cpu: 3, stack: ['loop[line:2]'] });
  assert.deepEqual(await holderLines(drawn(victim, lane('lane hog', hog)), source), [['rt.gil', 3]]);
});

test('two blocking lines of one step are two gaps, as are two that serialize', async () => {
  const at = (line: number) => ['main', round, step, `talk[line:${line}]`];
  const sleeps = main(waits(20, ...at(1)), waits(20, ...at(1)), waits(20, ...at(2)), waits(10, ...idle));
  assert.deepEqual(await told(sleeps, ['time.sleep(0.04)', 'time.sleep(0.02)']), [
    'loop.blocked(timer.sleep) culprit line 1 0-40',
    'loop.blocked(timer.sleep) culprit line 2 40-60',
  ]);
  const packs = main(runs(40, ...at(1)), runs(30, ...at(2)), waits(10, ...idle));
  assert.deepEqual(await told(packs, ['pickle.dumps(document)', 'json.dumps(document)']), [
    'loop.blocked(run.serialize) culprit line 1 0-40',
    'loop.blocked(run.serialize) culprit line 2 40-70',
  ]);
});

test('a collection is cut out of the step in which it ran; a short one is a part of it', async () => {
  const handler = ['main', round, step, 'handle[line:2]'];
  const drawing = main(runs(20, ...handler), runs(40, ...handler), waits(10, ...idle));
  assert.deepEqual(await told(drawing, [], [{ startMs: 20, ms: 35 }]), [
    'loop.blocked(run.python) culprit line 2 0-20',
    'loop.blocked(run.gc) culprit line 2 20-55',
    'loop.blocked(run.python) culprit line 2 55-60',
  ]);
  assert.deepEqual(await told(drawing, [], [{ startMs: 20, ms: 2 }]), [
    'loop.blocked(run.python) culprit line 2 0-60',
  ]);
});

test('a collection that only the poll before it was seen in belongs to the step after it', async () => {
  const drawing = main(waits(40, ...idle), runs(10, 'main', round, step, 'handle[line:2]'));
  assert.deepEqual(await told(drawing, [], [{ startMs: 20, ms: 18 }]), [
    'loop.blocked(run.gc) culprit line 2 20-38',
  ]);
});

test('callbacks seen in turns were many short ones; long steps in turns were not', async () => {
  const at = (name: string) => ['main', round, step, `${name}[line:1]`];
  const turns = ['a', 'b', 'a', 'a', 'b', 'b', 'a', 'b'].map(name => runs(10, ...at(name)));
  assert.deepEqual(await told(main(...turns, waits(10, ...idle))), ['loop.busy culprit line 1 0-80']);
  const long = ['a', 'b', 'a', 'b'].map(name => runs(40, ...at(name)));
  assert.equal((await told(main(...long, waits(10, ...idle)))).length, 4);
});
