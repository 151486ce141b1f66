/** What the kernel said of a program's waits, as it reaches the views and the editor. */
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Hover } from 'vscode-languageserver';
import { waitReasonIndex } from '../../src/shared/profile';
import type { GapsView } from '../../src/shared/views';
import { ChunkWriter } from '../helpers/chunkWriter';
import { LspClient } from '../helpers/lspClient';
import { type RunFixture, runFixture } from '../helpers/runFixture';

/** Three lines that read alike. */
const program = `def move(stream, data):
    stream.write(data)
    stream.write(data)
    stream.write(data)


move(None, b"")
`;
const tickNs = 10_000_000;
const [tcp, pipe, file] = [2, 1, 5];

/** A second at each of the three lines, waiting: for a peer that takes nothing, a full pipe and a disk. */
function recording(script: string): Uint8Array {
  const writer = new ChunkWriter().meta({ monotonicNs: 0 });
  const lane = writer.lane('MainThread', { identity: 1 });
  writer.file(script, Number(statSync(script, { bigint: true }).mtimeNs), statSync(script).size);
  const func = writer.func('move', script, 1);
  const root = writer.stack(-1, writer.location(writer.func('<module>', script, 1), 7));
  const things = [
    {
      reason: 'io.net',
      resource: writer.resource(tcp, '10.0.0.5:443'),
      queued: 4_194_304,
      unsent: 4_000_000,
    },
    { reason: 'ipc.pipe.write', resource: writer.resource(pipe, '', 65_536), queued: 65_536 },
    { reason: 'io.disk', resource: writer.resource(file, '/data/out.bin') },
  ] as const;
  for (const [index, { reason, ...amounts }] of things.entries()) {
    const stack = writer.stack(root, writer.location(func, index + 2));
    const wait = { lane, stack, reason: waitReasonIndex(reason), direction: 2, asked: 16 << 20, ...amounts };
    for (let tick = 1; tick <= 100; tick++) {
      writer.tick(tickNs, [{ lane, stack, cpuNs: 0 }]);
      if (tick % 20 === 0) writer.kernelWait({ ...wait, atNs: (index * 100 + tick) * tickNs });
    }
  }
  return writer
    .data(0)
    .end({ monotonicNs: 300 * tickNs })
    .build().bytes;
}

describe('three lines that read alike and wait for different things', () => {
  let client: LspClient;
  let run: RunFixture;

  before(async () => {
    client = await LspClient.start();
    run = runFixture();
    writeFileSync(run.script, program);
    writeFileSync(join(dirname(run.runPath), 'samples-42-1.chunks'), recording(run.script));
    await client.openRecorded(run, program);
  });
  after(async () => {
    assert.equal(await client.stop(), 0);
    run.remove();
  });

  test('are told apart as network, pipe and disk, with what was seen there and what helps', async () => {
    const { groups } = await client.view<GapsView>(run.runId, { kind: 'gaps' });
    const byLine = [...groups].sort((a, b) => (a.victim?.line ?? 0) - (b.victim?.line ?? 0));
    assert.deepEqual(
      byLine.map(({ classId, title, victim }) => [victim?.line, classId, title]),
      [
        [2, 'io.net', 'Send queue full'],
        [3, 'ipc.pipe.write', 'Pipe full'],
        [4, 'io.disk', 'File access'],
      ],
    );
    const [net, full, disk] = byLine.map(({ system }) => system?.facts.join(' ') ?? '');
    assert.match(
      net ?? '',
      /^Sending to 10\.0\.0\.5:443 took 1\.00 s; for 1\.00 s .* full at 5 of 5 looks: 4\.00 MB/,
    );
    assert.match(full ?? '', /^Writing to a pipe took 1\.00 s.* full at 5 of 5 looks: 64 KB in it/);
    assert.match(disk ?? '', /^Writing the file \/data\/out\.bin took 1\.00 s/);
    assert.deepEqual(
      byLine.map(({ fix, system }) => fix === system?.fixes[0]),
      [true, true, true],
    );
    assert.deepEqual(byLine[0]?.system?.queue?.bytes, new Array(5).fill(4_194_304));
    assert.equal(byLine[2]?.system?.queue, null);
  });

  test('say so when they are hovered, and in the report', async () => {
    const hover = await client.standard<Hover>('textDocument/hover', {
      textDocument: { uri: run.uri },
      position: { line: 1, character: 0 },
    });
    const { value } = hover.contents as { value: string };
    assert.match(value, /Send queue full/);
    assert.match(value, /full at 5 of 5 looks/);
    assert.equal(value.split('Make the receiver read faster').length, 2);
    const { text } = await client.request('textReport', { path: run.runPath });
    assert.match(text, /Calls that waited for the system\n +1\.00 s {2}app\.py:\d {2}stream\.write\(data\)/);
  });
});
