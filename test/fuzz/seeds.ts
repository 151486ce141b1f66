/** What inputs are made from: every recorded file of the checkout, cut to size, and a few tiny ones by hand. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Format, Head } from '../../src/server/parse/format';
import { ChunkWriter } from '../helpers/chunkWriter';
import { maxInputBytes } from './mutateBytes';

/** A good input. `json` is its value, made small, when it is JSON. */
export interface Seed {
  readonly name: string;
  readonly format: Format;
  readonly bytes: Uint8Array;
  readonly json?: unknown;
}

const prefixBytes = 4 * 1024;
const jsonTextLength = 4 * 1024;
const listLengths = [64, 24, 8, 3, 1];

/** All seeds whose format is among `formats`, in the same order on every machine. */
export function loadSeeds(folder: string, formats: readonly Format[]): Seed[] {
  const recorded = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(folder, name)).isFile())
    .sort()
    .map(name => ({ name, bytes: unpacked(readFileSync(join(folder, name))) }));
  return [...recorded, ...tinyInputs()].flatMap(({ name, bytes }) => {
    const head = new Head(bytes.subarray(0, 64 * 1024), bytes.length);
    const format = formats.find(candidate => candidate.detect(head));
    return format === undefined ? [] : [seedOf(name, format, bytes)];
  });
}

function unpacked(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
}

/** Text can be cut anywhere; binary files may keep their tables at the end. */
function seedOf(name: string, format: Format, bytes: Uint8Array): Seed {
  const json = parsed(bytes);
  if (json !== undefined) {
    const small = withinLength(json);
    return { name, format, json: small, bytes: new TextEncoder().encode(JSON.stringify(small)) };
  }
  return { name, format, bytes: bytes.length <= maxInputBytes ? bytes : bytes.slice(0, prefixBytes) };
}

function parsed(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The value with lists and texts cut until it is small. References into what was cut are damage, which is welcome. */
function withinLength(value: unknown): unknown {
  for (const length of listLengths) {
    const cut = shortened(value, length);
    if (JSON.stringify(cut).length <= jsonTextLength) return cut;
  }
  return shortened(value, 1);
}

function shortened(value: unknown, length: number): unknown {
  if (typeof value === 'string') return value.slice(0, 200);
  if (Array.isArray(value)) return value.slice(0, length).map(item => shortened(item, length));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).slice(0, Math.max(length, 40));
  return Object.fromEntries(entries.map(([key, item]) => [key, shortened(item, length)]));
}

function tinyInputs(): { name: string; bytes: Uint8Array }[] {
  const texts = Object.entries(tinyTexts).map(([name, text]) => ({
    name,
    bytes: new TextEncoder().encode(text),
  }));
  const objects = Object.entries(tinyObjects).map(([name, value]) => ({
    name,
    bytes: new TextEncoder().encode(JSON.stringify(value)),
  }));
  return [...texts, ...objects, { name: 'tiny chunks', bytes: tinyChunks() }, ...tinyBinaries()];
}

const tinyTexts = {
  'tiny collapsed':
    'main (app.py:3);work (app.py:7) 5\nmain (app.py:3);wait (app.py:9) 2\nmain (app.py:3) 1\n',
  'tiny austin':
    '# austin: 3.7.0\n# interval: 100\n# mode: wall\n\nP1;T0:2;/a.py:main:3;/a.py:work:7 120\nP1;T0:2;/a.py:main:3 90\nP1;T0:3;:GC: 10\n\n# duration: 300\n',
};

const frames = [
  { name: 'main', file: '/a.py', line: 3 },
  { name: 'work', file: '/a.py', line: 7 },
];

