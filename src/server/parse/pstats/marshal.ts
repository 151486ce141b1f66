/**
 * A safe reader for the part of Python's marshal format that pstats files use (Python 3.6 to 3.15): dicts, tuples,
 * strings, numbers and back references. Never code objects. Counts and nesting are checked before anything is made.
 */
import { ByteReader, DamagedBytes } from '../bytes/byteReader';

/** What a pstats file may hold. A dict keeps its entries in order; its keys may be tuples. */
export type MarshalValue = null | boolean | number | string | readonly MarshalValue[] | MarshalDict;

export interface MarshalDict {
  readonly entries: readonly (readonly [MarshalValue, MarshalValue])[];
}

const maxDepth = 16;
const endOfDict = Symbol('end of dict');
type Item = MarshalValue | typeof endOfDict;

/** Reads one value. Throws `DamagedBytes` on anything outside the subset. */
export function readMarshal(bytes: Uint8Array): MarshalValue {
  const value = new MarshalReader(new ByteReader(bytes)).read(0);
  if (value === endOfDict) throw new DamagedBytes('a dict ends where none began');
  return value;
}

class MarshalReader {
  private readonly references: MarshalValue[] = [];

  constructor(private readonly reader: ByteReader) {}

  read(depth: number): Item {
    if (depth > maxDepth) throw new DamagedBytes('nested too deeply');
    const byte = this.reader.u8();
    const code = String.fromCharCode(byte & 0x7f);
    if (code === '0') return endOfDict;
    if (code === 'r') return this.reference(this.reader.u32());
    // The slot is taken before the children are read: they may refer to later ones.
    const slot = (byte & 0x80) === 0 ? -1 : this.references.push(null) - 1;
    const value = this.readBody(code, depth);
    if (slot >= 0) this.references[slot] = value;
    return value;
  }

  private readBody(code: string, depth: number): MarshalValue {
    const scalar = this.scalars[code];
    if (scalar) return scalar();
    if (code === '{') return this.dict(depth);
    if (code === ')') return this.tuple(this.reader.u8(), depth);
    if (code === '(') return this.tuple(this.reader.u32(), depth);
    throw new DamagedBytes(`type code ${JSON.stringify(code)} is not expected`);
  }

  private readonly scalars: Readonly<Record<string, () => MarshalValue>> = {
    N: () => null,
    T: () => true,
    F: () => false,
    i: () => this.reader.i32(),
    g: () => this.reader.f64(),
    f: () => Number(latin1(this.reader.slice(this.reader.u8()))),
    l: () => this.long(),
    z: () => latin1(this.reader.slice(this.reader.u8())),
    Z: () => latin1(this.reader.slice(this.reader.u8())),
    a: () => latin1(this.reader.slice(this.reader.u32())),
    A: () => latin1(this.reader.slice(this.reader.u32())),
    u: () => this.reader.text(this.reader.u32()),
    t: () => this.reader.text(this.reader.u32()),
  };

  /** Python's long: a signed digit count, then digits of 15 bits. Exact up to 2^53. */
  private long(): number {
    const count = this.reader.i32();
    let value = 0;
    let scale = 1;
    for (let i = 0; i < Math.abs(count); i++, scale *= 0x8000) value += (this.reader.i16() & 0x7fff) * scale;
    return count < 0 ? -value : value;
  }

  private tuple(count: number, depth: number): MarshalValue {
    if (count > this.reader.remaining) throw new DamagedBytes('a tuple is longer than the file');
    const items: MarshalValue[] = [];
    for (let i = 0; i < count; i++) {
      const item = this.read(depth + 1);
      if (item === endOfDict) throw new DamagedBytes('a dict ends inside a tuple');
      items.push(item);
    }
    return items;
  }

  private dict(depth: number): MarshalDict {
    const entries: (readonly [MarshalValue, MarshalValue])[] = [];
    for (;;) {
      const key = this.read(depth + 1);
      if (key === endOfDict) return { entries };
      const value = this.read(depth + 1);
      if (value === endOfDict) throw new DamagedBytes('a key has no value');
      entries.push([key, value]);
    }
  }

  private reference(index: number): MarshalValue {
    const value = this.references[index];
    if (value === undefined) throw new DamagedBytes('a reference points nowhere');
    return value;
  }
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
