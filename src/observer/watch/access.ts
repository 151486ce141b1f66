import { readFileSync } from 'node:fs';
import { findPythonImage, type PythonImage } from '../image/pythonImage';
import type { Layout } from '../layout/layout';
import { TargetMemory } from '../memory/targetMemory';
import { type ProcessState, processState } from './processFacts';

/** What is needed to look into a process that runs a Python which can be read. */
export interface Access {
  readonly memory: TargetMemory;
  readonly image: PythonImage;
  readonly layout: Layout;
  readonly state: ProcessState;
}

/** A process that cannot be looked at; the message is a sentence for people. */
export class CannotObserve extends Error {
  /** `isFinal`: it will not be otherwise in a moment, as it may with a process that is about to run Python. */
  constructor(
    message: string,
    readonly isFinal: boolean,
  ) {
    super(message);
  }
}

/** Opens a process for reading. Fails with `CannotObserve`. */
export function openAccess(pid: number): Access {
  const state = processState(pid);
  if (state === undefined || state.isZombie)
    throw new CannotObserve(`There is no process ${pid} any more.`, true);
  const memory = openMemory(pid);
  try {
    const image = findPythonImage(memory);
    if (image === undefined) throw new CannotObserve(`Process ${pid} runs no CPython 3.`, false);
    const { layout } = image;
    if (layout === undefined) throw new CannotObserve(unreadable(image), true);
    return { memory, image, layout, state };
  } catch (error) {
    memory.close();
    throw error instanceof CannotObserve ? error : denied(pid, error);
  }
}

function openMemory(pid: number): TargetMemory {
  try {
    return new TargetMemory(pid);
  } catch (error) {
    throw denied(pid, error);
  }
}

function unreadable({ version, isFreeThreaded }: PythonImage): string {
  if (isFreeThreaded) {
    return `The observer cannot read a free-threaded Python yet: record Python ${version} with the engine “profiling.sampling”.`;
  }
  return `The observer cannot read Python ${version || 'of this version'}: choose the engine “bundled sampler”.`;
}

function denied(pid: number, error: unknown): CannotObserve {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ESRCH')
    return new CannotObserve(`There is no process ${pid} any more.`, true);
  if (code !== 'EACCES' && code !== 'EPERM') return new CannotObserve((error as Error).message, false);
  const how = hasYama()
    ? 'run it as the same user and set kernel.yama.ptrace_scope to 0'
    : 'run it as the same user';
  return new CannotObserve(
    `Linux does not allow to read process ${pid}: start it from Pyrolens, or ${how}.`,
    true,
  );
}

function hasYama(): boolean {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim() !== '0';
  } catch {
    return false;
  }
}
