import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HotCall } from '../../../../../src/server/analyze/systems/hotCall';
import { hotCalls } from '../../../../../src/server/analyze/systems/hotCalls';
import { isNothingThere, isQueueFull, remediesOf } from '../../../../../src/server/analyze/systems/remedies';
import { textProfile } from '../../../../helpers/textProfile';
import { type DrawnWait, file, peer, pipe, withWaits } from './drawnWaits';

/** 60 ms at line 7, 50 of them waiting, between other work. */
const sending = `
time  10           10           10           40           10
cpu   10           10           0            0            10
state run          run          wait         wait         run
      main[line:3] main[line:3] main[line:3] main[line:3] main[line:3]
      -            send[line:7] send[line:7] send[line:7] -
`;
const sendNode = 1;

async function callsOf(waits: readonly DrawnWait[]): Promise<HotCall[]> {
  const profile = withWaits(await textProfile(sending), waits);
  return hotCalls(profile, node => profile.nodes.frame[node] ?? -1);
}

const full = (at: number, unsent = 900_000): DrawnWait => ({
  node: sendNode,
  at,
  direction: 'write',
  resource: peer,
  asked: 8 << 20,
  queued: 1_000_000 + at,
  unsent,
  readable: 0,
});

test('a call’s time, the part in which the kernel made it wait, its peer, its payload and its queue', async () => {
  const [call, ...others] = await callsOf([full(40), full(20), full(30)]);
  assert.deepEqual(others, []);
  assert.deepEqual([call?.totalNs, call?.waitedNs, call?.cpuNs], [60e6, 50e6, 10e6]);
  assert.deepEqual([call?.direction, call?.kind, call?.names], ['write', 'tcp', ['10.0.0.5:443']]);
  assert.deepEqual([call?.lookCount, call?.fullCount, call?.askedBytes], [3, 3, 8 << 20]);
  assert.deepEqual(call?.queue, {
    atNs: [20e6, 30e6, 40e6],
    bytes: [1_000_020, 1_000_030, 1_000_040],
    medianBytes: 1_000_030,
    maxBytes: 1_000_040,
    unsentBytes: 900_000,
  });
});

test('a full queue of which most is not sent is the receiver’s doing, of which most is under way the network’s', async () => {
  const [receiver] = await callsOf([full(20), full(30), full(40)]);
  const [network] = await callsOf([full(20, 0), full(30, 0), full(40, 0)]);
  assert.equal(receiver && remediesOf(receiver)[0], 'receiver');
  assert.equal(network && remediesOf(network)[0], 'network');
});

test('two looks, or a queue that was empty at one of four, say nothing', async () => {
  assert.deepEqual(await callsOf([full(20), full(30)]), []);
  const [call] = await callsOf([full(20), full(30), full(40), { ...full(45), queued: 0 }]);
  assert.ok(call && !isQueueFull(call));
  assert.ok(!remediesOf(call).includes('receiver'));
});

test('a pipe is full when its pages are in use, though not all of them to their end', async () => {
  const at = (queued: number): DrawnWait => ({
    node: sendNode,
    direction: 'write',
    resource: pipe,
    asked: 200,
    queued,
  });
  const [filled] = await callsOf([at(65_536), at(59_776), at(49_152)]);
  assert.ok(filled && isQueueFull(filled));
  assert.deepEqual(remediesOf(filled), ['pipeReader', 'small']);
  const [half] = await callsOf([at(30_000), at(30_000), at(30_000)]);
  assert.ok(half && !isQueueFull(half));
});

test('who reads and finds nothing waits for the other side; who has something to read does not', async () => {
  const at = (readable: number): DrawnWait => ({
    node: sendNode,
    direction: 'read',
    resource: peer,
    readable,
  });
  const [empty] = await callsOf([at(0), at(0), at(0)]);
  assert.ok(empty && isNothingThere(empty));
  assert.deepEqual(remediesOf(empty), ['peer']);
  const [ready] = await callsOf([at(0), at(5), at(5)]);
  assert.deepEqual(ready && remediesOf(ready), []);
});

test('a file waits for the disk, and large pieces that cost the CPU are copies', async () => {
  const at: DrawnWait = { node: sendNode, direction: 'write', resource: file, asked: 4 << 20 };
  const [call] = await callsOf([at, at, at]);
  assert.deepEqual(call && remediesOf(call), ['disk']);
  const copying = { ...(call as HotCall), cpuNs: 20e6 };
  assert.deepEqual(remediesOf(copying), ['disk', 'copies']);
});

test('waits that move no data, and profiles without any, have no calls', async () => {
  assert.deepEqual(await callsOf([{ node: 1 }, { node: 1 }, { node: 1 }]), []);
  const profile = await textProfile(sending);
  assert.deepEqual(
    hotCalls(profile, () => 0),
    [],
  );
});
