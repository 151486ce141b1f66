import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { type EventReader, TraceEvent } from '../../../../../src/server/parse/trace/traceEvent';
import { TraceJson } from '../../../../../src/server/parse/trace/traceJson';

interface Call {
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly ph: string;
  readonly cat: string;
  readonly dur: number;
  readonly name: string;
}

/** Names that begin alike, are long, or need escapes. */
const names = [
  'f',
  'A long class name of the program.one',
  'A long class name of the program.two',
  'quoted "name" in it',
  'back\\slash',
  'naïve – 名前',
  'x'.repeat(1500),
  'ends with a backslash\\',
  '',
];

const calls = fc.array(
  fc.record({
    pid: fc.constantFrom(1, 4242),
    tid: fc.integer({ min: 1, max: 12 }),
    ts: fc.nat(2_000_000_000).map(value => value / 1000),
    ph: fc.constantFrom('X', 'X', 'X', 'X', 'B'),
    cat: fc.constantFrom('fee', 'other'),
    dur: fc.oneof(
      fc.nat(5_000_000).map(value => value / 1000),
      fc.constantFrom(-1.5, 1e21, 1e-7),
    ),
    name: fc.constantFrom(...names),
  }),
  { minLength: 100, maxLength: 300 },
);

const spaced = (value: unknown) => JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ');

/** The events of an array, as the reader of traces goes through them. */
function* eventsIn(text: string) {
  const event = new TraceEvent();
  const source = new MemorySource('trace', new TextEncoder().encode(text));
  const reader: EventReader = new TraceJson(source, event.names);
  reader.beginArray();
  while (reader.nextElement()) {
    event.read(reader);
    yield event;
  }
}

test('calls that are written like those before them are read as JSON.parse reads them', () => {
  fc.assert(
    fc.property(calls, fc.boolean(), (written: Call[], isSpaced) => {
      const text = isSpaced ? spaced(written) : JSON.stringify(written);
      const read: unknown[][] = [];
      for (const { pid, tid, timeNs, durationNs, names: all, name, categories, category, phase } of eventsIn(
        text,
      )) {
        read.push([pid, tid, timeNs, durationNs, all.text(name), categories.text(category), phase]);
      }
      const truth = written.map(({ pid, tid, ts, dur, name, cat, ph }) => [
        pid,
        tid,
        Math.round(ts * 1000),
        Math.round(dur * 1000),
        name,
        cat,
        ph === 'X' ? 0 : 1,
      ]);
      assert.deepEqual(read, truth);
    }),
    { numRuns: 40 },
  );
});

test('of a call written as the one before, only its own values are read', () => {
  const call = (ts: number, name: string) => ({ pid: 1, tid: 2, ts, ph: 'X', cat: 'fee', dur: 3, name });
  const padding = { ph: 'i', name: 'x'.repeat(2000) };
  const text = spaced([call(10, 'f'), call(20, 'g'), padding]);
  const names = new TraceEvent().names;
  const reader = new TraceJson<string>(new MemorySource('trace', new TextEncoder().encode(text)), names);
  const first = spaced(call(10, 'f'));
  const at = (value: string) => 2 + first.indexOf(value);
  reader.beginArray();
  assert.ok(reader.nextElement());
  assert.equal(reader.knownCall(), undefined, 'nothing is known yet');
  reader.skip();
  reader.learn(
    2,
    [
      { what: 0, start: at('10'), end: at('10') + 2 },
      { what: 1, start: at('3,'), end: at('3,') + 1 },
      { what: 2, start: at('"f"'), end: at('"f"') + 3 },
    ],
    'like the first',
  );
  assert.ok(reader.nextElement());
  assert.equal(reader.knownCall(), 'like the first');
  assert.deepEqual([reader.timeNs, reader.durationNs, names.text(reader.name)], [20_000, 3000, 'g']);
  assert.ok(reader.nextElement());
  const before = reader.offset;
  assert.equal(reader.knownCall(), undefined, 'another event');
  assert.equal(reader.offset, before);
});
