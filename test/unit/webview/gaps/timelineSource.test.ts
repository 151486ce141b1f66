import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimelineQuery } from '../../../../src/shared/api';
import { type TimelinePicture, TimelineSource } from '../../../../webview/gaps/timelineSource';
import { timelineOf } from './sampleViews';

const wish = { totalNs: 1e9, viewport: null, widthDevicePx: 1000 };
const view = timelineOf(['thread'], [[0, 0, 1e9, 'running']]);

/** A source whose questions are answered by hand. */
function handled() {
  const asked: TimelineQuery[] = [];
  const waiting: { resolve: () => void; reject: () => void }[] = [];
  const pictures: TimelinePicture[] = [];
  const failures: unknown[] = [];
  const source = new TimelineSource(
    query => {
      asked.push(query);
      return new Promise((resolve, reject) =>
        waiting.push({ resolve: () => resolve(view), reject: () => reject(new Error('no')) }),
      );
    },
    picture => pictures.push(picture),
    error => failures.push(error),
  );
  const settle = async (how: 'resolve' | 'reject'): Promise<void> => {
    waiting.shift()?.[how]();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { source, asked, pictures, failures, settle };
}

test('asks for the whole run first, a device pixel fine, and then is content', async () => {
  const { source, asked, pictures, settle } = handled();
  source.want(wish);
  source.want(wish);
  await settle('resolve');
  source.want(wish);
  assert.deepEqual(asked, [{ kind: 'timeline', rangeStartNs: 0, rangeEndNs: 1e9, minWidthNs: 1e6 }]);
  assert.equal(pictures[0]?.isWhole, true);
});

test('asks for the part in view with a screen at both sides, and not again for a small move', async () => {
  const { source, asked, pictures, settle } = handled();
  source.want(wish);
  await settle('resolve');
  source.want({ ...wish, viewport: { startNs: 4e8, endNs: 5e8 } });
  await settle('resolve');
  assert.deepEqual(asked[1], { kind: 'timeline', rangeStartNs: 3e8, rangeEndNs: 6e8, minWidthNs: 1e5 });
  assert.equal(pictures[1]?.isWhole, false);
  source.want({ ...wish, viewport: { startNs: 4.5e8, endNs: 5.5e8 } });
  assert.equal(asked.length, 2);
});

test('a run that was read anew is asked for again, and the old answer is dropped', async () => {
  const { source, asked, pictures, settle } = handled();
  source.want(wish);
  source.reset();
  source.want({ ...wish, totalNs: 2e9 });
  await settle('resolve');
  assert.equal(pictures.length, 0);
  assert.equal(asked[1]?.rangeEndNs, 2e9);
  await settle('resolve');
  assert.equal(pictures.length, 1);
});

test('reports a failure once and does not ask for ever', async () => {
  const { source, asked, failures, settle } = handled();
  source.want(wish);
  await settle('reject');
  assert.deepEqual([failures.length, asked.length], [1, 1]);
});
