import { GrowingInt32 } from '../../columns/growingColumn';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { FramePruning } from './pprofPruning';
import { ProtoReader, type WireKey } from './protobuf';

/** Ids are arbitrary 64-bit numbers; most writers count from 1. */
class IdTable {
  private readonly dense = new GrowingInt32();
  private readonly sparse = new Map<WireKey, number>();

  set(id: WireKey, index: number): void {
    if (typeof id === 'number' && id < this.dense.length * 2 + 4096) this.dense.set(id, index, -1);
    else this.sparse.set(id, index);
  }

  /** -1 when the id is not known. */
  get(id: WireKey): number {
    const index = typeof id === 'number' ? this.dense.at(id) : -1;
    return index >= 0 ? index : (this.sparse.get(id) ?? -1);
  }
}

const decoder = new TextDecoder();
const maxTextBytes = 16 * 1024;

/** How the lines of a profile are to be understood. */
export type PprofLines = 'executing' | 'definition' | 'none';

/** The strings, functions, mappings and locations of a pprof profile, in any order; ids are looked up at the end. */
export class PprofTables {
  readonly strings: string[] = [];
  private readonly functionIds = new IdTable();
  private readonly functions = {
    name: new GrowingInt32(),
    systemName: new GrowingInt32(),
    file: new GrowingInt32(),
    startLine: new GrowingInt32(),
  };
  private readonly mappingIds = new IdTable();
  private readonly mappingFiles = new GrowingInt32();
  private readonly locationIds = new IdTable();
  private readonly addresses: WireKey[] = [];
  private readonly locationMappings: WireKey[] = [];
  /** The lines of location `i` are `firstLine[i] … endLine[i] - 1`, the innermost first. */
  private readonly firstLine = new GrowingInt32();
  private readonly endLine = new GrowingInt32();
  private readonly lineFunctions: WireKey[] = [];
  private readonly lineNumbers = new GrowingInt32();
  private readonly lineColumns = new GrowingInt32();
  private readonly reader = new ProtoReader();
  private readonly lineReader = new ProtoReader();

  text(index: number): string {
    return this.strings[index] ?? '';
  }

  addString(bytes: Uint8Array): void {
    this.strings.push(decoder.decode(bytes.subarray(0, maxTextBytes)));
  }

  addFunction(bytes: Uint8Array): void {
    const reader = this.reader.reset(bytes);
    let id: WireKey = 0;
    let [name, systemName, file, startLine] = [0, 0, 0, 0];
    while (reader.next()) {
      if (reader.field === 1) id = reader.key;
      else if (reader.field === 2) name = reader.int;
      else if (reader.field === 3) systemName = reader.int;
      else if (reader.field === 4) file = reader.int;
      else if (reader.field === 5) startLine = reader.int;
    }
    this.functions.name.push(name);
    this.functions.systemName.push(systemName);
    this.functions.file.push(file);
    this.functionIds.set(id, this.functions.startLine.push(lineOf(startLine)));
  }

  addMapping(bytes: Uint8Array): void {
    const reader = this.reader.reset(bytes);
    let id: WireKey = 0;
    let file = 0;
    while (reader.next()) {
      if (reader.field === 1) id = reader.key;
      else if (reader.field === 5) file = reader.int;
    }
    this.mappingIds.set(id, this.mappingFiles.push(file));
  }

  addLocation(bytes: Uint8Array): void {
    const reader = this.reader.reset(bytes);
    let id: WireKey = 0;
    let mapping: WireKey = 0;
    let address: WireKey = 0;
    const firstLine = this.lineNumbers.length;
    while (reader.next()) {
      if (reader.field === 1) id = reader.key;
      else if (reader.field === 2) mapping = reader.key;
      else if (reader.field === 3) address = reader.key;
      else if (reader.field === 4) this.addLine(bytes, reader.start, reader.end);
    }
    this.firstLine.push(firstLine);
    this.endLine.push(this.lineNumbers.length);
    this.locationMappings.push(mapping);
    this.locationIds.set(id, this.addresses.push(address) - 1);
  }

  private addLine(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.lineReader.reset(bytes, start, end);
    let func: WireKey = 0;
    let [line, column] = [0, 0];
    while (reader.next()) {
      if (reader.field === 1) func = reader.key;
      else if (reader.field === 2) line = lineOf(reader.int);
      else if (reader.field === 3) column = lineOf(reader.int);
    }
    this.lineFunctions.push(func);
    this.lineNumbers.push(line);
    this.lineColumns.push(column);
  }

