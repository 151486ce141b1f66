/**
 * `npm run bench -- observer --json [--only busy,idle] [--sizes 3]`: what the observer costs a program and itself at
 * 1 kHz, beside py-spy (with and without stopping the program) and Austin 3.7, which take turns so that all meet the
 * same machine. `--sizes` is the number of rounds (default 5). The least time of all rounds counts for the slowdown:
 * what a busy machine adds only ever makes times longer. Processor time and due looks are those of the steady state:
 * from three seconds after the program began, when the tool has met all code and its own is compiled, to the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chunkFiles, startAtGate } from '../helpers/observedProgram.mjs';
import { parseBytes } from '../helpers/parsing';
import { installProfilers } from '../helpers/profilers.mjs';
import type { Figure } from './host';

const program = resolve('test/bench/programs/steady_work.py');
const observerBundle = resolve('dist/observer.js');
const amount = 360_000;
const warmUpMs = 3_000;
const rateHz = 1000;
const beginTimeoutMs = 5_000;
const cpuPollMs = 50;
const [goalSlowdown, goalCpuPercent, goalLooksPercent] = [1.01, 5, 99];

interface Tool {
  readonly name: string;
  readonly command: (pid: number, folder: string) => string[];
  readonly hasBegun: (folder: string, said: string) => boolean;
}

interface Run {
  readonly wallMs: number;
  /** Of the tool, as a share of one processor. */
  readonly cpuPercent: number;
  /** Of the looks that were due, where the tool tells. */
  readonly looksPercent: number | undefined;
}

/** Measures everything; `report` gets a line per round. */
export async function measure(
  report: (line: string) => void,
  { only, sizes }: { readonly only: readonly string[]; readonly sizes: readonly number[] },
): Promise<Figure[]> {
  const main = installProfilers('main', report);
  const tools = toolsOf(main, installProfilers('austin3', report));
  const shapes = ['busy', 'threads', 'deep', 'idle'].filter(
    shape => only.length === 0 || only.includes(shape),
  );
  const figures: Figure[] = [];
  for (const shape of shapes) {
    const runs = new Map<string, Run[]>();
    for (let round = 0; round < (sizes[0] ?? 5); round++) {
      for (const tool of [undefined, ...tools]) {
        const name = tool?.name ?? 'alone';
        const run = await once(join(main, 'python'), shape, tool);
        runs.set(name, [...(runs.get(name) ?? []), run]);
        report(
          `${shape} ${name}: ${run.wallMs.toFixed(0)} ms, ${run.cpuPercent.toFixed(1)} % of a processor`,
        );
      }
    }
    figures.push(
      ...figuresOf(
        shape,
        runs,
        tools.slice(1).map(({ name }) => name),
      ),
    );
  }
  return figures;
}

function toolsOf(main: string, austin: string): Tool[] {
  const pySpy = (name: string, options: readonly string[]): Tool => ({
    name,
    command: (pid, folder) => [
      ...[
        join(main, 'py-spy'),
        'record',
        '--pid',
        String(pid),
        '--rate',
        String(rateHz),
        '--threads',
        '--idle',
      ],
      ...['--format', 'raw', '--output', join(folder, 'stacks'), ...options],
    ],
    hasBegun: (_folder, said) => /Sampling process/.test(said),
  });
  return [
    {
      name: 'observer',
      command: (pid, folder) => [
        ...[process.execPath, observerBundle, '--pid', String(pid), '--run-dir', folder],
        ...['--rate', String(rateHz)],
      ],
      hasBegun: (_folder, said) => /Observing/.test(said),
    },
    pySpy('py-spy', []),
    pySpy('py-spy --nonblocking', ['--nonblocking']),
    {
      name: 'Austin',
      command: (pid, folder) => [
        ...[join(austin, 'austin'), '--interval', '1ms', '--output', join(folder, 'stacks')],
        ...['--pid', String(pid)],
      ],
      hasBegun: folder => existsSync(join(folder, 'stacks')),
    },
  ];
}

