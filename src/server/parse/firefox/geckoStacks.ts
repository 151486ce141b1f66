import { isWaitingFunction } from '../../waits/libraryWaits';
import type { ByteStrings } from '../bytes/byteStrings';
import type { ProfileBuilder } from '../model/profileBuilder';
import { geckoLocation, namedFunction } from './geckoLocation';
import type { GeckoTables, GeckoThread } from './geckoProcess';
import { GeckoTable, tableLayout } from './geckoTable';

/** What the frames of a file turned out to hold. */
export interface GeckoFrameFacts {
  hasExecutingLines: boolean;
  hasDefinitionLines: boolean;
  /** Source files seen, and those of them that are named with a folder. */
  fileCount: number;
  pathCount: number;
}

/** What resolving needs beside a thread's tables. */
export interface GeckoStackContext {
  readonly builder: ProfileBuilder;
  readonly strings: ByteStrings;
  readonly facts: GeckoFrameFacts;
  /** False where a function's line is merely the first one that was seen of it (CPython's Tachyon). */
  readonly trustsDefinitionLines: boolean;
  /** Index of the category of frames in which a thread does nothing, -1 when there is none. */
  readonly idleCategory: number;
}

const unknown = -2;
const resolving = -3;
const noTable = new GeckoTable(tableLayout({}));

/** Node of a stack that the file refers to but does not contain whole; also the frame that it lacks. */
export const missingStack = -4;

/**
 * Turns a thread's stack indexes into nodes, each stack once. Each table is the thread's own or, where it has none,
 * the one that its process shares.
 */
export class GeckoStacks {
  private readonly frame: Int32Array;
  private readonly prefix: Int32Array;
  private readonly nodes: Int32Array;
  private readonly frames: Int32Array;
  private readonly funcs: Int32Array;
  private readonly frameIsIdle: Int8Array;
  /** Functions in which threads wait, by their names. */
  private readonly waiting = new Set<number>();
  private readonly path: number[] = [];

  constructor(
    private readonly thread: GeckoTables,
    private readonly shared: GeckoTables,
    private readonly context: GeckoStackContext,
  ) {
    const stacks = this.table('stackTable');
    this.frame = stacks.index('frame');
    this.prefix = prefixesOf(stacks);
    this.nodes = new Int32Array(this.frame.length).fill(unknown);
    context.builder.expectNodes(this.frame.length);
    const frames = this.table('frameTable');
    const frameCount = Math.max(frames.index('func').length, frames.index('location').length);
    this.frames = new Int32Array(frameCount).fill(unknown);
    this.frameIsIdle = new Int8Array(frameCount);
    this.funcs = new Int32Array(this.table('funcTable').index('name').length).fill(unknown);
  }

  /** The builder's node of a stack, -1 for the empty one, `missingStack` for one that is not in the file. */
  nodeOf(stack: number): number {
    if (stack < 0) return -1;
    if (stack >= this.nodes.length) return missingStack;
    const known = this.nodes[stack] as number;
    return known === unknown ? this.resolve(stack) : known;
  }

  /** True when the function on top of the stack is one in which threads wait. */
  waitsOnTop(stack: number): boolean {
    const frame = this.frame[stack] ?? -1;
    return (this.frameIsIdle[frame] ?? 0) === 1;
  }

  /** Mostly the caller is known. */
  private resolve(stack: number): number {
    const prefix = this.prefix[stack] ?? -1;
    const caller = prefix < 0 || prefix >= this.nodes.length ? -1 : (this.nodes[prefix] as number);
    if (caller === unknown) return this.resolveChain(stack);
    return this.addNode(stack, caller);
  }

  /** Adds the node of a stack whose caller's node is known. */
  private addNode(stack: number, caller: number): number {
    const frame = this.frameOf(this.frame[stack] as number);
    let node = caller;
    if (frame === missingStack) node = missingStack;
    else if (frame >= 0 && caller !== missingStack) node = this.context.builder.node(caller, frame);
    this.nodes[stack] = node;
    return node;
  }

  /** Walks to the nearest known caller and comes back, adding nodes. A chain that bites its tail ends there. */
  private resolveChain(stack: number): number {
    const { path, nodes } = this;
    path.length = 0;
    let at = stack;
    while (at >= 0 && nodes[at] === unknown) {
      nodes[at] = resolving;
      path.push(at);
      const next = this.prefix[at] ?? -1;
      at = next < nodes.length ? next : -1;
    }
    let node = at < 0 || nodes[at] === resolving ? -1 : (nodes[at] as number);
    for (let i = path.length - 1; i >= 0; i--) node = this.addNode(path[i] as number, node);
    return node;
  }

