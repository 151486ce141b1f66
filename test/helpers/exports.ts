/** Exported files read back by the rules of their formats, as «lane|root;…;leaf» → weight. */
import assert from 'node:assert/strict';
import { Profile as PprofProfile } from 'pprof-format';
import { exportWriters } from '../../src/server/features/export/writers';
import type { Profile } from '../../src/shared/profile';

export type Weights = ReadonlyMap<string, number>;
export type WrittenFormat = keyof typeof exportWriters;

/** The whole file, not packed. */
export function exportedBytes(profile: Profile, format: WrittenFormat): Buffer {
  const source = { profile, name: 'app.py', startedAtMs: 1_700_000_000_000 };
  return Buffer.concat([...exportWriters[format].pieces(source)].map(piece => Buffer.from(piece)));
}

/** The same as text. */
export function exportedText(profile: Profile, format: WrittenFormat): string {
  return exportedBytes(profile, format).toString();
}

/** What the profile says, with or without lines; empty stacks are left out. */
export function trueWeights(profile: Profile, options: { hasLines: boolean }): Weights {
  const weights = new Map<string, number>();
  for (const lane of profile.lanes) {
    for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
      const path: string[] = [];
      for (let node = profile.samples.node[i] ?? -1; node >= 0; node = profile.nodes.parent[node] ?? -1) {
        path.push(frameName(profile, profile.nodes.frame[node] ?? 0, options.hasLines));
      }
      const title = lane.kind === 'task' ? `task ${lane.name}` : lane.name;
      add(weights, title, { path: path.reverse(), weight: profile.samples.weightNs[i] ?? 0 });
    }
  }
  return weights;
}

function frameName(profile: Profile, frame: number, hasLines: boolean): string {
  const name = profile.strings[profile.functions.name[profile.frames.func[frame] ?? 0] ?? 0];
  return hasLines ? `${name}:${profile.frames.line[frame]}` : `${name}`;
}

function add(
  weights: Map<string, number>,
  lane: string,
  { path, weight }: { path: string[]; weight: number },
) {
  if (path.length === 0 || weight === 0) return;
  const key = `${lane}|${path.join(';')}`;
  weights.set(key, (weights.get(key) ?? 0) + weight);
}

/** Equal up to the rounding of sums. */
export function assertSameWeights(actual: Weights, expected: Weights): void {
  const rounded = (weights: Weights) =>
    [...weights].map(([key, weight]) => [key, Number(weight.toPrecision(9))]).sort();
  assert.deepEqual(rounded(actual), rounded(expected));
}

interface SpeedscopeText {
  readonly shared: { readonly frames: readonly { name: string; line?: number }[] };
  readonly profiles: readonly {
    type: string;
    name: string;
    unit: string;
    startValue: number;
    endValue: number;
    samples: number[][];
    weights: number[];
    events?: { type: 'O' | 'C'; frame: number; at: number }[];
  }[];
}

/** Both kinds of speedscope's own profiles. */
export function speedscopeWeights(text: string, { hasLines = true } = {}): Weights {
  const file = JSON.parse(text) as SpeedscopeText;
  const weights = new Map<string, number>();
  const nameOf = (index: number) => {
    const frame = file.shared.frames[index];
    return hasLines ? `${frame?.name}:${frame?.line}` : `${frame?.name}`;
  };
  for (const profile of file.profiles) {
    if (profile.events) {
      const open: number[] = [];
      let lastAt = profile.startValue;
      for (const event of profile.events) {
        add(weights, profile.name, { path: open.map(nameOf), weight: event.at - lastAt });
        lastAt = event.at;
        if (event.type === 'O') open.push(event.frame);
        else assert.equal(open.pop(), event.frame);
      }
      continue;
    }
    assert.equal(profile.samples.length, profile.weights.length);
    const sum = profile.weights.reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - (profile.endValue - profile.startValue)) <= 1e-6 * (1 + sum));
    for (const [index, stack] of profile.samples.entries()) {
      add(weights, profile.name, { path: stack.map(nameOf), weight: profile.weights[index] ?? 0 });
    }
  }
  return weights;
}

/** pprof through Datadog's own decoder. `type` is the sample type that is summed. */
export function pprofWeights(bytes: Uint8Array, type: string): Weights {
  const profile = PprofProfile.decode(bytes);
  const text = (index: number | bigint) => profile.stringTable.strings[Number(index)] ?? '';
  const measure = profile.sampleType.findIndex(candidate => text(candidate.type) === type);
  assert.ok(measure >= 0, `no sample type ${type}`);
  const functions = new Map(profile.function.map(func => [Number(func.id), text(func.name)]));
  const locations = new Map(
    profile.location.map(({ id, line }) => [
      Number(id),
      `${functions.get(Number(line[0]?.functionId))}:${line[0]?.line ?? 0}`,
    ]),
  );
  const weights = new Map<string, number>();
  for (const sample of profile.sample) {
    assert.equal(sample.value.length, profile.sampleType.length);
    const label = (key: string) => sample.label.find(candidate => text(candidate.key) === key);
    const task = label('task');
    const lane = task ? `task ${text(task.str)}` : text(label('thread')?.str ?? 0);
    const path = sample.locationId.map(id => locations.get(Number(id)) ?? '?').reverse();
    add(weights, lane, { path, weight: Number(sample.value[measure]) });
  }
  return weights;
}

