/**
 * `npm run bench -- tracer --json [--only dense,recursive,mixed] [--sizes 5]`: what the bundled tracer costs a program, in
 * both modes, beside VizTracer and cProfile, which take turns so that all meet the same machine. `--sizes` is the number of
 * rounds. The median counts. Slowdown is by CPU time of the whole process, our writing thread included, because wall time on
 * a shared machine measures the neighbours; the first picture is by wall time, from the program's last line to the
 * flame graph's boxes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { flameLayout } from '../../src/server/analyze/flameLayout';
import { detectFormat } from '../../src/server/parse';
import { Slicer } from '../../src/server/slicer';
import { openSource } from '../../src/server/unpack';
import type { FlameQuery } from '../../src/shared/api';
import type { Profile } from '../../src/shared/profile';
import { packageTool } from '../helpers/engineTools.mjs';
import { findInterpreters } from '../helpers/interpreters.mjs';
import { endingOf } from '../helpers/observedProgram.mjs';
import type { Figure } from './host';

const program = resolve('test/bench/programs/tracer_work.py');
const inject = resolve('src/collectors/inject');
const countCalls = resolve('src/collectors/count_calls.py');
const defaultRounds = 5;
const amounts: Readonly<Record<string, string>> = { dense: '100', recursive: '100', mixed: '800' };
const goals = { adaptive: 1.5, full: 2.5, bytes: 10, picture: 10 } as const;
const flame: FlameQuery = {
  ...{ kind: 'flame', order: 'leftHeavy', lane: -1, rangeStartNs: 0, rangeEndNs: 0, minWidthNs: 0 },
  ...{ windowStartNs: 0, windowEndNs: 0, ownCodeOnly: false },
};

interface Run {
  readonly cpuS: number;
  /** From the program's last line to the flame graph's boxes; NaN where there is no trace. */
  readonly pictureMs: number;
  readonly bytesPerEvent: number;
  /** Of the calls that take milliseconds, in the trace. */
  readonly slowShare: number;
}

interface Said {
  readonly cpuS: number;
  readonly endedMs: number;
  readonly slowCount: number;
}

type Way = (python: string, shape: string, folder: string) => Promise<Run>;

/** Measures everything; `report` gets a line per run. */
export async function measure(
  report: (line: string) => void,
  { only, sizes }: { readonly only: readonly string[]; readonly sizes: readonly number[] },
): Promise<Figure[]> {
  const interpreters = await findInterpreters({ log: report });
  const interpreter = interpreters.find(({ version, kind }) => kind === 'local' && /^3\.12\./.test(version));
  if (interpreter === undefined) throw new Error('needs a Python 3.12 of this machine');
  const [python = ''] = interpreter.command;
  const ways = waysOf(interpreter.version);
  const shapes = Object.keys(amounts).filter(shape => only.length === 0 || only.includes(shape));
  const figures: Figure[] = [];
  for (const shape of shapes) {
    const runs = new Map<string, Run[]>();
    for (let round = 0; round < (sizes[0] ?? defaultRounds); round++) {
      for (const [name, way] of Object.entries(ways)) {
        const run = await inFolder(folder => way(python, shape, folder));
        runs.set(name, [...(runs.get(name) ?? []), run]);
        report(`${shape} ${name}: ${JSON.stringify(run)}`);
      }
    }
    figures.push(...figuresOf(shape, runs));
  }
  return figures;
}

function waysOf(version: string): Readonly<Record<string, Way>> {
  const vizTracer = packageTool('viztracer', version);
  return {
    alone: async (python, shape) => untraced(said(python, [program], shape, {})),
    adaptive: (python, shape, folder) => traced(python, shape, { folder, mode: 'adaptive' }),
    full: (python, shape, folder) => traced(python, shape, { folder, mode: 'full' }),
    VizTracer: async (python, shape, folder) => {
      const file = join(folder, 'result.json');
      const words = ['-m', 'viztracer', '--quiet', '--tracer_entries', '10000000', '--ignore_c_function'];
      const run = said(python, [...words, '--output_file', file, '--', program], shape, vizTracer.env ?? {});
      const profile = await pictureOf(file);
      const pictureMs = Date.now() - run.endedMs;
      const text = readFileSync(file);
      const events = 2 * occurrences(text, '"ph": "X"');
      return {
        ...untraced(run),
        pictureMs,
        bytesPerEvent: text.length / events,
        slowShare: slowShare(profile, run),
      };
    },
    cProfile: async (python, shape, folder) =>
      untraced(said(python, [countCalls, program], shape, { PYROLENS_RUN_DIR: folder })),
  };
}

function untraced({ cpuS }: Said): Run {
  return { cpuS, pictureMs: Number.NaN, bytesPerEvent: Number.NaN, slowShare: Number.NaN };
}

