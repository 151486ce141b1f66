/**
 * What is needed of an ELF file (64 bits, little-endian; System V ABI, chapters 4 and 5): where a symbol lies. A
 * stripped file keeps its dynamic symbols, and those are found through the program headers, which nothing may strip.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const [ptLoad, ptDynamic] = [1, 2];
const [dtHash, dtStringTable, dtSymbolTable, dtStringBytes, dtGnuHash] = [4, 5, 6, 10, 0x6fff_fef5];
const sectionOfSymbols = 2;
const symbolBytes = 24;
const maxTableBytes = 64 * 1024 * 1024;

interface Segment {
  readonly type: number;
  readonly fileOffset: number;
  readonly address: number;
  readonly fileBytes: number;
}

interface SymbolTable {
  readonly symbolsAt: number;
  readonly count: number;
  readonly strings: Buffer;
}

interface HashedTable {
  readonly hashAt: number;
  readonly symbolsAt: number;
  readonly stringsAt: number;
}

type Triple = [number, number, number];

interface Section {
  readonly name: string;
  readonly type: number;
  readonly address: number;
  readonly fileOffset: number;
  readonly byteCount: number;
  readonly link: number;
}

/** An open ELF file. Addresses are the file's own: add the load bias to get those of a process. */
export class ElfFile {
  private readonly header: Buffer;
  readonly segments: readonly Segment[];

  private constructor(private readonly file: number) {
    this.header = this.at(0, 64);
    this.segments = this.readSegments();
  }

  /** Undefined when it is no ELF file of 64 bits, little-endian. Throws Node's error when it cannot be opened. */
  static open(path: string): ElfFile | undefined {
    const file = openSync(path, 'r');
    const magic = Buffer.alloc(6);
    const isElf = readSync(file, magic, 0, 6, 0) === 6 && magic.toString('latin1') === '\x7fELF\x02\x01';
    if (isElf && fstatSync(file).size >= 64) return new ElfFile(file);
    closeSync(file);
    return undefined;
  }

  close(): void {
    closeSync(this.file);
  }

  /** The address of a symbol: from the dynamic table, else from the full one, which stripping takes away. */
  symbol(name: string): number | undefined {
    return this.dynamicSymbol(name) ?? this.sectionSymbol(name);
  }

  /** The address of a section. */
  section(name: string): number | undefined {
    return this.sections().find(section => section.name === name)?.address;
  }

  /** The text of the segments' files that is found by the pattern, which must not span more than a few bytes. */
  findText(pattern: RegExp): string | undefined {
    for (const { type, fileOffset, fileBytes } of this.segments) {
      if (type !== ptLoad) continue;
      const found = pattern.exec(this.at(fileOffset, Math.min(fileBytes, maxTableBytes)).toString('latin1'));
      if (found) return found[1] ?? found[0];
    }
    return undefined;
  }

  private at(offset: number, byteCount: number): Buffer {
    const buffer = Buffer.alloc(Math.min(byteCount, maxTableBytes));
    return buffer.subarray(0, readSync(this.file, buffer, 0, buffer.length, offset));
  }

  private readSegments(): Segment[] {
    const [offset, size, count] = [
      numberAt(this.header, 32),
      this.header.readUInt16LE(54),
      this.header.readUInt16LE(56),
    ];
    const table = this.at(offset, size * count);
    const rows = Array.from({ length: Math.floor(table.length / Math.max(size, 56)) }, (_, i) => i * size);
    return rows.map(row => ({
      type: table.readUInt32LE(row),
      fileOffset: numberAt(table, row + 8),
      address: numberAt(table, row + 16),
      fileBytes: numberAt(table, row + 32),
    }));
  }

  private dynamicSymbol(name: string): number | undefined {
    const entries = this.dynamicEntries();
    const [symbols, strings] = [entries.get(dtSymbolTable), entries.get(dtStringTable)];
    if (symbols === undefined || strings === undefined) return undefined;
    const [symbolsAt, stringsAt] = [this.fileOffsetOf(symbols), this.fileOffsetOf(strings)];
    const gnuHash = entries.get(dtGnuHash);
    if (gnuHash !== undefined)
      return this.hashedSymbol(name, { hashAt: this.fileOffsetOf(gnuHash), symbolsAt, stringsAt });
    return this.searchSymbols(name, {
      symbolsAt,
      count: this.dynamicSymbolCount(entries.get(dtHash), symbols, strings),
      strings: this.at(stringsAt, entries.get(dtStringBytes) ?? 0),
    });
  }

  private dynamicEntries(): ReadonlyMap<number, number> {
    const dynamic = this.segments.find(segment => segment.type === ptDynamic);
    const table = dynamic ? this.at(dynamic.fileOffset, dynamic.fileBytes) : Buffer.alloc(0);
    const entries = new Map<number, number>();
    for (let row = 0; row + 16 <= table.length; row += 16) {
      entries.set(numberAt(table, row), numberAt(table, row + 8));
    }
    return entries;
  }

  /** The dynamic table does not say how long it is: the old hash does, and linkers put the names behind the symbols. */
  private dynamicSymbolCount(hash: number | undefined, symbols: number, strings: number): number {
    if (hash !== undefined) return this.at(this.fileOffsetOf(hash) + 4, 4).readUInt32LE(0);
    return strings > symbols ? Math.floor((strings - symbols) / symbolBytes) : 0;
  }