/** `stack space value`, as flamegraph.pl splits it; places behind the names are cut off. */
export function collapsedWeights(text: string): Weights {
  const weights = new Map<string, number>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, stack = '', value] = /^(.*) (\d+)$/.exec(line) ?? [];
    assert.ok(value, line);
    const [lane = '', ...path] = stack.split(';');
    add(weights, lane, { path: path.map(frame => frame.replace(/ \(.*\)$/, '')), weight: Number(value) });
  }
  return weights;
}

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly cat?: string;
  readonly id?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly tts?: number;
  readonly tdur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

export function traceEvents(text: string): TraceEvent[] {
  return (JSON.parse(text) as { traceEvents: TraceEvent[] }).traceEvents;
}

/** Complete events by the rules of the format: sorted by time in a track, nested, none half inside another. */
export function traceWeights(text: string, unitsPerMicrosecond: number): Weights {
  const events = traceEvents(text);
  const names = new Map<string, string>();
  const tracks = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const track = `${event.pid},${event.tid}`;
    if (event.name === 'thread_name') names.set(track, String(event.args['name']));
    if (event.ph === 'X') tracks.set(track, [...(tracks.get(track) ?? []), event]);
  }
  const weights = new Map<string, number>();
  for (const [track, slices] of tracks) {
    const open: { name: string; end: number; own: number }[] = [];
    const units = (micros: number) => Math.round(micros * unitsPerMicrosecond);
    const close = () => {
      add(weights, names.get(track) ?? '?', { path: open.map(at => at.name), weight: open.at(-1)?.own ?? 0 });
      open.pop();
    };
    let lastTs = 0;
    for (const { name, ts, dur } of slices) {
      assert.ok(ts >= lastTs && dur >= 0);
      lastTs = ts;
      while (open.length > 0 && (open.at(-1)?.end ?? 0) <= units(ts)) close();
      const parent = open.at(-1);
      assert.ok(parent === undefined || units(ts) + units(dur) <= parent.end, 'a callee outlives its caller');
      if (parent) parent.own -= units(dur);
      open.push({ name, end: units(ts) + units(dur), own: units(dur) });
    }
    while (open.length > 0) close();
  }
  return weights;
}

interface Table {
  readonly length: number;
  readonly [column: string]: unknown;
}

interface FirefoxText {
  readonly shared: {
    readonly stringArray: readonly string[];
    readonly stackTable: Table & { frame: number[]; prefix: (number | null)[] };
    readonly frameTable: Table & { func: number[]; line: (number | null)[] };
    readonly funcTable: Table & { name: number[] };
    readonly sources: Table;
  };
  readonly threads: readonly {
    name: string;
    samples: Table & { stack: (number | null)[]; time: number[]; weight: number[] };
    markers: Table & { name: number[]; startTime: number[]; endTime: number[] };
  }[];
}

export function firefoxFile(text: string): FirefoxText {
  return JSON.parse(text) as FirefoxText;
}

/** The processed format by its documentation: every column is as long as its table, prefixes come first, time runs on. */
export function firefoxWeights(text: string, unitsPerWeight: number): Weights {
  const { shared, threads } = firefoxFile(text);
  const { stackTable, frameTable, funcTable, sources, stringArray } = shared;
  const tables = [
    stackTable,
    frameTable,
    funcTable,
    sources,
    ...threads.flatMap(at => [at.samples, at.markers]),
  ];
  for (const table of tables) {
    for (const [name, column] of Object.entries(table)) {
      if (Array.isArray(column)) assert.equal(column.length, table.length, name);
    }
  }
  stackTable.prefix.forEach((prefix, stack) => {
    assert.ok(prefix === null || prefix < stack);
  });
  const weights = new Map<string, number>();
  for (const { name, samples } of threads) {
    samples.stack.forEach((stack, index) => {
      assert.ok(index === 0 || (samples.time[index] ?? 0) >= (samples.time[index - 1] ?? 0));
      const path: string[] = [];
      for (let at = stack; at !== null; at = stackTable.prefix[at] ?? null) {
        const frame = stackTable.frame[at] ?? 0;
        const func = frameTable.func[frame] ?? 0;
        path.push(`${stringArray[funcTable.name[func] ?? 0]}:${frameTable.line[frame]}`);
      }
      const weight = (samples.weight[index] ?? 0) * unitsPerWeight;
      add(weights, name, { path: path.reverse(), weight });
    });
  }
  return weights;
}
