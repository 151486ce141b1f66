import { functionKinds, type Profile } from '../../../shared/profile';
import { isPoolWorker } from './waitRules';

/** Where a stack stands in its event loop. */
export const loopPlace = {
  /** No loop is on the stack. */
  outside: 0,
  /** Between its steps. */
  between: 1,
  /** In its poll: nothing was due. */
  poll: 2,
  /** In a callback or a task's step. */
  step: 3,
} as const;

/** What a function says about the stack below it. */
const mark = {
  none: 0,
  round: 1,
  poll: 2,
  step: 3,
  /** A child process begins: when it was forked inside of a loop's step, the loop's frames are still on its stack. */
  process: 4,
  /** A pool's worker, which runs one job after the other. */
  worker: 5,
  /** Starts a loop. One without frames of its own (uvloop's) calls its steps right from here, and polls here. */
  runner: 6,
} as const;

/**
 * Who starts a loop outside of the standard library. Facts: uvloop 0.22 and uvicorn 0.38 below Python 3.11, aiohttp 3, read
 * in their sources; all others use `asyncio.run`.
 */
const packageRunners =
  /[/\\](?:uvloop[/\\]__init__\.py:run|uvicorn[/\\]_compat\.py:asyncio_run|aiohttp[/\\]web\.py:run_app)$/;
/** Files of asyncio that work between the steps: none of their functions is a step of a loop without frames. */
const loopFiles = new Set([
  ...['runners.py', 'base_events.py', 'events.py', 'coroutines.py', 'selector_events.py', 'unix_events.py'],
  ...['windows_events.py', 'proactor_events.py', 'signal.py', 'threading.py', 'warnings.py'],
]);

const stdlib = functionKinds.indexOf('stdlib');
const runtime = functionKinds.indexOf('runtime');

/** By node of the profile: where it stands in an event loop, and what it is part of. */
export interface LoopPlaces {
  /** `loopPlace` of each node. */
  readonly place: Uint8Array;
  /** The function with which each node's step of the loop began, -1 outside of steps. */
  readonly stepFunction: Int32Array;
  /** 1 where a node is part of a job that a pool's worker runs. */
  readonly isJob: Uint8Array;
}

/** Follows the loops down all stacks. */
export function loopPlaces(profile: Profile): LoopPlaces {
  const { nodes, frames } = profile;
  const place = new Uint8Array(nodes.length);
  const stepFunction = new Int32Array(nodes.length).fill(-1);
  const isJob = new Uint8Array(nodes.length);
  const { marks, isLoopCode } = readFunctions(profile);
  const funcOf = (node: number) => frames.func[nodes.frame[node] ?? -1] ?? -1;
  for (let node = 0; node < nodes.length; node++) {
    const parent = nodes.parent[node] ?? -1;
    const func = funcOf(node);
    const parentPlace = parent < 0 ? loopPlace.outside : (place[parent] ?? 0);
    const isBelowRunner = parentPlace === loopPlace.poll && marks[funcOf(parent)] === mark.runner;
    place[node] =
      isBelowRunner && marks[func] !== mark.runner
        ? placeBelowRunner(isLoopCode[func] === 1, marks[func] ?? 0)
        : placeOf(parentPlace, marks[func] ?? 0);
    isJob[node] = (parent >= 0 && isJob[parent] === 1) || marks[func] === mark.worker ? 1 : 0;
    if (place[node] !== loopPlace.step) continue;
    if (parentPlace !== loopPlace.step && marks[func] === mark.step) continue;
    const began = parentPlace === loopPlace.step ? (stepFunction[parent] ?? -1) : -1;
    stepFunction[node] = began >= 0 ? began : func;
  }
  return { place, stepFunction, isJob };
}

function placeOf(parentPlace: number, opens: number): number {
  if (opens === mark.round) return loopPlace.between;
  if (opens === mark.process) return loopPlace.outside;
  // A thread that runs a loop cannot start another: this one belongs to a library that pretends to.
  if (opens === mark.runner && parentPlace !== loopPlace.step) return loopPlace.poll;
  if (parentPlace === loopPlace.between && opens === mark.poll) return loopPlace.poll;
  if (parentPlace === loopPlace.between && opens === mark.step) return loopPlace.step;
  return parentPlace;
}

function placeBelowRunner(isLoopCode: boolean, opens: number): number {
  if (isLoopCode || opens !== mark.none) return loopPlace.between;
  return loopPlace.step;
}

/** For each function the `mark` that it bears, and whether it is code of the loop itself. */
function readFunctions({ functions, strings }: Profile): { marks: Uint8Array; isLoopCode: Uint8Array } {
  const marks = new Uint8Array(functions.length);
  const isLoopCode = new Uint8Array(functions.length);
  for (let func = 0; func < functions.length; func++) {
    const path = strings[functions.file[func] ?? -1] ?? '';
    const name = strings[functions.name[func] ?? -1] ?? '';
    const isStdlib = functions.kind[func] === stdlib || functions.kind[func] === runtime;
    const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    if (isStdlib) {
      marks[func] = markOf(file, name);
      isLoopCode[func] = loopFiles.has(file) ? 1 : 0;
    } else if (packageRunners.test(`${path}:${name}`)) marks[func] = mark.runner;
  }
  return { marks, isLoopCode };
}

function markOf(file: string, name: string): number {
  if (file === 'base_events.py' && name.endsWith('_run_once')) return mark.round;
  if (file === 'selectors.py' && name.endsWith('select')) return mark.poll;
  if (file === 'windows_events.py' && (name.endsWith('_poll') || name.endsWith('select'))) return mark.poll;
  if (file === 'events.py' && name.endsWith('_run')) return mark.step;
  if (file === 'runners.py' && (name === 'run' || name === 'Runner.run')) return mark.runner;
  if (file === 'process.py' && name.endsWith('_bootstrap')) return mark.process;
  return isPoolWorker(file, name) ? mark.worker : mark.none;
}
