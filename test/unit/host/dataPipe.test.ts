import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { DataPipe, FrameReader } from '../../../src/host/dataPipe';

function frame(id: number, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(id, 0);
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

describe('frames', () => {
  it('are put together however the socket cuts them', () => {
    const slab = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(slab, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 11 })),
        (slabs, cuts) => {
          const seen: [number, number[]][] = [];
          const reader = new FrameReader((id, bytes) => seen.push([id, [...new Uint8Array(bytes)]]));
          let rest: Uint8Array = Buffer.concat(slabs.map((bytes, id) => frame(id, bytes)));
          for (const cut of [...cuts, rest.length]) {
            reader.push(rest.subarray(0, cut));
            rest = rest.subarray(cut);
          }
          reader.push(rest);
          assert.deepEqual(
            seen,
            slabs.map((bytes, id) => [id, [...bytes]]),
          );
        },
      ),
    );
  });
});

describe('the data pipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-pipe-'));
  const path = join(folder, 'pipe');
  let peer: Socket | undefined;
  const server = createServer(socket => {
    peer = socket;
  });
  after(() => {
    peer?.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('hands out slabs whether they arrive before or after they are asked for, and fails when the server goes', async () => {
    await new Promise<void>(resolve => server.listen(path, resolve));
    const pipe = await DataPipe.connect(path);
    const second = pipe.take(2);
    peer?.write(Buffer.concat([frame(1, Buffer.from('one')), frame(2, Buffer.from('two'))]));
    assert.equal(Buffer.from(await second).toString(), 'two');
    const first = await pipe.take(1);
    assert.equal(first.byteLength, 3, 'the buffer holds the slab and nothing else');
    const never = pipe.take(3);
    peer?.destroy();
    await assert.rejects(never, { code: 'serverDown' });
    assert.equal(pipe.isClosed, true);
    await assert.rejects(DataPipe.connect(join(folder, 'nothing')), { code: 'serverDown' });
  });
});
