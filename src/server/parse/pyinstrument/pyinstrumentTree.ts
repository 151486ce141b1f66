/**
 * The tree of pyinstrument's `-r json`: nested frames with their total times and the line of their definition. A
 * `[self]` child is its parent's own time, an `[await]` child the time its parent waited.
 */
import { sampleState } from '../../../shared/profile';
import { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import type { ProfileBuilder } from '../model/profileBuilder';

const keys = new JsonKeys(['function', 'file_path', 'line_no', 'time', 'children']);
const selfTime = '[self]';
const awaitTime = '[await]';

/** Frames as they stand in the file, parents before children. Keys come in any order, so nodes are made at the end. */
export class PyinstrumentTree {
  private readonly parent = new GrowingInt32();
  private readonly line = new GrowingInt32();
  private readonly seconds = new GrowingFloat64();
  private readonly names: string[] = [];
  private readonly files: string[] = [];

  get length(): number {
    return this.names.length;
  }

  /** Reads the frame that comes next with everything below it, without recursion. */
  read(reader: JsonReader): void {
    const open = [this.begin(reader, -1)];
    while (open.length > 0) {
      const index = open[open.length - 1] ?? 0;
      if (this.readUntilChildren(reader, index)) {
        reader.beginArray();
      } else {
        open.pop();
        if (open.length === 0) return;
      }
      // Here the reader stands in the list of children of the innermost open frame.
      this.nextChild(reader, open);
    }
  }

  /** Adds the frames' own times; `rateHz` tells how many samples they stand for. */
  addTo(builder: ProfileBuilder, rateHz: number): void {
    const lane = builder.lane({ kind: 'thread', parent: -1, pid: 0, tid: 0, name: '', isMain: false });
    const own = this.ownSeconds();
    const nodes = new Int32Array(this.length);
    for (let i = 0; i < this.length; i++) {
      const parent = this.parent.at(i);
      const above = parent < 0 ? -1 : (nodes[parent] ?? -1);
      const name = this.names[i] ?? '';
      nodes[i] = above;
      if (name === selfTime) continue;
      if (name !== awaitTime) nodes[i] = builder.node(above, this.frameOf(builder, i));
      const seconds = own[i] ?? 0;
      if (!(seconds > 0)) continue;
      builder.aggregate(lane, nodes[i] ?? -1, seconds * 1e9, Math.max(1, Math.round(seconds * rateHz)));
      if (name === awaitTime) builder.samples.setState(builder.samples.length - 1, sampleState.waiting);
    }
  }

  private frameOf(builder: ProfileBuilder, index: number): number {
    const func = builder.func(this.names[index] ?? '', this.files[index] ?? '', this.line.at(index, 0));
    return builder.frame({ func, line: 0, endLine: 0, column: -1, endColumn: -1 });
  }

  /** Times without those of the children. They are written with six decimals: less than that is nothing. */
  private ownSeconds(): Float64Array {
    const own = this.seconds.toArray();
    for (let i = 0; i < this.length; i++) {
      const parent = this.parent.at(i);
      if (parent >= 0 && this.names[i] !== selfTime) own[parent] = (own[parent] ?? 0) - this.seconds.at(i, 0);
    }
    return own.map(seconds => Math.round(seconds * 1e6) / 1e6);
  }

  private begin(reader: JsonReader, parent: number): number {
    reader.beginObject();
    this.names.push('');
    this.files.push('');
    this.line.push(0);
    this.seconds.push(0);
    return this.parent.push(parent);
  }

  /** True when the frame's children come next, false at its end. */
  private readUntilChildren(reader: JsonReader, index: number): boolean {
    for (let key = reader.nextKey(keys); key !== JsonReader.end; key = reader.nextKey(keys)) {
      if (key === 0) this.names[index] = reader.string();
      else if (key === 1) this.files[index] = reader.string();
      else if (key === 2) this.line.set(index, lineOf(reader.number(0)), 0);
      else if (key === 3) this.seconds.set(index, finite(reader.number(0)), 0);
      else if (key === 4 && reader.isArray()) return true;
      else reader.skip();
    }
    return false;
  }

  private nextChild(reader: JsonReader, open: number[]): void {
    while (reader.nextElement()) {
      if (reader.isObject()) {
        open.push(this.begin(reader, open[open.length - 1] ?? -1));
        return;
      }
      reader.skip();
    }
  }
}

function lineOf(value: number): number {
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
