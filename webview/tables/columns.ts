import type { RunSummary } from '../../src/shared/api';
import { formatCount, formatShare, formatValue } from '../../src/shared/formatting';
import type { PanelStringKey } from '../../src/shared/panelMessages';
import { functionKinds } from '../../src/shared/profile';
import { selfRank } from '../../src/shared/ranking';
import type { FunctionsView } from '../../src/shared/views';

export type ColumnId = 'function' | 'self' | 'total' | 'cpu' | 'wait' | 'calls' | 'samples';

export interface SortOrder {
  readonly column: ColumnId;
  readonly isDescending: boolean;
}

/** One column of the top-functions table. */
export interface Column {
  readonly id: ColumnId;
  readonly title: PanelStringKey;
  readonly widthPx: number;
  /** The number behind a cell, for sorting; the function column sorts by text. */
  valueOf(view: FunctionsView, row: number): number;
  textOf(value: number, view: FunctionsView): string;
  /** Share of the scale, for the columns that show one beside the time. */
  readonly hasShare: boolean;
}

const amount = (value: number, { unit }: FunctionsView): string =>
  value > 0 ? formatValue(value, unit) : '–';
const count = (value: number): string => (Number.isNaN(value) ? '–' : formatCount(value));

const allColumns: readonly Column[] = [
  {
    id: 'self',
    title: 'selfColumn',
    widthPx: 98,
    valueOf: (view, row) => view.selfNs[row] ?? 0,
    textOf: amount,
    hasShare: true,
  },
  {
    id: 'total',
    title: 'totalColumn',
    widthPx: 98,
    valueOf: (view, row) => view.totalNs[row] ?? 0,
    textOf: amount,
    hasShare: true,
  },
  {
    id: 'cpu',
    title: 'cpuColumn',
    widthPx: 64,
    valueOf: (view, row) => view.cpuNs[row] ?? 0,
    textOf: amount,
    hasShare: false,
  },
  {
    id: 'wait',
    title: 'waitColumn',
    widthPx: 68,
    valueOf: (view, row) => view.waitNs[row] ?? 0,
    textOf: amount,
    hasShare: false,
  },
  {
    id: 'calls',
    title: 'callsColumn',
    widthPx: 76,
    valueOf: (view, row) => view.callCount[row] ?? Number.NaN,
    textOf: count,
    hasShare: false,
  },
  {
    id: 'samples',
    title: 'samplesColumn',
    widthPx: 68,
    valueOf: (view, row) => view.sampleCount[row] ?? 0,
    textOf: count,
    hasShare: false,
  },
];

/** What decides which columns a run can fill. */
export type ColumnFacts = Pick<RunSummary, 'hasCpu' | 'hasCalls' | 'hasStacks' | 'isSampled' | 'unit'>;

/** The columns that this kind of run can fill: no waiting without time, no samples beside the same count of samples. */
export function columnsFor(run: ColumnFacts): Column[] {
  const isTime = run.unit === 'nanoseconds';
  const isFilled: Readonly<Record<ColumnId, boolean>> = {
    ...{ function: true, self: true, total: true },
    cpu: run.hasCpu,
    wait: run.hasStacks && isTime,
    calls: run.hasCalls,
    samples: run.isSampled && isTime,
  };
  return allColumns.filter(column => isFilled[column.id]);
}

/** `31%` of the scale, for a cell with a share. */
export function shareText(value: number, view: FunctionsView): string {
  return value > 0 ? formatShare(value / view.scaleNs) : '';
}

/** Row numbers in display order: filtered, sorted, ties by self time as the server ordered them. */
export function rowsInOrder(view: FunctionsView, order: SortOrder, matches: Uint8Array | null): Int32Array {
  const { functions } = view;
  const rows: number[] = [];
  for (let row = 0; row < functions.length; row++) if (!matches || matches[row] === 1) rows.push(row);
  const direction = order.isDescending ? -1 : 1;
  if (order.column === 'function') {
    const nameOf = (row: number): string => functions.names[row] ?? '';
    rows.sort((a, b) => direction * nameOf(a).localeCompare(nameOf(b)) || a - b);
  } else {
    const keys = sortKeys(view, order.column);
    rows.sort((a, b) => direction * ((keys[a] ?? 0) - (keys[b] ?? 0)) || a - b);
  }
  return Int32Array.from(rows);
}

function sortKeys(view: FunctionsView, id: ColumnId): Float64Array {
  const own = functionKinds.indexOf('own');
  const column = allColumns.find(candidate => candidate.id === id);
  return Float64Array.from({ length: view.functions.length }, (_, row) => {
    const value = sortable(column?.valueOf(view, row));
    if (id !== 'self') return value;
    return selfRank(view.functions.kind[row] === own, value, view.waitNs[row] ?? 0);
  });
}

function sortable(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? -1 : value;
}

/** What a click on a header means: numbers fall first, names rise first, a second click turns round. */
export function nextSort(order: SortOrder, column: ColumnId): SortOrder {
  if (order.column === column) return { column, isDescending: !order.isDescending };
  return { column, isDescending: column !== 'function' };
}
