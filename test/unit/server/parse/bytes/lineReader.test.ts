import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { LineReader } from '../../../../../src/server/parse/bytes/lineReader';

function linesOf(text: string, maxLineBytes = 1 << 20): { lines: string[]; cut: number; offsets: number[] } {
  const bytes = new TextEncoder().encode(text);
  const reader = new LineReader(new MemorySource('', bytes), maxLineBytes, 16);
  const found = { lines: [] as string[], cut: 0, offsets: [] as number[] };
  while (reader.next()) {
    found.lines.push(new TextDecoder().decode(reader.bytes.subarray(reader.start, reader.end)));
    found.offsets.push(reader.offset);
    if (reader.isCut) found.cut++;
  }
  return found;
}

test('every line is read, with its offset, however the window falls', () => {
  const line = fc.string({ unit: fc.constantFrom('a', ';', 'é', ' '), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.constantFrom('\n', '\r\n'), (lines, endsOpen, end) => {
      const text = lines.join(end) + (endsOpen || lines.length === 0 ? '' : end);
      const found = linesOf(text);
      const wanted = endsOpen && lines.at(-1) === '' ? lines.slice(0, -1) : lines;
      assert.deepEqual(found.lines, wanted);
      const bytes = new TextEncoder().encode(text);
      found.offsets.forEach((offset, index) => {
        const there = new TextDecoder().decode(bytes.subarray(offset));
        assert.ok(there.startsWith(wanted[index] ?? ''));
      });
    }),
  );
});

test('a line that is too long is cut, and the next one is whole', () => {
  const { lines, cut } = linesOf(`${'x'.repeat(500)}\nshort\n${'y'.repeat(90)}`, 40);
  assert.deepEqual(lines, ['x'.repeat(40), 'short', 'y'.repeat(40)]);
  assert.equal(cut, 2);
});
