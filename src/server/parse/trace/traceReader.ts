import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import { AsyncSlices } from './asyncSlices';
import { type CallFacts, type EventReader, phase, TraceEvent } from './traceEvent';
import { type TraceLane, TraceLanes } from './traceLanes';
import { type FunctionPlace, PlacedNames } from './traceNames';

const documentKeys = new JsonKeys(['traceEvents', 'viztracer_metadata', 'file_info', 'baseTimeNanoseconds']);
const metadataKeys = new JsonKeys(['version', 'overflow', 'baseTimeNanoseconds']);
const fileKeys = new JsonKeys(['functions']);

const eventsPerLook = 1024;

type Pause = (offset: number) => Promise<void>;

/** Reads the JSON of Chrome's trace events into calls by lane, and keeps what else it tells. */
export class TraceReader {
  readonly event = new TraceEvent();
  readonly lanes = new TraceLanes();
  readonly operations = new AsyncSlices();
  /** From VizTracer's table of functions, by name id. */
  readonly functions = new Map<number, FunctionPlace>();
  readonly placed = new PlacedNames(this.event.names, this.event.texts);
  isVizTracer = false;
  isPySpy = false;
  version = '';
  hasOverflown = false;
  /** Epoch of the trace's clock in nanoseconds, NaN unknown. */
  baseNs = Number.NaN;
  /** Events without a time. */
  timelessCount = 0;
  /** Counters, instants, object snapshots. */
  momentCount = 0;
  /** True while an event is read: when the text ends then, something is lost. */
  isInEvent = false;
  private readonly pauseName = this.event.names.internText('garbage collection');
  private readonly metadataNames = ['thread_name', 'thread_sort_index', 'process_sort_index'].map(text =>
    this.event.names.internText(text),
  );
  private readonly pySpyCategory: number;

  constructor() {
    // Ids 0 and 1 are VizTracer's.
    for (const category of ['FEE', 'fee']) this.event.categories.internText(category);
    this.pySpyCategory = this.event.categories.internText('py-spy');
  }

  /**
   * Reads a file: an array of events, or an object that has one. Throws `JsonDamaged` where it ends or breaks. `pause` is called
   * between events, with the offset.
   */
  async read(reader: EventReader, pause: Pause): Promise<void> {
    if (reader.isArray()) return this.readEvents(reader, pause);
    reader.beginObject();
    for (let key = reader.nextKey(documentKeys); key !== JsonReader.end; key = reader.nextKey(documentKeys)) {
      if (key === 0 && reader.isArray()) await this.readEvents(reader, pause);
      else if (key === 1 && reader.isObject()) this.readMetadata(reader);
      else if (key === 2 && reader.isObject()) this.readFiles(reader);
      else if (key === 3) this.baseNs = reader.number();
      else reader.skip();
    }
  }

  private async readEvents(reader: EventReader, pause: Pause): Promise<void> {
    reader.beginArray();
    while (this.readBatch(reader)) await pause(reader.offset);
  }

  /** Reads some events; false at the end of the array. */
  private readBatch(reader: EventReader): boolean {
    for (let count = 0; count < eventsPerLook; count++) {
      if (!reader.nextElement()) return false;
      this.isInEvent = true;
      const known = reader.knownCall();
      if (known !== undefined) this.addCall(known, reader.timeNs, reader.durationNs, reader.name);
      else if (reader.isObject()) this.readEvent(reader);
      else reader.skip();
      this.isInEvent = false;
    }
    return true;
  }

  private readEvent(reader: EventReader): void {
    const { event } = this;
    event.read(reader);
    if (event.phase === phase.complete) this.addCall(event, event.timeNs, event.durationNs, event.name);
    else if (event.phase === phase.begin || event.phase === phase.end) this.addMark();
    else if (event.phase === phase.metadata) this.addMetadata();
    else if (event.phase === phase.counter) this.addCounter();
    else if (event.phase >= phase.asyncBegin && event.phase <= phase.oldAsyncEnd) this.addOperation();
    else if (event.phase >= phase.moment && event.phase < phase.other) this.momentCount++;
  }

  private addCall({ pid, tid, category }: CallFacts, timeNs: number, durationNs: number, name: number): void {
    if (category <= 1 && category >= 0) this.isVizTracer = true;
    if (!Number.isFinite(timeNs)) {
      this.timelessCount++;
      return;
    }
    const endNs = durationNs > 0 && durationNs < Number.POSITIVE_INFINITY ? timeNs + durationNs : timeNs;
    this.lanes.of(pid, tid)?.slices.add(timeNs, endNs, Math.max(0, name));
  }

