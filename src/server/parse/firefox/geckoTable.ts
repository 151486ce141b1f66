/**
 * The column tables of Firefox Profiler's files, read in the order of the file. They come in two shapes:
 *
 *     processed    {"stack": [0, 1, null], "time": [0, 1.1, 2], "length": 3}
 *     unprocessed  {"schema": {"stack": 0, "time": 1}, "data": [[0, 0], [1, 1.1], [null, 2]]}
 *
 * Rows may stand before the schema that explains them, and may leave out what would be null at their end.
 */

import { ChunkedFloat64, ChunkedInt32 } from '../../columns/chunkedColumn';
import { GrowingFloat64, type GrowingInt32 } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import type { ByteStrings } from '../bytes/byteStrings';
import { JsonKeys } from '../json/jsonKeys';
import { indexOf } from '../json/jsonNumbers';
import { JsonReader } from '../json/jsonReader';

/** What is wanted of a table. Index columns hold -1 for null, number columns NaN. */
export interface TableLayout {
  readonly indexes: readonly string[];
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
  readonly keys: JsonKeys;
}

/** A layout; keys that it does not name are skipped. */
export function tableLayout(columns: {
  indexes?: readonly string[];
  numbers?: readonly string[];
  texts?: readonly string[];
}): TableLayout {
  const { indexes = [], numbers = [], texts = [] } = columns;
  const keys = new JsonKeys(['schema', 'data', ...indexes, ...numbers, ...texts]);
  return { indexes, numbers, texts, keys };
}

const noIndexes = new Int32Array(0);
const noNumbers = new Float64Array(0);
/** Filled and emptied without a pause between, so all readers can share it. */
const chunk = new Float64Array(1024);
const indexChunk = new Int32Array(chunk.length);
/** No schema has nearly as many columns; values behind them are skipped. */
const maxRowLength = 32;

type Column = ChunkedInt32 | ChunkedFloat64;

/** One table. What was read before the file broke off is there. */
export class GeckoTable {
  readonly texts = new Map<string, string>();
  private readonly growing = new Map<string, Column>();
  private readonly sealed = new Map<string, Int32Array | Float64Array>();
  private schema: (string | undefined)[] | undefined;
  private unexplained: GrowingFloat64[] = [];
  private unexplainedRows = 0;
  /** Of the column that was read last. */
  private rowCount = 0;

  constructor(private readonly layout: TableLayout) {}

  /** A column of indexes, empty when the table has none of that name. */
  index(name: string): Int32Array {
    const column = this.column(name);
    return column instanceof Int32Array ? column : noIndexes;
  }

  /** A column of numbers, empty when the table has none of that name. */
  number(name: string): Float64Array {
    const column = this.column(name);
    return column instanceof Float64Array ? column : noNumbers;
  }

  /** Reads the table's object; anything else is skipped. */
  async read(reader: JsonReader, slicer: Slicer): Promise<void> {
    if (!reader.isObject()) {
      reader.skip();
      return;
    }
    reader.beginObject();
    const { keys } = this.layout;
    for (let key = reader.nextKey(keys); key !== JsonReader.end; key = reader.nextKey(keys)) {
      await this.readMember(reader, keys.names[key], slicer);
    }
    this.seal();
  }

  private async readMember(reader: JsonReader, name: string | undefined, slicer: Slicer): Promise<void> {
    if (name === undefined) reader.skip();
    else if (name === 'schema') this.readSchema(reader);
    else if (name === 'data') await this.readRows(reader, slicer);
    else if (this.layout.texts.includes(name)) this.texts.set(name, reader.string());
    else await this.readColumn(reader, name, slicer);
  }

  /** Columns are as long as those before them, mostly: such a one is read to where it stays. */
  private async readColumn(reader: JsonReader, name: string, slicer: Slicer): Promise<void> {
    const isFirst = !this.growing.has(name) && !this.sealed.has(name);
    if (this.rowCount === 0 || !isFirst || !reader.isArray()) {
      this.rowCount = await readColumn(reader, this.grow(name), slicer);
    } else if (await this.readSized(reader, name, slicer)) {
      const column = this.unseal(name);
      pushValue(column, reader.number());
      this.rowCount = await readMore(reader, column, slicer);
    }
  }

  /** Reads as many elements as the column before had; true when another one comes. What was read before a damage is there. */
  private async readSized(reader: JsonReader, name: string, slicer: Slicer): Promise<boolean> {
    const { rowCount } = this;
    const made = this.layout.indexes.includes(name) ? new Int32Array(rowCount) : new Float64Array(rowCount);
    let count = 0;
    reader.beginArray();
    try {
      while (count < rowCount) {
        const asked = Math.min(chunk.length, rowCount - count);
        const read = readInto(reader, made.subarray(count, count + asked));
        count += read;
        if (read < asked) return false;
        await slicer.pauseIfDue(reader.share * 0.9);
      }
    } finally {
      this.sealed.set(name, count === rowCount ? made : made.slice(0, count));
    }
    return reader.nextElement();
  }

  private unseal(name: string): Column {
    const values = this.column(name);
    this.sealed.delete(name);
    const column = this.grow(name);
    for (const value of values ?? []) pushValue(column, value);
    return column;
  }

