import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carryColumn, utf16Column } from '../../../../src/server/analyze/columns';

test('columns count UTF-8 bytes in Python and UTF-16 units in the editor', () => {
  const line = 'naïve = "日本" + "😀" + x';
  const column = line.indexOf('x');
  const bytes = new TextEncoder().encode(line.slice(0, column)).length;
  assert.equal(bytes, column + 1 + 4 + 2);
  assert.equal(utf16Column(line, bytes), column);
  assert.equal(utf16Column(line, 0), 0);
  assert.equal(utf16Column(line, 10_000), line.length);
});

test('columns follow their character through new indentation', () => {
  assert.equal(carryColumn('    x = f(y)', '\tx=f( y )', 8), 3);
  assert.equal(carryColumn('    x = f(y)', '\tx=f( y )', 12), 9);
  assert.equal(carryColumn('same', 'same', 2), 2);
});
