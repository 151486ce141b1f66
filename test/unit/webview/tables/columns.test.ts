import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionsView } from '../../../../src/shared/views';
import {
  type ColumnFacts,
  columnsFor,
  nextSort,
  rowsInOrder,
  shareText,
} from '../../../../webview/tables/columns';
import { sampleView } from '../flame/sampleView';

const view: FunctionsView = {
  kind: 'functions',
  metrics: { wallNs: 1000, cpuNs: -1, mainBusyShare: -1, gcPauseCount: 0, gcPauseNs: 0 },
  unit: 'nanoseconds',
  scaleNs: 1000,
  functions: sampleView.functions,
  totalNs: Float64Array.of(900, 400, 200, 300),
  selfNs: Float64Array.of(300, 200, 200, 5),
  waitNs: Float64Array.of(0, 0, 0, 0),
  cpuNs: Float64Array.of(0, 0, 0, 0),
  sampleCount: Int32Array.of(9, 4, 2, 3),
  shareError: Float64Array.of(0, 0, 0, 0),
  callCount: Float64Array.of(Number.NaN, 7, 1, Number.NaN),
};

test('a run has the columns that it can fill', () => {
  const ids = (changes: Partial<ColumnFacts>): string[] => {
    const sampled = { hasCpu: false, hasCalls: false, hasStacks: true, isSampled: true };
    return columnsFor({ ...sampled, unit: 'nanoseconds', ...changes }).map(column => column.id);
  };
  assert.deepEqual(ids({ hasCpu: true }), ['self', 'total', 'cpu', 'wait', 'samples']);
  const counted = { hasCalls: true, hasStacks: false, isSampled: false };
  assert.deepEqual(ids(counted), ['self', 'total', 'calls']);
  assert.deepEqual(ids({ unit: 'count' }), ['self', 'total'], 'the totals are the samples');
  assert.deepEqual(ids({ unit: 'bytes', isSampled: false }), ['self', 'total']);
});

test('rows are sorted, ties keep their order, unknown numbers come last', () => {
  assert.deepEqual([...rowsInOrder(view, { column: 'self', isDescending: true }, null)], [0, 1, 2, 3]);
  assert.deepEqual([...rowsInOrder(view, { column: 'total', isDescending: false }, null)], [2, 3, 1, 0]);
  assert.deepEqual([...rowsInOrder(view, { column: 'calls', isDescending: true }, null)], [1, 2, 0, 3]);
  assert.deepEqual([...rowsInOrder(view, { column: 'function', isDescending: true }, null)], [3, 2, 1, 0]);
});

test('a filter leaves only the rows that match', () => {
  const rows = rowsInOrder(view, { column: 'self', isDescending: true }, Uint8Array.of(0, 1, 0, 1));
  assert.deepEqual([...rows], [1, 3]);
});

test('a header sorts numbers falling and names rising first, and turns round when clicked again', () => {
  assert.deepEqual(nextSort({ column: 'self', isDescending: true }, 'total'), {
    column: 'total',
    isDescending: true,
  });
  assert.deepEqual(nextSort({ column: 'self', isDescending: true }, 'self'), {
    column: 'self',
    isDescending: false,
  });
  assert.deepEqual(nextSort({ column: 'self', isDescending: true }, 'function'), {
    column: 'function',
    isDescending: false,
  });
});

test('a share is that of the scale, and nothing for nothing', () => {
  assert.equal(shareText(900, view), '90%');
  assert.equal(shareText(0, view), '');
});
