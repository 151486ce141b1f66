import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parseParts } from '../../../../src/server/parse';
import { MemorySource } from '../../../../src/server/parse/bytes/byteSource';
import { Preview } from '../../../../src/server/parse/preview';
import { Slicer } from '../../../../src/server/slicer';
import type { Profile } from '../../../../src/shared/profile';
import { ChunkWriter } from '../../../helpers/chunkWriter';
import { fixtureBytes } from '../../../helpers/parsing';

/** Pauses wherever it may. */
class EagerSlicer extends Slicer {
  override isDue(): boolean {
    return true;
  }
}

interface Picture {
  readonly profile: Profile;
  readonly share: number;
}

/** Parses bytes with a picture at each pause: no time passes, so none is too soon. */
async function watched(
  t: TestContext,
  bytes: Uint8Array,
): Promise<{ profile: Profile; pictures: Picture[] }> {
  t.mock.method(performance, 'now', () => 0);
  const pictures: Picture[] = [];
  const slicer = new EagerSlicer();
  const preview = new Preview(async (profile, share) => void pictures.push({ profile, share }), slicer, 0);
  const profile = await parsed(bytes, { slicer, preview });
  return { profile, pictures };
}

async function parsed(
  bytes: Uint8Array,
  context: { slicer: Slicer; preview?: Preview } = { slicer: new Slicer() },
): Promise<Profile> {
  const all = { origins: { ownRoots: ['/work'] }, sidecar: () => undefined, ...context };
  return (await parseParts([new MemorySource('profile', bytes)], all)).profile;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A file as the benchmarks generate it. */
async function generated(id: string, megabytes: number): Promise<Uint8Array> {
  const generator = join(process.cwd(), 'test', 'bench', 'generate', `${id}.mjs`);
  const module = (await import(pathToFileURL(generator).href)) as Record<string, unknown>;
  const write = module[`write${id.charAt(0).toUpperCase()}${id.slice(1)}`] as (
    path: string,
    megabytes: number,
  ) => unknown;
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-preview-'));
  try {
    await write(join(folder, 'profile'), megabytes);
    const bytes = readFileSync(join(folder, 'profile'));
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function repeated(fixture: string, times: number): Uint8Array {
  return Buffer.concat(Array<Uint8Array>(times).fill(fixtureBytes(fixture)));
}

function chunks(): Uint8Array {
  const writer = new ChunkWriter(42).meta({ monotonicNs: 1000 });
  const main = writer.lane('MainThread', { identity: 1 });
  const stack = writer.stack(-1, writer.location(writer.func('work', '/work/app.py', 1), 2));
  for (let chunk = 0; chunk < 300; chunk++) {
    writer.tick(10, [{ lane: main, stack }]);
    writer.data(1000 + chunk * 10);
  }
  return writer.build().bytes;
}

function perfText(): Uint8Array {
  const sample = (at: number) =>
    `python 7/${7 + (at % 2)} ${(1 + at / 1000).toFixed(6)}: 1000000 cpu-clock:\n` +
    `\t7f00 py::leaf_${at % 3}:/work/app.py+0xb (/tmp/perf-7.map)\n` +
    `\t7f10 py::main:/work/app.py+0xb (/tmp/perf-7.map)\n\n`;
  return bytesOf(Array.from({ length: 5000 }, (_, at) => sample(at)).join(''));
}

/** A recorded file with its samples many times over. */
function tachyonRecords(): Uint8Array {
  const recorded = Buffer.from(fixtureBytes('agreement/tachyon.bin'));
  const [header, records] = [recorded.subarray(0, 64), recorded.subarray(64, tableOffset(recorded))];
  const rest = recorded.subarray(tableOffset(recorded));
  const times = 40;
  const bytes = Buffer.concat([header, ...Array<Buffer>(times).fill(records), rest]);
  const shift = BigInt(records.length * (times - 1));
  // Where the tables begin, and the size of the file.
  for (const at of [40, 48, bytes.length - 24]) {
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + shift, at);
  }
  return bytes;
}

function tableOffset(file: Buffer): number {
  return Number(file.readBigUInt64LE(40));
}

function tachyonLines(): Uint8Array {
  const lines = new TextDecoder().decode(fixtureBytes('agreement/tachyon.jsonl')).trim().split('\n');
  const repeated = lines.flatMap(line => (line.includes('"agg"') ? Array<string>(20).fill(line) : [line]));
  return bytesOf(`${repeated.join('\n')}\n`);
}

function allocations(): Uint8Array {
  const [head = '', ...rows] = new TextDecoder()
    .decode(fixtureBytes('memrayCsv/allocations.csv'))
    .split('\n');
  return bytesOf(
    [
      head,
      ...Array<string[]>(200)
        .fill(rows.filter(row => row !== ''))
        .flat(),
    ].join('\n'),
  );
}

type Call = readonly [name: string, start: number, end: number];

/** `main` calls `work`, which calls `leaf`, 3,000 times in two threads: innermost calls last. Times in microseconds. */
function callsByStart(): Call[] {
  const rounds = Array.from({ length: 3000 }, (_, round): Call[] => {
    const at = 10 + round * 10;
    return [
      ['work', at, at + 8],
      [`leaf ${round % 3}`, at + 2, at + 5],
    ];
  });
  return [['main', 0, 40_000], ...rounds.flat()];
}

function trace(events: (thread: number) => readonly object[]): Uint8Array {
  const threads = [1, 2].map(tid => events(tid).map(event => ({ ...event, pid: 1, tid })));
  return bytesOf(JSON.stringify({ traceEvents: threads.flat() }));
}

const completeCalls = () =>
  trace(() => callsByStart().map(([name, ts, end]) => ({ ph: 'X', name, ts, dur: end - ts })));

const beginsAndEnds = () =>
  trace(() =>
    callsByStart()
      .flatMap(([name, start, end]) => [
        { ph: 'B', name, ts: start },
        { ph: 'E', name, ts: end },
      ])
      .sort((a, b) => a.ts - b.ts),
  );

/** Operations that lie in each other, of which the outermost ends last. */
const operations = () =>
  trace(thread =>
    callsByStart()
      .flatMap(([name, start, end]) => [
        { ph: 'b', name, ts: start, id: thread, cat: 'io' },
        { ph: 'e', name, ts: end, id: thread, cat: 'io' },
      ])
      .sort((a, b) => a.ts - b.ts),
  );

/** Frames stand behind the profiles. */
function speedscope(...profiles: readonly object[]): Uint8Array {
  const frames = Array.from({ length: 5 }, (_, at) => ({
    name: `frame_${at}`,
    file: '/work/app.py',
    line: at,
  }));
  return bytesOf(JSON.stringify({ profiles, shared: { frames }, exporter: 'test@1' }));
}

function evented(): Uint8Array {
  const names = ['main', 'work', 'leaf 0', 'leaf 1', 'leaf 2'];
  const events = callsByStart()
    .flatMap(([name, start, end]) => [
      { type: 'O', at: start, frame: names.indexOf(name) },
      { type: 'C', at: end, frame: names.indexOf(name) },
    ])
    .sort((a, b) => a.at - b.at);
  const profile = { type: 'evented', unit: 'microseconds', startValue: 0, endValue: 40_000, events };
  // One that does not begin at zero tells that they have a clock in common.
  return speedscope({ name: 'one', ...profile, startValue: 1 }, { name: 'two', ...profile });
}

function weightsFirst(): Uint8Array {
  const samples = Array.from({ length: 3000 }, (_, at) => [0, 1, 2 + (at % 3)]);
  const weights = samples.map((_, at) => 1 + (at % 5));
  const head = { type: 'sampled', unit: 'milliseconds', startValue: 0, endValue: 9000 };
  return speedscope({ name: 'one', ...head, weights, samples }, { name: 'two', ...head, samples, weights });
}

const files: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
  'a chunk stream': chunks,
  'Austin text': () => repeated('austinText/wall.austin', 20),
  'Austin MOJO': () => generated('mojo', 1),
  'collapsed stacks': () => repeated('collapsed/py-spy-children.raw', 60),
  'memray CSV': allocations,
  'perf script': perfText,
  'Tachyon binary': tachyonRecords,
  'Tachyon JSON lines': tachyonLines,
  'a speedscope file of samples': () => generated('speedscope', 1),
  'a speedscope file of samples behind their weights': weightsFirst,
  'a speedscope file of events': evented,
  pprof: () => generated('pprof', 1),
  'a V8 profile': () => generated('cpuProfile', 1),
  'a VizTracer trace': () => generated('vizTracer', 1),
  'a trace of calls by start': completeCalls,
  'a trace of begins and ends': beginsAndEnds,
  'a trace of operations': operations,
};

for (const [name, file] of Object.entries(files)) {
  test(`${name} is shown while it is being read: each picture is true of the part read`, async t => {
    const bytes = await file();
    const { profile, pictures } = await watched(t, bytes);
    assert.ok(pictures.length >= 2, `${pictures.length} pictures`);
    assertGrowing(pictures.map(({ share }) => share));
    assertGrowing(pictures.map(picture => picture.profile.samples.length));
    assertGrowing([...pictures.map(picture => picture.profile), profile].map(totalWeight));
    assert.ok((pictures.at(-1)?.profile.samples.length ?? 0) > (pictures[0]?.profile.samples.length ?? 0));
    assert.ok((pictures[0]?.share ?? 0) > 0 && (pictures.at(-1)?.share ?? 1) < 1);
    for (const picture of pictures) assertPartOf(picture.profile, profile);
    assert.deepEqual(profile, await parsed(bytes));
  });
}

/** Twice as many samples as are read between two looks at the clock, before the tree that they refer to. */
function samplesBeforeTree(): Uint8Array {
  const samples = Array<number>(2048).fill(2);
  const node = (id: number, children: number[]) => ({ id, callFrame: { functionName: `f${id}` }, children });
  const times = { startTime: 0, timeDeltas: samples.map(() => 10) };
  return bytesOf(JSON.stringify({ samples, ...times, nodes: [node(1, [2]), node(2, [])] }));
}

const untold: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
  'a Firefox profile, whose tables stand behind the samples': () => generated('gecko', 1),
  'a V8 profile with its samples before the tree': samplesBeforeTree,
  'pprof samples with times, which may be in any order': () => fixtureBytes('agreement/ddtrace.pprof.gz'),
};

