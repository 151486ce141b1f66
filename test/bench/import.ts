/**
 * How fast and in how much memory profiles are read: our importer in a fresh Node process against speedscope in a
 * fresh browser, in turns on the same generated files and on what real profilers wrote. All rates are wall time.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { untilQuiet } from '../helpers/quietMachine';
import type { Figure } from './host';
import { type BenchedFormat, benchedFormats } from './importFormats';
import type { ImportResult } from './importWorker';
import { recordRealProfiles } from './realProfiles.mjs';
import { importWithSpeedscope, installSpeedscope, type PeerResult, peerName } from './speedscopePeer';

/** `only`: ids of formats, «real» and «huge». `sizes`: megabytes. */
export interface ImportOptions {
  readonly only: readonly string[];
  readonly sizes: readonly number[];
}

interface Tools {
  readonly report: (line: string) => void;
  readonly worker: string;
  readonly peerPage: string;
}

/** A file with the medians of its imports. */
interface Measured {
  readonly megabytes: number;
  readonly ours: ImportResult;
  readonly oursMs: number;
  readonly peer: PeerResult | undefined;
}

const defaultSizes = [10, 100];
const seed = 1;
const largeMegabytes = 30;
const minTimesFaster = 5;
const hugeMegabytes = 2000;
const hugeFreeBytes = 4e9;

/** Measures what was asked for; `report` gets a line per step. */
export async function measure(
  report: (line: string) => void,
  options: ImportOptions = { only: [], sizes: [] },
): Promise<Figure[]> {
  const tools = { report, worker: await bundleWorker(), peerPage: installSpeedscope(report) };
  const isAsked = (id: string) => options.only.length === 0 || options.only.includes(id);
  const sizes = options.sizes.length === 0 ? defaultSizes : options.sizes;
  const figures: Figure[] = [];
  for (const format of benchedFormats) {
    if (isAsked(format.id)) figures.push(...(await measureFormat(format, sizes, tools)));
  }
  if (isAsked('real')) figures.push(...(await measureRealProfiles(tools)));
  if (isAsked('huge')) figures.push(...(await measureHugeTrace(tools)));
  return figures;
}

