import type { ByteStrings } from '../bytes/byteStrings';
import { IntegerList } from '../json/integerList';
import type { ProfileBuilder } from '../model/profileBuilder';
import { CpuProfileFunctions } from './cpuProfileFunctions';
import type { CpuProfileNodes } from './cpuProfileNodes';

/** What V8 puts into its tree besides functions. */
export const cpuNodeKinds = { code: 0, idle: 1, collecting: 2 } as const;

const unknown = -2;
const resolving = -3;

/**
 * Turns V8's nodes into stacks. V8 knows lines only of the innermost function, and only how many of a node's ticks
 * fell on each: they are dealt out to the node's samples evenly, so that any longer stretch shows the true shares.
 */
export class CpuProfileStacks {
  hasLines = false;
  private readonly parents: Int32Array;
  private readonly nodes: Int32Array;
  private readonly callFrames: Int32Array;
  private readonly functions: CpuProfileFunctions;
  private readonly path = new IntegerList();
  /** By call frame: one of `cpuNodeKinds`. */
  private readonly kinds: Uint8Array;
  /** Per tick entry: the node with that line on top, and the ticks of all entries before it. */
  private readonly lineNodes: Int32Array;
  private readonly ticksBefore: Float64Array;
  private readonly tickStart: Int32Array;
  private readonly tickEnd: Int32Array;
  /** Per node: how far to step in its ticks, 0 before the first step, and the tick dealt last. */
  private readonly steps: Float64Array;
  private readonly tickOf: Float64Array;

  constructor(
    private readonly tree: CpuProfileNodes,
    strings: ByteStrings,
    private readonly builder: ProfileBuilder,
  ) {
    this.parents = tree.parents();
    builder.expectNodes(tree.length);
    this.functions = new CpuProfileFunctions(tree.callFrames, strings, builder);
    this.nodes = new Int32Array(tree.length).fill(unknown);
    this.callFrames = tree.callFrame.toArray();
    this.lineNodes = new Int32Array(tree.tickLine.length).fill(unknown);
    this.tickStart = tree.tickStart.toArray();
    this.tickEnd = tree.tickEnd.toArray();
    this.steps = new Float64Array(tree.length);
    this.tickOf = new Float64Array(tree.length);
    this.ticksBefore = new Float64Array(tree.tickCount.length + 1);
    for (let entry = 0; entry < tree.tickCount.length; entry++) {
      this.ticksBefore[entry + 1] = (this.ticksBefore[entry] as number) + tree.tickCount.at(entry, 0);
    }
    this.kinds = kindsOf(tree.callFrames.name.view(), strings);
  }

  /** One of `cpuNodeKinds`. */
  kind(node: number): number {
    return this.kinds[this.callFrames[node] as number] ?? cpuNodeKinds.code;
  }

  /** The builder's node of a call tree node, -1 for the root. */
  nodeOf(node: number): number {
    const known = this.nodes[node] ?? -1;
    return known === unknown ? this.resolve(node) : known;
  }

  /** The same for the next sample of that node, with the line that it is dealt. */
  sampleNode(node: number): number {
    if (node >= this.tickStart.length) return this.nodeOf(node);
    const start = this.tickStart[node] as number;
    const end = this.tickEnd[node] as number;
    if (start === end) return this.nodeOf(node);
    if (this.ticksBefore[start] === this.ticksBefore[end] || this.funcOf(node) < 0) return this.nodeOf(node);
    const entry = end - start === 1 ? start : this.deal(node, start, end);
    const known = this.lineNodes[entry] as number;
    if (known !== unknown) return known;
    const parent = this.parents[node] ?? -1;
    const made = this.addNode(parent < 0 ? -1 : this.nodeOf(parent), node, this.plausibleLine(node, entry));
    this.lineNodes[entry] = made;
    return made;
  }

  /**
   * The tick that the node's next sample stands for. Steps of about 0.618 of the ticks that share no divisor with
   * their number meet each tick once before any comes again, and lie evenly at any time.
   */
  private deal(node: number, start: number, end: number): number {
    const first = this.ticksBefore[start] as number;
    const total = (this.ticksBefore[end] as number) - first;
    let step = this.steps[node] as number;
    if (step === 0) {
      step = Math.max(1, Math.round(total * 0.618));
      while (greatestDivisor(step, total) > 1) step++;
      this.steps[node] = step;
    }
    const tick = ((this.tickOf[node] as number) + step) % total;
    this.tickOf[node] = tick;
    let [low, high] = [start, end - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ticksBefore[middle + 1] as number) - first > tick) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Code of inlined functions counts for its caller under its own line, which may lie before the caller's first. */
  private plausibleLine(node: number, entry: number): number {
    const line = this.tree.tickLine.at(entry, 0);
    const firstLine = this.tree.callFrames.firstLine.at(this.tree.callFrame.at(node), 0);
    return firstLine > 0 && line >= firstLine ? line : 0;
  }

  /** Mostly the parent is known. */
  private resolve(node: number): number {
    const parent = this.parents[node] as number;
    const below = parent < 0 ? -1 : (this.nodes[parent] as number);
    if (below < -1) return this.resolveChain(node);
    const made = this.addNode(below, node, 0);
    this.nodes[node] = made;
    return made;
  }

  /** Walks to the nearest known parent and comes back. A chain that bites its tail ends there. */
  private resolveChain(node: number): number {
    const { path, nodes } = this;
    path.restart();
    let at = node;
    while (at >= 0 && nodes[at] === unknown) {
      nodes[at] = resolving;
      path.push(at);
      at = this.parents[at] ?? -1;
    }
    let made = at < 0 || nodes[at] === resolving ? -1 : (nodes[at] as number);
    for (let i = path.length - 1; i >= 0; i--) {
      const index = path.values[i] as number;
      made = this.addNode(made, index, 0);
      nodes[index] = made;
    }
    return made;
  }

  private addNode(parent: number, node: number, line: number): number {
    if (line > 0) this.hasLines = true;
    const frame = this.functions.frameOf(this.callFrames[node] as number, line);
    return frame < 0 ? parent : this.builder.node(parent, frame);
  }

  /** The builder's frame of a node that is no code, to be put on top of a stack. */
  frameOf(node: number): number {
    return this.functions.frameOf(this.callFrames[node] as number, 0);
  }

  private funcOf(node: number): number {
    return this.functions.of(this.callFrames[node] as number);
  }
}

/** By call frame, whose names are ids in `strings`: V8 tells by its name what is no function. */
function kindsOf(names: Int32Array, strings: ByteStrings): Uint8Array {
  const idle = strings.internText('(idle)');
  const collecting = strings.internText('(garbage collector)');
  return Uint8Array.from(names, name => {
    if (name === idle) return cpuNodeKinds.idle;
    return name === collecting ? cpuNodeKinds.collecting : cpuNodeKinds.code;
  });
}

function greatestDivisor(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}