async function once(python: string, shape: string, tool: Tool | undefined): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-bench-'));
  try {
    const words = [program, shape, String(amount)];
    const target = await startAtGate({ command: [python] }, words, folder);
    const sampler = tool && (await begin(tool, target.pid, folder));
    target.letGo();
    const cpuPercent = sampler ? await steadyCpuPercent(sampler, target.ended) : 0;
    await target.ended;
    if (sampler) await ended(sampler);
    return {
      wallMs: Number(target.output().trim()) / 1e6,
      cpuPercent,
      looksPercent: await steadyLooksPercent(folder),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function begin(tool: Tool, pid: number, folder: string): Promise<ChildProcess> {
  const [program = '', ...words] = tool.command(pid, folder);
  const child = spawn(program, words);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (said += String(data)));
  const deadline = Date.now() + beginTimeoutMs;
  while (!tool.hasBegun(folder, said) && child.exitCode === null && Date.now() < deadline) await delay(5);
  if (child.exitCode !== null) throw new Error(`${tool.name} ended at once: ${said}`);
  return child;
}

/** A process cannot be asked after its end, so it is asked until the program ends. */
async function steadyCpuPercent(sampler: ChildProcess, end: Promise<unknown>): Promise<number> {
  let isOver = false;
  void end.then(() => {
    isOver = true;
  });
  await Promise.race([end, delay(warmUpMs)]);
  const now = () => ({ ms: performance.now(), cpuNs: cpuNsOf(sampler.pid) });
  const first = now();
  let last = first;
  while (!isOver) {
    const next = now();
    if (next.cpuNs >= last.cpuNs) last = next;
    await Promise.race([end, delay(cpuPollMs)]);
  }
  return ((last.cpuNs - first.cpuNs) / ((last.ms - first.ms) * 1e6)) * 100;
}

/** Time on the processor of all threads of a process. */
function cpuNsOf(pid: number | undefined): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const texts = threads.map(tid => readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8'));
    return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
  } catch {
    return 0;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise(done => child.once('exit', done));
  await Promise.race([gone, delay(beginTimeoutMs)]);
  child.kill('SIGINT');
  await gone;
}

/** The ticks that the observer's stream holds of the steady state; undefined for other tools. */
async function steadyLooksPercent(folder: string): Promise<number | undefined> {
  const [name] = chunkFiles(folder);
  if (name === undefined) return undefined;
  const { profile } = await parseBytes(readFileSync(join(folder, name)));
  const { endNs } = profile.samples;
  const lastNs = endNs.reduce((latest, ns) => Math.max(latest, ns), 0);
  const firstNs = endNs.reduce((earliest, ns) => Math.min(earliest, ns), lastNs) + warmUpMs * 1e6;
  const ticks = new Set(endNs.filter(ns => ns > firstNs));
  return (ticks.size / (((lastNs - firstNs) / 1e9) * rateHz)) * 100;
}

function figuresOf(
  shape: string,
  runs: ReadonlyMap<string, readonly Run[]>,
  peers: readonly string[],
): Figure[] {
  const least = (name: string, value: (run: Run) => number) => Math.min(...(runs.get(name) ?? []).map(value));
  const slowdown = (name: string) =>
    round(least(name, run => run.wallMs) / least('alone', run => run.wallMs), 3);
  const cpu = (name: string) =>
    round(
      least(name, run => run.cpuPercent),
      1,
    );
  const looks = round(Math.max(...(runs.get('observer') ?? []).map(run => run.looksPercent ?? 0)), 1);
  const best = (value: (name: string) => number) => {
    const [name = ''] = [...peers].sort((a, b) => value(a) - value(b));
    return { name, value: value(name) };
  };
  const [ownSlowdown, ownCpu] = [slowdown('observer'), cpu('observer')];
  return [
    {
      ...{ id: `slowdown of ${shape}`, value: ownSlowdown, unit: '×', goal: `≤ ${goalSlowdown}` },
      ...{ ok: ownSlowdown <= goalSlowdown, peer: best(slowdown) },
    },
    {
      ...{ id: `observer CPU on ${shape}`, value: ownCpu, unit: '%', goal: `≤ ${goalCpuPercent}` },
      ...{ ok: ownCpu <= goalCpuPercent, peer: best(cpu) },
    },
    {
      ...{ id: `due looks taken of ${shape}`, value: looks, unit: '%', goal: `≥ ${goalLooksPercent}` },
      ok: looks >= goalLooksPercent,
    },
  ];
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
