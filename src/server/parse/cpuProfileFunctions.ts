import type { ByteStrings } from './byteStrings';
import type { CpuProfileNodes } from './cpuProfileNodes';
import { GrowingInt32 } from './growingColumn';
import { PairIndex } from './pairIndex';
import type { ProfileBuilder } from './profileBuilder';

/** Pairs of numbers with a number for each pair. */
class PairTable {
  private readonly firsts = new GrowingInt32();
  private readonly seconds = new GrowingInt32();
  private readonly values = new GrowingInt32();
  private readonly index = new PairIndex(
    at => this.firsts.at(at),
    at => this.seconds.at(at),
  );

  /** The pair's number; `make` is asked for that of a new pair. */
  get(first: number, second: number, make: () => number): number {
    const known = this.index.find(first, second);
    if (known >= 0) return this.values.at(known);
    const value = make();
    this.firsts.push(first);
    this.seconds.push(second);
    this.index.add(first, second, this.values.push(value));
    return value;
  }
}

/** The builder's functions and frames of V8's nodes. A few thousand functions make up a tree of any size. */
export class CpuProfileFunctions {
  private namedCount = 0;
  private readonly named = new PairTable();
  private readonly funcs = new PairTable();
  private readonly frames = new PairTable();

  constructor(
    private readonly tree: CpuProfileNodes,
    private readonly strings: ByteStrings,
    private readonly builder: ProfileBuilder,
  ) {}

  /** The builder's function, -1 for what is none: the root of the tree, and idleness. */
  of(node: number): number {
    const name = this.tree.name.at(node);
    const url = this.tree.url.at(node);
    const firstLine = this.tree.firstLine.at(node, 0);
    const named = this.named.get(name, url, () => this.namedCount++);
    return this.funcs.get(named, firstLine, () => this.add(this.text(name), this.text(url), firstLine));
  }

  /** The builder's frame of a function's line, 0 unknown. */
  frame(func: number, line: number): number {
    return this.frames.get(func, line, () =>
      this.builder.frame({ func, line, endLine: line, column: -1, endColumn: -1 }),
    );
  }

  private add(name: string, url: string, firstLine: number): number {
    const isNone = url === '' && (name === '(root)' || name === '(idle)');
    return isNone ? -1 : this.builder.func(name || '(anonymous)', pathOf(url), firstLine);
  }

  private text(id: number): string {
    return id < 0 ? '' : this.strings.text(id);
  }
}

/** Modules are known by URL, older scripts by path; what is no file keeps its URL. */
function pathOf(url: string): string {
  if (!url.startsWith('file:///')) return url;
  const path = url.slice(7);
  const plain = /^\/[a-z]:/i.test(path) ? path.slice(1) : path;
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
