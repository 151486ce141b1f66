import type { PythonObjects } from './pythonObjects';
import { isPlausibleAddress, WordBuffer, wordAt } from './targetMemory';

const maxEntries = 200_000;
const [generalKeys, splitKeys] = [0, 2];
const digitRoom = 2 ** 30;
/** `md_dict` follows the object's head. */
const moduleDict = 16;
/** Instances keep their dict (3.11+) this far before their address; 3.11 their values in the word before that. */
const managedDict = -24;
const valuesBefore = -32;

/** A table of keys: where its entries are, and of what kind. */
interface Keys {
  readonly entries: number;
  readonly entryBytes: number;
  readonly count: number;
  /** Values stand in an array of their own, in the order of the keys. */
  readonly isSplit: boolean;
}

/** Reads Python's dicts, and the attributes that objects keep in them, in another process. */
export class PythonDicts {
  private readonly head = new WordBuffer(48);

  constructor(private readonly objects: PythonObjects) {}

  /** Addresses of keys and values; nothing of what cannot be read. */
  items(dict: number): (readonly [number, number])[] {
    const { keys, values } = this.objects.layout.dict;
    const valuesAt = this.pointer(dict + values);
    const table = this.readKeys(this.pointer(dict + keys));
    return table ? this.itemsOf(table, valuesAt === 0 ? 0 : valuesAt + this.valuesHead) : [];
  }

  /** The value of a text key; 0 when there is none. */
  get(dict: number, name: string): number {
    return this.find(this.items(dict), name);
  }

  /** A global name of a module; 0 when there is none. */
  moduleGlobal(module: number, name: string): number {
    return this.get(this.pointer(module + moduleDict), name);
  }

  /** An instance's own attribute; 0 when there is none. */
  attribute(object: number, name: string): number {
    const dict = this.dictOf(object);
    if (dict !== 0) return this.get(dict, name);
    const values = this.valuesOf(object);
    const keys = this.readKeys(
      this.pointer(this.objects.typeOf(object) + this.objects.layout.type.cachedKeys),
    );
    return values !== 0 && keys ? this.find(this.itemsOf(keys, values), name) : 0;
  }

  /** A non-negative `int` below 2^53; undefined otherwise. */
  integer(address: number): number | undefined {
    const head = this.objects.memory.bytes(address, 32);
    if (head === undefined) return undefined;
    const size = head.readUInt32LE(16);
    // Since 3.12 the number of digits stands above three bits of sign and flags.
    const digitCount = this.objects.layout.minor >= 12 ? size >>> 3 : size;
    if (digitCount > 2) return undefined;
    const [low, high] = [head.readUInt32LE(24), head.readUInt32LE(28)];
    return digitCount === 0 ? 0 : low + (digitCount === 2 ? high * digitRoom : 0);
  }

  private get valuesHead(): number {
    return this.objects.layout.minor >= 13 ? 8 : 0;
  }

  private pointer(address: number): number {
    return this.objects.memory.pointer(address);
  }

  private dictOf(object: number): number {
    const { minor, type } = this.objects.layout;
    if (minor >= 13 || minor === 11) return this.pointer(object + managedDict);
    if (minor === 12) {
      const either = this.pointer(object + managedDict);
      return either % 2 === 1 ? 0 : either;
    }
    const offset = this.pointer(this.objects.typeOf(object) + type.dictOffset);
    return offset > 0 && offset < 4096 ? this.pointer(object + offset) : 0;
  }

  /** Where the values of an instance without a dict are: 3.12 marks the pointer by bit 0, 3.13 keeps them inside. */
  private valuesOf(object: number): number {
    const { minor, type } = this.objects.layout;
    if (minor >= 13) {
      return object + this.pointer(this.objects.typeOf(object) + type.basicSize) + this.valuesHead;
    }
    if (minor === 12) return this.pointer(object + managedDict) + 1;
    return minor === 11 ? this.pointer(object + valuesBefore) : 0;
  }

  private readKeys(keys: number): Keys | undefined {
    const { memory, layout } = this.objects;
    const { bytes, words } = this.head;
    if (!isPlausibleAddress(keys) || !memory.read(keys, bytes, 48)) return undefined;
    return layout.minor >= 11 ? compactKeys(keys, bytes, words) : oldKeys(keys, words);
  }

  private itemsOf(keys: Keys, values: number): (readonly [number, number])[] {
    const { entries, entryBytes, count, isSplit } = keys;
    if (!(count >= 0 && count <= maxEntries)) return [];
    const table = this.objects.memory.bytes(entries, count * entryBytes);
    const hasOwnValues = isSplit || values !== 0;
    const ownValues = hasOwnValues ? this.objects.memory.bytes(values, count * 8) : undefined;
    if (table === undefined || (hasOwnValues && ownValues === undefined)) return [];
    const keyAt = entryBytes === 24 ? 8 : 0;
    const items: (readonly [number, number])[] = [];
    for (let index = 0; index < count; index++) {
      const at = index * entryBytes + keyAt;
      const key = addressIn(table, at);
      const value = ownValues ? addressIn(ownValues, index * 8) : addressIn(table, at + 8);
      if (key !== 0 && value !== 0) items.push([key, value]);
    }
    return items;
  }

  private find(items: readonly (readonly [number, number])[], name: string): number {
    return items.find(([key]) => this.objects.isText(key, name))?.[1] ?? 0;
  }
}

/** Since 3.11: sizes as powers of two, and keys of text only have entries without a hash. */
function compactKeys(keys: number, bytes: Uint8Array, words: Uint32Array): Keys {
  const [indexBytesLog2 = 0, kind = 0] = [bytes[9], bytes[10]];
  return {
    entries: keys + 32 + 2 ** indexBytesLog2,
    entryBytes: kind === generalKeys ? 24 : 16,
    count: wordAt(words, 24),
    isSplit: kind === splitKeys,
  };
}

function oldKeys(keys: number, words: Uint32Array): Keys {
  const size = wordAt(words, 8);
  const indexBytes = size <= 0xff ? 1 : size <= 0xffff ? 2 : 4;
  return { entries: keys + 40 + size * indexBytes, entryBytes: 24, count: wordAt(words, 32), isSplit: false };
}

function addressIn(table: Buffer, offset: number): number {
  return table.readUInt32LE(offset) + table.readUInt32LE(offset + 4) * 0x1_0000_0000;
}
