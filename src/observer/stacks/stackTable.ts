import type { RecordWriter } from '../stream/recordWriter';
import type { CodeTable } from './codeTable';
import type { RawStack } from './rawStack';

/** Stacks are numbered from 1, as samples write them. */
export const noStack = 0;
/** What a look found makes no sense: no stack. */
export const tornStack = -1;

const maxNodes = 500_000;
/** There may be hundreds of threads. */
const firstDepth = 8;
/** At so many looks one frame that looks unchanged is compared with its code object. */
const checkEvery = 8;
/** Room for the locations in a key: parent × this + location stays exact. */
const locationRoom = 2 ** 26;

/**
 * The stack of a thread at the last look, root first: of the next one only the frames are looked up that differ, and
 * nothing is allocated when none does.
 */
export class LastStack {
  depth = 0;
  frames = new Float64Array(firstDepth);
  codes = new Float64Array(firstDepth);
  instructions = new Float64Array(firstDepth);
  /** Number of the stack down to each frame. */
  stacks = new Int32Array(firstDepth);
  /** So many outermost frames lie in order in one chunk of the data stack. */
  orderedDepth = 0;
  private lookCount = 0;

  /** Which frame is to be compared with its code object although it looks unchanged; -1 none at this look. */
  nextToCheck(depth: number): number {
    this.lookCount++;
    return this.lookCount % checkEvery === 0 ? (this.lookCount / checkEvery) % depth : -1;
  }

  /** Finds out how many frames lie in order in a chunk; of so many it is known. */
  findOrder(known: number, chunkStart: number, chunkEnd: number): void {
    let count = Math.min(known, this.orderedDepth);
    let before = count === 0 ? chunkStart : (this.frames[count - 1] ?? 0);
    for (; count < this.depth; count++) {
      const frame = this.frames[count] ?? 0;
      if (frame <= before || frame >= chunkEnd) break;
      before = frame;
    }
    this.orderedDepth = count;
  }

  reserve(depth: number): void {
    if (depth <= this.stacks.length) return;
    const length = Math.max(depth, this.stacks.length * 2);
    this.frames = grown(this.frames, new Float64Array(length));
    this.codes = grown(this.codes, new Float64Array(length));
    this.instructions = grown(this.instructions, new Float64Array(length));
    this.stacks = grown(this.stacks, new Int32Array(length));
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Numbers stacks and defines each in the stream at its first sight: a node of a tree, parent and location. */
export class StackTable {
  private readonly nodes = new Map<number, number>();
  private count = 0;

  constructor(
    private readonly codes: CodeTable,
    private readonly records: RecordWriter,
  ) {}

  /** The number of the stack just read, `noStack` for an empty one, `tornStack` when a frame has no code object. */
  number(raw: RawStack, last: LastStack): number {
    const depth = raw.depth + raw.keptOuter;
    last.reserve(depth);
    const check = last.nextToCheck(depth);
    const first = check < 0 ? raw.keptOuter : Math.min(raw.keptOuter, check);
    let isShared = true;
    let stack = first === 0 ? noStack : (last.stacks[first - 1] ?? noStack);
    for (let index = first; index < depth; index++) {
      const inner = depth - 1 - index;
      const isKept = index < raw.keptOuter;
      const frame = (isKept ? last.frames[index] : raw.frames[inner]) ?? 0;
      const code = (isKept ? last.codes[index] : raw.codes[inner]) ?? 0;
      const instruction = (isKept ? last.instructions[index] : raw.instructions[inner]) ?? 0;
      const isCalm = index < last.depth && last.frames[index] === frame && last.codes[index] === code;
      isShared &&= isCalm && last.instructions[index] === instruction;
      const isSure = isCalm && index !== check;
      if (isShared && isSure) {
        stack = last.stacks[index] ?? noStack;
        continue;
      }
      const location = this.codes.location(code, instruction, isSure);
      if (location < 0) return this.lose(last, index);
      stack = this.child(stack, location);
      isShared &&= last.stacks[index] === stack;
      last.frames[index] = frame;
      last.codes[index] = code;
      last.instructions[index] = instruction;
      last.stacks[index] = stack;
    }
    last.depth = depth;
    last.findOrder(raw.keptOuter, raw.chunkStart, raw.chunkEnd);
    return stack;
  }

  /** Bounds the memory for programs with ever new stacks. Numbers given out stay valid: the file defines them. */
  forgetIfFull(): void {
    if (this.nodes.size > maxNodes) this.nodes.clear();
    this.codes.forgetIfFull();
  }

  private lose(last: LastStack, depth: number): number {
    last.depth = depth;
    return tornStack;
  }

  private child(parent: number, location: number): number {
    const key = parent * locationRoom + location;
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const id = this.count++;
    this.records.add('stack', id, parent, location);
    this.nodes.set(key, id + 1);
    return id + 1;
  }
}