for (const [name, file] of Object.entries(untold)) {
  test(`no picture is made up of ${name}`, async t => {
    const { profile, pictures } = await watched(t, await file());
    assert.ok(profile.samples.length > 0);
    assert.deepEqual(pictures, []);
  });
}

test('a lane of a trace whose calls come in no order is left out of pictures', async t => {
  const shuffled = callsByStart().sort(([, a], [, b]) => ((a * 7919) % 10_007) - ((b * 7919) % 10_007));
  const events = trace(thread =>
    (thread === 1 ? callsByStart() : shuffled).map(([name, ts, end]) => ({
      ph: 'X',
      name,
      ts,
      dur: end - ts,
    })),
  );
  const { profile, pictures } = await watched(t, events);
  assert.equal(profile.lanes.length, 2);
  assert.deepEqual(new Set(pictures.map(picture => picture.profile.lanes.length)), new Set([1]));
});

function assertGrowing(values: readonly number[]): void {
  for (const [index, value] of values.entries()) assert.ok(value >= (values[index - 1] ?? 0), `${values}`);
}

/** What a picture shows is there in the end, and no function has less time of its own then. */
function assertPartOf(picture: Profile, whole: Profile): void {
  const { info, samples } = picture;
  assert.ok(samples.length > 0 && samples.length <= whole.samples.length);
  assert.ok(info.durationNs > 0 && info.durationNs <= whole.info.durationNs);
  assert.deepEqual(
    [info.unit, info.hasTimeAxis, info.hasCpu, info.lineMeaning],
    [whole.info.unit, whole.info.hasTimeAxis, whole.info.hasCpu, whole.info.lineMeaning],
  );
  const own = selfWeights(whole);
  for (const [name, weight] of selfWeights(picture)) {
    assert.ok(weight <= (own.get(name) ?? 0) * (1 + 1e-9), `${name}: ${weight} of ${own.get(name)}`);
  }
  const lastNs = samples.endNs.reduce((last, endNs) => Math.max(last, endNs));
  assert.ok(Math.abs(lastNs - info.durationNs) <= 1e-6 * lastNs, `${info.durationNs} until ${lastNs}`);
}

function totalWeight({ samples }: Profile): number {
  return samples.weightNs.reduce((sum, weight) => sum + weight, 0);
}

function selfWeights({ samples, nodes, frames, functions, strings }: Profile): Map<string, number> {
  const weights = new Map<string, number>();
  for (let i = 0; i < samples.length; i++) {
    const func = frames.func[nodes.frame[samples.node[i] ?? -1] ?? -1] ?? -1;
    const name = strings[functions.name[func] ?? -1] ?? '';
    weights.set(name, (weights.get(name) ?? 0) + (samples.weightNs[i] ?? 0));
  }
  return weights;
}
