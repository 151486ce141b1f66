import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGaps } from '../../../../../src/server/analyze/gaps/findGaps';
import { explainedShare, gapGroups } from '../../../../../src/server/analyze/gaps/gapGroups';
import { textProfile } from '../../../../helpers/textProfile';
import { idle, lane, lib, main, poll, round, runs, step, suspended, told, waits } from './drawnGaps';

test('a sleep in a step blocks the loop at its line', async () => {
  const stack = ['main', round, step, 'talk[line:2]'];
  const drawing = main(waits(10, ...idle), waits(10, ...stack), waits(10, ...stack), waits(10, ...idle));
  assert.deepEqual(await told(drawing, ['', 'time.sleep(0.02)']), [
    'loop.blocked(timer.sleep) culprit line 2 10-30',
  ]);
});

test('computing in a step blocks the loop; the line that took longest is to blame', async () => {
  const at = (line: number) => ['main', round, step, `score[line:${line}]`];
  const drawing = main(runs(10, ...at(5)), runs(10, ...at(6)), runs(20, ...at(6)), waits(10, ...idle));
  assert.deepEqual(await told(drawing), ['loop.blocked(run.python) culprit line 6 0-40']);
});

test('turning objects into bytes is told from other computing, by file or by the written call', async () => {
  const byFile = ['main', round, step, 'send[line:2]', `dumps[file:${lib}/json/encoder.py]`];
  assert.deepEqual(await told(main(runs(10, ...byFile), runs(10, ...byFile))), [
    'loop.blocked(run.serialize) culprit line 2 0-20',
  ]);
  const byCall = ['main', round, step, 'send[line:2]'];
  const source = ['', 'data = pickle.dumps(everything)'];
  assert.deepEqual(await told(main(runs(10, ...byCall), runs(10, ...byCall)), source), [
    'loop.blocked(run.serialize) culprit line 2 0-20',
  ]);
});

test('a subprocess waited for in a step is not an idle loop, though it ends in a selector', async () => {
  const stack = [
    'main',
    round,
    step,
    'convert[line:2]',
    `Popen.communicate[file:${lib}/subprocess.py]`,
    poll,
  ];
  const drawing = main(waits(10, ...stack), waits(10, ...stack));
  assert.deepEqual(await told(drawing, ['', 'subprocess.run(command)']), [
    'loop.blocked(proc.wait) culprit line 2 0-20',
  ]);
});

test('one look at a step does not say how long it took', async () => {
  const drawing = main(waits(10, ...idle), runs(10, 'main', round, step, 'tick[line:2]'), waits(10, ...idle));
  assert.deepEqual(await told(drawing), []);
});

test('a look that came late does: one call held the interpreter', async () => {
  const drawing = main(waits(10, ...idle), runs(60, 'main', round, step, 'pack[line:2]'), waits(10, ...idle));
  assert.deepEqual(await told(drawing), ['loop.blocked(run.python) culprit line 2 10-70']);
});

test('steps seen twice with next to no CPU between them were short ones', async () => {
  const tick = { ms: 10, cpu: 1, stack: ['main', round, step, 'tick[line:2]'] };
  assert.deepEqual(await told(main(tick, tick, tick), ['', 'n += 1']), []);
});

const source = [
  'def save(self):',
  '    with self._lock:',
  '        write()',
  'def add(self):',
  '    with self._lock:',
  '        pass',
];

test('who waits for a lock is a victim; the thread inside the same lock holds it', async () => {
  const profile = await textProfile(
    [
      main(waits(10, 'add[first:4,line:5]'), waits(10, 'add[first:4,line:5]')),
      lane('lane saver', [waits(10, 'save[first:1,line:3]'), waits(10, 'save[first:1,line:3]')]),
      lane('lane other', [runs(10, 'work[line:1]'), runs(10, 'work[line:1]')]),
    ].join('\n'),
  );
  const gap = [...findGaps(profile, () => source).gaps].find(({ lane: at }) => at === 0);
  assert.deepEqual([gap?.gapClass, gap?.role, gap?.holder?.lane], ['sync.lock', 'victim', 1]);
  assert.equal(profile.frames.line[gap?.holder?.frame ?? -1], 3);
});

test('a thread in another lock, or at the lock itself, is not its holder', async () => {
  const other = source.map((line, at) => (at === 1 ? '    with self._file:' : line));
  const drawing = [
    main(waits(20, 'add[first:4,line:5]')),
    lane('lane saver', [waits(20, 'save[first:1,line:3]')]),
    lane('lane third', [waits(20, 'add[first:4,line:5]')]),
  ].join('\n');
  const { gaps } = findGaps(await textProfile(drawing), () => other);
  assert.deepEqual(
    [...gaps].filter(({ gapClass }) => gapClass === 'sync.lock').map(({ holder }) => holder),
    [undefined, undefined],
  );
});

