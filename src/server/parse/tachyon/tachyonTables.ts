import { isWaitingFunction } from '../../waits/libraryWaits';
import { DamagedBytes } from '../bytes/byteReader';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStream, RangePieces } from '../bytes/byteStream';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { TachyonLayout } from './tachyonLayout';

/** A Tachyon file's frames as the builder's. */
export interface TachyonTables {
  /** The builder's frame by index in the file. */
  readonly frames: readonly number[];
  /** Per index: the function is known to wait. */
  readonly waits: readonly boolean[];
  /** Stands for frames whose definition is lost. */
  readonly lostFrame: () => number;
  readonly hasColumns: boolean;
  readonly isWhole: boolean;
}

const maxTextBytes = 64 * 1024;

/** Reads the string and frame tables; where they break off, what stands before is kept. */
export function readTables(part: ByteSource, layout: TachyonLayout, builder: ProfileBuilder): TachyonTables {
  const strings: string[] = [];
  const { stringOffset, frameOffset, tablesEnd } = layout;
  const stringEnd = Math.min(frameOffset, tablesEnd);
  const hasStrings = readEach(part, [stringOffset, stringEnd], layout.stringCount, stream => {
    const size = stream.varint();
    if (size > stringEnd - stringOffset) throw new DamagedBytes('a string is longer than its table');
    const kept = new TextDecoder().decode(stream.slice(Math.min(size, maxTextBytes)));
    stream.skip(Math.max(size - maxTextBytes, 0));
    strings.push(kept);
  });
  const frames: number[] = [];
  const waits: boolean[] = [];
  let hasColumns = false;
  const hasFrames = readEach(part, [frameOffset, tablesEnd], layout.frameCount, stream => {
    const [file, name] = [strings[stream.varint()] ?? '', strings[stream.varint()] ?? '<lost>'];
    const place = readPlace(stream);
    hasColumns ||= place.column >= 0;
    frames.push(builder.frame({ func: builder.func(name, file, 0), ...place }));
    waits.push(isWaitingFunction(name, file));
  });
  const lostFrame = () =>
    builder.frame({ func: builder.func('<lost>', '~', 0), line: 0, endLine: 0, column: -1, endColumn: -1 });
  return { frames, waits, lostFrame, hasColumns, isWhole: hasStrings && hasFrames };
}

/** False when the range ends before `count` entries. */
function readEach(
  part: ByteSource,
  [start, end]: readonly [number, number],
  count: number,
  read: (stream: ByteStream) => void,
): boolean {
  const stream = new ByteStream(new RangePieces(part, Math.min(start, part.size), Math.min(end, part.size)));
  try {
    for (let i = 0; i < count; i++) read(stream);
    return true;
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
    return false;
  }
}

interface Place {
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
}

function readPlace(stream: ByteStream): Place {
  const line = zigzag(stream.varint());
  const endLine = line + zigzag(stream.varint());
  const column = zigzag(stream.varint());
  const endColumn = column + zigzag(stream.varint());
  // The opcode: several frames may differ by it alone.
  stream.u8();
  if (line <= 0) return { line: 0, endLine: 0, column: -1, endColumn: -1 };
  const hasEnd = endLine >= line;
  return {
    line,
    endLine: hasEnd ? endLine : line,
    column: column >= 0 ? column : -1,
    endColumn: column >= 0 && hasEnd && endColumn >= 0 ? endColumn : -1,
  };
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
