import type { Lane, Profile } from '../../../shared/profile';
import { ProtoMessage } from './protoMessage';
import { type ExportSource, type LinePlaces, laneTitles, linePlaces } from './source';
import { type StackSum, StackSums } from './stackSums';

/**
 * The profile as pprof's `profile.proto`, not yet packed: what each stack of each lane was measured to take. Lines are
 * executing lines, lanes are labels (`thread`, `task`, `pid`, `tid`). Top-level fields may come in any order and
 * piece by piece, so strings are written when they are first used.
 */
export function* pprofFile(source: ExportSource): Generator<Uint8Array> {
  const { profile } = source;
  const out = new PprofWriter();
  const places = linePlaces(profile);
  const measures = measuresOf(profile);
  out.text('');
  for (const { name, unit } of measures) {
    out.field(field.sampleType, out.valueType(name, unit));
  }
  yield* out.take();
  yield* functionFields(profile, out);
  yield* locationFields(places, out);
  yield* sampleFields(profile, { out, places, measures });
  yield* closingFields(source, out, measures);
}

/** Field numbers of `perftools.profiles.Profile`. */
const field = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  stringTable: 6,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
} as const;

interface Measure {
  readonly name: string;
  readonly unit: 'count' | 'nanoseconds' | 'bytes';
  readonly value: (sum: StackSum) => number;
}

/** What each sample carries, the profile's own measurement last before CPU: viewers show that one first. */
function measuresOf({ info }: Profile): Measure[] {
  const own = info.valueTypes[info.valueType]?.name;
  if (info.unit === 'count') return [{ name: own ?? 'samples', unit: 'count', value: sum => sum.weight }];
  const counted: Measure = { name: 'samples', unit: 'count', value: sum => sum.count };
  const weighed: Measure = {
    name: own ?? (info.unit === 'bytes' ? 'space' : 'wall'),
    unit: info.unit,
    value: sum => sum.weight,
  };
  const cpu: Measure = { name: 'cpu', unit: 'nanoseconds', value: sum => sum.cpuNs };
  // A trace measures calls: how many rows it took says nothing.
  return [...(info.isTraced ? [] : [counted]), weighed, ...(info.hasCpu ? [cpu] : [])];
}

/** Without system names: pprof takes one that equals the name for C++ and cuts off what is in angle brackets. */
function* functionFields({ functions, strings }: Profile, out: PprofWriter): Generator<Uint8Array> {
  for (let func = 0; func < functions.length; func++) {
    const message = new ProtoMessage()
      .integer(1, func + 1)
      .integer(2, out.text(strings[functions.name[func] ?? -1] ?? ''))
      .integer(4, out.text(strings[functions.file[func] ?? -1] ?? ''))
      .integer(5, functions.firstLine[func] ?? 0);
    out.field(field.function, message);
    yield* out.takeIfLarge();
  }
}

/** One location for each function and line, all in one mapping that says that nothing is left to symbolise. */
function* locationFields(places: LinePlaces, out: PprofWriter): Generator<Uint8Array> {
  const mapping = new ProtoMessage().integer(1, 1).integer(7, 1).integer(8, 1).integer(9, 1);
  out.field(field.mapping, mapping);
  for (let place = 0; place < places.length; place++) {
    const line = new ProtoMessage()
      .integer(1, (places.func[place] ?? 0) + 1)
      .integer(2, places.line[place] ?? 0);
    const message = new ProtoMessage()
      .integer(1, place + 1)
      .integer(2, 1)
      .message(4, line);
    out.field(field.location, message);
    yield* out.takeIfLarge();
  }
}

function* sampleFields(
  profile: Profile,
  { out, places, measures }: { out: PprofWriter; places: LinePlaces; measures: readonly Measure[] },
): Generator<Uint8Array> {
  const sums = new StackSums(profile);
  const titles = laneTitles(profile);
  for (const [index, lane] of profile.lanes.entries()) {
    const owner = lane.kind === 'task' ? lane.parent : index;
    const labels = laneLabels(lane, {
      thread: titles[owner] ?? '',
      tid: profile.lanes[owner]?.tid ?? 0,
      out,
    });
    for (const sum of sums.ofLane(lane)) {
      const message = new ProtoMessage().integers(1, stackIds(profile, places, sum.stack)).integers(
        2,
        measures.map(measure => Math.round(measure.value(sum))),
      );
      for (const label of labels) message.message(3, label);
      out.field(field.sample, message);
      yield* out.takeIfLarge();
    }
  }
}

/** Location ids, innermost first. */
function stackIds({ nodes }: Profile, places: LinePlaces, leaf: number): number[] {
  const ids: number[] = [];
  for (let node = leaf; node >= 0; node = nodes.parent[node] ?? -1) {
    ids.push((places.ofFrame[nodes.frame[node] ?? 0] ?? 0) + 1);
  }
  return ids;
}

function laneLabels(
  lane: Lane,
  { thread, tid, out }: { thread: string; tid: number; out: PprofWriter },
): ProtoMessage[] {
  const labels: ProtoMessage[] = [];
  const text = (key: string, value: string): void => {
    labels.push(new ProtoMessage().integer(1, out.text(key)).integer(2, out.text(value)));
  };
  const number = (key: string, value: number): void => {
    if (value > 0) labels.push(new ProtoMessage().integer(1, out.text(key)).integer(3, value));
  };
  if (lane.kind === 'task') text('task', lane.name);
  if (thread !== '') text('thread', thread);
  number('pid', lane.pid);
  number('tid', tid);
  return labels;
}

function* closingFields(
  { profile: { info }, name }: ExportSource,
  out: PprofWriter,
  measures: readonly Measure[],
): Generator<Uint8Array> {
  if (info.startEpochNs > 0) out.number(field.timeNanos, Math.round(info.startEpochNs));
  if (info.hasTimeAxis) out.number(field.durationNanos, Math.round(info.durationNs));
  const rateHz = info.rateHzReached || info.rateHzAsked;
  if (info.unit === 'nanoseconds' && rateHz > 0 && !info.isTraced) {
    out.field(field.periodType, out.valueType('wall', 'nanoseconds'));
    out.number(field.period, Math.round(1e9 / rateHz));
  }
  const shown = measures.find(measure => measure.unit === info.unit) ?? measures[0];
  out.number(field.defaultSampleType, out.text(shown?.name ?? ''));
  for (const comment of [name, `${info.engine} ${info.engineVersion}`.trim(), ...info.limits]) {
    out.number(field.comment, out.text(comment));
  }
  yield* out.take();
}

const largePiece = 64 * 1024;

/** Collects top-level fields into pieces, and writes each string when it is first used. */
class PprofWriter {
  private pending = new ProtoMessage();
  private readonly strings = new Map<string, number>();

  /** Index of a string. */
  text(text: string): number {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    this.pending.text(field.stringTable, text);
    this.strings.set(text, this.strings.size);
    return this.strings.size - 1;
  }

  valueType(type: string, unit: string): ProtoMessage {
    return new ProtoMessage().integer(1, this.text(type)).integer(2, this.text(unit));
  }

  field(number: number, message: ProtoMessage): void {
    this.pending.message(number, message);
  }

  number(field: number, value: number): void {
    this.pending.integer(field, value);
  }

  *takeIfLarge(): Generator<Uint8Array> {
    if (this.pending.written.length >= largePiece) yield* this.take();
  }

  *take(): Generator<Uint8Array> {
    const { written } = this.pending;
    this.pending = new ProtoMessage();
    if (written.length > 0) yield written;
  }
}
