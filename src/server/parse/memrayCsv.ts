/**
 * `memray transform csv`: one line per stack that allocated, leaf first, as `function;file;line|function;file;line`.
 */
import type { ParseResult, Problem, ProfileInfo, ValueType } from '../../shared/profile';
import { GrowingInt32 } from '../columns/growingColumn';
import { say } from '../strings';
import type { ByteSource } from './bytes/byteSource';
import { ByteStrings } from './bytes/byteStrings';
import { LineReader } from './bytes/lineReader';
import type { Format, ParseContext } from './format';
import { idNumber } from './model/bounds';
import { ProfileBuilder } from './model/profileBuilder';
import { profileInfo } from './model/profileInfo';
import { pauseAndShow } from './preview';

const valueTypes: readonly ValueType[] = [
  { name: 'bytes', unit: 'bytes' },
  { name: 'allocations', unit: 'count' },
];
const columns = ['num_allocations', 'size', 'thread_name', 'stack_trace'] as const;
const quote = 0x22;
const comma = 0x2c;
const semicolon = 0x3b;
const pipe = 0x7c;
const batch = 1024;
/** A place in a file name or a C++ operator may hold separators too: a frame ends behind `;` and digits. */
const framePattern = /^(.*?);(.*);(\d+)$/s;
/** Of several processes each has a file of its own, named by us (`src/recorder/engines/memray.ts`). */
const processPattern = /_(\d+)\.csv$/;
const threadPattern = /^0x[\da-f]+ \((.*)\)$/is;

export const memrayCsv: Format = {
  name: 'memray CSV',
  detect: ({ text }) => /^\ufeff?allocator,num_allocations,size,/.test(text),
  parse: parseCsv,
};

async function parseCsv(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const valueType = context.valueType === 1 ? 1 : 0;
  const problems: Problem[] = [];
  for (const part of parts) {
    const pid = idNumber(Number(processPattern.exec(part.name)?.[1] ?? 0));
    const rows = new CsvRows(builder, { pid, isBytes: valueType === 0 });
    const lines = new LineReader(part);
    for (let count = 1; rows.next(lines); count++) {
      if (count % batch !== 0) continue;
      const share = (lines.offset / Math.max(1, part.size)) * 0.9;
      await pauseAndShow(context, builder, () => infoOf(builder, valueType), share);
    }
    if (rows.unreadableCount > 0) {
      const message = say('rowsUnreadable', rows.unreadableCount);
      problems.push({ message, part: part.name, offset: rows.firstUnreadable });
    }
  }
  const info = infoOf(builder, valueType);
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}

function infoOf(builder: ProfileBuilder, valueType: number): ProfileInfo {
  return profileInfo({
    format: 'memray CSV',
    engine: 'memray',
    durationNs: builder.aggregateTotal,
    lineMeaning: 'executing',
    unit: valueTypes[valueType]?.unit ?? 'bytes',
    isTraced: true,
    valueTypes,
    valueType,
    limits: [say('limitSums'), say('limitMemrayChildren')],
  });
}