const tinyObjects = {
  'tiny sampled speedscope': {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'py-spy@0.4.3',
    shared: { frames },
    profiles: [
      {
        type: 'sampled',
        name: 'Thread 1',
        unit: 'seconds',
        startValue: 0,
        endValue: 0.03,
        samples: [[0], [0, 1], []],
        weights: [0.01, 0.01, 0.01],
      },
    ],
  },
  'tiny evented speedscope': {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    shared: { frames },
    profiles: [
      {
        type: 'evented',
        name: 'x',
        unit: 'nanoseconds',
        startValue: 0,
        endValue: 9,
        events: [
          { type: 'O', frame: 0, at: 0 },
          { type: 'O', frame: 1, at: 2 },
          { type: 'C', frame: 1, at: 5 },
          { type: 'C', frame: 0, at: 9 },
        ],
      },
    ],
  },
  'tiny viztracer': {
    traceEvents: [
      { ph: 'M', pid: 1, tid: 2, name: 'thread_name', args: { name: 'MainThread' } },
      { ph: 'X', pid: 1, tid: 2, ts: 2.5, dur: 3, name: 'work (/a.py:6)', cat: 'FEE' },
      { ph: 'X', pid: 1, tid: 2, ts: 1, dur: 9, name: 'main (/a.py:1)', cat: 'FEE' },
      { ph: 'C', pid: 1, tid: 2, ts: 4, name: 'garbage collection', args: { collecting: 1, collected: 3 } },
      { ph: 'C', pid: 1, tid: 2, ts: 5, name: 'garbage collection', args: { collecting: 0 } },
    ],
    viztracer_metadata: { version: '1.1.1', overflow: false, baseTimeNanoseconds: 1700000000000000000 },
    file_info: { files: { '/a.py': ['text', 1] }, functions: { 'main (/a.py:1)': ['/a.py', 1] } },
  },
  'tiny begin-end trace': [
    { ph: 'B', pid: 1, tid: 2, ts: 1, name: 'main', args: { filename: '/a.py', line: 3 } },
    { ph: 'B', pid: 1, tid: 2, ts: 2, name: 'work', args: { filename: '/a.py', line: 7 } },
    { ph: 'E', pid: 1, tid: 2, ts: 4, name: 'work', args: { filename: '/a.py', line: 7 } },
    { ph: 'E', pid: 1, tid: 2, ts: 5, name: 'main', args: { filename: '/a.py', line: 3 } },
  ],
  'tiny cpuprofile': {
    nodes: [
      { id: 1, callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1 }, children: [2] },
      { id: 2, callFrame: { functionName: 'main', scriptId: '1', url: 'file:///a.py', lineNumber: 2 } },
    ],
    startTime: 1000,
    endTime: 4000,
    samples: [1, 2, 2],
    timeDeltas: [0, 1000, 2000],
  },
  'tiny gecko': {
    meta: {
      interval: 1,
      startTime: 1700000000000,
      version: 29,
      preprocessedProfileVersion: 57,
      categories: [],
    },
    libs: [],
    threads: [
      {
        name: 'MainThread',
        isMainThread: true,
        pid: 1,
        tid: 2,
        samples: { length: 2, stack: [0, 1], time: [0, 1.5], eventDelay: [0, 0] },
        stackTable: { length: 2, frame: [0, 1], prefix: [null, 0], category: [0, 0] },
        frameTable: { length: 2, func: [0, 1], line: [3, 7], column: [null, null] },
        funcTable: { length: 2, name: [0, 1], fileName: [2, 2], lineNumber: [1, 6] },
        markers: { length: 0, data: [], name: [], startTime: [], endTime: [], phase: [], category: [] },
      },
    ],
    shared: { stringArray: ['main', 'work', '/a.py'] },
  },
};

function tinyChunks(): Uint8Array {
  const writer = new ChunkWriter().meta();
  const work = writer.location(writer.func('work', '/a.py', 6), 7);
  const main = writer.location(writer.func('main', '/a.py', 1), 3);
  const root = writer.stack(-1, main);
  const leaf = writer.stack(root, work);
  const lane = writer.lane('MainThread');
  const task = writer.lane('Task-1', { kind: 'task', parent: lane });
  writer.file('/a.py', 5, 100);
  writer.tick(1000, [{ lane, stack: leaf, cpuNs: 10, task }]);
  writer.tick(1000, [
    { lane, stack: root, cpuNs: 10 },
    { lane: task, stack: leaf, isSuspended: true },
  ]);
  const resource = writer.resource(2, '10.0.0.5:443');
  writer.kernelWait({
    lane,
    atNs: 1900,
    stack: root,
    reason: 11,
    direction: 2,
    resource,
    asked: 99,
    queued: 42,
  });
  writer.gc({ startNs: 1500, durationNs: 100, generation: 2, lane });
  return writer.data(1000).end({ monotonicNs: 9000 }).build().bytes;
}

/** Austin's MOJO, and a pprof profile of one sample. */
function tinyBinaries(): { name: string; bytes: Uint8Array }[] {
  const mojo = [
    ...[...'MOJ'].map(letter => letter.charCodeAt(0)),
    ...[4, 1, ...zeroEnded('mode'), ...zeroEnded('wall')],
    ...[2, 1, 0, ...zeroEnded('2a'), 11, 2, ...zeroEnded('/a.py'), 11, 3, ...zeroEnded('main')],
    ...[3, 5, 2, 3, 7, 7, 1, 4, 5, 5, 9, 40],
    ...[2, 1, 0, ...zeroEnded('2a'), 5, 5, 8, 9, 41],
    ...[1, ...zeroEnded('duration'), ...zeroEnded('81')],
  ];
  const strings = ['', 'cpu', 'nanoseconds', 'main', '/a.py'].flatMap(text => field(6, ascii(text)));
  const pprof = [
    ...field(1, [8, 1, 16, 2]),
    ...field(2, [...field(1, [1]), ...field(2, [100])]),
    ...field(4, [8, 1, ...field(4, [8, 1, 16, 7])]),
    ...field(5, [8, 1, 16, 3, 32, 4, 40, 6]),
    ...strings,
  ];
  return [
    { name: 'tiny mojo', bytes: Uint8Array.from(mojo) },
    { name: 'tiny pprof', bytes: Uint8Array.from(pprof) },
  ];
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

function zeroEnded(text: string): number[] {
  return [...ascii(text), 0];
}

function field(number: number, bytes: readonly number[]): number[] {
  return [number * 8 + 2, bytes.length, ...bytes];
}
