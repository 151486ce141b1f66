import { type Layout, objectType } from '../layout/layout';
import { isPlausibleAddress, type TargetMemory, WordBuffer, wordAt } from './targetMemory';

/** Up to the state: an empty text at the very end of a page has no more. */
const headBytes = 40;
const maxTextChars = 64 * 1024;
const maxTableBytes = 8 * 1024 * 1024;
const [kindShift, kindMask] = [2, 7];
const [compactBit, asciiBit] = [1 << 5, 1 << 6];

interface TextKind {
  readonly isAscii: boolean;
  readonly charBytes: number;
}

/** Reads Python's texts and bytes in another process. */
export class PythonObjects {
  private readonly head = new WordBuffer(80);

  constructor(
    readonly memory: TargetMemory,
    readonly layout: Layout,
  ) {}

  /** A `str`; undefined when it cannot be read or is none. Very long ones are cut. */
  text(address: number): string | undefined {
    const head = this.textHead(address);
    if (head === undefined) return undefined;
    const { kind, length } = head;
    const charCount = Math.min(length, maxTextChars);
    const { isAscii, charBytes } = kind;
    const { text } = this.layout;
    const data = address + (isAscii ? text.asciiData : text.compactData);
    const bytes = charCount === 0 ? Buffer.alloc(0) : this.memory.bytes(data, charCount * charBytes);
    return bytes && decode(bytes, charBytes);
  }

  /** Whether a `str` is this text of ASCII: most others differ in length already, and are not read. */
  isText(address: number, text: string): boolean {
    return this.textHead(address)?.length === text.length && this.text(address) === text;
  }

  private textHead(address: number): { readonly kind: TextKind; readonly length: number } | undefined {
    const { text } = this.layout;
    if (!isPlausibleAddress(address) || !this.memory.read(address, this.head.bytes, headBytes))
      return undefined;
    const kind = kindOf(this.head.words[text.state >>> 2] ?? 0);
    const length = wordAt(this.head.words, text.length);
    return kind !== undefined && length >= 0 && length < 2 ** 40 ? { kind, length } : undefined;
  }

  /** The content of a `bytes` object. */
  bytes(address: number): Uint8Array | undefined {
    const { bytes } = this.layout;
    if (!isPlausibleAddress(address) || !this.memory.read(address, this.head.bytes, bytes.data))
      return undefined;
    const byteCount = wordAt(this.head.words, bytes.size);
    if (!(byteCount >= 0 && byteCount <= maxTableBytes)) return undefined;
    return byteCount === 0 ? new Uint8Array(0) : this.memory.bytes(address + bytes.data, byteCount);
  }

  /** Address of an object's type; 0 when it cannot be read. */
  typeOf(address: number): number {
    return this.memory.pointer(address + objectType);
  }

  /** Name of a type. */
  typeName(type: number): string | undefined {
    const name = this.memory.pointer(type + this.layout.type.name);
    const bytes = Buffer.alloc(64);
    const byteCount = this.memory.readUpTo(name, bytes, 64);
    const end = bytes.indexOf(0);
    return end < 0 || end >= byteCount ? undefined : bytes.toString('utf8', 0, end);
  }
}

/** The bits of `PyASCIIObject.state`. Texts that are not compact (subclasses before 3.12) do not name code. */
function kindOf(state: number): TextKind | undefined {
  const charBytes = (state >>> kindShift) & kindMask;
  const isCompact = (state & compactBit) !== 0;
  if (!isCompact || (charBytes !== 1 && charBytes !== 2 && charBytes !== 4)) return undefined;
  return { isAscii: (state & asciiBit) !== 0, charBytes };
}

/** Latin-1, UCS-2 and UCS-4, as `str` holds them; lone surrogates stay as the text of an escape. */
function decode(bytes: Buffer, charBytes: number): string {
  if (charBytes === 1) return bytes.toString('latin1');
  if (charBytes === 2) return escapeLoneSurrogates(bytes.toString('utf16le'));
  const points: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = bytes.readUInt32LE(at);
    points.push(point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd');
  }
  return escapeLoneSurrogates(points.join(''));
}

function escapeLoneSurrogates(text: string): string {
  return text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    found => `\\u${found.charCodeAt(0).toString(16)}`,
  );
}
