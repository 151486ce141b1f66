/**
 * Builds a `Profile` from whatever a parser reads: interns strings, functions, frames and stacks, collects samples
 * in any order of lanes, and at the end renumbers the stack tree depth-first and groups the samples by lane.
 */
import { depthFirst, maxDepth } from '../../../shared/depthFirst';
import type {
  CallTable,
  FrameTable,
  FunctionTable,
  Lane,
  LaneKind,
  NodeTable,
  Profile,
  ProfileInfo,
  SourceFileFact,
} from '../../../shared/profile';
import { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import { say } from '../../strings';
import { boundedAmount, boundedTime, columnOffset, idNumber, lineNumber, maxAmount } from './bounds';
import { type CodeOrigins, functionKind, isInjected, isProcessStart, kindIndex } from './functionKind';
import { HandoffColumns } from './handoffColumns';
import { KernelWaitColumns } from './kernelWaitColumns';
import { lifeTime, withLife } from './laneLife';
import { type LaneDraft, laneOrder } from './laneOrder';
import { LoopColumns } from './loopColumns';
import { groupByLane, SampleColumns, type SampleRow } from './sampleColumns';
import { StackTree } from './stackTree';
import { TupleIndex } from './tupleIndex';
import { WaitColumns } from './waitColumns';
import { withReasons } from './waitedReasons';

/** One executing place. Lines are 1-based (0 unknown), columns UTF-8 byte offsets (-1 unknown). */
export interface FramePlace {
  readonly func: number;
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
}

/** A thread or task as first met. Times are absolute; `startNs` NaN means «from its first sample on». */
export interface NewLane {
  readonly kind: LaneKind;
  readonly parent: number;
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly isMain: boolean;
}

/** Everything about a profile that is not in its tables. */
export interface Finish {
  readonly info: ProfileInfo;
  readonly calls?: CallTable;
  /** End of the recording on the absolute clock: lanes without an end of their own last until then. */
  readonly endNs: number;
}

export class ProfileBuilder {
  readonly samples = new SampleColumns();
  readonly files: SourceFileFact[] = [];
  readonly loops = new LoopColumns();
  readonly handoffs = new HandoffColumns();
  readonly kernelWaits = new KernelWaitColumns();
  readonly waits = new WaitColumns();
  private readonly strings: string[] = [];
  private readonly stringIndex = new Map<string, number>();
  private readonly functionIndex = new TupleIndex();
  private readonly functions = {
    name: new GrowingInt32(),
    file: new GrowingInt32(),
    firstLine: new GrowingInt32(),
    kind: new GrowingInt32(),
  };
  /** By string: the kind of the functions in the file of that name, -1 while nobody asked. */
  private readonly fileKinds = new GrowingInt32();
  private readonly frameIndex = new TupleIndex();
  private readonly frames = {
    func: new GrowingInt32(),
    line: new GrowingInt32(),
    endLine: new GrowingInt32(),
    column: new GrowingInt32(),
    endColumn: new GrowingInt32(),
  };
  private readonly tree = new StackTree();
  private readonly lanes: LaneDraft[] = [];
  private readonly gc = {
    startNs: new GrowingFloat64(),
    durationNs: new GrowingFloat64(),
    generation: new GrowingInt32(),
    lane: new GrowingInt32(),
  };
  private readonly injectedFiles = new Set<number>();
  /** Functions with which processes begin. */
  private readonly processStarts = new Set<number>();
  private readonly callCounts = new GrowingFloat64();
  private aggregateEnd = 0;
  private refusedLaneCount = 0;

  constructor(private readonly origins: CodeOrigins) {}

  /** Index of a string in the profile. */
  string(text: string): number {
    const known = this.stringIndex.get(text);
    if (known !== undefined) return known;
    const index = this.strings.push(text) - 1;
    this.stringIndex.set(text, index);
    return index;
  }

  /** Index of a function, known by its name, file and first line together. */
  func(name: string, file: string, firstLine: number): number {
    const nameId = this.string(name);
    const fileId = this.string(file);
    const line = lineNumber(firstLine);
    const known = this.functionIndex.find(nameId, fileId, line);
    if (known >= 0) return known;
    this.functionIndex.add(nameId, fileId, line);
    this.functions.name.push(nameId);
    this.functions.file.push(fileId);
    this.functions.firstLine.push(line);
    const func = this.functions.kind.push(this.kindOf(fileId, file));
    if (isProcessStart(name, file)) this.processStarts.add(func);
    return func;
  }

  /** Files hold many functions, and telling whose code they are takes a dozen patterns. */
  private kindOf(fileId: number, file: string): number {
    const known = this.fileKinds.at(fileId);
    if (known >= 0) return known;
    const kind = kindIndex(functionKind(file, this.origins));
    this.fileKinds.set(fileId, kind, -1);
    if (isInjected(file)) this.injectedFiles.add(fileId);
    return kind;
  }

  /** Index of an executing place. */
  frame(place: FramePlace): number {
    const line = lineNumber(place.line);
    const endLine = lineNumber(place.endLine);
    const column = columnOffset(place.column);
    const endColumn = columnOffset(place.endColumn);
    const known = this.frameIndex.find(place.func, line, endLine, column, endColumn);
    if (known >= 0) return known;
    this.frameIndex.add(place.func, line, endLine, column, endColumn);
    this.frames.line.push(line);
    this.frames.endLine.push(endLine);
    this.frames.column.push(column);
    this.frames.endColumn.push(endColumn);
    return this.frames.func.push(place.func);
  }

  /**
   * Index of the stack «`parent`, then `frame`»; -1 is the empty stack. Our own injected frames, and the
   * interpreter's module runner at the root, leave no node: their callees hang below their caller. What a process begins
   * with begins its stack.
   */
  node(parent: number, frame: number): number {
    const known = this.tree.find(parent, frame);
    if (known >= 0) return known;
    const isStart = this.processStarts.size > 0 && this.processStarts.has(this.frames.func.at(frame));
    if (isStart && parent >= 0) return this.node(-1, frame);
    const isLeftOut = this.isSkipped(parent, frame) || this.tree.depthBelow(parent) > maxDepth;
    return isLeftOut ? parent : this.tree.add(parent, frame);
  }

  /** Says that up to so many nodes will be added. */
  expectNodes(count: number): void {
    this.tree.reserve(count);
  }

  private isSkipped(parent: number, frame: number): boolean {
    const func = this.frames.func.at(frame);
    if (this.injectedFiles.size > 0 && this.injectedFiles.has(this.functions.file.at(func))) return true;
    return parent < 0 && this.functions.kind.at(func) === runtimeKind;
  }

  /**
   * Adds a lane and returns its index, which samples refer to until the end; -1 when there are more than anyone can
   * look at, whose samples are left out.
   */
  lane(lane: NewLane): number {
    if (this.lanes.length >= maxLanes) {
      this.refusedLaneCount++;
      return -1;
    }
    const ids = { pid: idNumber(lane.pid), tid: idNumber(lane.tid) };
    return this.lanes.push({ ...lane, ...ids, startNs: Number.NaN, endNs: Number.NaN }) - 1;
  }

  /** The lane as it stands, to rename it or to set its life. */
  laneDraft(index: number): LaneDraft | undefined {
    return this.lanes[index];
  }

  /** Adds a sample with absolute times. */
  sample(row: SampleRow): void {
    this.samples.push(row);
  }

  /**
   * Adds the weight of a stack where the format has no time axis. The weights of all lanes are laid one behind the
   * other, so that no two overlap and shares are shares of the sum. `count` is how many samples it stands for.
   */
  aggregate(lane: number, node: number, weight: number, count = 1): void {
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) return;
    const bounded = Math.min(weight, maxAmount);
    this.aggregateEnd += bounded;
    const index = this.samples.add(lane, node, this.aggregateEnd, bounded);
    if (count !== 1) this.samples.setCount(index, count);
  }

  /** The same for all samples from `first` on, which were added without a time. */
  aggregateAdded(first: number): void {
    const { samples } = this;
    samples.dropCpu(first);
    for (let index = first; index < samples.length; index++) {
      const bounded = Math.min(samples.weightNs[index] as number, maxAmount);
      this.aggregateEnd += bounded;
      samples.endNs[index] = this.aggregateEnd;
      samples.weightNs[index] = bounded;
    }
  }

  /** The sum of all aggregated weights: the duration of a profile without a time axis. */
  get aggregateTotal(): number {
    return this.aggregateEnd;
  }

  /** Counts calls of a function that a trace saw. */
  countCalls(func: number, calls: number): void {
    this.callCounts.set(func, this.callCounts.at(func, 0) + calls, 0);
  }

  /** Adds a garbage collection; `startNs` is absolute. */
  gcPause(pause: { startNs: number; durationNs: number; generation: number; lane: number }): void {
    this.gc.startNs.push(pause.startNs);
    this.gc.durationNs.push(pause.durationNs);
    this.gc.generation.push(pause.generation);
    this.gc.lane.push(pause.lane);
  }

  /** The number of functions so far: call tables are as long. */
  get functionCount(): number {
    return this.functions.name.length;
  }

  /**
   * A builder that goes on from here on its own, for a picture of what this one does not have yet: so many samples. Samples
   * and lanes are its own; to all else, which both have in common, nothing may be added.
   */
  fork(spareSamples: number): ProfileBuilder {
    const fork = new ProfileBuilder(this.origins);
    const lanes = this.lanes.map(lane => ({ ...lane }));
    Object.assign(fork, this, { samples: this.samples.copy(spareSamples), lanes });
    return fork;
  }

  /** What was read so far, while more is to come. */
  snapshot(info: ProfileInfo, slicer: Slicer): Promise<Profile> {
    // `finish` then copies the columns instead of handing them over.
    this.samples.keepApart();
    return this.finish({ info, endNs: info.startNs + info.durationNs }, slicer);
  }

  /** Puts the tables together, and may hand its columns over: nothing can be added afterwards. Pauses between its steps. */
  async finish(finish: Finish, slicer: Slicer): Promise<Profile> {
    const { startNs } = finish.info;
    const tree = depthFirst(this.tree.parents());
    await slicer.pauseIfDue(0.9);
    const order = laneOrder(this.lanes);
    if (this.refusedLaneCount > 0) this.samples.dropRefused();
    const renumbering = { newLane: order.newIndex, newNode: tree.newIndex, startNs };
    const grouped = await groupByLane(this.samples, renumbering, slicer);
    const lanes = order.sorted.map((old, index): Lane => {
      const place = {
        firstSample: grouped.firstSample[index] ?? 0,
        sampleCount: grouped.sampleCount[index] ?? 0,
      };
      return this.finishLane(old, { ...place, newLane: order.newIndex, startNs, endNs: finish.endNs });
    });
    const kernelWaits = this.kernelWaits.finish(startNs, order.newIndex, tree.newIndex);
    const samples = kernelWaits ? withReasons(grouped, kernelWaits) : grouped.samples;
    return {
      info: this.infoOf(finish.info),
      strings: this.strings,
      functions: this.functionTable(),
      frames: this.frameTable(),
      nodes: this.nodeTable(tree),
      lanes: lanes.map(lane => withLife(lane, samples)),
      samples,
      gcPauses: this.gcTable(startNs, order.newIndex),
      calls: finish.calls,
      files: this.files,
      loops: this.loops.finish(startNs, order.newIndex),
      handoffs: this.handoffs.finish(startNs, order.newIndex),
      kernelWaits,
      waits: this.waits.finishWaits(startNs, order.newIndex),
      usages: this.waits.finishUsages(startNs, order.newIndex),
      callCounts: this.callCounts.length === 0 ? undefined : this.callCountColumn(),
    };
  }

  private infoOf(info: ProfileInfo): ProfileInfo {
    if (this.refusedLaneCount === 0) return info;
    return { ...info, limits: [...info.limits, say('lanesLeftOut', maxLanes)] };
  }

  private callCountColumn(): Float64Array {
    const column = new Float64Array(this.functionCount);
    column.set(this.callCounts.toArray());
    return column;
  }

  private finishLane(
    old: number,
    context: {
      firstSample: number;
      sampleCount: number;
      newLane: Int32Array;
      startNs: number;
      endNs: number;
    },
  ): Lane {
    const draft = this.lanes[old] as LaneDraft;
    return {
      kind: draft.kind,
      parent: draft.parent < 0 ? -1 : (context.newLane[draft.parent] ?? -1),
      pid: draft.pid,
      tid: draft.tid,
      name: draft.name,
      isMain: draft.isMain,
      startNs: lifeTime(draft.startNs - context.startNs),
      endNs: lifeTime(draft.endNs - context.startNs),
      firstSample: context.firstSample,
      sampleCount: context.sampleCount,
    };
  }

  private functionTable(): FunctionTable {
    const { name, file, firstLine, kind } = this.functions;
    return {
      length: name.length,
      name: name.toArray(),
      file: file.toArray(),
      firstLine: firstLine.toArray(),
      kind: Uint8Array.from(kind.toArray()),
    };
  }

  private frameTable(): FrameTable {
    const { func, line, endLine, column, endColumn } = this.frames;
    return {
      length: func.length,
      func: func.toArray(),
      line: line.toArray(),
      endLine: endLine.toArray(),
      column: column.toArray(),
      endColumn: endColumn.toArray(),
    };
  }

  private nodeTable(tree: ReturnType<typeof depthFirst>): NodeTable {
    const frame = new Int32Array(tree.parent.length);
    for (let old = 0; old < frame.length; old++) frame[tree.newIndex[old] ?? 0] = this.tree.frameOf(old);
    const { parent, depth, subtreeEnd } = tree;
    return { length: frame.length, parent, frame, depth, subtreeEnd };
  }

  private gcTable(startNs: number, newLane: Int32Array): Profile['gcPauses'] {
    return {
      length: this.gc.startNs.length,
      startNs: this.gc.startNs.toArray().map(value => boundedTime(value - startNs)),
      durationNs: this.gc.durationNs.toArray().map(boundedAmount),
      generation: Uint8Array.from(this.gc.generation.toArray()),
      lane: this.gc.lane.toArray().map(lane => (lane < 0 ? -1 : (newLane[lane] ?? -1))),
    };
  }
}

const runtimeKind = kindIndex('runtime');
/** A lane costs some hundred bytes, here and in the view, and a file may ask for one with three. */
const maxLanes = 100_000;
