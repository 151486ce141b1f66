/** Writes chunk streams as `src/collectors/FORMAT.md` describes them: for tests of the reader. */
import { crc32 } from '../../src/shared/crc32';

/** A sample of a tick. Stack and lane are the writer's ids. */
export interface WrittenSample {
  readonly lane: number;
  /** -1: no Python frame. */
  readonly stack: number;
  readonly isSuspended?: boolean;
  readonly cpuNs?: number;
  readonly task?: number;
  /** Further state bits. */
  readonly bits?: number;
}

/** Collects records and chunks of one process. Ids are given in order from 0. */
export class ChunkWriter {
  private readonly chunks: Uint8Array[] = [];
  private records: number[] = [];
  private readonly counts = { string: 0, func: 0, location: 0, stack: 0, lane: 0 };
  private readonly strings = new Map<string, number>();

  constructor(private readonly pid = 42) {}

  meta(facts: object = {}): this {
    const defaults = {
      pid: this.pid,
      parentPid: 1,
      python: '3.12.1',
      engine: 'bundled-sampler',
      engineVersion: '1',
      rateHzAsked: 100,
      monotonicNs: 1000,
      epochNs: 1.7e18,
      hasThreadCpu: true,
      mainThreadIdent: 1,
    };
    return this.chunk(1, json({ ...defaults, ...facts }));
  }

  end(facts: object = {}): this {
    return this.chunk(
      3,
      json({ reason: 'exit', monotonicNs: 0, samplerCpuNs: 0, tasksLeftOut: 0, ...facts }),
    );
  }

  string(text: string): number {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    const id = this.counts.string++;
    const bytes = new TextEncoder().encode(text);
    this.record(1, id, bytes.length);
    this.records.push(...bytes);
    this.strings.set(text, id);
    return id;
  }

  func(name: string, file: string, firstLine: number, flags = 0): number {
    const [nameId, fileId] = [this.string(name), this.string(file)];
    this.record(2, this.counts.func, nameId, fileId, firstLine, flags);
    return this.counts.func++;
  }

  location(
    func: number,
    line: number,
    span: { endLine?: number; column?: number; endColumn?: number } = {},
  ): number {
    const { endLine = line, column = -1, endColumn = -1 } = span;
    this.record(3, this.counts.location, func, line, endLine, column + 1, endColumn + 1);
    return this.counts.location++;
  }

  stack(parent: number, location: number): number {
    this.record(4, this.counts.stack, parent + 1, location);
    return this.counts.stack++;
  }

  lane(
    name: string,
    lane: { kind?: 'thread' | 'task'; parent?: number; identity?: number; tid?: number } = {},
  ): number {
    const { kind = 'thread', parent = -1, identity = this.counts.lane + 1, tid = 0 } = lane;
    this.record(5, this.counts.lane, kind === 'task' ? 1 : 0, parent + 1, identity, tid, this.string(name));
    return this.counts.lane++;
  }

  laneEnd(lane: number, endNs: number): this {
    return this.record(10, lane, endNs);
  }

  tick(deltaNs: number, samples: readonly WrittenSample[]): this {
    this.record(6, deltaNs, samples.length);
    for (const { lane, stack, isSuspended = false, cpuNs = -1, task, bits = 0 } of samples) {
      const state = (isSuspended ? 1 : 0) | (task === undefined ? 0 : 2) | bits;
      this.varint(lane, stack + 1, state, cpuNs + 1);
      if (task !== undefined) this.varint(task);
    }
    return this;
  }

  gc(pause: { startNs: number; durationNs: number; generation: number; lane: number }): this {
    return this.record(7, pause.startNs, pause.durationNs, pause.generation, 0, pause.lane + 1);
  }

  file(path: string, modifiedNs: number, sizeBytes: number): this {
    return this.record(8, this.string(path), modifiedNs, sizeBytes);
  }

  laneStart(lane: number, startNs: number): this {
    return this.record(11, lane, startNs);
  }

  /** Events of a traced lane: what happened, and the ns since the event before. */
  calls(lane: number, startNs: number, events: readonly (readonly [token: number, deltaNs: number])[]): this {
    const tokens = characters(events.map(([token]) => token));
    const deltas = characters(events.map(([, deltaNs]) => Math.min(deltaNs, 0x10ffff)));
    const long = events.map(([, deltaNs]) => deltaNs).filter(deltaNs => deltaNs >= 0x10ffff);
    const before = this.records.length;
    this.varint(...long);
    const longBytes = this.records.splice(before);
    this.record(32, lane, startNs, events.length, tokens.length, deltas.length, longBytes.length);
    this.records.push(...tokens, ...deltas, ...longBytes);
    return this;
  }

  /** Any record by its tag, for records that a test makes up. */
  record(tag: number, ...fields: readonly number[]): this {
    this.records.push(tag);
    this.varint(...fields);
    return this;
  }

  /** Closes the records so far into a data chunk that begins at `baseNs`. */
  data(baseNs: number): this {
    const payload = new Uint8Array(8 + this.records.length);
    new DataView(payload.buffer).setBigUint64(0, BigInt(baseNs), true);
    payload.set(this.records, 8);
    this.records = [];
    return this.chunk(2, payload);
  }

  chunk(kind: number, payload: Uint8Array): this {
    const chunk = new Uint8Array(12 + payload.length);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, payload.length, true);
    chunk[4] = kind;
    view.setUint32(8, crc32(payload), true);
    chunk.set(payload, 12);
    this.chunks.push(chunk);
    return this;
  }

  /** The file, and where each of its chunks begins. */
  build(): { bytes: Uint8Array; offsets: readonly number[] } {
    const header = new Uint8Array(16);
    header.set(new TextEncoder().encode('PYROLENS'));
    new DataView(header.buffer).setUint16(8, 1, true);
    new DataView(header.buffer).setUint32(12, this.pid, true);
    const offsets: number[] = [];
    let size = header.length;
    for (const chunk of this.chunks) {
      offsets.push(size);
      size += chunk.length;
    }
    const bytes = new Uint8Array(size);
    bytes.set(header);
    this.chunks.forEach((chunk, index) => {
      bytes.set(chunk, offsets[index]);
    });
    return { bytes, offsets };
  }

  private varint(...values: readonly number[]): void {
    for (const value of values) {
      let rest = value;
      while (rest >= 0x80) {
        this.records.push((rest % 0x80) | 0x80);
        rest = Math.floor(rest / 0x80);
      }
      this.records.push(rest);
    }
  }
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Numbers as UTF-8 writes characters; Node would not write surrogates. */
function characters(numbers: readonly number[]): number[] {
  return numbers.flatMap(number => {
    if (number < 0x80) return [number];
    const rest = (shift: number) => 0x80 | ((number >> shift) & 0x3f);
    if (number < 0x800) return [0xc0 | (number >> 6), rest(0)];
    if (number < 0x10000) return [0xe0 | (number >> 12), rest(6), rest(0)];
    return [0xf0 | (number >> 18), rest(12), rest(6), rest(0)];
  });
}
