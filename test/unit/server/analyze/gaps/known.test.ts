import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DrawnWait,
  found,
  idle,
  lane,
  lib,
  type Measured,
  main,
  round,
  runs,
  step,
  waits,
} from './drawnGaps';

/** Two locks of one name: each has somebody who sleeps inside. */
const source = ['with self.lock:', '    deposit()', 'with self.lock:', '    time.sleep(1)', 'ready.wait()'];
const ofTwo = (column = waits(60, 'deposit[line:1]')) =>
  [
    main(column),
    lane('lane one', [waits(60, 'hold[line:4]')]),
    lane('lane two', [waits(60, 'hold_other[line:4]')]),
  ].join('\n');

async function first(drawing: string, measured: Measured) {
  const { profile, gaps } = await found(drawing, { source, ...measured });
  const gap = gaps.find(one => one.lane === 0);
  return { ...gap, holderLane: gap?.holder?.lane, holderLine: profile.frames.line[gap?.holder?.frame ?? -1] };
}

const lock = (more: Partial<DrawnWait>): DrawnWait => ({ kind: 'lock', at: 10, ms: 40, ...more });

test('of two locks with one name, names do not tell who had which; what was read from inside does', async () => {
  const guessed = await first(ofTwo(), {});
  assert.deepEqual([guessed.gapClass, guessed.holder], ['sync.lock', undefined]);
  const known = await first(ofTwo(), { waits: [lock({ holder: 2, name: 'Account.lock' })] });
  assert.deepEqual([known.holderLane, known.holderLine, known.holder?.isKnown], [2, 4, true]);
  assert.deepEqual(known.awaited, { kind: 'lock', name: 'Account.lock' });
});

test('a guess that is clear is made, and said to be one', async () => {
  const drawing = [main(waits(60, 'deposit[line:1]')), lane('lane one', [waits(60, 'hold[line:4]')])].join(
    '\n',
  );
  const { holderLane, holder } = await first(drawing, {});
  assert.deepEqual([holderLane, holder?.isKnown], [1, undefined]);
});

test('a wait that no rule knows is explained by the object that it stood at', async () => {
  const unknown = await first(ofTwo(waits(60, 'call_library[line:2]')), {});
  assert.equal(unknown.gapClass, 'unknown.offcpu');
  const known = await first(ofTwo(waits(60, 'call_library[line:2]')), { waits: [lock({ holder: 1 })] });
  assert.deepEqual([known.gapClass, known.confidence, known.role], ['sync.lock', 'strong', 'victim']);
});

test('who ended a wait for a signal is its holder, at the line where it was meanwhile', async () => {
  const signal = { kind: 'signal', at: 0, ms: 60, holder: 1, name: 'Event' } as const;
  const { gapClass, holderLane } = await first(ofTwo(waits(60, 'main[line:5]')), { waits: [signal] });
  assert.deepEqual([gapClass, holderLane], ['sync.signal', 1]);
});

test('of a lock that processes share, whoever stood inside one of the same name held it', async () => {
  const known = [
    lock({ kind: 'sharedLock', name: 'lock 0x1' }),
    lock({ kind: 'holdsSharedLock', name: 'lock 0x2', lane: 1 }),
    lock({ kind: 'holdsSharedLock', name: 'lock 0x1', lane: 2 }),
  ];
  const { gapClass, role, holderLane } = await first(ofTwo(), { waits: known });
  assert.deepEqual([gapClass, role, holderLane], ['sync.mp', 'victim', 2]);
});

test('workers that take turns at the lock of an empty queue wait for work, and not for the lock', async () => {
  const queue = `get[file:${lib}/multiprocessing/queues.py]`;
  const worker = waits(60, 'main[line:1]', `worker[file:${lib}/multiprocessing/pool.py]`, queue);
  const known = [
    lock({ kind: 'sharedLock', name: 'lock 0x1' }),
    lock({ kind: 'holdsSharedLock', name: 'lock 0x1', lane: 1 }),
  ];
  const { gapClass, role } = await first(ofTwo(worker), { waits: known });
  assert.deepEqual([gapClass, role], ['sync.queue.empty', 'benign']);
});

test('a loop that slept over a callback is told apart from one without work', async () => {
  const loop = { span: [0, 100], missed: [{ at: 20, ms: 50, holderLane: -1 }] } as const;
  const { gaps } = await found(main(waits(100, ...idle)), { loop });
  assert.deepEqual(
    gaps.map(({ gapClass, role, startNs, endNs }) => [gapClass, role, startNs / 1e6, endNs / 1e6]),
    [
      ['loop.idle', 'benign', 0, 20],
      ['loop.missed_wake', 'culprit', 20, 70],
      ['loop.idle', 'benign', 70, 100],
    ],
  );
});

test('what was held up while the container’s limit stopped the process, was held up by that', async () => {
  const spinning = main(runs(20, 'spin[line:2]'), waits(80, 'spin[line:2]'), runs(20, 'spin[line:2]'));
  const { gapClass, role } = await first(spinning, { usages: [{ at: 20, ms: 80, throttled: 75 }] });
  assert.deepEqual([gapClass, role], ['sched.quota', 'victim']);
});

test('a stop leaves who sleeps asleep', async () => {
  const sleeping = main(waits(80, 'rest[line:4]'));
  const { gapClass } = await first(sleeping, { usages: [{ at: 0, ms: 80, throttled: 75 }] });
  assert.equal(gapClass, 'timer.sleep');
});

test('a line whose CPU time the kernel used for fresh pages is told, and in a loop what it is blocked by', async () => {
  const usages = [
    { at: 0, ms: 30, kernel: 24, minor: 9000 },
    { at: 30, ms: 30, kernel: 24, minor: 9000 },
  ];
  const touching = await first(main(runs(60, 'touch[line:2]')), { usages });
  assert.deepEqual([touching.gapClass, touching.role, touching.endNs], ['run.fault', 'culprit', 60e6]);
  const steps = Array.from({ length: 6 }, () => runs(10, 'main', round, step, 'touch[line:2]'));
  const inLoop = await first(main(...steps), { usages });
  assert.deepEqual([inLoop.gapClass, inLoop.isLoopBlocked], ['run.fault', true]);
});

test('computing that also makes objects is computing', async () => {
  const usages = [{ at: 0, ms: 60, kernel: 10, minor: 3000 }];
  const { gapClass } = await first(main(runs(60, 'touch[line:2]')), { usages });
  assert.equal(gapClass, undefined);
});

test('a line that waits for pages from the disk is told; whose they were is not guessed among several', async () => {
  const usages = [{ at: 0, ms: 60, kernel: 10, major: 600 }];
  const cold = waits(60, 'look_up[line:2]');
  assert.equal((await first(main(cold), { usages })).gapClass, 'mem.major');
  const two = [main(cold), lane('lane other', [cold])].join('\n');
  assert.equal((await first(two, { usages })).gapClass, 'unknown.offcpu');
});