async function bundleWorker(): Promise<string> {
  const outfile = join(process.cwd(), 'out', 'bench', 'importWorker.mjs');
  await build({
    entryPoints: [join('test', 'bench', 'importWorker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return outfile;
}

type Generator = (path: string, megabytes: number, seed: number) => unknown;

async function generatorOf(id: string): Promise<Generator | undefined> {
  const path = join(process.cwd(), 'test', 'bench', 'generate', `${id}.mjs`);
  if (!existsSync(path)) return undefined;
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  return module[`write${id.charAt(0).toUpperCase()}${id.slice(1)}`] as Generator | undefined;
}

async function measureFormat(
  format: BenchedFormat,
  sizes: readonly number[],
  tools: Tools,
): Promise<Figure[]> {
  const generate = await generatorOf(format.id);
  if (generate === undefined) return skipped(`${format.id}: it has no generator`, tools);
  const measured: Measured[] = [];
  for (const megabytes of [...sizes].sort((a, b) => a - b)) {
    const one = await inFolder(async folder => {
      const file = join(folder, format.fileName);
      await generate(file, megabytes, seed);
      return measureFile(file, format.isReadByPeer, tools);
    });
    if (one === undefined) return skipped(`${format.id}: no parser knows it`, tools);
    measured.push(one);
  }
  const largest = measured.at(-1);
  return [
    ...measured.flatMap(one => rateFigures(format, one, one === largest)),
    ...largestFigures(format, measured),
  ];
}

function skipped(why: string, { report }: Tools): [] {
  report(`skipped ${why}`);
  return [];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-import-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ours and the peer in turns: five rounds, three for large files. Undefined when no parser knows the file. */
async function measureFile(file: string, isReadByPeer: boolean, tools: Tools): Promise<Measured | undefined> {
  await untilQuiet();
  const first = await importOurs(file, tools);
  if (first.format === undefined) return undefined;
  const megabytes = first.plainBytes / 1e6;
  const rounds = megabytes >= largeMegabytes ? 3 : 5;
  const ours = [first];
  const peers: PeerResult[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round > 0) ours.push(await importOurs(file, tools));
    // Two minutes are two minutes: what did not end is not tried again.
    if (isReadByPeer && peers.every(({ outcome }) => outcome === 'finished')) {
      peers.push(await importWithSpeedscope(tools.peerPage, file));
    }
  }
  const peer = typicalPeer(peers);
  const middle = medianBy(ours, ({ wallMs }) => wallMs) ?? first;
  tools.report(sentence(middle, megabytes, peer));
  return { megabytes, ours: worst(ours, middle), oursMs: middle.wallMs, peer };
}

/** The median, or the one run that did not end. Undefined when there is nothing to compare with. */
function typicalPeer(runs: readonly PeerResult[]): PeerResult | undefined {
  const failed = runs.find(({ outcome }) => outcome !== 'finished');
  if (failed?.outcome === 'refused') return undefined;
  return failed ?? medianBy(runs, ({ ms }) => ms);
}

/** The median's times with the largest memory of all runs. */
function worst(runs: readonly ImportResult[], middle: ImportResult): ImportResult {
  return {
    ...middle,
    keptBytes: Math.max(...runs.map(({ keptBytes }) => keptBytes)),
    peakRssBytes: Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes)),
  };
}

function sentence(ours: ImportResult, megabytes: number, peer: PeerResult | undefined): string {
  const rate = (megabytes / ours.wallMs) * 1000;
  const memory = `kept ${round(ours.keptBytes / 1e6)} MB, peak ${round(ours.peakRssBytes / 1e6)} MB`;
  const counts = `${ours.sampleCount} samples, ${ours.nodeCount} nodes`;
  const time = `${round(ours.wallMs)} ms (CPU ${round(ours.cpuMs)}), ${round(rate)} MB/s`;
  const problems = ours.problems.length === 0 ? '' : `; PROBLEMS: ${ours.problems.slice(0, 3).join(' ')}`;
  const why = peer === undefined || peer.why === '' ? '' : ` (${peer.why})`;
  const versus = peer === undefined ? '' : `; ${peerName}: ${round(peer.ms)} ms${why}`;
  return `${ours.format}, ${round(megabytes)} MB, ${counts}: ${time}, ${memory}${problems}${versus}`;
}

/** Our importer in a process of its own. */
async function importOurs(file: string, { worker }: Tools): Promise<ImportResult> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--expose-gc', worker, file], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as ImportResult;
}

/**
 * In a small file most of the time goes into code that runs for the first time, so only the largest size must reach
 * the rate and five times the peer's; the others must not be slower than the peer.
 */
function rateFigures(format: BenchedFormat, one: Measured, isLargest: boolean): Figure[] {
  const { megabytes, oursMs, peer, ours } = one;
  const id = `${format.id}-${Math.round(megabytes)}mb`;
  const rate = (megabytes / oursMs) * 1000;
  const goal = isLargest ? (format.minRate ?? 0) : 0;
  const peerRate = peer === undefined ? undefined : round((megabytes / peer.ms) * 1000);
  const figures = [
    {
      ...atLeast(`${id}-rate`, rate, { unit: 'MB/s', limit: goal }),
      ...(peerRate === undefined ? {} : { peer: { name: peerLabel(peer), value: peerRate } }),
    },
    atMost(`${id}-problems`, ours.problems.length, { unit: 'problems', limit: 0 }),
  ];
  if (peer === undefined) return figures;
  const limit = isLargest ? minTimesFaster : 1;
  return [...figures, atLeast(`${id}-times-faster`, peer.ms / oursMs, { unit: '×', limit })];
}

function peerLabel(peer: PeerResult | undefined): string {
  return peer === undefined || peer.why === '' ? peerName : `${peerName}, ${peer.why}: counted as 120 s`;
}

/** What is asked of the largest file, where nothing constant matters any more. */
function largestFigures(format: BenchedFormat, measured: readonly Measured[]): Figure[] {
  const [smallest, largest] = [measured[0], measured.at(-1)];
  if (smallest === undefined || largest === undefined) return [];
  const { id } = format;
  const memory = memoryFigures(id, largest, format.maxKept);
  if (smallest === largest) return memory;
  // Sizes are only nearly as asked for, so the growth is counted per byte; 11 is for a factor of ten.
  const factor = largest.megabytes / smallest.megabytes;
  const growth = (largest.oursMs / smallest.oursMs / factor) * 10;
  return [...memory, atMost(`${id}-growth-per-tenfold`, growth, { unit: '×', limit: 11 })];
}

function memoryFigures(id: string, { megabytes, ours }: Measured, maxKept: number): Figure[] {
  return [
    atMost(`${id}-kept-share`, ours.keptBytes / ours.plainBytes, { unit: '× file', limit: maxKept }),
    atMost(`${id}-peak`, ours.peakRssBytes / 1e6, { unit: 'MB', limit: round(0.8 * megabytes + 120) }),
  ];
}

/** What real profilers wrote about a real program: smaller, so compared with the peer only. */
async function measureRealProfiles(tools: Tools): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { id, path, isReadByPeer } of recordRealProfiles(tools.report)) {
    const one = await measureFile(path, isReadByPeer, tools);
    if (one === undefined) {
      skipped(`real ${id}: no parser knows it`, tools);
      continue;
    }
    const format = { id: `real-${id}`, fileName: '', maxKept: 0.5, isReadByPeer };
    figures.push(...rateFigures(format, one, one.megabytes >= 10));
  }
  return figures;
}

/** The largest file that must open. It has no peer: speedscope needs the text as one string. */
async function measureHugeTrace(tools: Tools): Promise<Figure[]> {
  const generate = await generatorOf('vizTracer');
  if (generate === undefined) return skipped('huge: VizTracer has no generator', tools);
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < hugeFreeBytes) return skipped('huge: the disk has less than 4 GB free', tools);
  return inFolder(async folder => {
    const file = join(folder, 'profile.json');
    await generate(file, hugeMegabytes, seed);
    const ours = await importOurs(file, tools);
    if (ours.format === undefined) return skipped('huge: no parser knows it', tools);
    tools.report(sentence(ours, ours.plainBytes / 1e6, undefined));
    return [
      atMost('vizTracer-2gb-time', ours.wallMs / 1000, { unit: 's', limit: 25 }),
      atMost('vizTracer-2gb-peak', ours.peakRssBytes / 1e6, { unit: 'MB', limit: 1600 }),
    ];
  });
}

function atMost(id: string, value: number, more: { unit: string; limit: number }): Figure {
  return { id, value: round(value), unit: more.unit, goal: `≤ ${more.limit}`, ok: value <= more.limit };
}

function atLeast(id: string, value: number, more: { unit: string; limit: number }): Figure {
  return { id, value: round(value), unit: more.unit, goal: `≥ ${more.limit}`, ok: value >= more.limit };
}

/** Three digits are what a measurement is worth. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

function medianBy<T>(values: readonly T[], keyOf: (value: T) => number): T | undefined {
  const sorted = [...values].sort((a, b) => keyOf(a) - keyOf(b));
  return sorted[Math.floor(sorted.length / 2)];
}
