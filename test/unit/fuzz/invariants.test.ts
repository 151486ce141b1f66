import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../../../src/shared/profile';
import { brokenInvariants } from '../../fuzz/invariants';
import { ChunkWriter } from '../../helpers/chunkWriter';
import { parseBytes } from '../../helpers/parsing';

async function soundProfile(): Promise<Profile> {
  const writer = new ChunkWriter().meta();
  const main = writer.location(writer.func('main', '/a.py', 1), 3);
  const work = writer.location(writer.func('work', '/a.py', 6), 7);
  const root = writer.stack(-1, main);
  const leaf = writer.stack(root, work);
  const [first, second] = [writer.lane('MainThread'), writer.lane('Thread-1')];
  for (let tick = 0; tick < 3; tick++) {
    writer.tick(1000, [
      { lane: first, stack: leaf, cpuNs: 10 },
      { lane: second, stack: root, cpuNs: 10 },
    ]);
  }
  const { profile } = await parseBytes(writer.data(1000).end({ monotonicNs: 9000 }).build().bytes);
  return profile;
}

function broken(profile: Profile): string[] {
  return brokenInvariants({ profile, problems: [] });
}

test('a profile as the parser makes it breaks nothing', async () => {
  const profile = await soundProfile();
  assert.equal(profile.samples.length, 6);
  assert.deepEqual(broken(profile), []);
});

const faults: Record<string, (profile: Profile) => Profile> = {
  'the node of a sample is out of range': profile => {
    profile.samples.node[0] = 99;
    return profile;
  },
  'the weight of a sample is negative or not finite': profile => {
    profile.samples.weightNs[1] = -1;
    return profile;
  },
  'the time of a sample is not finite': profile => {
    profile.samples.endNs[2] = Number.NaN;
    return profile;
  },
  'the samples of a lane are not in the order of time': profile => {
    profile.samples.endNs[0] = 1e12;
    return profile;
  },
  'a column of the samples is not as long as its table': profile => ({
    ...profile,
    samples: { ...profile.samples, state: new Uint8Array(1) },
  }),
  'the samples of all lanes are not all samples': profile => ({
    ...profile,
    lanes: profile.lanes.slice(0, 1),
  }),
  'a node does not stand below its parent': profile => {
    profile.nodes.parent[1] = -1;
    return profile;
  },
  'the depth of a node is wrong': profile => {
    profile.nodes.depth[1] = 0;
    return profile;
  },
  'a subtree ends outside its parent': profile => {
    profile.nodes.subtreeEnd[1] = 50;
    return profile;
  },
  'the function of a frame is out of range': profile => {
    profile.frames.func[0] = -1;
    return profile;
  },
  'the line of a frame is out of range': profile => {
    profile.frames.line[0] = -5;
    return profile;
  },
  'the name of a function is out of range': profile => ({ ...profile, strings: [] }),
  'a lane ends before it starts': profile => ({
    ...profile,
    lanes: profile.lanes.map(lane => ({ ...lane, endNs: lane.startNs - 1 })),
  }),
  'the call counts is not as long as its table': profile => ({ ...profile, callCounts: new Float64Array(1) }),
};

for (const [sentence, damage] of Object.entries(faults)) {
  test(`it is noticed when ${sentence}`, async () => {
    assert.ok(broken(damage(await soundProfile())).includes(sentence));
  });
}

test('a problem without a place is noticed', async () => {
  const problems = [{ message: 'x', part: 'x', offset: Number.NaN }];
  assert.deepEqual(brokenInvariants({ profile: await soundProfile(), problems }), ['a problem has no place']);
});
