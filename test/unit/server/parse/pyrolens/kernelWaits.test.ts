/** What the kernel said of waits, in a stream of chunks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitReasonIndex } from '../../../../../src/shared/profile';
import { parseStream, plainStream } from '../../../../helpers/plainStream';

const [net, disk] = [waitReasonIndex('io.net'), waitReasonIndex('io.disk')];

test('what the kernel said of a wait has its lane, its stack, its resource and what is known of its bytes', async () => {
  const { writer, main, inner } = plainStream();
  const resource = writer.resource(2, '10.0.0.5:443');
  const pipe = writer.resource(1, '', 65_536);
  writer.tick(10, [{ lane: main, stack: inner, cpuNs: 0 }]);
  writer.kernelWait({
    lane: main,
    atNs: 1012,
    stack: inner,
    reason: net,
    direction: 2,
    resource,
    asked: 9,
    queued: 8,
  });
  writer.kernelWait({
    lane: main,
    atNs: 1014,
    stack: inner,
    reason: net,
    direction: 1,
    resource: pipe,
    readable: 0,
  });
  writer.kernelWait({ lane: 7, atNs: 1014, stack: inner, reason: net });
  const { profile, problems } = await parseStream(writer.data(1000).end().build().bytes);
  assert.deepEqual(problems, []);
  const { kernelWaits: waits } = profile;
  assert.ok(waits);
  const unknown = Number.NaN;
  assert.deepEqual(waits.resources, [
    { kind: 'tcp', name: '10.0.0.5:443', capacityBytes: unknown },
    { kind: 'pipe', name: '', capacityBytes: 65_536 },
  ]);
  assert.deepEqual([...waits.lane, ...waits.atNs, ...waits.resource], [0, 0, 12, 14, 0, 1]);
  assert.deepEqual([...waits.node], [profile.samples.node[0], profile.samples.node[0]]);
  assert.deepEqual([...waits.askedBytes, ...waits.queuedBytes], [9, unknown, 8, unknown]);
  assert.deepEqual([...waits.readableBytes], [unknown, 0]);
});

/** Reasons of one thread's samples at `inner`, of which the third uses the CPU, when these were told of it there. */
async function reasonsAfter(told: readonly number[], lane = 0): Promise<number[]> {
  const { writer, main, inner } = plainStream();
  writer.lane('other');
  for (const cpuNs of [0, 0, 10]) writer.tick(10, [{ lane: main, stack: inner, cpuNs }]);
  for (const reason of told) writer.kernelWait({ lane, atNs: 1020, stack: inner, reason });
  const { profile } = await parseStream(writer.data(1000).end().build().bytes);
  return [...profile.samples.reason];
}

test('samples that wait where the kernel nearly always said the same have that reason, before it was asked too', async () => {
  assert.deepEqual(await reasonsAfter([net]), [net, net, 0]);
  assert.deepEqual(await reasonsAfter([...new Array(9).fill(net), disk]), [net, net, 0]);
});

test('where it said now this, now that, nothing is taken for granted; of another thread at the same stack it counts', async () => {
  assert.deepEqual(await reasonsAfter([net, disk]), [0, 0, 0]);
  assert.deepEqual(await reasonsAfter([disk], 1), [disk, disk, 0]);
});
