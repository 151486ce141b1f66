/**
 * Feeds damaged files to every parser: two threads try inputs, this one watches them and keeps what they find.
 * The same seed tries the same inputs.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { type Finding, signatureOf } from './attempt';
import { slots, type TryingMessage, type WorkerMessage, type WorkerTask } from './worker';

export interface FuzzOptions {
  /** TypeScript module that calls `work` with the formats. */
  readonly workerEntry: string;
  /** Folder of good files. */
  readonly seedFolder: string;
  readonly seed: number;
  readonly seconds: number;
  readonly only?: string | undefined;
  readonly report: (line: string) => void;
}

/** A fault, and the smallest input that was found to show it. */
export interface FoundCase {
  readonly finding: Finding;
  readonly input: number;
  readonly bytes: Uint8Array;
}

export interface FuzzOutcome {
  readonly inputCount: number;
  readonly cases: readonly FoundCase[];
}

const threadCount = 2;
const hangMs = 2000;
const pollMs = 100;
/** A thread that needs more has lost its bounds; it dies alone. */
const maxHeapMb = 768;

/** Runs for the time asked for. */
export async function fuzz(options: FuzzOptions): Promise<FuzzOutcome> {
  const run = new FuzzRun(options, await bundle(options.workerEntry));
  const threads = Array.from({ length: threadCount }, (_, first) => run.thread(first));
  await Promise.all(threads);
  return run.outcome;
}

/** Stores each case as `<folder>/<format>/<kind>-<hash>`, where a unit test replays it for ever. */
export function storeCases(folder: string, cases: readonly FoundCase[]): string[] {
  return cases.map(({ finding, bytes }) => {
    const below = join(folder, caseFolderOf(finding.format));
    mkdirSync(below, { recursive: true });
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
    const path = join(below, `${finding.kind}-${hash}`);
    writeFileSync(path, bytes);
    return path;
  });
}

/** Name of the folder of a format's cases. */
export function caseFolderOf(format: string): string {
  return format.replaceAll(/[^\w-]+/g, '-');
}

async function bundle(entry: string): Promise<string> {
  const outfile = join(
    process.cwd(),
    'out',
    'fuzz',
    `${process.pid}-${createHash('sha1').update(entry).digest('hex')}.mjs`,
  );
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return outfile;
}

/** How a thread's work ended: as planned, or at an input that took too long or the whole thread with it. */
interface End {
  readonly how: 'done' | 'hang' | 'died';
  readonly input: number;
  readonly why: string;
}

class FuzzRun {
  private readonly endAtMs: number;
  private readonly bySignature = new Map<string, FoundCase>();
  private inputCount = 0;

  constructor(
    private readonly options: FuzzOptions,
    private readonly script: string,
  ) {
    this.endAtMs = Date.now() + options.seconds * 1000;
  }

  get outcome(): FuzzOutcome {
    return { inputCount: this.inputCount, cases: [...this.bySignature.values()] };
  }

  /** One thread's inputs to the end; after a hang or a death it goes on behind the culprit. */
  async thread(first: number): Promise<void> {
    for (let next = first; Date.now() < this.endAtMs; ) {
      const end = await this.stretch({ first: next, step: threadCount, endAtMs: this.endAtMs }, this.listen);
      if (end.how === 'done') return;
      await this.judge(end.input);
      next = end.input + threadCount;
    }
  }

  /** A busy machine can make anything slow: only what hangs or dies a second time, alone, is a finding. */
  private async judge(input: number): Promise<void> {
    let tried: TryingMessage | undefined;
    const alone = { first: input, last: input, step: 1, endAtMs: Date.now() + 60_000, announces: true };
    const end = await this.stretch(alone, message => {
      if (message.type === 'trying') tried = message;
      else this.listen(message);
    });
    // A second hang while an already known fault is made smaller is no fault of its own.
    const isKnown = [...this.bySignature.values()].some(found => found.input === input);
    if (end.how === 'done' || tried === undefined || isKnown) return;
    const { format, bytes } = tried;
    const kind = end.how === 'hang' ? 'hang' : 'memory';
    this.keep({ finding: { kind, format, message: end.why }, input, bytes });
  }

  private readonly listen = (message: WorkerMessage): void => {
    if (message.type === 'found') this.keep(message);
  };

  private keep({ finding, input, bytes }: FoundCase): void {
    const signature = signatureOf(finding);
    const known = this.bySignature.get(signature);
    if (known === undefined) this.options.report(`${finding.format}: ${finding.kind}: ${finding.message}`);
    if (known === undefined || bytes.length < known.bytes.length) {
      this.bySignature.set(signature, { finding, input, bytes });
    }
  }

  private async stretch(
    part: Pick<WorkerTask, 'first' | 'step' | 'endAtMs'> & Partial<WorkerTask>,
    onMessage: (message: WorkerMessage) => void,
  ): Promise<End> {
    const { seedFolder, seed, only } = this.options;
    const shared = new SharedArrayBuffer(slots.length * 8);
    const task: WorkerTask = {
      last: Number.POSITIVE_INFINITY,
      announces: false,
      ...part,
      seedFolder,
      seed,
      only,
      shared,
    };
    const worker = new Worker(this.script, {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    worker.on('message', onMessage);
    const end = await endOf(worker, new Float64Array(shared));
    this.inputCount += new Float64Array(shared)[slots.doneCount] ?? 0;
    return end;
  }
}

/** Waits for the thread's end, and puts an end to it when an input takes too long. */
function endOf(worker: Worker, notes: Float64Array): Promise<End> {
  const input = () => notes[slots.input] ?? 0;
  return new Promise(resolve => {
    let end: End | undefined;
    const timer = setInterval(() => {
      const startedAtMs = notes[slots.startedAtMs] ?? 0;
      if (startedAtMs === 0 || Date.now() - startedAtMs <= hangMs) return;
      end = { how: 'hang', input: input(), why: `takes more than ${hangMs / 1000} s` };
      clearInterval(timer);
      void worker.terminate();
    }, pollMs);
    worker.on('error', error => {
      end = { how: 'died', input: input(), why: `ends the whole thread: ${error.message}` };
    });
    worker.on('exit', () => {
      clearInterval(timer);
      resolve(end ?? { how: 'done', input: input(), why: '' });
    });
  });
}
