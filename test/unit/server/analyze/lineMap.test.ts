import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineMap } from '../../../../src/server/analyze/lineMap';

const program = [
  'import time',
  '',
  'def work(x):',
  '    y = x + 1',
  '    time.sleep(y)',
  '    return y',
  '',
  'work(2)',
];

function mapped(recorded: readonly string[], present: readonly string[]) {
  const map = lineMap(recorded.join('\n'), present.join('\n'));
  return recorded.map((_, index) => {
    const place = map.toPresent(index + 1);
    return place === undefined ? 'gone' : `${place.line}${place.isStale ? ' stale' : ''}`;
  });
}

test('lines below an insertion move with their text', () => {
  const present = ['# new', ...program];
  assert.deepEqual(mapped(program, present), ['2', '3', '4', '5', '6', '7', '8', '9']);
});

test('an edited line keeps its place and goes stale, alone', () => {
  const present = program.map(line => line.replace('sleep(y)', 'sleep(y * 2)'));
  assert.deepEqual(mapped(program, present), ['1', '2', '3', '4', '5 stale', '6', '7', '8']);
});

test('a deleted line is gone and its neighbours are not stale', () => {
  const present = program.filter((_, index) => index !== 3);
  assert.deepEqual(mapped(program, present), ['1', '2', '3', 'gone', '4', '5', '6', '7']);
});

test('Enter in the middle of a line leaves its number at its beginning', () => {
  const present = program.flatMap(line => (line.includes('sleep') ? ['    time.', '    sleep(y)'] : [line]));
  assert.deepEqual(mapped(program, present).slice(3, 6), ['4', '5', '7']);
});

test('an edited line is found beside a new one', () => {
  const present = program.flatMap(line =>
    line.includes('sleep') ? ['    log(y)', '    time.sleep(y, 1)'] : [line],
  );
  assert.equal(mapped(program, present)[4], '6 stale');
});

test('white space, quotes and line ends do not count as edits', () => {
  const recorded = ['a = "x"', 'if a:', '    b()'];
  const map = lineMap(recorded.join('\r\n'), "a='x'\nif a:\n\tb()\n");
  for (const line of [1, 2, 3])
    assert.deepEqual(map.toPresent(line), { line, isStale: false, isSameText: true });
});

test('a call that a formatter wrapped is followed character by character', () => {
  const recorded = ['x = call(first, second)', 'y = 1'];
  const present = ['x = call(', '    first,', '    second,', ')', 'y = 1'];
  assert.deepEqual(mapped(recorded, present), ['1', '5']);
  assert.deepEqual(mapped(present, recorded), ['1', '1', '1', '1', '2']);
});

test('taking a bracket away within a line is an edit', () => {
  assert.deepEqual(mapped(['x = (a + b) * c'], ['x = a + b * c']), ['1 stale']);
});

test('a swapped block: one of the two moves exactly, nothing is mapped onto the wrong text', () => {
  const recorded = ['def a():', '    one()', 'def b():', '    two()'];
  const present = ['def b():', '    two()', 'def a():', '    one()'];
  const map = lineMap(recorded.join('\n'), present.join('\n'));
  recorded.forEach((text, index) => {
    const place = map.toPresent(index + 1);
    if (place && !place.isStale) assert.equal(present[place.line - 1], text);
  });
});

test('present lines lead back to recorded ones, new lines nowhere', () => {
  const map = lineMap(program.join('\n'), ['# new', ...program].join('\n'));
  assert.equal(map.toRecorded(1), undefined);
  assert.equal(map.toRecorded(6), 5);
});

const line = fc.constantFrom(
  'a = 1',
  'b = f(a)',
  '    return b',
  '',
  'for x in y:',
  '    time.sleep(1)',
  'pass',
);
const text = fc.array(line, { maxLength: 30 });

test('whatever was typed, undoing it makes the map exact', () => {
  fc.assert(
    fc.property(text, lines => {
      assert.deepEqual(
        mapped(lines, lines),
        lines.map((_, index) => `${index + 1}`),
      );
    }),
  );
});

test('for any two texts: order is kept, unstale lines have their own text, nothing points outside', () => {
  fc.assert(
    fc.property(text, text, (recorded, present) => {
      const map = lineMap(recorded.join('\n'), present.join('\n'));
      const lineCount = present.join('\n').split('\n').length;
      let before = 0;
      recorded.forEach((content, index) => {
        const place = map.toPresent(index + 1);
        if (place === undefined) return;
        assert.ok(place.line >= before && place.line >= 1 && place.line <= lineCount);
        before = place.line;
        const now = (present[place.line - 1] ?? '').replace(/\s/g, '');
        if (place.isSameText) assert.equal(now, content.replace(/\s/g, ''));
      });
    }),
    { numRuns: 1000 },
  );
});

test('any single edit leaves all other distinct lines exact', () => {
  const recorded = Array.from({ length: 40 }, (_, index) => `line_${index} = call_${index}()`);
  fc.assert(
    fc.property(fc.nat(39), fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 }), (at, inserted) => {
      const clean = inserted.map(content => `~${content.replace(/[\r\n]/g, ' ')}`);
      const present = [...recorded.slice(0, at), ...clean, ...recorded.slice(at + 1)];
      const places = mapped(recorded, present);
      places.forEach((place, index) => {
        if (index !== at) assert.equal(place, String(index < at ? index + 1 : index + clean.length));
      });
    }),
  );
});

test('a file of 5,000 lines maps within a keystroke', () => {
  const recorded = Array.from({ length: 5000 }, (_, index) => `    value_${index % 700} = f(${index % 13})`);
  const present = recorded.flatMap((content, index) => {
    if (index % 50 === 0) return [content, '    inserted()'];
    return index % 77 === 0 ? [content.replace('f(', 'g(')] : [content];
  });
  const times = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    lineMap(recorded.join('\n'), present.join('\n'));
    return performance.now() - startMs;
  });
  // A timing never fails the suite; a quadratic blow-up (seconds) must.
  assert.ok(Math.min(...times) < 500, `${Math.min(...times).toFixed(1)} ms`);
});
