import type { ParseResult } from '../../shared/profile';
import type { Slicer } from '../slicer';
import type { ByteSource } from './bytes/byteSource';
import { type JsonShape, jsonShape } from './json/jsonShape';
import type { CodeOrigins } from './model/functionKind';
import type { Preview } from './preview';

/** What parsers know beside the bytes. */
export interface ParseContext {
  readonly origins: CodeOrigins;
  readonly slicer: Slicer;
  /** JSON facts that lie beside a part under the same name («calls-12.json» for «calls-12.pstats»). */
  readonly sidecar: (partName: string) => unknown;
  /** Shows what was read so far; absent where nobody looks. */
  readonly preview?: Preview;
  /** Which of several measurements in the file to show (`ProfileInfo.valueTypes`); undefined: the format's own choice. */
  readonly valueType?: number;
}

/** The beginning of a file, unpacked. Formats are told apart by it and never by the file's name. */
export class Head {
  private shape: JsonShape | undefined | null = null;
  private asText: string | undefined;

  constructor(
    readonly bytes: Uint8Array,
    /** Size of the whole file. */
    readonly size = bytes.length,
  ) {}

  /** Keys of the JSON that the file begins with, undefined when it is none. */
  get json(): JsonShape | undefined {
    if (this.shape === null) this.shape = jsonShape(this.bytes);
    return this.shape;
  }

  /** The bytes as text, with replacement characters for what is none. */
  get text(): string {
    this.asText ??= new TextDecoder().decode(this.bytes);
    return this.asText;
  }

  /** True when the file begins with these bytes. */
  startsWith(...bytes: readonly number[]): boolean {
    return bytes.every((byte, index) => this.bytes[index] === byte);
  }
}

/** A file format. `parse` gets all parts of a run in that format and never throws on bad bytes. */
export interface Format {
  /** Also what users read: «speedscope», «VizTracer». */
  readonly name: string;
  detect(head: Head): boolean;
  parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult>;
}
