/**
 * The code objects of a process, by address. An address is used again once its code object is gone, so what is
 * remembered is compared with the object from time to time: the pointers to its texts, its first line and its flags.
 */
import type { Layout } from '../layout/layout';
import { objectType } from '../layout/layout';
import type { PythonObjects } from '../memory/pythonObjects';
import { WordBuffer, wordAt } from '../memory/targetMemory';
import type { RecordWriter } from '../stream/recordWriter';
import { type Place, placeOf } from './lineTables';
import type { SourceFiles } from './sourceFiles';

const flagBits = {
  generator: 0x20,
  coroutine: 0x80,
  iterableCoroutine: 0x100,
  asyncGenerator: 0x200,
} as const;
const guardWords = 6;
const maxCodes = 20_000;
const unitBytes = 2;

interface Code {
  readonly functionId: number;
  readonly guard: Float64Array;
  readonly firstLine: number;
  readonly lineTable: Uint8Array;
  /** Location ids by byte offset of the instruction. */
  readonly locations: Map<number, number>;
}

export class CodeTable {
  private readonly codes = new Map<number, Code>();
  private readonly head: WordBuffer;
  private readonly guard = new Float64Array(guardWords);
  private codeType = 0;
  private functionCount = 0;
  private locationCount = 0;

  constructor(
    private readonly objects: PythonObjects,
    private readonly records: RecordWriter,
    private readonly files: SourceFiles,
  ) {
    this.head = new WordBuffer(Math.ceil(objects.layout.code.byteCount / 8) * 8);
  }

  /**
   * The location of an instruction as a frame holds it; -1 when there is no code object at that address. `isSure`: the
   * frame was there at the last look with the same code, so that comparing it again can wait.
   */
  location(address: number, instruction: number, isSure: boolean): number {
    let code = this.codes.get(address);
    if (code === undefined || !(isSure || this.isSame(address, code.guard))) {
      code = this.readCode(address);
      if (code === undefined) return -1;
    }
    const offset = offsetInCode(this.layout, address, instruction);
    return code.locations.get(offset) ?? this.defineLocation(code, offset);
  }

  /** Forgets all codes when there are very many, which a program that makes code without end would not outgrow. */
  forgetIfFull(): void {
    if (this.codes.size > maxCodes) this.codes.clear();
  }

  private get layout(): Layout {
    return this.objects.layout;
  }

  private isSame(address: number, guard: Float64Array): boolean {
    if (!this.readHead(address)) return false;
    for (let index = 0; index < guardWords; index++) if (this.guard[index] !== guard[index]) return false;
    return true;
  }

  /** Reads the fixed part of a code object; false when something else is there. */
  private readHead(address: number): boolean {
    const { head, guard } = this;
    const { code } = this.layout;
    if (!this.objects.memory.read(address, head.bytes, head.bytes.length)) return false;
    if (!this.isCodeType(wordAt(head.words, objectType))) return false;
    guard[0] = wordAt(head.words, code.name);
    guard[1] = wordAt(head.words, code.qualname ?? code.name);
    guard[2] = wordAt(head.words, code.filename);
    guard[3] = wordAt(head.words, code.lineTable);
    guard[4] = head.words[code.firstLine >>> 2] ?? 0;
    guard[5] = head.words[code.flags >>> 2] ?? 0;
    return true;
  }

  private isCodeType(type: number): boolean {
    if (this.codeType === 0 && this.objects.typeName(type) === 'code') this.codeType = type;
    return type !== 0 && type === this.codeType;
  }

  private readCode(address: number): Code | undefined {
    this.codes.delete(address);
    if (!this.readHead(address)) return undefined;
    const guard = this.guard.slice();
    const [, qualname = 0, filename = 0, lineTable = 0, firstLine = 0, flags = 0] = guard;
    const name = this.objects.text(qualname);
    const file = this.objects.text(filename);
    const table = this.objects.bytes(lineTable);
    if (name === undefined || file === undefined || table === undefined) return undefined;
    const functionId = this.defineFunction(name, file, firstLine, flags);
    const code: Code = {
      functionId,
      guard,
      firstLine,
      lineTable: table,
      locations: new Map(),
    };
    this.codes.set(address, code);
    return code;
  }

  private defineFunction(name: string, file: string, firstLine: number, flags: number): number {
    const id = this.functionCount++;
    const [nameId, fileId] = [this.records.string(name), this.files.string(file)];
    this.records.add('function', id, nameId, fileId, firstLine, kindFlags(flags));
    return id;
  }

  private defineLocation(code: Code, offset: number): number {
    const place = this.place(code, offset);
    const id = this.locationCount++;
    code.locations.set(offset, id);
    const { line, endLine, column, endColumn } = place;
    this.records.add('location', id, code.functionId, line, endLine, column + 1, endColumn + 1);
    return id;
  }

  private place({ firstLine, lineTable: table }: Code, offset: number): Place {
    return placeOf({ minor: this.layout.minor, firstLine, table }, offset);
  }
}

/** Byte offset in the bytecode of a code object, of an instruction as a frame holds it. */
export function offsetInCode({ minor, code }: Layout, address: number, instruction: number): number {
  if (code.bytecode !== undefined) return instruction - address - code.bytecode;
  return minor === 10 ? instruction * unitBytes : instruction;
}

/** As the format numbers them: 1 coroutine, 2 generator, 4 async generator. */
function kindFlags(flags: number): number {
  if ((flags & (flagBits.coroutine | flagBits.iterableCoroutine)) !== 0) return 1;
  if ((flags & flagBits.generator) !== 0) return 2;
  return (flags & flagBits.asyncGenerator) !== 0 ? 4 : 0;
}
