import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  between,
  fitRange,
  isWhole,
  minSpanNs,
  panBy,
  positionOf,
  scrollTo,
  scrollToShow,
  wholeOf,
  zoomAt,
} from '../../../../webview/canvas/viewport';

const totalNs = 1e9;
const whole = wholeOf(totalNs);

test('zooming keeps the place under the pointer where it is', () => {
  const zoomed = zoomAt(whole, 0.25, { anchor: 0.4, totalNs });
  assert.equal(zoomed.endNs - zoomed.startNs, totalNs / 4);
  assert.equal(positionOf(zoomed, 0.4 * totalNs), 0.4);
});

test('zooming out stops at the whole, zooming in at a microsecond', () => {
  const near = zoomAt(whole, 1e-12, { anchor: 0.5, totalNs });
  assert.ok(Math.abs(near.endNs - near.startNs - minSpanNs) < 1e-3);
  assert.ok(isWhole(zoomAt(near, 1e12, { anchor: 0.9, totalNs }), totalNs));
});

test('an axis of few counts is shown whole, and can be zoomed as deep as a long one', () => {
  assert.deepEqual(wholeOf(426), { startNs: 0, endNs: 426, scrollTopPx: 0 });
  const near = zoomAt(wholeOf(426), 1e-12, { anchor: 0, totalNs: 426 });
  assert.ok(near.endNs < 1 && near.endNs > 0);
  assert.ok(isWhole(zoomAt(near, 1e12, { anchor: 0.5, totalNs: 426 }), 426));
});

test('panning stops at both ends and keeps the width', () => {
  const middle = fitRange(whole, { startNs: 4e8, endNs: 5e8 }, totalNs);
  assert.deepEqual(panBy(middle, -1e12, totalNs), { startNs: 0, endNs: 1e8, scrollTopPx: 0 });
  assert.deepEqual(panBy(middle, 1e12, totalNs), { startNs: 9e8, endNs: 1e9, scrollTopPx: 0 });
});

test('no sequence of moves leaves the axis', () => {
  const move = fc.record({
    factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
    anchor: fc.double({ min: 0, max: 1, noNaN: true }),
    deltaNs: fc.double({ min: -2e9, max: 2e9, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), moves => {
      let viewport = whole;
      for (const { factor, anchor, deltaNs } of moves) {
        viewport = panBy(zoomAt(viewport, factor, { anchor, totalNs }), deltaNs, totalNs);
        assert.ok(viewport.startNs >= -1e-6 && viewport.endNs <= totalNs + 1e-6);
        assert.ok(viewport.endNs - viewport.startNs >= minSpanNs * 0.999);
      }
    }),
  );
});

test('a range narrower than the limit is centred', () => {
  const fitted = fitRange(whole, { startNs: 5000, endNs: 5010 }, totalNs);
  assert.deepEqual([fitted.startNs, fitted.endNs], [4505, 5505]);
});

test('scrolling is held to the content, and a visible row does not scroll', () => {
  assert.equal(scrollTo(whole, 9999, { contentPx: 500, viewPx: 200 }).scrollTopPx, 300);
  assert.equal(scrollTo(whole, -5, { contentPx: 500, viewPx: 200 }).scrollTopPx, 0);
  assert.equal(scrollToShow({ topPx: 100, heightPx: 22 }, 50, 200), 50);
  assert.equal(scrollToShow({ topPx: 10, heightPx: 22 }, 50, 200), 0);
  assert.equal(scrollToShow({ topPx: 400, heightPx: 22 }, 50, 200), 244);
});

test('an animation starts and ends exactly where it should', () => {
  const to = { startNs: 10, endNs: 20_000, scrollTopPx: 44 };
  assert.deepEqual(between(whole, to, 0), whole);
  assert.deepEqual(between(whole, to, 1), to);
});
