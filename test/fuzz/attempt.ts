/** One input, one parser, one judgement. Hangs cannot be seen from inside: `fuzz.ts` watches from another thread. */
import { getHeapStatistics } from 'node:v8';
import { type ByteSource, headOf, MemorySource } from '../../src/server/parse/bytes/byteSource';
import { type Format, Head, type ParseContext } from '../../src/server/parse/format';
import { Slicer } from '../../src/server/slicer';
import type { ParseResult } from '../../src/shared/profile';
import { brokenInvariants } from './invariants';

export type FindingKind = 'crash' | 'invariant' | 'memory' | 'hang';

/** What a parser must not do. `format` is the one that read the input. */
export interface Finding {
  readonly kind: FindingKind;
  readonly format: string;
  readonly message: string;
}

/** Measurements to ask for: also one that no file has. */
export const valueTypes = [undefined, undefined, 1, 7] as const;

/** Memory that a parser may take for an input, beside what it takes for none. */
const bytesPerInputByte = 64;
const freeBytes = 64 * 1024 * 1024;

/**
 * Lets the format that knows the bytes read them; `fallback` where none does, since a parser must bear anything.
 * `valueType` is the measurement to show; by default it depends on the input. Undefined: all is well.
 */
export async function attempt(
  bytes: Uint8Array,
  formats: readonly Format[],
  fallback: Format,
  valueType = valueTypes[bytes.length % valueTypes.length],
): Promise<Finding | undefined> {
  const source = new MemorySource('input', bytes);
  const before = memory();
  let format = fallback;
  let result: ParseResult;
  try {
    format = detected(source, formats) ?? fallback;
    result = await format.parse([source], context(valueType));
  } catch (error) {
    return { kind: 'crash', format: format.name, message: describe(error) };
  }
  const taken = memory() - before;
  if (taken > bytes.length * bytesPerInputByte + freeBytes) {
    return { kind: 'memory', format: format.name, message: 'takes too much memory' };
  }
  const [broken] = brokenInvariants(result);
  return broken === undefined ? undefined : { kind: 'invariant', format: format.name, message: broken };
}

/** Findings with the same signature are one fault. */
export function signatureOf({ kind, format, message }: Finding): string {
  return `${format} ${kind} ${message.replaceAll(/\d+/g, '#')}`;
}

function detected(source: ByteSource, formats: readonly Format[]): Format | undefined {
  const head = new Head(headOf(source), source.size);
  return formats.find(format => format.detect(head));
}

function context(valueType: number | undefined): ParseContext {
  const known = { origins: { ownRoots: ['/work'] }, slicer: new Slicer(), sidecar: () => undefined };
  return valueType === undefined ? known : { ...known, valueType };
}

/** Not `process.memoryUsage`, which asks the operating system too: that took a fifth of the time. */
function memory(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** The message and the place: without the place many faults look alike. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `throws ${String(error)}`;
  const place = /at (?:async )?(?:new )?([\w.<>]+) /.exec(error.stack ?? '')?.[1] ?? 'nowhere';
  return `${error.name}: ${error.message.slice(0, 200)} in ${place}`;
}
