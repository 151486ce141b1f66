import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idle, lane, lib, main, round, runs, step, told, waits } from './drawnGaps';

test('a process forked in a step is no loop: its worker that waits for jobs, or runs one, blocks nothing', async () => {
  const forked = ['main', round, step, `BaseProcess._bootstrap[file:${lib}/multiprocessing/process.py]`];
  const worker = [...forked, `_process_worker[file:${lib}/concurrent/futures/process.py]`];
  const empty = waits(80, ...worker, `Queue.get[file:${lib}/multiprocessing/queues.py]`);
  const job = waits(40, ...worker, 'recognise[line:2]');
  assert.deepEqual(await told(main(empty, job, empty), ['', 'time.sleep(0.04)']), []);
});

test('sockets of asyncio do not block: who is off the CPU there lacks a processor', async () => {
  const write = `write[file:${lib}/asyncio/selector_events.py]`;
  const drawing = main(waits(30, 'main[line:1]', round, step, 'answer[line:2]', write), waits(10, ...idle));
  assert.deepEqual(await told(drawing, ['', 'writer.write(data)']), []);
});

test('a thread that starts another one waits for a processor, and not for an event', async () => {
  const start = [`Thread.start[file:${lib}/threading.py]`, `Event.wait[file:${lib}/threading.py]`];
  const drawing = main(waits(30, 'submit[line:2]', ...start));
  assert.deepEqual(await told(drawing, ['', 'await asyncio.to_thread(work)']), [
    'sched.runq victim line 2 0-30',
  ]);
});

test('a collection while modules are imported delays nobody', async () => {
  const load = '_load_unlocked[file:importlib._bootstrap]';
  const drawing = main(runs(30, 'main[line:1]', load, 'tables[line:2]'));
  assert.deepEqual(await told(drawing, [], [{ startMs: 10, ms: 12 }]), []);
});

test('a call of C that lets go of the GIL keeps nobody from running', async () => {
  const contended = { ms: 30, cpu: 3, stack: ['loop[line:2]'] };
  const drawing = [main(contended), lane('lane hasher', [runs(30, 'digest[line:3]')])].join('\n');
  assert.deepEqual(await told(drawing, ['', 'total += n', 'hashlib.sha256(block)']), [
    'sched.runq victim line 2 0-30',
  ]);
});

for (const [who, runner] of [
  ['asyncio.run', `run[file:${lib}/asyncio/runners.py]`],
  ['asyncio.Runner', `Runner.run[file:${lib}/asyncio/runners.py]`],
  ['uvicorn', `asyncio_run[file:/venv/lib/python3.11/site-packages/uvicorn/_compat.py]`],
  ['aiohttp', `run_app[file:/venv/lib/python3.11/site-packages/aiohttp/web.py]`],
] as const) {
  test(`a loop written in C polls where ${who} started it, and calls its steps from there`, async () => {
    const waiting = waits(60, 'main[line:1]', runner);
    assert.deepEqual(await told(main(waiting)), []);
    const nap = waits(40, 'main[line:1]', runner, 'serve[line:2]', 'nap[line:3]');
    assert.deepEqual(await told(main(waiting, nap, waiting), ['', '', 'time.sleep(0.04)']), [
      'loop.blocked(timer.sleep) culprit line 3 60-100',
    ]);
  });
}

test('code of the loop between its steps is none of them', async () => {
  const start = [`run[file:${lib}/asyncio/runners.py]`, `Runner._lazy_init[file:${lib}/asyncio/runners.py]`];
  const drawing = main(runs(60, 'main[line:1]', ...start), waits(20, ...idle));
  assert.ok(!(await told(drawing)).some(gap => gap.startsWith('loop.blocked')));
});

test('a sleep does not compute: what a late look gave it is nobody’s', async () => {
  const nap = ['main', round, step, 'nap[line:2]'];
  const drawing = main(runs(30, ...nap), waits(20, ...nap), waits(10, ...idle));
  assert.deepEqual(await told(drawing, ['', 'time.sleep(0.02)']), [
    'loop.blocked(timer.sleep) culprit line 2 30-50',
  ]);
});

const packages = '/venv/lib/python3.11/site-packages';
for (const [who, ...stack] of [
  ['gunicorn’s worker', `SyncWorker.wait[file:${packages}/gunicorn/workers/sync.py]`],
  [
    'gunicorn’s arbiter',
    `Arbiter.run[file:${packages}/gunicorn/arbiter.py]`,
    `Queue.get[file:${lib}/queue.py]`,
  ],
  ['a gRPC server', `_serve[file:${packages}/grpc/_server.py]`],
  [
    'whoever waits for a gRPC server’s end',
    `_Server.wait_for_termination[file:${packages}/grpc/_server.py]`,
    `wait[file:${packages}/grpc/_common.py]`,
    `Condition.wait[file:${lib}/threading.py]`,
  ],
  [
    'a worker of loky',
    `_process_worker[file:${packages}/joblib/externals/loky/process_executor.py]`,
    `Queue.get[file:${lib}/multiprocessing/queues.py]`,
  ],
  ['a reloader on Windows', 'run[file:C:\\venv\\Lib\\site-packages\\werkzeug\\_reloader.py]'],
]) {
  test(`${who} waits for work and delays nobody`, async () => {
    assert.deepEqual(await told(main(waits(60, 'main[line:1]', ...stack))), []);
  });
}

test('a call of such a package that the program waits for delays it', async () => {
  const stack = [
    `_blocking[file:${packages}/grpc/_channel.py]`,
    `wait[file:${packages}/grpc/_common.py]`,
    `Condition.wait[file:${lib}/threading.py]`,
  ];
  assert.deepEqual(await told(main(waits(60, 'main[line:1]', ...stack))), [
    'sync.signal dependency line 1 0-60',
  ]);
  const handler = [`_serve[file:${packages}/grpc/_server.py]`, 'handle[line:3]'];
  assert.deepEqual(await told(main(waits(60, 'main[line:1]', ...handler)), ['', '', 'time.sleep(1)']), [
    'timer.sleep culprit line 3 0-60',
  ]);
});

test('a package that sleeps until its workers have results waits for results', async () => {
  const retrieve = `Parallel._retrieve[file:${packages}/joblib/parallel.py]`;
  assert.deepEqual(await told(main(waits(60, 'main[line:1]', retrieve))), [
    'sync.future dependency line 1 0-60',
  ]);
});
