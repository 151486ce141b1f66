import type { Layout } from './layout';

/**
 * Offsets for the versions that do not tell them, which have kept theirs through all patch versions. Source: CPython's
 * headers; `test/unit/observer/offsetTables.test.ts` compiles a program against those of each interpreter at hand.
 */
export function tabledLayout(minor: number): Layout | undefined {
  return [layout39, layout310, layout311, layout312].find(layout => layout.minor === minor);
}

const sinceThreeNine = {
  bytes: { size: 16, data: 32 },
  dict: { keys: 32, values: 40 },
  generator: undefined,
} as const;

const layout39: Layout = {
  ...sinceThreeNine,
  minor: 9,
  runtime: { interpretersHead: 32 },
  interpreter: { next: 0, threadsHead: 8, modules: 856 },
  gil: { base: 'runtime', at: 0, holder: 360, locked: 368 },
  gc: { collecting: 816, collections: 744 },
  thread: {
    next: 8,
    frame: 24,
    frameInsideCFrame: undefined,
    threadId: 176,
    nativeThreadId: undefined,
    datastackChunk: undefined,
    gilRequested: undefined,
  },
  frame: {
    previous: 24,
    code: 32,
    instruction: 104,
    owner: undefined,
    firstForeignOwner: 256,
    byteCount: 112,
  },
  code: {
    qualname: undefined,
    name: 112,
    filename: 104,
    firstLine: 40,
    flags: 36,
    lineTable: 120,
    bytecode: undefined,
    byteCount: 128,
  },
  text: { length: 16, state: 32, asciiData: 48, compactData: 72 },
  type: { name: 24, basicSize: 32, dictOffset: 288, cachedKeys: 864 },
};

const layout310: Layout = {
  ...layout39,
  minor: 10,
  frame: { ...layout39.frame, instruction: 96, byteCount: 104 },
  type: { ...layout39.type, cachedKeys: 872 },
};

const layout311: Layout = {
  ...sinceThreeNine,
  minor: 11,
  runtime: { interpretersHead: 40 },
  interpreter: { next: 0, threadsHead: 16, modules: 888 },
  gil: { base: 'runtime', at: 0, holder: 368, locked: 376 },
  gc: { collecting: 848, collections: 776 },
  thread: {
    next: 8,
    frame: 56,
    frameInsideCFrame: 8,
    threadId: 152,
    nativeThreadId: 160,
    datastackChunk: 296,
    gilRequested: undefined,
  },
  frame: { previous: 48, code: 32, instruction: 56, owner: 69, firstForeignOwner: 256, byteCount: 72 },
  code: {
    qualname: 128,
    name: 120,
    filename: 112,
    firstLine: 72,
    flags: 48,
    lineTable: 136,
    bytecode: 184,
    byteCount: 144,
  },
  text: layout39.text,
  type: { name: 24, basicSize: 32, dictOffset: 288, cachedKeys: 872 },
};

const layout312: Layout = {
  ...sinceThreeNine,
  minor: 12,
  runtime: { interpretersHead: 40 },
  interpreter: { next: 0, threadsHead: 72, modules: 944 },
  gil: { base: 'interpreterPointer', at: 384, holder: 8, locked: 16 },
  gc: { collecting: 312, collections: 240 },
  thread: {
    next: 8,
    frame: 56,
    frameInsideCFrame: 0,
    threadId: 136,
    nativeThreadId: 144,
    datastackChunk: 232,
    gilRequested: undefined,
  },
  frame: { previous: 8, code: 0, instruction: 56, owner: 70, firstForeignOwner: 3, byteCount: 72 },
  code: { ...layout311.code, firstLine: 68, bytecode: 192 },
  text: { length: 16, state: 32, asciiData: 40, compactData: 56 },
  type: { name: 24, basicSize: 32, dictOffset: 288, cachedKeys: 880 },
};
