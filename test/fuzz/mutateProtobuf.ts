/** Damage to the sense of a protobuf message whose form stays good: fields missing, repeated, moved, with odd values. */
import { joined } from './mutateBytes';
import type { Random } from './random';

/** A field as it stands: `body` is what follows the tag, without the length of what has one. */
interface Field {
  tag: number;
  body: Uint8Array;
}

const awkwardTexts = ['__proto__', 'constructor', 'toString', 'MainThread', '\u0000', 'x'.repeat(3000)];
const lengthPrefixed = 2;
const awkwardVarints: readonly (readonly number[])[] = [
  [0],
  [1],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

/** The message with one to four fields changed, on whatever level; undefined when the bytes are none. */
export function mutateProtobuf(bytes: Uint8Array, random: Random, nesting = 0): Uint8Array | undefined {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return undefined;
  for (let round = random.below(4); round >= 0 && fields.length > 0; round--) {
    const [at, other] = [random.below(fields.length), random.below(fields.length)];
    const field = fields[at] as Field;
    const kind = random.below(8);
    if (kind === 0) fields.splice(at, 1);
    else if (kind === 1) fields.splice(other, 0, field);
    else if (kind === 2) [fields[at], fields[other]] = [fields[other] as Field, field];
    else if (kind === 3) fields[at] = { ...field, tag: (1 + random.below(16)) * 8 + (field.tag & 7) };
    else fields[at] = { ...field, body: changed(field, random, nesting) };
  }
  return joined(...fields.map(written));
}

function changed({ tag, body }: Field, random: Random, nesting: number): Uint8Array {
  if ((tag & 7) !== lengthPrefixed) return Uint8Array.from(random.of(awkwardVarints));
  const inner = nesting < 3 && !random.once(4) ? mutateProtobuf(body, random, nesting + 1) : undefined;
  if (inner !== undefined) return inner;
  if (random.once(3)) return new TextEncoder().encode(random.of(awkwardTexts));
  return random.once(3) ? new Uint8Array(0) : joined(body, Uint8Array.from(random.of(awkwardVarints)));
}

function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    const value = varint(bytes, tag.end);
    const isPrefixed = (tag.value & 7) === lengthPrefixed;
    if (!isPrefixed && (tag.value & 7) !== 0) return undefined;
    const start = isPrefixed ? value.end : tag.end;
    const end = isPrefixed ? start + value.value : value.end;
    if (end > bytes.length || tag.value < 8) return undefined;
    fields.push({ tag: tag.value, body: bytes.subarray(start, end) });
    at = end;
  }
  return fields;
}

function written({ tag, body }: Field): Uint8Array {
  if ((tag & 7) !== lengthPrefixed) return joined(varintOf(tag), body);
  return joined(varintOf(tag), varintOf(body.length), body);
}

function varint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; at < bytes.length; scale *= 128) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return { value, end: at };
}

function varintOf(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