/** The lines of one file. */
class CsvRows {
  unreadableCount = 0;
  firstUnreadable = -1;
  private places: readonly number[] | undefined;
  private readonly pieces = new ByteStrings();
  private readonly frames = new GrowingInt32();
  private readonly lanes = new Map<string, number>();
  private readonly stack: number[] = [];

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly kind: { readonly pid: number; readonly isBytes: boolean },
  ) {}

  /** Reads a line; false at the end of the file. */
  next(lines: LineReader): boolean {
    if (!lines.next()) return false;
    const fields = fieldsOf(lines);
    if (this.places === undefined) {
      const names = fields.map(field => new TextDecoder().decode(field));
      this.places = columns.map(name => names.indexOf(name));
    } else if (lines.end > lines.start && !this.addRow(fields)) {
      if (this.unreadableCount++ === 0) this.firstUnreadable = lines.offset;
    }
    return true;
  }

  private addRow(fields: readonly Uint8Array[]): boolean {
    const [count, size, thread, stack] = (this.places ?? []).map(place => fields[place]);
    if (count === undefined || size === undefined || stack === undefined) return false;
    const [allocations, bytes] = [wholeNumber(count), wholeNumber(size)];
    const lane = this.laneOf(new TextDecoder().decode(thread ?? new Uint8Array()));
    const node = this.nodeOf(stack);
    if (Number.isNaN(allocations) || Number.isNaN(bytes) || node === undefined) return false;
    if (this.kind.isBytes) this.builder.aggregate(lane, node, bytes, Math.max(1, allocations));
    else this.builder.aggregate(lane, node, allocations, Math.max(1, allocations));
    return true;
  }

  private laneOf(text: string): number {
    const known = this.lanes.get(text);
    if (known !== undefined) return known;
    // The number is memray's own, not the system's.
    const name = threadPattern.exec(text)?.[1] ?? text;
    const thread = { kind: 'thread' as const, parent: -1, tid: 0, name, isMain: name === 'MainThread' };
    const index = this.builder.lane({ ...thread, pid: this.kind.pid });
    this.lanes.set(text, index);
    return index;
  }

  /** The leaf's node, or undefined where a frame is not readable. */
  private nodeOf(field: Uint8Array): number | undefined {
    this.stack.length = 0;
    for (let start = 0; start < field.length; ) {
      const end = frameEnd(field, start);
      this.stack.push(this.frameOf(field, start, end));
      start = end + 1;
    }
    let node = -1;
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const frame = this.stack[i] ?? -1;
      if (frame < 0) return undefined;
      node = this.builder.node(node, frame);
    }
    return node;
  }

  private frameOf(field: Uint8Array, start: number, end: number): number {
    const id = this.pieces.intern(field, start, end);
    if (id < this.frames.length) return this.frames.at(id);
    const [, name, file = '', line] = framePattern.exec(this.pieces.text(id)) ?? [];
    const frame = name === undefined ? -1 : this.newFrame(name, file, Number(line));
    this.frames.push(frame);
    return frame;
  }

  private newFrame(name: string, file: string, line: number): number {
    const func = this.builder.func(name, file, 0);
    return this.builder.frame({ func, line, endLine: 0, column: -1, endColumn: -1 });
  }
}

/** The end of the frame that begins at `start`: a bar behind `;` and digits, or the field's end. */
function frameEnd(field: Uint8Array, start: number): number {
  for (let at = field.indexOf(pipe, start); at >= 0; at = field.indexOf(pipe, at + 1)) {
    let digit = at - 1;
    while (digit > start && isDigit(field[digit])) digit--;
    if (digit < at - 1 && field[digit] === semicolon) return at;
  }
  return field.length;
}

/** The fields of a line; quotes around a field and doubled quotes inside are taken away. */
function fieldsOf({ bytes, start, end }: LineReader): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = start;
  while (at <= end) {
    if (bytes[at] === quote && at < end) {
      const field = quoted(bytes, at + 1, end);
      fields.push(field.value);
      at = field.end + 1;
      continue;
    }
    const next = bytes.subarray(0, end).indexOf(comma, at);
    const fieldEnd = next < 0 ? end : next;
    fields.push(bytes.subarray(at, fieldEnd));
    at = fieldEnd + 1;
  }
  return fields;
}

function quoted(bytes: Uint8Array, start: number, end: number): { value: Uint8Array; end: number } {
  const value = new Uint8Array(end - start);
  let length = 0;
  let at = start;
  for (; at < end; at++) {
    if (bytes[at] === quote && bytes[++at] !== quote) break;
    value[length++] = bytes[at] as number;
  }
  return { value: value.subarray(0, length), end: Math.min(at, end) };
}

function wholeNumber(field: Uint8Array): number {
  let value = 0;
  for (const byte of field) {
    if (!isDigit(byte)) return Number.NaN;
    value = value * 10 + byte - 0x30;
  }
  return field.length === 0 ? Number.NaN : value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
