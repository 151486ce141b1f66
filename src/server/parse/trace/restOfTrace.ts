import type { ByteSource } from '../bytes/byteSource';

const openObject = 0x7b;
const closeObject = 0x7d;
const comma = 0x2c;

const windowBytes = 64 * 1024;
const maxSearchBytes = 16 * 1024 * 1024;

/** The rest of a trace as a trace of its own. `shift` added to an offset in it is the offset in the file. */
export interface RestOfTrace {
  readonly source: ByteSource;
  readonly shift: number;
}

/**
 * What follows a damaged event, from the next event on, behind the text that opens a trace. VizTracer does not escape the names of
 * tasks: a quote in one breaks the file there and nowhere else. Undefined when no event follows soon.
 */
export function restOfTrace(part: ByteSource, offset: number, isArray: boolean): RestOfTrace | undefined {
  const at = nextEvent(part, offset);
  if (at < 0) return undefined;
  const opening = new TextEncoder().encode(isArray ? '[' : '{"traceEvents":[');
  const shift = at - opening.length;
  const source: ByteSource = {
    name: part.name,
    size: part.size - shift,
    readAt(position, target, targetOffset, length) {
      if (position >= opening.length) return part.readAt(position + shift, target, targetOffset, length);
      const bytes = opening.subarray(position, position + length);
      target.set(bytes, targetOffset);
      return bytes.length;
    },
    close: () => undefined,
  };
  return { source, shift };
}

/** The next object that follows another one and a comma, -1 when there is none. */
function nextEvent(part: ByteSource, offset: number): number {
  const bytes = new Uint8Array(windowBytes);
  let before = 0;
  let beforeThat = 0;
  for (let from = offset; from < offset + maxSearchBytes; ) {
    const count = part.readAt(from, bytes, 0, bytes.length);
    if (count === 0) return -1;
    for (let i = 0; i < count; i++) {
      const byte = bytes[i] as number;
      if (byte <= 0x20) continue;
      if (byte === openObject && before === comma && beforeThat === closeObject) return from + i;
      beforeThat = before;
      before = byte;
    }
    from += count;
  }
  return -1;
}