  private addMark(): void {
    const { event } = this;
    const lane = this.lanes.of(event.pid, event.tid);
    if (lane === undefined) return;
    if (!Number.isFinite(event.timeNs)) {
      this.timelessCount++;
      return;
    }
    // VizTracer's way to write a call that was still open at the end; its duration may be 0.
    if (event.phase === phase.begin && !Number.isNaN(event.durationNs)) {
      const endNs = Math.max(event.timeNs + event.durationNs, lane.slices.lastNs);
      lane.slices.add(event.timeNs, endNs, Math.max(0, event.name));
      return;
    }
    if (event.category === this.pySpyCategory) this.addPySpyMark(lane);
    else if (event.phase === phase.begin) lane.marks.begin(event.timeNs, Math.max(0, event.name));
    else lane.marks.end(event.timeNs, event.name);
  }

  /**
   * py-spy's pseudo frames of process and thread leave no call: they name the lane. When one begins, whatever is open has ended,
   * though its end may have been written for another process that has a thread of the same id.
   */
  private addPySpyMark(lane: TraceLane): void {
    const { event } = this;
    this.isPySpy = true;
    const name = this.placed.id(Math.max(0, event.name), event.argFile, event.argLine);
    const thread = this.placed.thread(name);
    if (thread !== undefined || this.placed.isProcess(name)) {
      if (event.phase === phase.begin) lane.marks.endAll(event.timeNs);
      if (thread === undefined) return;
      lane.addName(thread.name);
      lane.systemTid = thread.tid;
    } else if (event.phase === phase.begin) lane.marks.begin(event.timeNs, name);
    else lane.marks.end(event.timeNs, name);
  }

  private addMetadata(): void {
    const { event } = this;
    const kind = this.metadataNames.indexOf(event.name);
    if (kind === 2) this.lanes.sortProcess(event.pid, event.argSortIndex || 0);
    const lane = kind === 0 || kind === 1 ? this.lanes.of(event.pid, event.tid) : undefined;
    if (lane === undefined) return;
    if (kind === 1) lane.sortIndex = event.argSortIndex || 0;
    else if (event.argName >= 0) {
      lane.addName(event.texts.text(event.argName));
      // VizTracer names threads before their calls and tasks after them.
      if (this.isVizTracer && lane.slices.length > 0 && lane.tid !== lane.pid) lane.isTask = true;
    }
  }

  private addCounter(): void {
    const { event } = this;
    if (event.name !== this.pauseName || Number.isNaN(event.argCollecting)) {
      this.momentCount++;
      return;
    }
    const lane = this.lanes.of(event.pid, event.tid);
    if (lane === undefined || !Number.isFinite(event.timeNs)) return;
    if (event.argCollecting === 0 && lane.gcStartNs <= event.timeNs) {
      lane.pauses.push({ startNs: lane.gcStartNs, durationNs: event.timeNs - lane.gcStartNs });
    }
    lane.gcStartNs = event.argCollecting === 0 ? Number.NaN : event.timeNs;
  }

  private addOperation(): void {
    const { event } = this;
    if (!Number.isFinite(event.timeNs)) {
      this.timelessCount++;
      return;
    }
    const isEnd = event.phase === phase.asyncEnd || event.phase === phase.oldAsyncEnd;
    const key = `${event.category}${event.operation}`;
    const name = isEnd ? event.name : Math.max(0, event.name);
    this.operations.add({ pid: event.pid, key, name, timeNs: event.timeNs, isEnd });
  }

  private readMetadata(reader: JsonReader): void {
    this.isVizTracer = true;
    reader.beginObject();
    for (let key = reader.nextKey(metadataKeys); key !== JsonReader.end; key = reader.nextKey(metadataKeys)) {
      if (key === 0) this.version = reader.string();
      else if (key === 1) this.hasOverflown = reader.boolean() || this.hasOverflown;
      else if (key === 2) this.baseNs = reader.number();
      else reader.skip();
    }
  }

  /** The embedded texts of the source files are passed over. */
  private readFiles(reader: JsonReader): void {
    reader.beginObject();
    for (let key = reader.nextKey(fileKeys); key !== JsonReader.end; key = reader.nextKey(fileKeys)) {
      if (key === 0 && reader.isObject()) this.readFunctions(reader);
      else reader.skip();
    }
  }

  private readFunctions(reader: JsonReader): void {
    reader.beginObject();
    for (let text = reader.nextKeyText(); text !== undefined; text = reader.nextKeyText()) {
      const place = reader.value();
      if (!Array.isArray(place) || typeof place[0] !== 'string') continue;
      const [file, line] = place as [string, unknown];
      const tail = ` (${file}:${line})`;
      const name = text.endsWith(tail) ? text.slice(0, -tail.length) : text;
      this.functions.set(this.event.names.internText(text), {
        name,
        file,
        line: typeof line === 'number' && line > 0 ? Math.trunc(line) : 0,
      });
    }
  }
}
