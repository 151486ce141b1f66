import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { GeckoTable, tableLayout } from '../../../../../src/server/parse/firefox/geckoTable';
import { JsonDamaged } from '../../../../../src/server/parse/json/jsonDamaged';
import { JsonReader } from '../../../../../src/server/parse/json/jsonReader';
import { Slicer } from '../../../../../src/server/slicer';

const layout = tableLayout({ indexes: ['stack', 'frame'], numbers: ['time', 'weight'] });

/** A table of this text; what stands behind its damage, if it has one, is not there. */
async function tableOf(text: string): Promise<GeckoTable> {
  const table = new GeckoTable(layout);
  const reader = new JsonReader(new MemorySource('table', new TextEncoder().encode(text)));
  await table.read(reader, new Slicer()).catch((error: unknown) => {
    if (!(error instanceof JsonDamaged)) throw error;
  });
  return table;
}

const lengths = fc.constantFrom(0, 1, 3, 1023, 1024, 1025, 2048, 2500);
const index = fc.option(fc.nat(1_000_000), { nil: null });
const number = fc.option(
  fc.nat(1_000_000).map(value => value / 8),
  { nil: null },
);

/** A column as long as `length`, of a few values that repeat. */
const column = (value: typeof index) =>
  fc
    .tuple(lengths, fc.array(value, { minLength: 1, maxLength: 9 }))
    .map(([length, few]) => Array.from({ length }, (_, at) => few[at % few.length] ?? null));

test('columns of any lengths are read as they stand, whatever the one before had', async () => {
  const tables = fc.record({
    stack: column(index),
    time: column(number),
    frame: column(index),
    weight: column(number),
  });
  await fc.assert(
    fc.asyncProperty(tables, async written => {
      const table = await tableOf(JSON.stringify(written));
      for (const name of ['stack', 'frame'] as const) {
        assert.deepEqual(
          [...table.index(name)],
          written[name].map(value => value ?? -1),
        );
      }
      for (const name of ['time', 'weight'] as const) {
        assert.deepEqual(
          [...table.number(name)],
          written[name].map(value => value ?? Number.NaN),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('of a column that breaks off all whole batches are there', async () => {
  const rows = Array.from({ length: 3000 }, (_, at) => at);
  const text = JSON.stringify({ stack: rows, time: rows });
  const table = await tableOf(text.slice(0, text.lastIndexOf('2990')));
  assert.equal(table.index('stack').length, 3000);
  assert.deepEqual([...table.number('time')], rows.slice(0, 2048));
});
