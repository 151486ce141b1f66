import { MemorySource } from '../bytes/byteSource';
import { JsonDamaged } from './jsonDamaged';
import { JsonReader } from './jsonReader';

/** What the first bytes of a JSON file tell: enough to know its format without its name. */
export interface JsonShape {
  readonly isArray: boolean;
  /** Keys of the top object; of the first element when the top is an array. */
  readonly keys: ReadonlySet<string>;
  /** For each key the keys of its object, or of the first object in its array, as far as the head reaches. */
  readonly inner: ReadonlyMap<string, ReadonlySet<string>>;
  /** Values of the keys that hold short strings. */
  readonly texts: ReadonlyMap<string, string>;
}

const maxText = 200;

/** The shape of the JSON that begins with these bytes, undefined when they are not JSON. */
export function jsonShape(head: Uint8Array): JsonShape | undefined {
  const reader = new JsonReader(new MemorySource('', head));
  const shape = {
    isArray: reader.isArray(),
    keys: new Set<string>(),
    inner: new Map<string, Set<string>>(),
    texts: new Map<string, string>(),
  };
  try {
    if (shape.isArray) {
      reader.beginArray();
      if (!reader.nextElement()) return shape;
    }
    if (!reader.isObject()) return undefined;
    readObject(reader, shape);
  } catch (error) {
    // The head ends in the midst of things, or the bytes are something else.
    if (!(error instanceof JsonDamaged)) throw error;
    if (!error.isCutOff && shape.keys.size === 0) return undefined;
  }
  return shape;
}

interface Draft {
  readonly keys: Set<string>;
  readonly inner: Map<string, Set<string>>;
  readonly texts: Map<string, string>;
}

function readObject(reader: JsonReader, shape: Draft): void {
  reader.beginObject();
  for (let key = reader.nextKeyText(); key !== undefined; key = reader.nextKeyText()) {
    shape.keys.add(key);
    if (reader.isString()) {
      const text = reader.string();
      if (text.length <= maxText) shape.texts.set(key, text);
    } else if (reader.isObject()) readInner(reader, shape, key);
    else if (reader.isArray()) readFirst(reader, shape, key);
    else reader.skip();
  }
}

function readInner(reader: JsonReader, shape: Draft, key: string): void {
  const keys = new Set<string>();
  shape.inner.set(key, keys);
  reader.beginObject();
  for (let name = reader.nextKeyText(); name !== undefined; name = reader.nextKeyText()) {
    keys.add(name);
    reader.skip();
  }
}

function readFirst(reader: JsonReader, shape: Draft, key: string): void {
  reader.beginArray();
  let isFirst = true;
  while (reader.nextElement()) {
    if (isFirst && reader.isObject()) readInner(reader, shape, key);
    else reader.skip();
    isFirst = false;
  }
}
