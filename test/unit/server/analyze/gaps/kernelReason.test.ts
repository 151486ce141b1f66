import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGaps } from '../../../../../src/server/analyze/gaps/findGaps';
import { withKernelReason } from '../../../../../src/server/analyze/gaps/kernelReason';
import { waitFor } from '../../../../../src/server/analyze/gaps/reason';
import { type WaitReason, waitReasons } from '../../../../../src/shared/profile';
import { textProfile } from '../../../../helpers/textProfile';

const classOf = (stack: Parameters<typeof withKernelReason>[0], reason: WaitReason) =>
  withKernelReason(stack, waitReasons.indexOf(reason)).gapClass;

test('where the stack is silent the kernel says what kind of thing is waited for', () => {
  const silent = waitFor(undefined);
  const told = (['io.net', 'ipc.pipe.write', 'proc.wait', 'io.poll', 'unknown', 'none'] as const).map(
    reason => classOf(silent, reason),
  );
  assert.deepEqual(told, ['io.net', 'ipc.pipe.write', 'proc.wait', undefined, undefined, undefined]);
});

test('where the stack says what for, it is believed: a queue waits on a lock', () => {
  assert.equal(classOf(waitFor('sync.queue.empty'), 'sync.lock'), 'sync.queue.empty');
  assert.equal(classOf(waitFor('proc.wait'), 'ipc.pipe.read'), 'proc.wait');
});

test('of reads and writes the kernel knows of what kind of thing, and a server stays without work', () => {
  assert.equal(classOf(waitFor('io.disk'), 'ipc.pipe.write'), 'ipc.pipe.write');
  assert.equal(classOf(waitFor('io.net'), 'io.disk'), 'io.disk');
  assert.equal(classOf(waitFor('io.dns'), 'io.net'), 'io.dns');
  const idle = withKernelReason(waitFor('ipc.pipe.read', { isIdle: true }), waitReasons.indexOf('io.net'));
  assert.deepEqual([idle.gapClass, idle.isIdle], ['io.net', true]);
});

test('the GIL, the run queue and a stop are the kernel’s to tell, whatever the stack was about to do', () => {
  for (const reason of ['rt.gil', 'sched.runq', 'sched.frozen'] as const) {
    assert.equal(classOf(waitFor('timer.sleep'), reason), reason);
  }
});

test('a call of unknown kind is explained by the kernel, and one that waits for the GIL names who has it', async () => {
  const drawing = (reason: string) =>
    `lane MainThread\ntime 30\ncpu 0\nstate wait\nreason ${reason}\nquery[line:2]\nlane packer\ntime 30\ncpu 30\nstate run\npack[line:1]`;
  const gapOf = async (reason: string) =>
    findGaps(await textProfile(drawing(reason)), () => ['', 'x = database.query(1)']).gaps.at(0);
  assert.equal((await gapOf('unknown'))?.gapClass, 'unknown.offcpu');
  assert.equal((await gapOf('io.net'))?.gapClass, 'io.net');
  const held = await gapOf('rt.gil');
  assert.deepEqual([held?.gapClass, held?.role, held?.holder?.lane], ['rt.gil', 'victim', 1]);
});
