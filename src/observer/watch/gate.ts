/**
 * The gate at which the program waits until we look (`src/collectors/pyrolens_collect/start_gate.py`). What it does
 * there is known, so the first look is a test: a Python that was built in a way unknown to us shows here, and not as a
 * profile that is wrong.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChunkCopy, ChunkHints } from '../memory/frameMemory';
import { PythonObjects } from '../memory/pythonObjects';
import { offsetInCode } from '../stacks/codeTable';
import { placeOf } from '../stacks/lineTables';
import { RawStack } from '../stacks/rawStack';
import { StackReader } from '../stacks/stackReader';
import { LastStack } from '../stacks/stackTable';
import { ThreadList } from '../threads/threadList';
import { type Access, CannotObserve } from './access';
import { monotonicNs } from './clock';
import { processState } from './processFacts';

const waitingFile = 'gate.waiting';
/** As the launcher's own (`src/recorder/targetProcess.ts`). */
const patienceNs = 3_000_000_000;
const pollMs = 2;
const waitingFunction = '_wait_until_open';
/** The function has fewer. */
const lineCount = 10;

/** Whether the program still waits to be looked at: that time is not its own. */
export function isAtGate(runDir: string): boolean {
  return existsSync(join(runDir, waitingFile)) && !existsSync(join(runDir, 'gate.open'));
}

/**
 * The process that has come to the gate: the one that was spawned, or a child of it where that is a tool which starts
 * Python (`conda run`). The spawned one when it has ended, or nobody came in three seconds.
 */
export async function pidAtGate(spawned: { readonly pid: number; readonly runDir: string }): Promise<number> {
  const deadlineNs = monotonicNs() + patienceNs;
  while (monotonicNs() < deadlineNs && processState(spawned.pid)?.isZombie === false) {
    if (isAtGate(spawned.runDir)) return announced(spawned.runDir).pid;
    await delay(pollMs);
  }
  return spawned.pid;
}

function announced(runDir: string): { readonly pid: number; readonly firstLine: number } {
  const [pid = 0, firstLine = 0] = readFileSync(join(runDir, waitingFile), 'utf8').split(' ').map(Number);
  return { pid, firstLine };
}

/**
 * Fails with `CannotObserve` when a process that waits at the gate of the run does not seem to. Passes for any other.
 */
export function checkAtGate(access: Access, runDir: string): void {
  if (!isAtGate(runDir)) return;
  const { pid, firstLine } = announced(runDir);
  if (pid !== access.memory.pid) return;
  if (stackOfMain(access).some(frame => isWaiting(frame, firstLine))) return;
  const { version } = access.image;
  throw new CannotObserve(
    `The observer does not find its way in this build of Python ${version}: choose the engine “bundled sampler”.`,
    true,
  );
}

interface ReadFrame {
  readonly name: string | undefined;
  readonly file: string | undefined;
  readonly firstLine: number;
  readonly line: number;
}

function isWaiting({ name, file, firstLine, line }: ReadFrame, expectedLine: number): boolean {
  const isThere = name === waitingFunction && file?.endsWith('start_gate.py') === true;
  return isThere && firstLine === expectedLine && line > firstLine && line < firstLine + lineCount;
}

/** Innermost frame first; empty when it cannot be read. */
function stackOfMain({ memory, image, layout }: Access): ReadFrame[] {
  const main = new ThreadList(memory, layout, image.runtime).walk()?.find(({ tid }) => tid === memory.pid);
  if (main === undefined) return [];
  const raw = new RawStack();
  const chunks = new ChunkHints(memory);
  const place = {
    ...{ address: main.address, chunks, root: 0, cFrame: 0 },
    ...{ last: new LastStack(), copy: new ChunkCopy() },
  };
  if (!new StackReader(memory, layout).read(place, raw)) return [];
  const objects = new PythonObjects(memory, layout);
  return Array.from({ length: raw.depth }, (_, index) =>
    readFrame(objects, raw.codes[index] ?? 0, raw.instructions[index] ?? 0),
  );
}

function readFrame(objects: PythonObjects, code: number, instruction: number): ReadFrame {
  const { memory, layout } = objects;
  const textAt = (offset: number) => objects.text(memory.pointer(code + offset));
  const firstLine = memory.bytes(code + layout.code.firstLine, 4)?.readUInt32LE(0) ?? 0;
  const table = objects.bytes(memory.pointer(code + layout.code.lineTable)) ?? new Uint8Array(0);
  const offset = offsetInCode(layout, code, instruction);
  return {
    name: textAt(layout.code.qualname ?? layout.code.name),
    file: textAt(layout.code.filename),
    firstLine,
    line: placeOf({ minor: layout.minor, firstLine, table }, offset).line,
  };
}
