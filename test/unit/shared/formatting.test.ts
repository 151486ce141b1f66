import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCount, formatDuration, formatRange, formatShare } from '../../../src/shared/formatting';

test('times have three digits and their natural unit, rounded before the unit is chosen', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 s'],
    [412e6, '412 ms'],
    [62e6, '62 ms'],
    [62.4e6, '62.4 ms'],
    [1.84e9, '1.84 s'],
    [999.99e6, '1.00 s'],
    [59.96e9, '1 m 00 s'],
    [125e9, '2 m 05 s'],
    [11_220e9, '3 h 07 m'],
    [1500, '1.50 µs'],
    [-62e6, '-62 ms'],
    [Number.NaN, '?'],
  ];
  for (const [durationNs, text] of cases) assert.equal(formatDuration(durationNs), text);
});

test('shares have no decimals from 10 % on, one below, and none under one per cent', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0%'],
    [0.004, '<1%'],
    [0.042, '4.2%'],
    [0.05, '5%'],
    [0.0996, '10%'],
    [0.314, '31%'],
    [1, '100%'],
    [Number.NaN, '?'],
  ];
  for (const [share, text] of cases) assert.equal(formatShare(share), text);
});

test('counts are grouped by commas', () => {
  assert.equal(formatCount(1_234_567), '1,234,567');
  assert.equal(formatCount(999), '999');
});

test('a stretch of time is written in the unit of its end, fine enough to tell its ends apart', () => {
  assert.equal(formatRange(1.2e9, 1.84e9), '1.20–1.84 s');
  assert.equal(formatRange(0, 12.4e9), '0–12 s');
  assert.equal(formatRange(4.2512e9, 4.2519e9), '4.25120–4.25190 s');
  assert.equal(formatRange(0, 62e6), '0–62 ms');
});
