/**
 * Writes a run of a chosen size to the chunk format (`src/collectors/FORMAT.md`), the same bytes for the same seed:
 * eight threads of a server that walk through a tree of some thousand functions for hours.
 *
 * A shape says how: the time from look to look, the share of looks at which a thread is somewhere else, the share in which it
 * computes, and the folder of the program's files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from './generate/random.mjs';
import { varint } from './generate/varint.mjs';

/** Threads mostly stay where they are, as real ones do, and use little of the CPU. */
const calm = { tickNs: 10_000_000, changeShare: 0.2, busyShare: 0, root: '/srv/app' };
const chunkTicks = 100;
const threadCount = 8;
const functionCount = 3000;
const stackCount = 20_000;

/** Creates `folder` with `run.pyrolens` and one chunk file of at least `sizeBytes`; returns the manifest's path. */
export function writeBigRun(folder, sizeBytes, seed = 1, changes = {}) {
  const shape = { ...calm, ...changes };
  const { tickNs, root } = shape;
  mkdirSync(folder, { recursive: true });
  const random = randomFrom(seed);
  const parts = [fileHeader(), chunk(1, Buffer.from(JSON.stringify({ ...meta, cwd: root })))];
  parts.push(chunk(2, Buffer.concat([u64(0), definitions(random, root)])));
  let size = parts.reduce((sum, part) => sum + part.length, 0);
  let ticks = 0;
  const walkers = Array.from({ length: threadCount }, () => Math.floor(random() * stackCount));
  while (size < sizeBytes) {
    const part = chunk(2, Buffer.concat([u64(ticks * tickNs), tickRecords(random, walkers, shape)]));
    parts.push(part);
    size += part.length;
    ticks += chunkTicks;
  }
  parts.push(chunk(3, Buffer.from(JSON.stringify(ending(ticks * tickNs, ticks)))));
  writeFileSync(join(folder, 'samples-4242-0.chunks'), Buffer.concat(parts));
  const manifestPath = join(folder, 'run.pyrolens');
  writeFileSync(manifestPath, JSON.stringify(manifestOf(ticks * tickNs, root), null, 2));
  return manifestPath;
}

/** Name of one of the program's files, below its folder. */
export function bigRunFile(file) {
  return `package_${file % 10}/module_${file}.py`;
}
export const bigRunFileCount = 100;

const meta = {
  pid: 4242,
  parentPid: 1,
  python: '3.12.1',
  implementation: 'cpython',
  executable: '/usr/bin/python3',
  argv: ['server.py'],
  platform: 'linux',
  engine: 'bundled-sampler',
  engineVersion: '1',
  rateHzAsked: 100,
  monotonicNs: 0,
  epochNs: 1_700_000_000_000_000_000,
  hasThreadCpu: true,
  isFreeThreaded: false,
  mainThreadIdent: 1,
};

function ending(monotonicNs, ticks) {
  const base = { reason: 'exit', monotonicNs, epochNs: meta.epochNs + monotonicNs, tickCount: ticks };
  return { ...base, samplerCpuNs: ticks * 100_000, maxLatenessNs: 2_000_000, tasksLeftOut: 0 };
}

function manifestOf(durationNs, root) {
  const startedAtMs = 1_700_000_000_000;
  return {
    version: 1,
    id: 'big-run',
    name: 'server.py',
    engine: 'bundled-sampler',
    engineVersion: '1',
    rateHzAsked: 100,
    command: ['/usr/bin/python3', 'server.py'],
    script: `${root}/server.py`,
    cwd: root,
    interpreter: { path: '/usr/bin/python3', version: '3.12.1' },
    startedAtMs,
    endedAtMs: startedAtMs + durationNs / 1e6,
    state: 'ended',
    exit: { code: 0, signal: null },
    sources: {},
  };
}

/** Names, functions, locations, a random tree of stacks, and the lanes. */
function definitions(random, root) {
  const out = [];
  const text = (id, value) => out.push(record(1, [id, Buffer.byteLength(value)], Buffer.from(value)));
  for (let file = 0; file < bigRunFileCount; file++) text(file, `${root}/${bigRunFile(file)}`);
  for (let func = 0; func < functionCount; func++) {
    text(100 + func, `handler_${func}`);
    out.push(record(2, [func, 100 + func, func % 100, 10 + func, 0]));
    for (let line = 0; line < 3; line++) {
      const id = func * 3 + line;
      out.push(record(3, [id, func, 11 + func + line, 11 + func + line, 5, 20]));
    }
  }
  const depths = [];
  for (let stack = 0; stack < stackCount; stack++) {
    const parent = stack < threadCount ? 0 : 1 + parentOf(random, depths);
    depths.push(parent === 0 ? 1 : (depths[parent - 1] ?? 0) + 1);
    out.push(record(4, [stack, parent, Math.floor(random() * functionCount * 3)]));
  }
  for (let lane = 0; lane < threadCount; lane++) {
    text(100 + functionCount + lane, lane === 0 ? 'MainThread' : `worker-${lane}`);
    out.push(record(5, [lane, 0, 0, 1 + lane, 5000 + lane, 100 + functionCount + lane]));
  }
  return Buffer.concat(out);
}

function parentOf(random, depths) {
  for (;;) {
    const candidate = Math.floor(random() * depths.length);
    if (depths[candidate] < 60) return candidate;
  }
}

/** A chunk of samples. */
function tickRecords(random, walkers, { tickNs, changeShare, busyShare }) {
  const out = new VarintWriter();
  for (let tick = 0; tick < chunkTicks; tick++) {
    out.add(6);
    out.add(tickNs);
    out.add(threadCount);
    for (let lane = 0; lane < threadCount; lane++) {
      if (random() < changeShare) walkers[lane] = Math.floor(random() * stackCount);
      const isBusy = busyShare > 0 && random() < busyShare;
      out.add(lane);
      out.add(walkers[lane] + 1);
      out.add(0);
      out.add((isBusy ? Math.floor(tickNs * 0.9) : 0) + Math.floor((random() * tickNs) / 10) + 1);
    }
  }
  return out.bytes();
}

/** Millions of numbers are written: each as an array of bytes would take most of the time. */
class VarintWriter {
  buffer = Buffer.alloc(1 << 16);
  length = 0;

  add(number) {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.buffer[this.length++] = (rest % 128) + 128;
    this.buffer[this.length++] = rest;
  }

  bytes() {
    return this.buffer.subarray(0, this.length);
  }
}

function record(tag, numbers, tail = Buffer.alloc(0)) {
  return Buffer.concat([Buffer.from([tag, ...numbers.flatMap(varint)]), tail]);
}

function fileHeader() {
  const header = Buffer.alloc(16);
  header.write('PYROLENS', 0, 'latin1');
  header.writeUInt16LE(1, 8);
  header.writeUInt32LE(meta.pid, 12);
  return header;
}

function u64(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(number));
  return bytes;
}

function chunk(kind, payload) {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt8(kind, 4);
  header.writeUInt32LE(crc32(payload), 8);
  return Buffer.concat([header, payload]);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
