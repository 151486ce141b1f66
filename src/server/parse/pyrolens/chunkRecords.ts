/** The records inside a data chunk of a chunk stream: `src/collectors/FORMAT.md` describes them. */
import { sampleState, waitReasonIndex, waitReasons } from '../../../shared/profile';
import { GrowingInt32 } from '../../columns/growingColumn';
import { isWaitingFunction } from '../../waits/libraryWaits';
import { type ByteReader, DamagedBytes } from '../bytes/byteReader';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { SampleRow } from '../model/sampleColumns';
import { type CallNames, CallReader } from './callRecords';
import { KernelWaitRecords } from './kernelWaitRecords';
import { LoopRecords } from './loopRecords';
import type { LaneKey, ProcessStreams } from './processStreams';

const stateBits = { suspended: 1, hasTask: 2, holdsGil: 4, wantsGil: 8 } as const;
const [reasonShift, reasonMask] = [4, 63];
const [unknownReason, gilReason] = [waitReasonIndex('unknown'), waitReasonIndex('rt.gil')];
const undefinedId = -2;
const namelessThread = /^thread \d+$/;
const maxTickNs = 1e17;
const firstCallRecord = 32;
const bodyFile = /[/\\]pyrolens_collect[/\\]test_bodies\.py$/;
const bodyName = /\brun_recorded(?:_async)?$/;

/** What a process's meta chunk says about its records. */
export interface RecordFacts {
  readonly pid: number;
  readonly mainThreadIdent: number;
  readonly hasThreadCpu: boolean;
  /** Written by the hooks of a process that the observer looks at. */
  readonly isInside: boolean;
  /** What the process's streams share; undefined where it has only one. */
  readonly streams: ProcessStreams | undefined;
  /** What is before it is left out; 0: nothing is. */
  readonly windowNs: number;
  /** No id can be larger than the file is long: a guard against tables of absurd size. */
  readonly maxId: number;
}

