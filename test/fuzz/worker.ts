/** The thread that tries inputs. It notes in shared memory which one and since when, for the watchdog outside. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Format } from '../../src/server/parse/format';
import { attempt, type Finding, signatureOf } from './attempt';
import { Inputs } from './inputs';
import { minimise } from './minimise';
import { loadSeeds } from './seeds';

/** What a worker is told. It tries the inputs `first`, `first + step`, … up to `last` or until the time is over. */
export interface WorkerTask {
  readonly seedFolder: string;
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  readonly last: number;
  readonly endAtMs: number;
  /** Tell each input before it is tried: it may be the last thing to be heard. */
  readonly announces: boolean;
  /** Only this format's files, by its name. */
  readonly only: string | undefined;
  readonly shared: SharedArrayBuffer;
}

/** Places in the shared memory, all doubles. */
export const slots = { input: 0, startedAtMs: 1, doneCount: 2, length: 3 } as const;

export interface TryingMessage {
  readonly type: 'trying';
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** A finding with the bytes that show it. Sent at once, and again when the bytes became fewer. */
export interface FoundMessage {
  readonly type: 'found';
  readonly finding: Finding;
  readonly input: number;
  readonly bytes: Uint8Array;
}

export type WorkerMessage = TryingMessage | FoundMessage;

/** Works through the task with these formats. */
export async function work(formats: readonly Format[]): Promise<void> {
  const task = workerData as WorkerTask;
  const notes = new Float64Array(task.shared);
  const inputs = new Inputs(chosenSeeds(task, formats), task.seed);
  const known = new Set<string>();
  for (let n = task.first; n <= task.last && Date.now() < task.endAtMs; n += task.step) {
    const { bytes, format } = inputs.at(n);
    const tryBytes = watched(notes, candidate => attempt(candidate, formats, format));
    if (task.announces) tell({ type: 'trying', format: format.name, bytes });
    notes[slots.input] = n;
    const finding = await tryBytes(bytes);
    notes[slots.doneCount] = (notes[slots.doneCount] ?? 0) + 1;
    if (finding === undefined || known.has(signatureOf(finding))) continue;
    known.add(signatureOf(finding));
    tell({ type: 'found', finding, input: n, bytes });
    tell({ type: 'found', finding, input: n, bytes: await fewerBytes(bytes, finding, tryBytes) });
  }
}

type Try = (bytes: Uint8Array) => Promise<Finding | undefined>;

function watched(notes: Float64Array, tryBytes: Try): Try {
  return async bytes => {
    notes[slots.startedAtMs] = Date.now();
    const finding = await tryBytes(bytes);
    notes[slots.startedAtMs] = 0;
    return finding;
  };
}

function fewerBytes(bytes: Uint8Array, finding: Finding, tryBytes: Try): Promise<Uint8Array> {
  return minimise(bytes, async candidate => {
    const other = await tryBytes(candidate);
    return other !== undefined && signatureOf(other) === signatureOf(finding);
  });
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function chosenSeeds({ seedFolder, only }: WorkerTask, formats: readonly Format[]) {
  const seeds = loadSeeds(seedFolder, formats);
  return only === undefined ? seeds : seeds.filter(({ format }) => format.name === only);
}
