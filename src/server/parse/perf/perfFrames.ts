import { GrowingInt32 } from '../../columns/growingColumn';
import { ByteStrings } from '../bytes/byteStrings';
import { PairIndex } from '../model/pairIndex';
import type { ProfileBuilder } from '../model/profileBuilder';

const space = 0x20;
const tab = 0x09;
const noObject = -1;

/** The frames of a sample in perf's text, `address symbol+offset (object)`, leaf first; offsets are left out. */
export class PerfFrames {
  private readonly symbols = new ByteStrings();
  private readonly objects = new ByteStrings();
  private readonly pairSymbol = new GrowingInt32();
  private readonly pairObject = new GrowingInt32();
  private readonly pairFrame = new GrowingInt32();
  private readonly pairs = new PairIndex(
    pair => this.pairSymbol.at(pair),
    pair => this.pairObject.at(pair, noObject - 1),
  );
  private readonly encoder = new TextEncoder();
  private stack = new GrowingInt32();

  constructor(private readonly builder: ProfileBuilder) {}

  /** Adds the next outer frame. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let at = skipBlanks(bytes, start, end);
    const word = at;
    while (at < end && isHex(bytes[at] as number)) at++;
    const behind = skipBlanks(bytes, at, end);
    // A name may look like an address; then its object follows at once.
    const symbol = at > word && behind > at && bytes[behind] !== 0x28 ? behind : word;
    const opening = bytes[end - 1] === 0x29 ? lastOpening(bytes, symbol, end) : -1;
    const symbolEnd = withoutOffset(bytes, symbol, opening < 0 ? end : opening);
    const isPython = startsWithPython(bytes, symbol, symbolEnd);
    const object = opening < 0 || isPython ? noObject : this.objects.intern(bytes, opening + 2, end - 1);
    this.stack.push(this.frameOf(this.symbols.intern(bytes, symbol, symbolEnd), object));
  }

  /** Adds a frame that stands in the sample's header. */
  addText(text: string): void {
    const bytes = this.encoder.encode(text);
    this.add(bytes, 0, bytes.length);
  }

  /** The node of the frames that were added; the next sample begins. */
  node(): number {
    let node = -1;
    for (let at = this.stack.length - 1; at >= 0; at--) node = this.builder.node(node, this.stack.at(at));
    this.clear();
    return node;
  }

  /** Forgets the frames that were added. */
  clear(): void {
    this.stack.length = 0;
  }

  private frameOf(symbol: number, object: number): number {
    const known = this.pairs.find(symbol, object);
    if (known >= 0) return this.pairFrame.at(known);
    const { name, file } = placeOf(this.symbols.text(symbol), object < 0 ? '' : this.objects.text(object));
    const func = this.builder.func(name, file, 0);
    const frame = this.builder.frame({ func, line: 0, endLine: 0, column: -1, endColumn: -1 });
    this.pairSymbol.push(symbol);
    this.pairObject.push(object);
    this.pairs.add(symbol, object, this.pairFrame.push(frame));
    return frame;
  }
}

/** Python's trampoline names functions `py::name:file`; names have no colons. */
function placeOf(symbol: string, object: string): { name: string; file: string } {
  const match = /^py::([^:]*):(.*)$/s.exec(symbol);
  if (match !== null) return { name: match[1] ?? '', file: match[2] ?? '' };
  return { name: symbol, file: object === '[unknown]' || object === 'inlined' ? '' : object };
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === space || bytes[at] === tab)) at++;
  return at;
}

/** Where the last ` (` begins, -1 when there is none. */
function lastOpening(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 2; at >= start; at--) if (bytes[at] === space && bytes[at + 1] === 0x28) return at;
  return -1;
}

/** Where the symbol ends without its `+0x1f`. */
function withoutOffset(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  while (at > start && isHex(bytes[at] as number)) at--;
  const isOffset = at - 2 > start && bytes[at] === 0x78 && bytes[at - 1] === 0x30 && bytes[at - 2] === 0x2b;
  return isOffset ? at - 2 : end;
}

function startsWithPython(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start > 4 &&
    bytes[start] === 0x70 &&
    bytes[start + 1] === 0x79 &&
    bytes[start + 2] === 0x3a &&
    bytes[start + 3] === 0x3a
  );
}
