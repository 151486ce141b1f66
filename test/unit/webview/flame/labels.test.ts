import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticksFor } from '../../../../webview/canvas/ticks';
import { trimToWidth } from '../../../../webview/canvas/trimText';
import { layoutLabel } from '../../../../webview/flame/labels';

const perCharacter = (text: string): number => [...text].length * 10;
const font = { measure: perCharacter, spacing: { paddingPx: 5, gapPx: 10, minSourcePx: 60 } };
const texts = { name: 'score', place: 'tokens.py:41', numbers: '31% · 1 s', source: 'd = distance(t)' };
const shownAt = (widthPx: number): string[] => layoutLabel(texts, widthPx, font).map(part => part.text);

test('a wide box shows everything, the numbers at its right edge', () => {
  const placed = layoutLabel(texts, 600, font);
  assert.deepEqual(
    placed.map(part => part.part),
    ['name', 'numbers', 'place', 'source'],
  );
  assert.equal(placed[1]?.xPx, 600 - 5 - 90);
});

test('parts leave in the order source, place, numbers; only the name is cut', () => {
  assert.deepEqual(shownAt(320), ['score', '31% · 1 s', 'tokens.py:41']);
  assert.deepEqual(shownAt(200), ['score', '31% · 1 s']);
  assert.deepEqual(shownAt(100), ['score']);
  assert.deepEqual(shownAt(45), ['sc…']);
  assert.deepEqual(shownAt(35), []);
});

test('no part overlaps another at any width', () => {
  for (let widthPx = 10; widthPx < 700; widthPx++) {
    const placed = [...layoutLabel(texts, widthPx, font)].sort((a, b) => a.xPx - b.xPx);
    placed.forEach((part, at) => {
      const endPx = part.xPx + perCharacter(part.text);
      assert.ok(endPx <= (placed[at + 1]?.xPx ?? widthPx), `at ${widthPx} px`);
    });
  }
});

test('a cut text fits, ends with an ellipsis and never splits a character', () => {
  assert.equal(trimToWidth('distance', 50, perCharacter), 'dist…');
  assert.equal(trimToWidth('distance', 80, perCharacter), 'distance');
  assert.equal(trimToWidth('ab cd', 40, perCharacter), 'ab…');
  const family = '👩‍👩‍👧';
  const byUnit = (text: string): number => text.length;
  assert.equal(trimToWidth(`a${family}${family}xy`, family.length + 4, byUnit), `a${family}…`);
  assert.equal(trimToWidth('é́abc', 4, byUnit), 'é́a…');
});

test('ruler marks are round, in the range, and written in one unit', () => {
  const texts = ticksFor(0, 6.2e9, 9, 'nanoseconds').map(tick => tick.text);
  assert.deepEqual(texts, ['0 s', '1 s', '2 s', '3 s', '4 s', '5 s', '6 s']);
  assert.deepEqual(
    ticksFor(4.21e9, 4.26e9, 5, 'nanoseconds').map(tick => tick.text),
    ['4.21 s', '4.22 s', '4.23 s', '4.24 s', '4.25 s', '4.26 s'],
  );
  assert.deepEqual(
    ticksFor(0, 900, 2, 'nanoseconds').map(tick => tick.text),
    ['0 ns', '500 ns'],
  );
});

test('ruler marks of bytes are round in their unit, and marks of counts are whole', () => {
  assert.deepEqual(
    ticksFor(0, 1_673_134, 9, 'bytes').map(tick => tick.text),
    ['0.0 MB', '0.2 MB', '0.4 MB', '0.6 MB', '0.8 MB', '1.0 MB', '1.2 MB', '1.4 MB'],
  );
  assert.deepEqual(
    ticksFor(0, 1_023, 3, 'count').map(tick => tick.text),
    ['0', '500', '1,000'],
  );
  assert.deepEqual(
    ticksFor(10, 12, 9, 'count').map(tick => tick.text),
    ['10', '11', '12'],
  );
});