async function traced(
  python: string,
  shape: string,
  { folder, mode }: { readonly folder: string; readonly mode: string },
): Promise<Run> {
  const ours = { PYTHONPATH: inject, PYROLENS_INJECT_DIR: inject, PYROLENS_RUN_DIR: folder };
  const run = said(python, [program], shape, { ...ours, PYROLENS_TRACE: mode });
  const name = readdirSync(folder).find(file => file.endsWith('.chunks')) ?? '';
  const profile = await pictureOf(join(folder, name));
  const pictureMs = Date.now() - run.endedMs;
  const bytes = readFileSync(join(folder, name)).length;
  const events = Number(endingOf(folder, name)?.['eventCount']);
  return { cpuS: run.cpuS, pictureMs, bytesPerEvent: bytes / events, slowShare: slowShare(profile, run) };
}

function said(
  python: string,
  words: readonly string[],
  shape: string,
  env: Readonly<Record<string, string>>,
): Said {
  const result = spawnSync(python, [...words, shape, amounts[shape] ?? ''], { env, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout.trim().split('\n')[0] ?? '') as Said;
}

async function pictureOf(path: string): Promise<Profile> {
  const slicer = new Slicer();
  const source = await openSource(path, slicer);
  const context = { origins: { ownRoots: [resolve('test')] }, slicer, sidecar: () => undefined };
  const result = await detectFormat(source)?.parse([source], context);
  source.close();
  if (result === undefined) throw new Error(`${path} is no trace`);
  const { durationNs } = result.profile.info;
  flameLayout(result.profile, {
    ...flame,
    rangeEndNs: durationNs,
    windowEndNs: durationNs,
    minWidthNs: durationNs / 2000,
  });
  return result.profile;
}

function slowShare({ functions, strings, callCounts }: Profile, { slowCount }: Said): number {
  const index = [...functions.name].findIndex(name => strings[name] === 'slow_step');
  return (callCounts?.[index] ?? 0) / slowCount;
}

function occurrences(bytes: Buffer, text: string): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) count++;
  return count;
}

async function inFolder<T>(job: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-bench-tracer-'));
  try {
    return await job(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(shape: string, runs: ReadonlyMap<string, readonly Run[]>): Figure[] {
  const median = (name: string, value: (run: Run) => number) =>
    [...(runs.get(name) ?? []).map(value)].sort((a, b) => a - b)[(runs.get(name)?.length ?? 0) >> 1] ?? 0;
  const slowdown = (name: string) =>
    round(median(name, run => run.cpuS) / median('alone', run => run.cpuS), 2);
  const peer = (value: number) => ({ name: 'VizTracer', value });
  const viz = slowdown('VizTracer');
  const figure = (id: string, value: number, unit: string, more: Pick<Figure, 'goal' | 'ok' | 'peer'>) => ({
    ...{ id: `${id} of ${shape}`, value, unit },
    ...more,
  });
  const [adaptive, full, cProfile] = [slowdown('adaptive'), slowdown('full'), slowdown('cProfile')];
  const bytes = round(
    median('full', run => run.bytesPerEvent),
    1,
  );
  const vizBytes = round(
    median('VizTracer', run => run.bytesPerEvent),
    1,
  );
  const picture = (name: string) => Math.round(median(name, run => run.pictureMs));
  const slow = 100 * median('adaptive', run => run.slowShare);
  return [
    figure('slowdown, adaptive,', adaptive, '×', {
      ...{ goal: `≤ ${goals.adaptive} and the peer's`, ok: adaptive <= Math.min(goals.adaptive, viz) },
      peer: peer(viz),
    }),
    figure('slowdown, full,', full, '×', {
      ...{ goal: `≤ ${goals.full} × the peer's`, ok: full <= goals.full * viz },
      peer: peer(viz),
    }),
    figure('slowdown, adaptive,', adaptive, '×', {
      ...{ goal: "≤ the peer's", ok: adaptive <= cProfile },
      peer: { name: 'cProfile', value: cProfile },
    }),
    figure('slow calls kept, adaptive,', slow, '%', { goal: '100', ok: slow === 100 }),
    figure('bytes per event', bytes, 'B', {
      ...{ goal: `≤ 1/${goals.bytes} of the peer's`, ok: bytes * goals.bytes <= vizBytes },
      peer: peer(vizBytes),
    }),
    ...(['adaptive', 'full'] as const).map(mode =>
      figure(`first picture, ${mode},`, picture(mode), 'ms', {
        goal: `≤ 1/${goals.picture} of the peer's`,
        ok: picture(mode) * goals.picture <= picture('VizTracer'),
        peer: peer(picture('VizTracer')),
      }),
    ),
  ];
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
