import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { mostReady, readyBins } from '../../../../src/server/analyze/readyQueue';
import { loadRun } from '../../../../src/server/runFolder';
import { Slicer } from '../../../../src/server/slicer';
import { textProfile } from '../../../helpers/textProfile';

const folder = resolve('test/fixtures/gaps/many_callbacks');
const loaded = () => loadRun(folder, { slicer: new Slicer(), ownRoots: ['/tmp/gap-programs'] });

test('of a loop that measured itself, the queue is longest where its rounds were', async () => {
  const { profile } = await loaded();
  const { rounds } = profile.loops ?? assert.fail('the recording has no loop');
  const longest = Math.max(...rounds.readyCount);
  assert.ok(longest > 1 && mostReady(profile) >= longest);
  const at = rounds.readyCount.indexOf(longest);
  const startNs = rounds.startNs[at] ?? 0;
  const inRound = { startNs, endNs: startNs + (rounds.durationNs[at] ?? 0) };
  assert.ok(readyBins(profile, inRound, 4).every(count => count >= longest));
});

test('from afar the seconds tell, and no bin says more than they do', async () => {
  const { profile } = await loaded();
  const bins = readyBins(profile, { startNs: 0, endNs: profile.info.durationNs }, 2);
  assert.equal(Math.max(...bins), mostReady(profile));
});

test('without such a loop nothing is known', async () => {
  const profile = await textProfile(`
    lane MainThread
    main main`);
  assert.equal(mostReady(profile), 0);
  assert.equal(readyBins(profile, { startNs: 0, endNs: 2e6 }, 4).length, 0);
});
