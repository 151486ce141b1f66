import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { Confusion } from '../../../../accuracy/gaps/confusion.mjs';
import { type ReadGaps, readGaps } from '../../../../accuracy/gaps/readGaps';

/** Recorded by `test/fixtures/record/gaps.mjs`, each with the truth that the program wrote down itself. */
async function recorded(name: string): Promise<ReadGaps & { readonly confusion: Confusion }> {
  const folder = resolve('test/fixtures/gaps', name);
  const truth = readFileSync(resolve(folder, 'truth.jsonl'), 'utf8').trim().split('\n');
  const read = await readGaps(folder, ['/tmp/gap-programs']);
  const confusion = new Confusion();
  confusion.add(
    truth.map(line => JSON.parse(line)),
    read.gaps,
  );
  return { ...read, confusion };
}

function recallOf(confusion: Confusion, id: string): number {
  return confusion.classes().find(figures => figures.id === id)?.recall ?? 0;
}

test('a lock and the thread that held it are told from a recording', async () => {
  const { groups, confusion } = await recorded('lock_with_holder');
  const [lock, sleep] = groups;
  assert.deepEqual([lock?.classId, lock?.role, lock?.text], ['sync.lock', 'victim', 'with lock:  # victim']);
  assert.deepEqual([sleep?.classId, sleep?.text], ['timer.sleep', 'time.sleep(truth.seconds())  # rest']);
  assert.ok(recallOf(confusion, 'sync.lock') > 0.9);
  assert.equal(confusion.victim.exactNs, confusion.victim.judgedNs);
  assert.equal(confusion.holder.exactNs, confusion.holder.judgedNs);
});

test('what makes the voice agent stutter is ranked by the delay, at its lines', async () => {
  const { groups, confusion } = await recorded('voice_agent');
  assert.deepEqual(
    groups.slice(0, 2).map(({ classId, role, text }) => [classId, role, text]),
    [
      ['loop.blocked(timer.sleep)', 'culprit', 'time.sleep(truth.seconds(140, 200))  # tool'],
      ['loop.blocked(run.serialize)', 'culprit', 'return len(json.dumps(history))  # remembers'],
    ],
  );
  assert.ok(groups.some(({ classId }) => classId === 'loop.blocked(run.gc)'));
  assert.ok(
    groups.every(({ text }) => !text.includes('time.sleep(0.03)')),
    'the worker blocks no loop',
  );
  for (const id of ['loop.blocked(timer.sleep)', 'loop.blocked(run.serialize)', 'loop.blocked(run.gc)']) {
    assert.ok(recallOf(confusion, id) > 0.9, `${id} ${recallOf(confusion, id)}`);
  }
});

test('hashing in a thread beside a loop that goes on blames nobody', async () => {
  const { gaps, confusion } = await recorded('hashing_in_thread');
  assert.deepEqual(
    gaps.filter(({ role }) => role === 'culprit'),
    [],
  );
  assert.ok(recallOf(confusion, 'loop.idle') > 0.95);
  assert.ok(recallOf(confusion, 'task.await.executor') > 0.8);
});

test('a loop that measured itself tells many short callbacks from one long one, to the millisecond', async () => {
  const { gaps, groups, confusion } = await recorded('many_callbacks');
  const [busy] = groups;
  assert.deepEqual([busy?.classId, busy?.role], ['loop.busy', 'culprit']);
  assert.ok(recallOf(confusion, 'loop.busy') > 0.99);
  assert.equal(confusion.victim.exactNs, confusion.victim.judgedNs);
  const rounds = gaps.filter(({ classId }) => classId === 'loop.busy');
  assert.equal(rounds.length, 15);
  assert.ok(rounds.every(({ confidence }) => confidence === 'exact'));
});