  private grow(name: string): Column {
    const known = this.growing.get(name);
    if (known) return known;
    const made = this.layout.indexes.includes(name) ? new ChunkedInt32() : new ChunkedFloat64();
    this.growing.set(name, made);
    return made;
  }

  private readSchema(reader: JsonReader): void {
    if (!reader.isObject()) {
      reader.skip();
      return;
    }
    const schema: (string | undefined)[] = [];
    const wanted = [...this.layout.indexes, ...this.layout.numbers];
    reader.beginObject();
    for (let name = reader.nextKeyText(); name !== undefined; name = reader.nextKeyText()) {
      const position = reader.number();
      if (position >= 0 && position < maxRowLength && wanted.includes(name)) schema[position] = name;
    }
    this.schema = schema;
  }

  /** Rows, unless this is a processed table's column of payloads, which has no arrays in it. */
  private async readRows(reader: JsonReader, slicer: Slicer): Promise<void> {
    if (!reader.isArray()) {
      reader.skip();
      return;
    }
    const sinks = this.schema?.map(name => (name === undefined ? undefined : this.grow(name)));
    reader.beginArray();
    let count = 0;
    while (reader.nextElement()) {
      if (!reader.isArray()) reader.skip();
      else if (sinks) readRow(reader, sinks);
      else this.readUnexplained(reader, this.unexplainedRows++);
      if (++count % 1024 === 0) await slicer.pauseIfDue(reader.share * 0.9);
    }
  }

  private readUnexplained(reader: JsonReader, row: number): void {
    let position = 0;
    reader.beginArray();
    while (reader.nextElement()) {
      const value = position < maxRowLength && isScalar(reader) ? reader.number() : skipped(reader);
      if (position < maxRowLength && !Number.isNaN(value)) {
        this.unexplained[position] ??= new GrowingFloat64();
        this.unexplained[position]?.set(row, value, Number.NaN);
      }
      position++;
    }
  }

  private seal(): void {
    this.schema?.forEach((name, position) => {
      const values = this.unexplained[position];
      if (name === undefined || this.unexplainedRows === 0) return;
      const column = this.grow(name);
      for (let row = 0; row < this.unexplainedRows; row++) {
        pushValue(column, values?.at(row, Number.NaN) ?? Number.NaN);
      }
    });
    this.unexplained = [];
    this.unexplainedRows = 0;
    for (const name of [...this.growing.keys()]) this.column(name);
  }

  /** The trimmed column: tables of many small threads would else take more memory than the file. */
  private column(name: string): Int32Array | Float64Array | undefined {
    const known = this.sealed.get(name);
    const column = this.growing.get(name);
    if (known || column === undefined) return known;
    const trimmed = column.take();
    this.sealed.set(name, trimmed);
    this.growing.delete(name);
    return trimmed;
  }
}

/** Reads a table of strings into ids of `strings`; what is no string gets -1. */
export async function readStrings(
  reader: JsonReader,
  strings: ByteStrings,
  into: GrowingInt32,
  slicer: Slicer,
): Promise<void> {
  if (!reader.isArray()) {
    reader.skip();
    return;
  }
  reader.beginArray();
  while (reader.nextElement()) {
    into.push(reader.stringId(strings));
    if (into.length % 1024 === 0) await slicer.pauseIfDue(reader.share * 0.9);
  }
}

/** Answers how many values the column has then. */
async function readColumn(reader: JsonReader, column: Column, slicer: Slicer): Promise<number> {
  if (!reader.isArray()) {
    reader.skip();
    return column.length;
  }
  reader.beginArray();
  return readMore(reader, column, slicer);
}

async function readMore(reader: JsonReader, column: Column, slicer: Slicer): Promise<number> {
  while (readBatch(reader, column)) await slicer.pauseIfDue(reader.share * 0.9);
  return column.length;
}

/** Reads up to as many elements as there is room for; fewer at the end of the array. */
function readInto(reader: JsonReader, target: Int32Array | Float64Array): number {
  return target instanceof Float64Array ? reader.numbers(target) : reader.indexes(target);
}

function readBatch(reader: JsonReader, column: Column): boolean {
  if (column instanceof ChunkedInt32) {
    const count = reader.indexes(indexChunk);
    column.pushAll(indexChunk, count);
    return count === indexChunk.length;
  }
  const count = reader.numbers(chunk);
  column.pushAll(chunk, count);
  return count === chunk.length;
}

function readRow(reader: JsonReader, sinks: readonly (Column | undefined)[]): void {
  let position = 0;
  reader.beginArray();
  while (reader.nextElement()) {
    const sink = sinks[position++];
    if (sink === undefined) reader.skip();
    else pushValue(sink, reader.number());
  }
  for (; position < sinks.length; position++) {
    const sink = sinks[position];
    if (sink) pushValue(sink, Number.NaN);
  }
}

function pushValue(column: Column, value: number): void {
  if (column instanceof ChunkedInt32) column.push(indexOf(value));
  else column.push(value);
}

function isScalar(reader: JsonReader): boolean {
  return !reader.isArray() && !reader.isObject();
}

function skipped(reader: JsonReader): number {
  reader.skip();
  return Number.NaN;
}
