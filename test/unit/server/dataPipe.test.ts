import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DataPipe } from '../../../src/server/dataPipe';
import { Slicer } from '../../../src/server/slicer';
import { until } from '../../helpers/until';

/** Far more than any socket holds by itself. */
const slab = new Uint8Array(4e6);

async function connected(context: TestContext): Promise<{ pipe: DataPipe; client: Socket }> {
  const pipe = await DataPipe.open();
  const client = connect(pipe.path);
  context.after(() => {
    client.destroy();
    pipe.close();
  });
  await once(client, 'connect');
  // The pipe knows its client when the first slab arrives there.
  pipe.send(new Uint8Array(1));
  await once(client, 'readable');
  client.read();
  return { pipe, client };
}

test('reading a file goes on when the slab before has left', async context => {
  const { pipe, client } = await connected(context);
  let received = 0;
  client.on('data', bytes => {
    received += bytes.length;
  });
  pipe.send(slab);
  await new Slicer({ inPause: () => pipe.sent() }).pause(0.5);
  assert.ok(received > slab.length / 2, `only ${received} bytes have arrived`);
  await until('the whole slab', () => received >= slab.length);
});

test('a client that does not read holds nothing up', async context => {
  const { pipe } = await connected(context);
  pipe.send(slab);
  await pipe.sent();
});
