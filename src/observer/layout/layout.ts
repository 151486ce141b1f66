/** Byte offsets inside CPython's structures, for one minor version on 64-bit Linux. */
export interface Layout {
  /** 9 for Python 3.9. */
  readonly minor: number;
  readonly runtime: { readonly interpretersHead: number };
  readonly interpreter: {
    readonly next: number;
    readonly threadsHead: number;
    /** The dict of imported modules. */
    readonly modules: number;
  };
  readonly gil: GilLayout;
  readonly gc: GcLayout;
  readonly thread: ThreadLayout;
  readonly frame: FrameLayout;
  readonly code: CodeLayout;
  readonly text: TextLayout;
  readonly bytes: { readonly size: number; readonly data: number };
  readonly dict: { readonly keys: number; readonly values: number };
  readonly type: TypeLayout;
  /** Known since 3.14. */
  readonly generator: GeneratorLayout | undefined;
}

/**
 * Where the GIL is: up to 3.11 one for all in the runtime's own structure; since 3.12 each interpreter points to its
 * own. `holder` is the thread state that has or had it, `locked` the 32-bit flag that tells which.
 */
export interface GilLayout {
  readonly base: 'runtime' | 'interpreterPointer';
  /** Of the GIL in the runtime, or of the pointer to it in the interpreter. */
  readonly at: number;
  readonly holder: number;
  readonly locked: number;
}

/** Offsets from the interpreter's address. */
export interface GcLayout {
  /** A 32-bit flag: the collector is at work. */
  readonly collecting: number;
  /** How often the first generation was collected; the other two follow. Behind a pointer since 3.15: undefined. */
  readonly collections: number | undefined;
}

export interface ThreadLayout {
  readonly next: number;
  /**
   * How the current frame is reached: the thread state points to it, or (3.11, 3.12) to a structure on the C stack
   * that does.
   */
  readonly frame: number;
  readonly frameInsideCFrame: number | undefined;
  readonly threadId: number;
  /** Since 3.11; before that only the address of the C library's thread structure is known. */
  readonly nativeThreadId: number | undefined;
  /** The block of memory that holds the innermost frames, since 3.11. */
  readonly datastackChunk: number | undefined;
  /** A 32-bit flag, since 3.15. */
  readonly gilRequested: number | undefined;
}

export interface FrameLayout {
  readonly previous: number;
  readonly code: number;
  /** An index up to 3.10 (bytes in 3.9, code units in 3.10), a pointer into the bytecode since 3.11. */
  readonly instruction: number;
  /** Since 3.11. */
  readonly owner: number | undefined;
  /** The lowest owner whose frame is no Python function; since 3.12. */
  readonly firstForeignOwner: number;
  /** Bytes that must be read of a frame, from its address. */
  readonly byteCount: number;
}

export interface CodeLayout {
  /** Since 3.11. */
  readonly qualname: number | undefined;
  readonly name: number;
  readonly filename: number;
  readonly firstLine: number;
  readonly flags: number;
  readonly lineTable: number;
  /** Where the instructions begin inside the code object, since 3.11. */
  readonly bytecode: number | undefined;
  readonly byteCount: number;
}

export interface TextLayout {
  readonly length: number;
  readonly state: number;
  /** Where the characters of an ASCII text, and those of another, begin. */
  readonly asciiData: number;
  readonly compactData: number;
}

export interface TypeLayout {
  readonly name: number;
  readonly basicSize: number;
  readonly dictOffset: number;
  /** The keys that all instances share. */
  readonly cachedKeys: number;
}

/** Generators and coroutines, which hold their frame in themselves. */
export interface GeneratorLayout {
  readonly frame: number;
  /** One byte. */
  readonly frameState: number;
  /** In the frame: where its stack ends. */
  readonly stackPointer: number;
  /** The states in which it is suspended, and those of them in which it waits for an object on its stack. */
  readonly suspended: readonly number[];
  readonly waiting: readonly number[];
  /** How far that object lies below the stack's end. */
  readonly awaitedBelow: number;
}

/** Offset of an object's type, the same since Python 2. */
export const objectType = 8;
