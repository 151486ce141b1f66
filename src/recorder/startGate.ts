import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const waitingFile = 'gate.waiting';
const openFile = 'gate.open';

/**
 * Environment that makes the hook in the program wait, before any of the program runs, until `openGate`
 * (`pyrolens_collect/start_gate.py`). A tool that starts a moment later than the program would miss its beginning.
 */
export function gateEnvironment(runDir: string): Record<string, string> {
  return { PYROLENS_GATE_DIR: runDir, PYROLENS_TRACER_PID: String(process.pid) };
}

/**
 * The process that waits, undefined while none does. A program that ignores its environment never does. It need not
 * be the process that was spawned: `conda run` and its like start Python as a child.
 */
export function pidAtGate(runDir: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(runDir, waitingFile), 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * How the program is to be recorded from inside, when it goes on: as its environment says; not at all; or by the
 * bundled sampler, in place of a tool that cannot look. `start_gate.py` reads the words.
 */
export type InsideRecording = 'asPlanned' | 'none' | 'sampler';

/** Lets the program go on. */
export function openGate(runDir: string, inside: InsideRecording = 'asPlanned'): void {
  const path = join(runDir, openFile);
  // The program must not find it before the word is in it.
  writeFileSync(`${path}.new`, inside);
  renameSync(`${path}.new`, path);
}