test('a line that cannot block waited for the GIL when another thread computed, else for a processor', async () => {
  const contended = { ms: 30, cpu: 3, stack: ['loop[line:2]'] };
  const text = ['', 'total += n'];
  const alone = await told(main(contended), text);
  assert.deepEqual(alone, ['sched.runq victim line 2 0-30']);
  const both = [main(contended), lane('lane packer', [runs(30, 'pack[line:1]')])].join('\n');
  assert.deepEqual(await told(both, text), ['rt.gil victim line 2 0-30']);
});

test('a call of unknown kind is unknown, whoever computes beside it', async () => {
  const where = 'query[line:2,endLine:2,column:4,endColumn:20]';
  const drawing = [main(waits(30, where)), lane('lane busy', [runs(30, 'pack[line:1]')])].join('\n');
  assert.deepEqual(await told(drawing, ['', 'x = database.query(1)']), ['unknown.offcpu victim line 2 0-30']);
});

test('workers without work, timers of their own and sleeping side threads delay nobody', async () => {
  const worker = ['run[line:1]', `_worker[file:${lib}/concurrent/futures/thread.py]`];
  const timer = ['run[line:2]', `Event.wait[file:${lib}/threading.py]`];
  const drawing = [
    main(runs(40, 'main[line:1]')),
    lane('lane worker', [waits(40, ...worker)]),
    lane('lane timer', [waits(40, ...timer)]),
    lane('lane sleeper', [waits(40, 'nap[line:3]')]),
  ].join('\n');
  assert.deepEqual(await told(drawing, ['', 'while not closing.wait(0.05):', 'time.sleep(1)']), []);
});

test('a whole process that stood still blames no line', async () => {
  const drawing = [
    main(runs(10, 'main[line:1]'), waits(200, 'main[line:1]'), runs(10, 'main[line:1]')),
    lane('lane side', [runs(10, 'side[line:1]'), waits(200, 'side[line:1]'), runs(10, 'side[line:1]')]),
  ].join('\n');
  const { gaps } = findGaps(await textProfile(drawing), () => ['n += 1']);
  assert.deepEqual(
    Array.from(gaps, ({ gapClass, role }) => [gapClass, role]),
    [
      ['sched.frozen', 'benign'],
      ['sched.frozen', 'benign'],
    ],
  );
});

test('computing alone, and a loop with nothing due, are no gaps', async () => {
  assert.deepEqual(await told(main(runs(500, 'main[line:1]'), runs(500, 'main[line:2]'))), []);
  assert.deepEqual(await told(main(...Array.from({ length: 50 }, () => waits(10, ...idle)))), []);
});

test('tasks tell what they await; those asleep delay nobody', async () => {
  const queue = ['listen[line:2]', `Queue.get[file:${lib}/asyncio/queues.py]`];
  const asleep = ['speak[line:3]', `sleep[file:${lib}/asyncio/tasks.py]`];
  const drawing = [
    main(waits(40, ...idle)),
    lane('task listener', [suspended(40, ...queue)]),
    lane('task speaker', [suspended(40, ...asleep)]),
    lane('task pooled', [suspended(40, 'understand[line:1]')]),
  ].join('\n');
  assert.deepEqual(await told(drawing, ['await loop.run_in_executor(pool, work)']), [
    'task.await.queue dependency line 2 0-40',
    'task.await.executor dependency line 1 0-40',
  ]);
});

test('groups are ranked by the delay that was felt, and the unknown part is said', async () => {
  const blocked = ['main', round, step, 'talk[line:2]'];
  const drawing = [
    main(waits(10, ...blocked), waits(10, ...blocked), waits(60, 'main[line:4]')),
    lane('lane reader', [
      waits(80, 'read[line:3]', `Connection.recv[file:${lib}/multiprocessing/connection.py]`),
    ]),
  ].join('\n');
  const profile = await textProfile(drawing);
  const { gaps } = findGaps(profile, () => ['', 'time.sleep(0.02)', 'recv()', 'x = native(1)']);
  assert.deepEqual(
    gapGroups(profile, gaps).map(({ gapClass, delayNs, totalNs }) => [
      gapClass,
      delayNs / 1e6,
      totalNs / 1e6,
    ]),
    [
      ['timer.sleep', 20, 20],
      ['ipc.pipe.read', 0, 80],
      ['unknown.offcpu', 0, 60],
    ],
  );
  assert.equal(explainedShare(profile, gaps), 100 / 160);
});
