import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProfileStore } from '../../../src/server/profileStore';
import { Slicer } from '../../../src/server/slicer';
import { PyrolensError } from '../../../src/shared/failures';
import { type RunFixture, runFixture } from '../../helpers/runFixture';

async function opened(maxBytes: number, ids: readonly string[]) {
  const fixtures: RunFixture[] = ids.map(id => runFixture({ manifest: { id } }));
  const store = new ProfileStore({ maxBytes, roots: () => ({ workspaceFolders: [], mappings: [] }) });
  for (const fixture of fixtures) await store.open(fixture.runPath, new Slicer());
  const done = () => {
    for (const fixture of fixtures) fixture.remove();
  };
  return { store, done };
}

test('the run used longest ago makes room and is read again when it is asked for', async () => {
  const { store, done } = await opened(2_100_000, ['a', 'b', 'c']);
  assert.equal(store.loadedCount, 2);
  assert.equal((await store.get('a')).run.id, 'a');
  assert.equal(store.loadedCount, 2);
  done();
});

test('two requests for an evicted run read it once', async () => {
  const { store, done } = await opened(1_100_000, ['a', 'b']);
  const [first, second] = await Promise.all([store.get('a'), store.get('a')]);
  assert.equal(first, second);
  done();
});

test('a closed run is unknown', async () => {
  const { store, done } = await opened(1e9, ['a']);
  store.close('a');
  await assert.rejects(store.get('a'), PyrolensError);
  done();
});