  /** What the lines mean: some agents can be told to write first lines, or none. */
  get lines(): PprofLines {
    let isAnyKnown = false;
    for (let i = 0; i < this.lineNumbers.length; i++) {
      const line = this.lineNumbers.at(i);
      if (line === 0) continue;
      isAnyKnown = true;
      const func = this.functionIds.get(this.lineFunctions[i] ?? 0);
      if (this.functions.startLine.at(func, 0) !== line) return 'executing';
    }
    return isAnyKnown ? 'definition' : 'none';
  }

  /** Resolves everything once all was read. */
  resolve(builder: ProfileBuilder, pruning: FramePruning): PprofLocations {
    const meaning = this.lines;
    const first = new GrowingInt32();
    const frames = new GrowingInt32();
    const prunes = new GrowingInt32();
    for (let location = 0; location < this.addresses.length; location++) {
      first.push(frames.length);
      const start = this.firstLine.at(location);
      const end = this.endLine.at(location);
      let prunedAt = -1;
      // Root first: the last line is the outermost caller.
      for (let line = end - 1; line >= start; line--) {
        const func = this.functionIds.get(this.lineFunctions[line] ?? 0);
        if (func < 0) continue;
        const name = this.functionName(func);
        if (prunedAt < 0 && pruning.drops(name)) prunedAt = frames.length - first.at(location);
        frames.push(this.frameOf(builder, { func, name, line, meaning }));
      }
      if (start === end) frames.push(this.addressFrame(builder, location));
      prunes.push(prunedAt);
    }
    first.push(frames.length);
    const ids = this.locationIds;
    return { indexOf: id => (id === 0 ? -1 : ids.get(id)), first, frames, prunes };
  }

  private frameOf(
    builder: ProfileBuilder,
    { func, name, line, meaning }: { func: number; name: string; line: number; meaning: PprofLines },
  ): number {
    const startLine = this.functions.startLine.at(func, 0);
    const file = this.text(this.functions.file.at(func, 0));
    const isExecuting = meaning === 'executing';
    const recorded = this.lineNumbers.at(line, 0);
    const shown = isExecuting ? recorded : 0;
    const column = isExecuting ? this.lineColumns.at(line, 0) - 1 : -1;
    return builder.frame({
      func: builder.func(name, file, startLine),
      line: shown,
      endLine: shown,
      column,
      endColumn: -1,
    });
  }

  /** Code without symbols: its address, in the file that is mapped there. */
  private addressFrame(builder: ProfileBuilder, location: number): number {
    const mapping = this.mappingIds.get(this.locationMappings[location] ?? 0);
    const file = this.text(this.mappingFiles.at(mapping, 0));
    const base = file.slice(file.lastIndexOf('/') + 1);
    const address = `0x${(this.addresses[location] ?? 0).toString(16)}`;
    const func = builder.func(base === '' ? address : `${address} (${base})`, '', 0);
    return builder.frame({ func, line: 0, endLine: 0, column: -1, endColumn: -1 });
  }

  private functionName(func: number): string {
    const name =
      this.text(this.functions.name.at(func, 0)) || this.text(this.functions.systemName.at(func, 0));
    return withoutFile(name, this.text(this.functions.file.at(func, 0))) || '<unknown>';
  }
}

/** Frames of each location, root first: those of location `i` are `first[i] … first[i + 1] - 1`. */
export interface PprofLocations {
  /** -1 for an id that no location has. */
  readonly indexOf: (id: WireKey) => number;
  readonly first: GrowingInt32;
  readonly frames: GrowingInt32;
  /** From which of its frames on a location and all that it calls is dropped, -1 never. */
  readonly prunes: GrowingInt32;
}

/** Pyroscope servers put «file», «file:line -» in front of the names that py-spy sent. */
function withoutFile(name: string, file: string): string {
  if (file === '' || !name.startsWith(file)) return name;
  return /^(?::-?\d+)?(?: -)? (.+)$/s.exec(name.slice(file.length))?.[1] ?? name;
}

function lineOf(value: number): number {
  return value > 0 && value < 0x7fffffff ? value : 0;
}
