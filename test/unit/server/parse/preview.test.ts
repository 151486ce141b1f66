import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseParts } from '../../../../src/server/parse';
import { MemorySource } from '../../../../src/server/parse/bytes/byteSource';
import { Preview } from '../../../../src/server/parse/preview';
import { Slicer } from '../../../../src/server/slicer';
import type { Profile } from '../../../../src/shared/profile';
import { ChunkWriter } from '../../../helpers/chunkWriter';

/** Pauses wherever it may. */
class EagerSlicer extends Slicer {
  override isDue(): boolean {
    return true;
  }
}

test('a file is shown while it is still being read, each picture with all that came before', async () => {
  const writer = new ChunkWriter(42).meta({ monotonicNs: 1000 });
  const main = writer.lane('MainThread', { identity: 1 });
  const stack = writer.stack(-1, writer.location(writer.func('work', '/work/app.py', 1), 2));
  for (let chunk = 0; chunk < 300; chunk++) {
    writer.tick(10, [{ lane: main, stack }]);
    writer.data(1000 + chunk * 10);
  }
  const parts: { profile: Profile; share: number }[] = [];
  const slicer = new EagerSlicer();
  const preview = new Preview(async (profile, share) => void parts.push({ profile, share }), slicer, 0);
  const { profile } = await parseParts([new MemorySource('', writer.build().bytes)], {
    origins: { ownRoots: [] },
    slicer,
    sidecar: () => undefined,
    preview,
  });
  assert.ok(parts.length >= 1);
  for (const part of parts) {
    const { length } = part.profile.samples;
    assert.ok(length > 0 && length <= profile.samples.length);
    assert.deepEqual(part.profile.samples.endNs, profile.samples.endNs.subarray(0, length));
    assert.ok(part.share > 0 && part.share < 1);
  }
  const lengths = parts.map(part => part.profile.samples.length);
  assert.deepEqual(
    lengths,
    [...lengths].sort((a, b) => a - b),
  );
  assert.equal(profile.samples.length, 300);
});
