/** What a damaged or unknown chunk does to the rest of a stream: nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32 } from '../../../../../src/shared/crc32';
import type { Profile } from '../../../../../src/shared/profile';
import { parseStream, plainStream, scriptPath } from '../../../../helpers/plainStream';

test('an unknown kind of chunk is skipped without a word', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .chunk(77, new Uint8Array([1, 2, 3]))
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { profile, problems } = await parseStream(writer.build().bytes);
  assert.equal(profile.samples.length, 1);
  assert.deepEqual(problems, []);
});

test('an absurd length is damage, not an allocation', async () => {
  const { writer, main, outer } = plainStream();
  writer
    .tick(10, [{ lane: main, stack: outer }])
    .data(1000)
    .end();
  const { bytes, offsets } = writer.build();
  new DataView(bytes.buffer).setUint32(offsets[2] ?? 0, 0xfffffff0, true);
  const { profile, problems } = await parseStream(bytes);
  assert.equal(profile.samples.length, 1);
  assert.equal(problems[0]?.offset, offsets[2]);
});

test('no mutation of a stream makes the reader throw, nor the profile inconsistent', async () => {
  const { writer, main, outer, inner } = plainStream();
  const worker = writer.lane('worker');
  for (let tick = 0; tick < 20; tick++) {
    writer.tick(10, [
      { lane: main, stack: tick % 2 ? inner : outer, cpuNs: tick },
      { lane: worker, stack: -1, isSuspended: tick > 10 },
    ]);
  }
  writer
    .gc({ startNs: 1005, durationNs: 3, generation: 1, lane: main })
    .file(scriptPath, 1, 2)
    .data(1000)
    .end();
  const { bytes, offsets } = writer.build();
  const edit = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) });
  const cut = fc.option(fc.nat(bytes.length));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 6 }), cut, fc.boolean(), async (edits, length, isSealed) => {
      const mutated = bytes.slice();
      for (const { at, value } of edits) mutated[at] = value;
      if (isSealed) seal(mutated, offsets);
      const { profile } = await parseStream(mutated.subarray(0, length ?? mutated.length));
      checkConsistent(profile);
    }),
    { numRuns: 1500 },
  );
});

/** Makes the checksums right again, so that the damage reaches the records. */
function seal(bytes: Uint8Array, offsets: readonly number[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const offset of offsets) {
    const length = view.getUint32(offset, true);
    if (offset + 12 + length > bytes.length) continue;
    view.setUint32(offset + 8, crc32(bytes.subarray(offset + 12, offset + 12 + length)), true);
  }
}

function checkConsistent({ nodes, frames, functions, samples, lanes }: Profile): void {
  nodes.frame.forEach((frame, node) => {
    assert.ok(frame >= 0 && frame < frames.length);
    assert.ok((nodes.parent[node] ?? 0) < node);
  });
  for (const func of frames.func) assert.ok(func >= 0 && func < functions.length);
  for (const node of samples.node) assert.ok(node >= -1 && node < nodes.length);
  assert.equal(
    lanes.reduce((sum, lane) => sum + lane.sampleCount, 0),
    samples.length,
  );
  for (const weight of samples.weightNs) assert.ok(weight >= 0);
}