/** Reads the records of one process into the shared builder; ids are the process's own. */
export class RecordReader {
  tickCount = 0;
  hasColumns = false;
  private isTraced = false;
  /** The tracer's records, which stand in a file in place of ticks. */
  readonly calls: CallReader;
  firstTimeNs = Number.POSITIVE_INFINITY;
  lastTimeNs = 0;
  private timeNs = 0;
  private readonly strings = new GrowingInt32();
  private readonly stringTexts: string[] = [];
  private readonly functions = new GrowingInt32();
  private readonly functionWaits = new GrowingInt32();
  /** What calls the bodies of tests: their stacks begin above it. */
  private readonly bodyFunctions = new Set<number>();
  private readonly locations = new GrowingInt32();
  private readonly locationFunctions = new GrowingInt32();
  private readonly stacks = new GrowingInt32();
  private readonly stackWaits = new GrowingInt32();
  private readonly lanes = new GrowingInt32();
  /** Lanes of the process's other stream, which knows better when they end. */
  private readonly sharedLanes = new Set<number>();
  private readonly loopRecords: LoopRecords;
  private readonly kernelWaitRecords: KernelWaitRecords;
  private readonly row: SampleRow = {
    lane: 0,
    endNs: 0,
    weightNs: 0,
    node: -1,
    cpuNs: 0,
    state: 0,
    task: -1,
    reason: 0,
  };

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly facts: RecordFacts,
  ) {
    this.loopRecords = new LoopRecords(builder, {
      lane: id => this.lanes.at(id, -1),
      func: id => this.functions.at(id, -1),
      text: id => this.textOf(id),
    });
    this.kernelWaitRecords = new KernelWaitRecords(builder, {
      lane: id => this.lanes.at(id, -1),
      node: id => this.stackNode(id),
      id: reader => this.id(reader),
      text: reader => this.text(reader),
    });
    const names: CallNames = {
      id: reader => this.id(reader),
      lane: id => this.laneIndex(id),
      task: id => this.taskIndex(id),
      func: id => this.definedFunction(id),
    };
    this.calls = new CallReader(builder, names, facts.windowNs);
  }

  /** From when on records are read. */
  get windowNs(): number {
    return this.facts.windowNs;
  }

  /** Reads a data chunk's payload. Throws `DamagedBytes` where it stops making sense; what stood before is kept. */
  readChunk(reader: ByteReader): void {
    // Never backwards: the samples of a lane stay in order whatever a chunk claims.
    this.timeNs = Math.max(this.timeNs, reader.u64());
    this.firstTimeNs = Math.min(this.firstTimeNs, Math.max(this.timeNs, this.facts.windowNs));
    this.lastTimeNs = Math.max(this.lastTimeNs, this.timeNs);
    try {
      while (reader.remaining > 0) this.readRecord(reader);
    } finally {
      this.lastTimeNs = Math.max(this.lastTimeNs, this.calls.lastTimeNs);
    }
  }

  /** Call it behind the last chunk; `endNs` is when the process ended, if it told. */
  finish(endNs: number): void {
    if (endNs > 0) this.facts.streams?.end(endNs);
    if (this.calls.hasCalls) this.calls.finish(Math.max(endNs, this.lastTimeNs));
  }

  private readRecord(reader: ByteReader): void {
    const tag = reader.u8();
    const read =
      this.recordReaders[tag] ??
      this.loopRecords.readers[tag] ??
      this.kernelWaitRecords.readers[tag] ??
      this.callReaders[tag - firstCallRecord];
    if (read === undefined) throw new DamagedBytes(`unknown record ${tag}`);
    read(reader);
  }

  private readonly recordReaders: readonly (((reader: ByteReader) => void) | undefined)[] = [
    undefined,
    reader => this.readString(reader),
    reader => this.readFunction(reader),
    reader => this.readLocation(reader),
    reader => this.readStack(reader),
    reader => this.readLane(reader),
    reader => this.readTick(reader),
    reader => this.readGc(reader),
    reader => this.readFile(reader),
    reader => this.readLaneName(reader),
    reader => this.readLaneEnd(reader),
    reader => this.readLaneStart(reader),
  ];

  private readonly callReaders: readonly ((reader: ByteReader) => void)[] = [
    reader => this.traced().readCalls(reader),
    reader => this.traced().readStack(reader),
    reader => this.traced().readFolded(reader),
    reader => this.traced().readBegun(reader),
    reader => this.traced().readTasks(reader),
  ];

  /** Calls stand in place of ticks: rows of both on one lane would overlap. */
  private traced(): CallReader {
    if (this.tickCount > 0) throw new DamagedBytes('traced calls among ticks');
    this.isTraced = true;
    return this.calls;
  }

  private id(reader: ByteReader): number {
    const id = reader.varint();
    if (id > this.facts.maxId) throw new DamagedBytes(`id ${id} is out of range`);
    return id;
  }

  private text(reader: ByteReader): string {
    return this.textOf(reader.varint());
  }

  private textOf(id: number): string {
    return this.stringTexts[this.strings.at(id)] ?? '<lost>';
  }

  private readString(reader: ByteReader): void {
    const id = this.id(reader);
    const text = reader.text(reader.varint());
    this.strings.set(id, this.stringTexts.push(text) - 1, undefinedId);
  }

  private readFunction(reader: ByteReader): void {
    const id = this.id(reader);
    const [name, file, firstLine] = [this.text(reader), this.text(reader), reader.varint()];
    this.calls.define(id, file, reader.varint());
    this.functions.set(id, this.builder.func(name, file, line(firstLine)), undefinedId);
    if (bodyFile.test(file) && bodyName.test(name)) this.bodyFunctions.add(id);
    this.functionWaits.set(id, isWaitingFunction(name, file) ? 1 : 0, 0);
  }

  private readLocation(reader: ByteReader): void {
    const id = this.id(reader);
    const funcId = reader.varint();
    const [first, end] = [line(reader.varint()), line(reader.varint())];
    const [column, endColumn] = [line(reader.varint()) - 1, line(reader.varint()) - 1];
    const place = {
      func: this.definedFunction(funcId),
      line: first,
      endLine: end,
      column,
      endColumn,
    };
    this.hasColumns ||= column >= 0;
    this.locations.set(id, this.builder.frame(place), undefinedId);
    this.locationFunctions.set(id, funcId, undefinedId);
  }

  private readStack(reader: ByteReader): void {
    const id = this.id(reader);
    const parentId = reader.varint() - 1;
    const locationId = reader.varint();
    const frame = this.locations.at(locationId, undefinedId);
    if (this.bodyFunctions.has(this.locationFunctions.at(locationId))) {
      this.stacks.set(id, -1, undefinedId);
      return;
    }
    const parent = parentId < 0 ? -1 : this.stackNode(parentId);
    this.stacks.set(id, this.builder.node(parent, frame < 0 ? this.lostFrame() : frame), undefinedId);
    const waits = this.functionWaits.at(this.locationFunctions.at(locationId), 0);
    this.stackWaits.set(id, waits, 0);
  }

  private stackNode(id: number): number {
    const node = this.stacks.at(id, undefinedId);
    return node === undefinedId ? this.builder.node(-1, this.lostFrame()) : node;
  }

  private definedFunction(id: number): number {
    const func = this.functions.at(id, undefinedId);
    return func < 0 ? this.lostFunction() : func;
  }

  private lostFunction(): number {
    return this.builder.func('<lost>', '', 0);
  }

  private lostFrame(): number {
    return this.builder.frame({ func: this.lostFunction(), line: 0, endLine: 0, column: -1, endColumn: -1 });
  }

  private readLane(reader: ByteReader): void {
    const id = this.id(reader);
    const kind = reader.varint() === 1 ? 'task' : 'thread';
    const parentId = reader.varint() - 1;
    const [identity, tid] = [reader.varint(), reader.varint()];
    const key = { kind, identity, tid, name: this.text(reader) } as const;
    const parent = parentId < 0 ? -1 : this.lanes.at(parentId, -1);
    this.lanes.set(id, this.sharedLane(key) ?? this.newLane(key, parent), undefinedId);
  }

  private sharedLane(key: LaneKey): number | undefined {
    const { isInside, streams } = this.facts;
    const lane = isInside ? (streams?.find(key, this.timeNs) ?? -1) : -1;
    if (lane < 0) return undefined;
    this.sharedLanes.add(lane);
    const draft = this.builder.laneDraft(lane);
    // Seen from outside a thread has its name somewhat later than it begins.
    if (draft && namelessThread.test(draft.name)) draft.name = key.name;
    return lane;
  }

  private newLane(key: LaneKey, parent: number): number {
    const { kind, identity, tid, name } = key;
    const { pid, mainThreadIdent, streams } = this.facts;
    const isMain = kind === 'thread' && identity === mainThreadIdent;
    const lane = this.builder.lane({ kind, parent, pid, tid, name, isMain });
    streams?.add(key, lane);
    return lane;
  }

  private laneIndex(id: number): number {
    const lane = this.lanes.at(id, undefinedId);
    if (lane >= 0) return lane;
    if (id > this.facts.maxId) throw new DamagedBytes(`lane ${id} is out of range`);
    const { pid } = this.facts;
    const lost = this.builder.lane({
      kind: 'thread',
      parent: -1,
      pid,
      tid: 0,
      name: '<lost>',
      isMain: false,
    });
    this.lanes.set(id, lost, undefinedId);
    return lost;
  }

  private taskIndex(id: number): number {
    const lane = this.laneIndex(id);
    return this.builder.laneDraft(lane)?.kind === 'task' ? lane : -1;
  }

  private readTick(reader: ByteReader): void {
    if (this.isTraced) throw new DamagedBytes('a tick among traced calls');
    const deltaNs = reader.varint();
    if (deltaNs > maxTickNs) throw new DamagedBytes('a tick is too long');
    const sampleCount = reader.varint();
    this.timeNs += deltaNs;
    this.tickCount++;
    this.lastTimeNs = Math.max(this.lastTimeNs, this.timeNs);
    for (let i = 0; i < sampleCount; i++) this.readSample(reader, deltaNs);
  }

  private readSample(reader: ByteReader, deltaNs: number): void {
    const { row } = this;
    row.lane = this.laneIndex(reader.varint());
    const stackId = reader.varint() - 1;
    const bits = reader.varint();
    const cpu = reader.varint() - 1;
    row.task = (bits & stateBits.hasTask) === 0 ? -1 : this.laneIndex(reader.varint());
    row.node = stackId < 0 ? -1 : this.stackNode(stackId);
    row.endNs = this.timeNs;
    row.weightNs = this.weight(row.lane, deltaNs);
    row.cpuNs = cpu < 0 ? Number.NaN : cpu;
    row.reason = reasonOf(bits);
    row.state = waitStateOf(bits, row, this.stackWaits.at(stackId, 0) === 1) | gilState(bits, row.reason);
    this.builder.sample(row);
  }

  /** A lane that began after the previous tick is only as old as it is. */
  private weight(lane: number, deltaNs: number): number {
    const bornNs = this.builder.laneDraft(lane)?.startNs ?? Number.NaN;
    const ageNs = this.timeNs - bornNs;
    return ageNs >= 0 && ageNs < deltaNs ? ageNs : deltaNs;
  }

  private readGc(reader: ByteReader): void {
    const [beganNs, lastedNs, generation] = [reader.varint(), reader.varint(), reader.varint()];
    reader.varint();
    const laneId = reader.varint() - 1;
    const lane = laneId < 0 ? -1 : this.lanes.at(laneId, -1);
    const startNs = Math.max(beganNs, this.facts.windowNs);
    const durationNs = beganNs + lastedNs - startNs;
    if (durationNs < 0) return;
    const pause = { startNs, durationNs, generation: Math.min(generation, 255), lane };
    const { streams, isInside } = this.facts;
    if (streams) streams.addPause(pause, isInside);
    else this.builder.gcPause(pause);
  }

  private readFile(reader: ByteReader): void {
    const file = this.builder.string(this.text(reader));
    this.builder.files.push({ file, modifiedNs: reader.varint(), sizeBytes: reader.varint() });
  }

  private readLaneName(reader: ByteReader): void {
    const draft = this.builder.laneDraft(this.laneIndex(reader.varint()));
    const name = this.text(reader);
    if (draft) draft.name = name;
  }

  private readLaneEnd(reader: ByteReader): void {
    const lane = this.laneIndex(reader.varint());
    const draft = this.builder.laneDraft(lane);
    const endNs = reader.varint();
    if (draft && !this.sharedLanes.has(lane)) draft.endNs = endNs;
  }

  private readLaneStart(reader: ByteReader): void {
    const draft = this.builder.laneDraft(this.laneIndex(reader.varint()));
    const startNs = reader.varint();
    if (draft) draft.startNs = startNs;
  }
}

