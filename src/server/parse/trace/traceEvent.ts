import { ByteStrings } from '../bytes/byteStrings';
import { JsonKeys } from '../json/jsonKeys';
import { JsonReader } from '../json/jsonReader';
import { type TraceJson, type VariedPlace, varied } from './traceJson';

/** What an event is, as its `ph` says. */
export const phase = {
  complete: 0,
  begin: 1,
  end: 2,
  metadata: 3,
  counter: 4,
  asyncBegin: 5,
  asyncEnd: 6,
  oldAsyncBegin: 7,
  oldAsyncEnd: 8,
  /** From here on: instants, object snapshots, samples. They are no calls. */
  moment: 9,
  /** Flow arrows and whatever else: not worth a word. */
  other: 17,
} as const;

/** The letters, in the order of `phase`. */
const letters = ['X', 'B', 'E', 'M', 'C', 'b', 'e', 'S', 'F', 'i', 'I', 'n', 'R', 'N', 'O', 'D', 'P'];

const eventKeys = new JsonKeys([
  'ph',
  'ts',
  'dur',
  'pid',
  'tid',
  'name',
  'cat',
  'args',
  'id',
  'id2',
  'scope',
]);
const argumentKeys = new JsonKeys(['name', 'filename', 'line', 'collecting', 'sort_index']);

/** By key, which values differ from call to call. */
const variedOf: readonly (VariedPlace['what'] | undefined)[] = [
  undefined,
  varied.time,
  varied.duration,
  undefined,
  undefined,
  varied.name,
];

/** What the calls of a thread have in common. */
export interface CallFacts {
  readonly pid: number;
  readonly tid: number;
  readonly category: number;
}

/** The reader of a file of events. */
export type EventReader = TraceJson<CallFacts>;

const phaseOf = new Uint8Array(256).fill(phase.other);
for (const [index, letter] of letters.entries()) phaseOf[letter.charCodeAt(0)] = index;

/**
 * One event at a time, in whatever order its keys stand. Of the arguments only those are looked at that say something of
 * the trace itself; arguments and return values of functions are passed over.
 */
export class TraceEvent {
  phase = -1;
  /** Nanoseconds on the trace's clock, NaN when there is none. */
  timeNs = Number.NaN;
  durationNs = Number.NaN;
  /** Numbers as they stand; a text's id in `texts`, and a half, below 0. */
  pid = 0;
  tid = 0;
  /** An id in `names`, of which 0 is the empty name; -1 none. */
  name = -1;
  category = -1;
  /** Of an asynchronous operation, '' none. */
  operation = '';
  /** Arguments: ids in `texts`, -1 none; NaN no number. */
  argName = -1;
  argFile = -1;
  argLine = 0;
  argCollecting = Number.NaN;
  argSortIndex = Number.NaN;
  private hasArguments = false;
  private readonly places: VariedPlace[] = [];

  readonly names = new ByteStrings();
  readonly texts = new ByteStrings();
  readonly categories = new ByteStrings();

  constructor() {
    this.names.internText('');
  }

  /** Reads the object that comes next, and lets the reader learn how a call is written. */
  read(reader: EventReader): void {
    this.clear();
    const start = reader.offset;
    this.places.length = 0;
    let isPlain = true;
    reader.beginObject();
    for (let key = reader.nextKey(eventKeys); key !== JsonReader.end; key = reader.nextKey(eventKeys)) {
      reader.peek();
      const valueStart = reader.offset;
      this.readValue(reader, key);
      const what = variedOf[key];
      if (what !== undefined) this.places.push({ what, start: valueStart, end: reader.offset });
      else if (key > 6) isPlain = false;
    }
    if (isPlain && this.phase === phase.complete) reader.learn(start, this.places, this.facts());
  }

  private readValue(reader: EventReader, key: number): void {
    if (key === 0) this.phase = phaseOf[reader.letter()] ?? phase.other;
    else if (key === 1) this.timeNs = Math.round(reader.number() * 1000);
    else if (key === 2) this.durationNs = Math.round(reader.number() * 1000);
    else if (key === 3) this.pid = this.numberOf(reader);
    else if (key === 4) this.tid = this.numberOf(reader);
    else if (key === 5) this.name = reader.stringId(this.names);
    else if (key === 6) this.category = reader.stringId(this.categories);
    else if (key === 7 && reader.isObject()) this.readArguments(reader);
    else if (key >= 8) this.operation += this.operationOf(reader);
    else reader.skip();
  }

  private facts(): CallFacts {
    const { pid, tid, category } = this;
    return { pid, tid, category };
  }

  /** The text that stands in the place of a number, '' when it is one. */
  textOf(value: number): string {
    return Number.isInteger(value) ? '' : this.texts.text(-value - 0.5);
  }

  private clear(): void {
    this.phase = -1;
    this.timeNs = Number.NaN;
    this.durationNs = Number.NaN;
    this.pid = 0;
    this.tid = 0;
    this.name = -1;
    this.category = -1;
    this.operation = '';
    if (this.hasArguments) this.clearArguments();
  }

  private clearArguments(): void {
    this.hasArguments = false;
    this.argName = -1;
    this.argFile = -1;
    this.argLine = 0;
    this.argCollecting = Number.NaN;
    this.argSortIndex = Number.NaN;
  }

  private readArguments(reader: JsonReader): void {
    this.hasArguments = true;
    reader.beginObject();
    for (let key = reader.nextKey(argumentKeys); key !== JsonReader.end; key = reader.nextKey(argumentKeys)) {
      if (key === 0) this.argName = reader.stringId(this.texts);
      else if (key === 1) this.argFile = reader.stringId(this.texts);
      else if (key === 2) this.argLine = reader.number(0);
      else if (key === 3) this.argCollecting = reader.number();
      else if (key === 4) this.argSortIndex = reader.number();
      else reader.skip();
    }
  }

  private numberOf(reader: JsonReader): number {
    if (!reader.isString()) return reader.number(0);
    const id = reader.stringId(this.texts);
    const text = this.texts.text(id);
    const value = text === '' ? 0 : Number(text);
    return Number.isInteger(value) ? value : -(id + 0.5);
  }

  /** An id is a number, a text, or an object with one of them. */
  private operationOf(reader: JsonReader): string {
    if (reader.isString()) return `/${reader.string()}`;
    if (reader.isNumber()) return `/${reader.number()}`;
    if (!reader.isObject()) {
      reader.skip();
      return '';
    }
    let text = '';
    reader.beginObject();
    for (let key = reader.nextKeyText(); key !== undefined; key = reader.nextKeyText()) {
      if (reader.isString()) text += `/${key}=${reader.string()}`;
      else reader.skip();
    }
    return text;
  }
}
