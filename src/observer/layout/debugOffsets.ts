/**
 * Since 3.13 CPython describes its own structures at the beginning of `_PyRuntime`: a cookie, the version, and a list
 * of offsets (`_Py_DebugOffsets`). Which offsets stand in the list depends on the minor version.
 */
import { type TargetMemory, WordBuffer, wordAt } from '../memory/targetMemory';
import type { GeneratorLayout, Layout } from './layout';

const cookie = 'xdebugpy';
const headerBytes = 24;

const sections313 = {
  runtime: ['size', 'finalizing', 'interpretersHead'],
  interpreter: [
    ...['size', 'id', 'next', 'threadsHead', 'gc', 'modules', 'sysdict', 'builtins', 'gilPointer'],
    ...['gil', 'gilEnabled', 'gilLocked', 'gilHolder'],
  ],
  thread: [
    ...['size', 'prev', 'next', 'interp', 'currentFrame', 'threadId', 'nativeThreadId', 'datastackChunk'],
    'status',
  ],
  frame: ['size', 'previous', 'executable', 'instruction', 'localsplus', 'owner'],
  code: [
    ...['size', 'filename', 'name', 'qualname', 'lineTable', 'firstLine', 'argumentCount', 'localNames'],
    ...['localKinds', 'bytecode'],
  ],
  object: ['size', 'type'],
  type: ['size', 'name', 'repr', 'flags'],
  tuple: ['size', 'items', 'length'],
  list: ['size', 'items', 'length'],
  dict: ['size', 'keys', 'values'],
  float: ['size', 'value'],
  integer: ['size', 'tag', 'digits'],
  bytes: ['size', 'length', 'data'],
  text: ['size', 'state', 'length', 'asciiSize'],
  gc: ['size', 'collecting'],
  generator: [],
} as const;

const sections314 = {
  ...sections313,
  interpreter: [
    ...[
      'size',
      'id',
      'next',
      'threadsHead',
      'threadsMain',
      'gc',
      'modules',
      'sysdict',
      'builtins',
      'gilPointer',
    ],
    ...['gil', 'gilEnabled', 'gilLocked', 'gilHolder', 'codeGeneration', 'localBytecodeGeneration'],
  ],
  frame: [...sections313.frame, 'stackPointer', 'localBytecodeIndex'],
  code: [...sections313.code, 'localBytecode'],
  list: ['size', 'items', 'length', 'setSize', 'setUsed', 'setTable', 'setMask'],
  generator: ['size', 'name', 'frame', 'frameState'],
} as const;

const sections315 = {
  ...sections314,
  thread: [
    ...[
      'size',
      'prev',
      'next',
      'interp',
      'currentFrame',
      'baseFrame',
      'lastProfiledFrame',
      'lastProfiledSequence',
    ],
    ...['threadId', 'nativeThreadId', 'datastackChunk', 'status', 'holdsGil', 'gilRequested'],
    ...['currentException', 'exceptionState', 'exceptionValue'],
  ],
  type: [...sections313.type, 'basicSize', 'dictOffset', 'heapTypeSize', 'cachedKeys'],
  text: [...sections313.text, 'compactSize'],
  gc: [...sections313.gc, 'frame', 'statisticsSize', 'statistics'],
} as const;
/** The statistics of the collector stand before its flag (`_gc_runtime_state`), up to 3.14. */
const collectionsBytes = 72;

type Sections = Readonly<Record<keyof typeof sections313, readonly string[]>>;
type Offsets = Readonly<Record<keyof typeof sections313, Readonly<Record<string, number>>>>;

const sectionsOf: Readonly<Record<number, Sections>> = { 13: sections313, 14: sections314, 15: sections315 };

/** What the structure at `_PyRuntime` says. */
export interface RuntimeDescription {
  /** As `3.13.1`. */
  readonly version: string;
  readonly isFreeThreaded: boolean;
  /** Undefined for a version whose list is not known here. */
  readonly layout: Layout | undefined;
}

/** Reads the description at the runtime's address; undefined where there is none (before 3.13). */
export function readDebugOffsets(memory: TargetMemory, runtime: number): RuntimeDescription | undefined {
  const buffer = new WordBuffer(1200);
  memory.readUpTo(runtime, buffer.bytes, 1200);
  if (Buffer.from(buffer.bytes.buffer, 0, 8).toString('latin1') !== cookie) return undefined;
  const hexVersion = wordAt(buffer.words, 8);
  const [major, minor, patch] = [hexVersion >>> 24, (hexVersion >>> 16) & 0xff, (hexVersion >>> 8) & 0xff];
  const isFreeThreaded = wordAt(buffer.words, 16) !== 0;
  const sections = sectionsOf[minor];
  const isKnown = major === 3 && sections !== undefined && !isFreeThreaded;
  const layout = isKnown ? layoutFrom(minor, readSections(buffer.words, sections)) : undefined;
  return { version: `${major}.${minor}.${patch}`, isFreeThreaded, layout };
}

