import type { ParseResult } from '../../shared/profile';
import type { Slicer } from '../slicer';
import type { CodeOrigins } from './functionKind';

/** One file of a run: its base name and its bytes. */
export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What parsers know beside the bytes. */
export interface ParseContext {
  readonly origins: CodeOrigins;
  readonly slicer: Slicer;
  /** JSON facts that lie beside a part under the same name («calls-12.json» for «calls-12.pstats»). */
  readonly sidecar: (partName: string) => unknown;
}

/** A file format. `parse` gets all parts of a run in that format and never throws on bad bytes. */
export interface Format {
  readonly name: string;
  /** Decides by the first bytes; the name is a hint for formats without a signature. */
  detect(head: Uint8Array, name: string): boolean;
  parse(parts: readonly Part[], context: ParseContext): Promise<ParseResult>;
}