/** Line numbers and columns live in 32 bits; anything larger is not one. */
function line(value: number): number {
  return value > 0x7fffffff ? 0 : value;
}

/** Off the CPU for more than half of the interval is waiting; without CPU times a known waiting function on top is. */
function waitStateOf(bits: number, row: SampleRow, isWaitOnTop: boolean): number {
  if ((bits & stateBits.suspended) !== 0) return sampleState.waiting | sampleState.suspended;
  if (!Number.isNaN(row.cpuNs)) return row.cpuNs * 2 < row.weightNs ? sampleState.waiting : 0;
  return isWaitOnTop ? sampleState.waiting | sampleState.guessed : 0;
}

/** A reason that a newer writer knows is one that this reader does not. */
function reasonOf(bits: number): number {
  const reason = (bits >> reasonShift) & reasonMask;
  return reason < waitReasons.length ? reason : unknownReason;
}

/** Who waits for the GIL has asked for it, also where Python itself does not tell. */
function gilState(bits: number, reason: number): number {
  const wantsGil = (bits & stateBits.wantsGil) !== 0 || reason === gilReason;
  return (
    ((bits & stateBits.holdsGil) === 0 ? 0 : sampleState.holdsGil) | (wantsGil ? sampleState.wantsGil : 0)
  );
}
