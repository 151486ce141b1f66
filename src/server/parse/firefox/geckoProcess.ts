/**
 * Reads a Firefox profile's JSON into columns, whatever the order of its keys. Nothing is resolved here: tables may
 * follow the samples that refer to them, and strings shared by all threads stand at the very end.
 */

import { GrowingInt32 } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import type { ByteStrings } from '../bytes/byteStrings';
import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import { GeckoTable, readStrings, type TableLayout, tableLayout } from './geckoTable';

const layouts: Readonly<Record<string, TableLayout>> = {
  samples: tableLayout({
    indexes: ['stack'],
    numbers: ['time', 'timeDeltas', 'weight', 'threadCPUDelta'],
    texts: ['weightType'],
  }),
  // Unprocessed files had `time` before they had phases.
  markers: tableLayout({ indexes: ['name'], numbers: ['startTime', 'endTime', 'time'] }),
  stackTable: tableLayout({ indexes: ['frame', 'prefix', 'prefixOffset'] }),
  frameTable: tableLayout({ indexes: ['func', 'line', 'location', 'category'] }),
  funcTable: tableLayout({ indexes: ['name', 'fileName', 'source', 'lineNumber', 'resource'] }),
  resourceTable: tableLayout({ indexes: ['name'] }),
  sources: tableLayout({ indexes: ['filename'] }),
};

/** The tables of a thread, or those that all threads of a file share (some from version 56 on, all from 60 on). */
export class GeckoTables {
  readonly tables = new Map<string, GeckoTable>();
  /** String table: index → id in the file's `ByteStrings`, -1 for what is no string. */
  strings: Int32Array = new Int32Array(0);
}

/** A thread as it stands in the file. */
export interface GeckoThread {
  name: string;
  processName: string;
  pid: string;
  tid: string;
  isMain: boolean | undefined;
  readonly own: GeckoTables;
}

/** A process: the file itself, or one nested in it. */
export class GeckoProcess {
  /** `meta` as it stands in the file. */
  meta: Readonly<Record<string, unknown>> = {};
  readonly threads: GeckoThread[] = [];
  readonly shared = new GeckoTables();
}

const processKeys = new JsonKeys(['meta', 'threads', 'processes', 'shared', 'sources']);
const sharedKeys = new JsonKeys(['stringArray', ...Object.keys(layouts)]);
const threadKeys = new JsonKeys([
  'name',
  'processName',
  'pid',
  'tid',
  'isMainThread',
  'stringArray',
  'stringTable',
  ...Object.keys(layouts),
]);
/** Processes within processes: Firefox writes one level. */
const maxNesting = 8;
/** More threads than anyone looks at; each costs some kilobytes, and a file may ask for one with thirty bytes. */
export const maxGeckoThreads = 10_000;
const maxMetaBytes = 16 * 1024 * 1024;

/** Reads one file into its processes. */
export class GeckoFileReader {
  readonly processes: GeckoProcess[] = [];
  /** Threads and processes beyond the most that are kept. */
  refusedCount = 0;
  private threadCount = 0;

  constructor(
    private readonly reader: JsonReader,
    private readonly strings: ByteStrings,
    private readonly slicer: Slicer,
  ) {}

  /** Reads the object at hand as a process. Throws `JsonDamaged`; what was read until then is in `processes`. */
  async readProcess(nesting = 0): Promise<void> {
    const { reader } = this;
    const read = new GeckoProcess();
    this.processes.push(read);
    reader.beginObject();
    for (let key = reader.nextKey(processKeys); key !== JsonReader.end; key = reader.nextKey(processKeys)) {
      const name = processKeys.names[key];
      if (name === 'meta') read.meta = objectOf(reader.value(maxMetaBytes));
      else if (name === 'threads') await this.readThreads(read);
      else if (name === 'processes') await this.readNested(nesting + 1);
      else if (name === 'shared') await this.readShared(read.shared);
      else if (name === 'sources') await this.readTable(read.shared, name);
      else reader.skip();
    }
  }

  private async readNested(nesting: number): Promise<void> {
    if (!this.reader.isArray() || nesting > maxNesting) {
      this.reader.skip();
      return;
    }
    this.reader.beginArray();
    while (this.reader.nextElement()) {
      if (this.isWanted(this.processes.length)) await this.readProcess(nesting);
      else this.reader.skip();
    }
  }

  private async readThreads(read: GeckoProcess): Promise<void> {
    if (!this.reader.isArray()) {
      this.reader.skip();
      return;
    }
    this.reader.beginArray();
    while (this.reader.nextElement()) {
      if (this.isWanted(this.threadCount)) await this.readThread(read.threads);
      else this.reader.skip();
    }
  }

  /** Whether the value at hand can be read as one more thread or process. */
  private isWanted(count: number): boolean {
    if (!this.reader.isObject()) return false;
    if (count < maxGeckoThreads) return true;
    this.refusedCount++;
    return false;
  }

  private async readShared(shared: GeckoTables): Promise<void> {
    const { reader } = this;
    if (!reader.isObject()) {
      reader.skip();
      return;
    }
    reader.beginObject();
    for (let key = reader.nextKey(sharedKeys); key !== JsonReader.end; key = reader.nextKey(sharedKeys)) {
      await this.readTable(shared, sharedKeys.names[key]);
    }
  }

  private async readThread(threads: GeckoThread[]): Promise<void> {
    const { reader } = this;
    const thread: GeckoThread = newThread();
    threads.push(thread);
    reader.beginObject();
    for (let key = reader.nextKey(threadKeys); key !== JsonReader.end; key = reader.nextKey(threadKeys)) {
      const name = threadKeys.names[key];
      if (name === 'name' || name === 'processName') thread[name] = reader.string();
      else if (name === 'pid' || name === 'tid') thread[name] = idText(reader);
      else if (name === 'isMainThread') thread.isMain = reader.boolean();
      else await this.readTable(thread.own, name);
    }
    // Firefox lists threads that it never looked at; nothing else is kept of them.
    if ((thread.own.tables.get('samples')?.index('stack').length ?? 0) === 0) threads.pop();
    else this.threadCount++;
  }

  private async readTable(tables: GeckoTables, name: string | undefined): Promise<void> {
    if (name === 'stringArray' || name === 'stringTable') {
      const ids = new GrowingInt32();
      try {
        await readStrings(this.reader, this.strings, ids, this.slicer);
      } finally {
        tables.strings = ids.toArray();
      }
      return;
    }
    const layout = name === undefined ? undefined : layouts[name];
    if (name === undefined || layout === undefined) {
      this.reader.skip();
      return;
    }
    const table = new GeckoTable(layout);
    tables.tables.set(name, table);
    await table.read(this.reader, this.slicer);
  }
}

function newThread(): GeckoThread {
  return { name: '', processName: '', pid: '', tid: '', isMain: undefined, own: new GeckoTables() };
}

/** Ids are numbers in old files and strings in new ones. */
function idText(reader: JsonReader): string {
  if (reader.isString()) return reader.string();
  const id = reader.number();
  return Number.isNaN(id) ? '' : String(id);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
