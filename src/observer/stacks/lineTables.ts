/**
 * Which line an instruction belongs to: three formats. 3.9: `co_lnotab` (pairs of increments), 3.10: `co_linetable`
 * (ranges, PEP 626), 3.11+: the location table with columns (PEP 657; `Objects/locations.md` of CPython).
 */

/** The place of an instruction. Lines count from 1, 0 is unknown; columns are byte offsets from 0, -1 is unknown. */
export interface Place {
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
}

/** What a code object tells about its lines. */
export interface LineFacts {
  /** Of CPython 3: 9 and up. */
  readonly minor: number;
  readonly firstLine: number;
  readonly table: Uint8Array;
}

/** The place of the instruction at a byte offset of the bytecode. A negative offset is a call not yet begun. */
export function placeOf(facts: LineFacts, offset: number): Place {
  if (offset < 0) return lineOnly(facts.firstLine);
  if (facts.minor === 9) return lineOnly(lineFromPairs(facts, offset));
  if (facts.minor === 10) return lineOnly(lineFromRanges(facts, offset));
  return placeFromLocations(facts, offset);
}

function lineOnly(line: number): Place {
  return { line, endLine: 0, column: -1, endColumn: -1 };
}

function lineFromPairs({ firstLine, table }: LineFacts, offset: number): number {
  let line = firstLine;
  let address = 0;
  for (let at = 0; at + 1 < table.length; at += 2) {
    address += table[at] ?? 0;
    if (address > offset) break;
    line += signed(table[at + 1] ?? 0);
  }
  return line;
}

const noLine = -128;

/** Each range follows the one before; a range of no line belongs to none of the source's. */
function lineFromRanges({ firstLine, table }: LineFacts, offset: number): number {
  let line = firstLine;
  let end = 0;
  for (let at = 0; at + 1 < table.length; at += 2) {
    const delta = signed(table[at + 1] ?? 0);
    end += table[at] ?? 0;
    if (delta !== noLine) line += delta;
    if (offset < end) return delta === noLine ? firstLine : line;
  }
  return line;
}

function signed(byte: number): number {
  return byte > 127 ? byte - 256 : byte;
}

const unitBytes = 2;
const [codeOneLine0, codeOneLine2, codeNoColumns, codeLong, codeNone] = [10, 12, 13, 14, 15];

/** Reads entry after entry: the first byte's bits 3 to 6 are its kind, bits 0 to 2 its length in code units less one. */
function placeFromLocations({ firstLine, table }: LineFacts, offset: number): Place {
  const reader = new LocationReader(table);
  let line = firstLine;
  let end = 0;
  while (reader.hasMore) {
    const head = reader.byte();
    const kind = (head >> 3) & 15;
    end += ((head & 7) + 1) * unitBytes;
    const place = reader.place(kind, line);
    if (offset < end) return kind === codeNone ? lineOnly(firstLine) : place;
    if (kind !== codeNone) line = place.line;
  }
  return lineOnly(firstLine);
}

class LocationReader {
  private at = 0;

  constructor(private readonly table: Uint8Array) {}

  get hasMore(): boolean {
    return this.at < this.table.length;
  }

  byte(): number {
    return this.table[this.at++] ?? 0;
  }

  /** The place that an entry of that kind tells; `before` is the line of the last one that had any. */
  place(kind: number, before: number): Place {
    if (kind === codeNone) return lineOnly(0);
    if (kind === codeNoColumns) {
      const line = before + this.signedVarint();
      return { ...lineOnly(line), endLine: line };
    }
    if (kind === codeLong) return this.longPlace(before);
    const line = kind >= codeOneLine0 && kind <= codeOneLine2 ? before + kind - codeOneLine0 : before;
    return { ...this.columns(kind), line, endLine: line };
  }

  private longPlace(before: number): Place {
    const line = before + this.signedVarint();
    const endLine = line + this.varint();
    const [column, endColumn] = [this.varint() - 1, this.varint() - 1];
    return { line, endLine, column, endColumn };
  }

  /** Kinds below 10 hold both columns in one byte and a part of the kind. */
  private columns(kind: number): { readonly column: number; readonly endColumn: number } {
    const first = this.byte();
    if (kind >= codeOneLine0) return { column: first, endColumn: this.byte() };
    const column = (kind << 3) | (first >> 4);
    return { column, endColumn: column + (first & 15) };
  }

  /** Six bits in a byte, lowest first; bit 6 tells that more follow. */
  private varint(): number {
    let value = 0;
    let shift = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 63) * shift;
      if ((byte & 64) === 0) return value;
      shift *= 64;
    }
  }

  private signedVarint(): number {
    const value = this.varint();
    return value % 2 === 1 ? -Math.floor(value / 2) : value / 2;
  }
}