function readSections(words: Uint32Array, sections: Sections): Offsets {
  let at = headerBytes;
  const next = () => {
    at += 8;
    return wordAt(words, at - 8);
  };
  const read = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, next()]));
  return Object.fromEntries(
    Object.entries(sections).map(([name, fields]) => [name, read(fields)]),
  ) as Offsets;
}

/** Undefined when what was read cannot be true: an unreleased version with another list. */
function layoutFrom(minor: number, offsets: Offsets): Layout | undefined {
  const { runtime, interpreter, thread, frame, code, dict, type, bytes, text, object, gc } = offsets;
  const of = (section: Readonly<Record<string, number>>, name: string) => section[name] ?? 0;
  const isCredible =
    of(object, 'type') === 8 &&
    of(bytes, 'data') === 32 &&
    of(text, 'asciiSize') === 40 &&
    of(frame, 'size') < 200;
  if (!isCredible) return undefined;
  return {
    minor,
    runtime: { interpretersHead: of(runtime, 'interpretersHead') },
    interpreter: {
      next: of(interpreter, 'next'),
      threadsHead: of(interpreter, 'threadsHead'),
      modules: of(interpreter, 'modules'),
    },
    gil: {
      base: 'interpreterPointer',
      at: of(interpreter, 'gilPointer'),
      holder: of(interpreter, 'gilHolder') - of(interpreter, 'gil'),
      locked: of(interpreter, 'gilLocked') - of(interpreter, 'gil'),
    },
    gc: {
      collecting: of(interpreter, 'gc') + of(gc, 'collecting'),
      collections: minor < 15 ? of(interpreter, 'gc') + of(gc, 'collecting') - collectionsBytes : undefined,
    },
    thread: {
      next: of(thread, 'next'),
      frame: of(thread, 'currentFrame'),
      frameInsideCFrame: undefined,
      threadId: of(thread, 'threadId'),
      nativeThreadId: of(thread, 'nativeThreadId'),
      datastackChunk: of(thread, 'datastackChunk'),
      gilRequested: thread['gilRequested'],
    },
    frame: {
      previous: of(frame, 'previous'),
      code: of(frame, 'executable'),
      instruction: of(frame, 'instruction'),
      owner: of(frame, 'owner'),
      firstForeignOwner: 3,
      byteCount: roundUp(of(frame, 'owner') + 1),
    },
    code: {
      qualname: of(code, 'qualname'),
      name: of(code, 'name'),
      filename: of(code, 'filename'),
      firstLine: of(code, 'firstLine'),
      // The field before the argument count, since 3.12.
      flags: of(code, 'argumentCount') - 4,
      lineTable: of(code, 'lineTable'),
      bytecode: of(code, 'bytecode'),
      byteCount: roundUp(of(code, 'lineTable') + 8),
    },
    text: {
      length: of(text, 'length'),
      state: of(text, 'state'),
      asciiData: of(text, 'asciiSize'),
      // Two more fields: the UTF-8 form and its length.
      compactData: of(text, 'asciiSize') + 16,
    },
    bytes: { size: of(bytes, 'length'), data: of(bytes, 'data') },
    dict: { keys: of(dict, 'keys'), values: of(dict, 'values') },
    generator: generatorFrom(minor, offsets),
    type: {
      name: of(type, 'name'),
      // Not described before 3.15; the structures are those of 3.12.
      basicSize: type['basicSize'] ?? 32,
      dictOffset: type['dictOffset'] ?? 288,
      cachedKeys: type['cachedKeys'] ?? 880,
    },
  };
}

/** `gi_frame_state` (`pycore_frame.h`), as a byte. 3.15 keeps an index above what is waited for. */
const frameStates: Readonly<Record<number, Pick<GeneratorLayout, 'suspended' | 'waiting' | 'awaitedBelow'>>> =
  {
    14: { suspended: [0xfe, 0xff], waiting: [0xff], awaitedBelow: 8 },
    15: { suspended: [1, 2, 3], waiting: [2, 3], awaitedBelow: 16 },
  };

function generatorFrom(minor: number, { generator, frame }: Offsets): GeneratorLayout | undefined {
  const { frame: at = 0, frameState = 0 } = generator;
  const { stackPointer = 0 } = frame;
  const states = frameStates[minor];
  return states && at > 0 ? { frame: at, frameState, stackPointer, ...states } : undefined;
}

function roundUp(byteCount: number): number {
  return Math.ceil(byteCount / 8) * 8;
}