  /**
   * Looks a name up in a GNU hash, with a few small reads of a file of many megabytes. A bucket names its first symbol;
   * the hashes of those that share it follow, and bit 0 marks the last.
   */
  private hashedSymbol(name: string, { hashAt, symbolsAt, stringsAt }: HashedTable): number | undefined {
    const header = this.at(hashAt, 16);
    if (header.length < 16 || header.readUInt32LE(0) === 0) return undefined;
    const [bucketCount, firstSymbol, bloomCount] = [0, 4, 8].map(at => header.readUInt32LE(at)) as Triple;
    const bucketsAt = hashAt + 16 + bloomCount * 8;
    const chainAt = bucketsAt + bucketCount * 4;
    const hash = gnuHashOf(name);
    let index = this.wordIn(bucketsAt + (hash % bucketCount) * 4);
    for (let found = 0; index >= firstSymbol && (found & 1) === 0; index++) {
      found = this.wordIn(chainAt + (index - firstSymbol) * 4);
      if ((found | 1) !== (hash | 1)) continue;
      const symbol = this.at(symbolsAt + index * symbolBytes, symbolBytes);
      if (symbol.length === symbolBytes && this.hasText(stringsAt + symbol.readUInt32LE(0), name))
        return numberAt(symbol, 8) || undefined;
    }
    return undefined;
  }

  /** The 32-bit number at an offset; where the file has ended already, one that ends every search. */
  private wordIn(offset: number): number {
    const bytes = this.at(offset, 4);
    return bytes.length === 4 ? bytes.readUInt32LE(0) : 1;
  }

  private hasText(offset: number, text: string): boolean {
    return this.at(offset, text.length + 1).toString('latin1') === `${text}\0`;
  }

  private sectionSymbol(name: string): number | undefined {
    const sections = this.sections();
    const symbols = sections.find(section => section.type === sectionOfSymbols);
    const strings = symbols && sections[symbols.link];
    if (symbols === undefined || strings === undefined) return undefined;
    const count = Math.floor(symbols.byteCount / symbolBytes);
    return this.searchSymbols(name, {
      symbolsAt: symbols.fileOffset,
      count,
      strings: this.at(strings.fileOffset, strings.byteCount),
    });
  }

  /** Looks for the name first, which may be the end of another, then for the symbol that has it. */
  private searchSymbols(name: string, { symbolsAt, count, strings }: SymbolTable): number | undefined {
    const wanted = Buffer.from(`${name}\0`);
    const names = new Set<number>();
    for (let at = strings.indexOf(wanted); at >= 0; at = strings.indexOf(wanted, at + 1)) names.add(at);
    if (names.size === 0) return undefined;
    const symbols = this.at(symbolsAt, count * symbolBytes);
    for (let row = 0; row + symbolBytes <= symbols.length; row += symbolBytes) {
      // Undefined symbols have address 0 and belong to another file.
      if (names.has(symbols.readUInt32LE(row)) && numberAt(symbols, row + 8) !== 0)
        return numberAt(symbols, row + 8);
    }
    return undefined;
  }

  private sections(): Section[] {
    const [offset, size, count, namesIndex] = [
      numberAt(this.header, 40),
      this.header.readUInt16LE(58),
      this.header.readUInt16LE(60),
      this.header.readUInt16LE(62),
    ];
    if (offset === 0 || size < 64) return [];
    const table = this.at(offset, size * count);
    const namesRow = namesIndex * size;
    if (namesRow + 64 > table.length) return [];
    const names = this.at(numberAt(table, namesRow + 24), numberAt(table, namesRow + 32));
    const rows = Array.from({ length: Math.floor(table.length / size) }, (_, index) => index * size);
    return rows.map(row => ({
      name: textAt(names, table.readUInt32LE(row)),
      type: table.readUInt32LE(row + 4),
      address: numberAt(table, row + 16),
      fileOffset: numberAt(table, row + 24),
      byteCount: numberAt(table, row + 32),
      link: table.readUInt32LE(row + 40),
    }));
  }

  private fileOffsetOf(address: number): number {
    const segment = this.segments.find(
      ({ type, address: start, fileBytes }) =>
        type === ptLoad && address >= start && address < start + fileBytes,
    );
    return segment ? address - segment.address + segment.fileOffset : 0;
  }

  /** The first segment of the file's bytes: its place in a process tells the load bias. */
  get firstLoad(): Segment | undefined {
    return this.segments.find(segment => segment.type === ptLoad);
  }
}

/** The hash of the GNU linkers (ELF gABI has only the older one): Bernstein's, times 33, of 32 bits. */
function gnuHashOf(name: string): number {
  let hash = 5381;
  for (const byte of Buffer.from(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

function numberAt(buffer: Buffer, offset: number): number {
  return buffer.readUInt32LE(offset) + buffer.readUInt32LE(offset + 4) * 0x1_0000_0000;
}

function textAt(buffer: Buffer, offset: number): string {
  const end = buffer.indexOf(0, offset);
  return buffer.toString('latin1', offset, end < 0 ? buffer.length : end);
}
