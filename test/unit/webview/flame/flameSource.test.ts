import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlameQuery, RunSummary } from '../../../../src/shared/api';
import type { FlameView } from '../../../../src/shared/views';
import { type FlameAnswer, FlameSource, type FlameWish } from '../../../../webview/flame/flameSource';
import { viewOf } from './sampleView';

const summary = { runId: 'r', durationNs: 1e9, lanes: [{}, {}] } as unknown as RunSummary;
const wish: FlameWish = {
  summary,
  order: 'leftHeavy',
  lane: -1,
  ownCodeOnly: false,
  range: null,
  viewport: null,
  widthDevicePx: 1000,
};
const view = viewOf([[0, 0, 1e9, 0, -1]]);

/** A source whose questions are answered by hand. */
function handled(): {
  source: FlameSource;
  asked: FlameQuery[];
  answer: (view?: FlameView) => Promise<void>;
  pictures: FlameAnswer[];
  failures: unknown[];
  fail: () => Promise<void>;
} {
  const asked: FlameQuery[] = [];
  const waiting: { resolve: (view: FlameView) => void; reject: (error: Error) => void }[] = [];
  const pictures: FlameAnswer[] = [];
  const failures: unknown[] = [];
  const source = new FlameSource(
    query => {
      asked.push(query);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    picture => pictures.push(picture),
    error => failures.push(error),
  );
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    source,
    asked,
    pictures,
    failures,
    answer: async (answered = view) => {
      waiting.shift()?.resolve(answered);
      await settled();
    },
    fail: async () => {
      waiting.shift()?.reject(new Error('no'));
      await settled();
    },
  };
}

test('asks for the whole axis first, a quarter of a device pixel fine, and then is content', async () => {
  const { source, asked, answer, pictures } = handled();
  source.want(wish);
  source.want(wish);
  assert.equal(asked.length, 1);
  assert.deepEqual(
    [asked[0]?.windowStartNs, asked[0]?.windowEndNs, asked[0]?.minWidthNs],
    [0, 2e9, 1e9 / 4000],
  );
  await answer();
  source.want(wish);
  assert.equal(asked.length, 1);
  assert.equal(pictures[0]?.isWhole, true);
});

test('asks for the part in view with a screen at both sides, and not again for a small move', async () => {
  const { source, asked, answer, pictures } = handled();
  source.want(wish);
  await answer();
  source.want({ ...wish, viewport: { startNs: 4e8, endNs: 5e8 } });
  assert.deepEqual(
    [asked[1]?.windowStartNs, asked[1]?.windowEndNs, asked[1]?.minWidthNs],
    [3e8, 6e8, 1e8 / 4000],
  );
  await answer();
  assert.equal(pictures[1]?.isWhole, false);
  source.want({ ...wish, viewport: { startNs: 4.5e8, endNs: 5.5e8 } });
  assert.equal(asked.length, 2);
  source.want({ ...wish, viewport: { startNs: 5.5e8, endNs: 6.5e8 } });
  assert.equal(asked.length, 3);
});

test('a selected range is a layout of its own, as fine as the range is short', async () => {
  const { source, asked, answer } = handled();
  source.want(wish);
  await answer();
  source.want({ ...wish, range: { startNs: 2e8, endNs: 3e8 } });
  assert.deepEqual(
    [asked[1]?.rangeStartNs, asked[1]?.rangeEndNs, asked[1]?.minWidthNs],
    [2e8, 3e8, 1e8 / 4000],
  );
});

test('drops the answer to a question that was overtaken', async () => {
  const { source, asked, answer, pictures } = handled();
  source.want(wish);
  source.want({ ...wish, lane: 1 });
  await answer();
  assert.equal(pictures.length, 0);
  assert.equal(asked[1]?.lane, 1);
  await answer();
  assert.equal(pictures.length, 1);
});

test('reports a failure once and does not ask for ever', async () => {
  const { source, asked, failures, fail } = handled();
  source.want(wish);
  await fail();
  assert.equal(failures.length, 1);
  assert.equal(asked.length, 1);
});

test('a viewport beyond the axis asks no endless questions', async () => {
  const { source, asked, answer } = handled();
  source.want({ ...wish, viewport: { startNs: 9e8, endNs: 5e9 } });
  for (let turn = 0; turn < 5; turn++) await answer();
  assert.ok(asked.length <= 2, `${asked.length} questions`);
});