  /** The builder's frame, -1 for the synthetic root that Firefox puts below every stack. */
  private frameOf(frame: number): number {
    const known = this.frames[frame];
    if (known === undefined) return missingStack;
    if (known !== unknown) return known;
    const table = this.table('frameTable');
    const func = table.index('func')[frame] ?? -1;
    const location = table.index('location')[frame] ?? -1;
    const index = func >= 0 ? this.funcOf(func) : this.locatedFunc(location);
    const line = Math.max(0, table.index('line')[frame] ?? 0);
    const { builder, facts, idleCategory } = this.context;
    if (index >= 0 && line > 0) facts.hasExecutingLines = true;
    const made =
      index < 0 ? -1 : builder.frame({ func: index, line, endLine: line, column: -1, endColumn: -1 });
    this.frames[frame] = made;
    const isIdle = idleCategory >= 0 && table.index('category')[frame] === idleCategory;
    if (isIdle || this.waiting.has(index)) this.frameIsIdle[frame] = 1;
    return made;
  }

  private funcOf(func: number): number {
    const known = this.funcs[func];
    if (known !== undefined && known !== unknown) return known;
    const table = this.table('funcTable');
    const name = this.text(table.index('name')[func] ?? -1) ?? `function #${func}`;
    const line = Math.max(0, table.index('lineNumber')[func] ?? 0);
    const made = this.newFunc(
      this.withLibrary(name, table.index('resource')[func] ?? -1),
      this.fileOf(func),
      line,
    );
    if (known !== undefined) this.funcs[func] = made;
    return made;
  }

  private locatedFunc(location: number): number {
    const text = this.text(location);
    if (text === undefined) return -1;
    const { name, file, firstLine } = geckoLocation(text);
    return this.newFunc(name, file, firstLine);
  }

  private newFunc(recordedName: string, recordedFile: string, line: number): number {
    if (recordedName === '(root)' && recordedFile === '') return -1;
    const { builder, facts, trustsDefinitionLines } = this.context;
    const { name, file, firstLine } = namedFunction(recordedName, recordedFile, line);
    const known = builder.functionCount;
    const made = builder.func(name, file, trustsDefinitionLines ? firstLine : 0);
    if (made === known && file !== '' && !/^[<~]/.test(file)) {
      facts.fileCount++;
      if (/[/\\]/.test(file)) facts.pathCount++;
    }
    if (trustsDefinitionLines && firstLine > 0) facts.hasDefinitionLines = true;
    if (isWaitingFunction(name, file)) this.waiting.add(made);
    return made;
  }

  private fileOf(func: number): string {
    const table = this.table('funcTable');
    const source = table.index('source')[func] ?? -1;
    const fileName = table.index('fileName')[func] ?? -1;
    const sourceName = source < 0 ? -1 : (this.table('sources').index('filename')[source] ?? -1);
    return this.text(sourceName >= 0 ? sourceName : fileName) ?? this.frozenFile(func);
  }

  /** CPython names frozen modules as resources only. */
  private frozenFile(func: number): string {
    const resource = this.table('funcTable').index('resource')[func] ?? -1;
    const name = this.text(this.table('resourceTable').index('name')[resource] ?? -1) ?? '';
    return name.startsWith('<frozen') ? name : '';
  }

  /** An address means nothing without the library it lies in. */
  private withLibrary(name: string, resource: number): string {
    if (!name.startsWith('0x')) return name;
    const library = this.text(this.table('resourceTable').index('name')[resource] ?? -1);
    return library === undefined ? name : `${name} (${library})`;
  }

  private text(index: number): string | undefined {
    const table = this.thread.strings.length > 0 ? this.thread.strings : this.shared.strings;
    const id = table[index] ?? -1;
    return id < 0 ? undefined : this.context.strings.text(id);
  }

  private table(name: string): GeckoTable {
    return this.thread.tables.get(name) ?? this.shared.tables.get(name) ?? noTable;
  }
}

/** True when the thread brings its own stacks; else those of its process serve all threads alike. */
export function hasOwnStacks(thread: GeckoThread): boolean {
  return thread.own.tables.has('stackTable') || thread.own.strings.length > 0;
}

/** From version 66 on the distance to the caller is stored, 0 at a root. */
function prefixesOf(stacks: GeckoTable): Int32Array {
  const offsets = stacks.index('prefixOffset');
  if (offsets.length === 0) return stacks.index('prefix');
  return offsets.map((offset, index) => (offset > 0 ? index - offset : -1));
}
