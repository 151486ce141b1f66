import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedCalls } from '../../../../../src/server/analyze/systems/countedCalls';
import { areManySmall } from '../../../../../src/server/analyze/systems/remedies';
import { functionKinds, type Profile } from '../../../../../src/shared/profile';
import { textProfile } from '../../../../helpers/textProfile';

const call = (name: string) => `${name}[file:<built-in>]`;

/** `pour` writes for 40 ms and reads for 10, `other` writes for as long as is said; each name was called so often. */
async function counted(otherMs: number, counts: Readonly<Record<string, number>>) {
  const profile = await textProfile(`
    time 40                   10                  ${otherMs}
         pour                 pour                other
         ${call('posix.write')} ${call('posix.read')} ${call('posix.write')}
  `);
  const callCounts = Float64Array.from(
    profile.functions.name,
    name => counts[profile.strings[name] ?? ''] ?? 1,
  );
  return { profile, calls: countedCalls({ ...profile, callCounts }, node => ownFrame(profile, node)) };
}

function ownFrame({ nodes, frames, functions }: Profile, node: number): number {
  const frame = nodes.frame[node] ?? -1;
  const isNative = functions.kind[frames.func[frame] ?? -1] === functionKinds.indexOf('native');
  return isNative ? (nodes.frame[nodes.parent[node] ?? -1] ?? -1) : frame;
}

test('many small calls that hand over data are told with their number, at the function that makes them', async () => {
  const { profile, calls } = await counted(1, { 'posix.write': 4_000, 'posix.read': 4_000 });
  const [write, ...others] = calls;
  assert.deepEqual(others, []);
  assert.deepEqual([write?.name, write?.callCount, write?.totalNs], ['posix.write', 4_000, 41e6]);
  const func = profile.frames.func[write?.frame ?? -1] ?? -1;
  assert.equal(profile.strings[profile.functions.name[func] ?? -1], 'pour');
  assert.ok(write && areManySmall(write));
});

test('few calls, or long ones, are not too many', async () => {
  const [few] = (await counted(1, { 'posix.write': 90 })).calls;
  assert.ok(few && !areManySmall(few));
  const [many] = (await counted(1, { 'posix.write': 2_000 })).calls;
  assert.ok(many && areManySmall(many) && !areManySmall({ ...many, totalNs: 900e6 }));
});

test('a count of several places’ calls is not told of one of them, nor one that is unknown', async () => {
  assert.deepEqual((await counted(30, { 'posix.write': 4_000 })).calls, []);
  assert.deepEqual((await counted(1, { 'posix.write': Number.NaN })).calls, []);
});
