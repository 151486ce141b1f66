import { basename, delimiter } from 'node:path';
import type { EngineName } from '../../shared/engines';

/** What is run, as Python's own command line distinguishes it. */
export type Entry =
  | { readonly kind: 'script'; readonly path: string }
  | { readonly kind: 'module'; readonly name: string }
  | { readonly kind: 'code'; readonly text: string };

/** What the user may choose about a recording. An engine that cannot do something ignores the choice. */
export interface EngineOptions {
  /** Child processes too. */
  readonly children: boolean;
  /** Frames of compiled code. */
  readonly native: boolean;
  /** The tracer keeps so many last seconds only, until it is asked for them; undefined: it writes everything. */
  readonly lastSeconds?: number | undefined;
  /** Words of the user's own for the tool's command line, checked by `requireFreeWords`. */
  readonly words?: readonly string[] | undefined;
}

/** What an engine needs to know to start a program. */
export interface EngineTarget {
  /** The interpreter and the arguments that belong to it (`conda run …`, `-X dev`), never the script. */
  readonly interpreter: readonly string[];
  readonly entry: Entry;
  readonly args: readonly string[];
  readonly runDir: string;
  /** Folder of the bundled Python collectors. */
  readonly collectorsDir: string;
  readonly rateHz: number;
  readonly options: EngineOptions;
  /** Command that starts the engine's own tool, as the checks before the run found it; empty when none is needed. */
  readonly tool: readonly string[];
  /** What the tool says its version is, where that was asked; older tools have other flags. */
  readonly toolVersion?: string | undefined;
  /** Added to the inherited environment; null takes a variable away. */
  readonly env?: Readonly<Record<string, string | null>>;
}

/** What an engine needs to know to be put to a program that runs already. */
export interface AttachedTarget extends Omit<EngineTarget, 'entry' | 'args' | 'env'> {
  /**
   * Command of an interpreter that can reach the program with `sys.remote_exec`: the same minor version, in the same
   * change root or container. Empty where the engine needs none.
   */
  readonly interpreter: readonly string[];
  readonly attach: {
    readonly pid: number;
    /** undefined: until it is stopped. */
    readonly durationSeconds?: number | undefined;
  };
}

/** A program that an engine is recording. */
export interface RecordedProgram {
  readonly runDir: string;
  readonly pid: number;
  /** The process that looks at it from outside, where the engine has one. */
  readonly samplerPid?: number | undefined;
}

/** The environment of a process; `undefined` values are left out by Node. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One way to record a Python program. Engines hold no state: everything is in the run folder. */
export interface Engine {
  readonly name: EngineName;
  /** Version of what is bundled; tools that are found say their own. */
  readonly version: string;
  /** Program and arguments to spawn. */
  commandLine(target: EngineTarget): string[];
  /** The program's whole environment: the inherited one and what the engine adds. */
  environment(target: EngineTarget, inherited: Environment): Environment;
  /** True when recording has begun, as far as the run folder tells. */
  hasBegun(runDir: string): Promise<boolean>;
  /** Asks to stop recording while the program goes on. False: this engine cannot do that here. */
  requestStop(program: RecordedProgram): Promise<boolean>;
  /** How many processes are still recording: 0 after a stop has been obeyed. */
  countRecording(program: RecordedProgram): Promise<number>;
  /** True for files of the run folder that hold measurements. */
  isPart(fileName: string): boolean;
  /** Set where a process of its own looks at the program from outside; the launcher starts and ends it. */
  readonly sampler?: OutsideSampler;
  /** Succeeds where the engine's tool can be loaded into the program; else the program runs without it. */
  checkCommand?(target: EngineTarget): string[];
  /** Turn what the tool has left into parts, after a stop or the program's end; none: it has left nothing. */
  convertCommands?(target: EngineTarget): string[][];
  /** Set where nothing is saved before the program ends by itself or is asked to. */
  readonly savesAtEnd?: boolean;
  /** What a program that was asked to end may take, where the engine saves only then; without it three seconds. */
  readonly saveTimeoutMs?: number;
  /**
   * Set where the engine gets into a running program through `sys.remote_exec`: the Python to run in it, which starts
   * recording into the run folder and ends with the `stop` file. `launcherPid`: it also ends when that process has gone.
   */
  readonly remoteScript?: (target: AttachedTarget, launcherPid: number) => string;
}

/** How the process is run that looks at a program from outside. */
export interface OutsideSampler {
  /** As people call the tool. */
  readonly label: string;
  /** Program and arguments to spawn for a program that runs already. */
  commandLine(
    target: Omit<EngineTarget, 'entry' | 'args'> & Partial<Pick<AttachedTarget, 'attach'>>,
    pid: number,
  ): string[];
  /**
   * Finds the program at the gate itself: it is started beside the program, so that nobody waits for the tool's start.
   * `commandLine` gets the process that was spawned, which need not be the one that comes to the gate.
   */
  readonly findsProgram?: boolean;
  /** Whether it looks already, by what it has said and written so far. */
  hasBegun(runDir: string, said: string): boolean;
  /** The signal after which it writes what it has and ends. */
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  /** Why it recorded nothing, in its own words: the line of what it said that tells, if any does. */
  reasonIn(said: string): string | undefined;
  /** What of the recording is not to be trusted, as a sentence, by what it said of its own success. */
  doubtIn?(said: string): string | undefined;
}

/** The inherited environment with a folder put first where Python looks for modules. */
export function withPythonPath(inherited: Environment, folder: string): Environment {
  const pythonPath = inherited['PYTHONPATH'];
  return { ...inherited, PYTHONPATH: pythonPath ? `${folder}${delimiter}${pythonPath}` : folder };
}

/** The words behind the interpreter that run the program. */
export function programWords({ entry, args }: Pick<EngineTarget, 'entry' | 'args'>): string[] {
  switch (entry.kind) {
    case 'script':
      return [entry.path, ...args];
    case 'module':
      return ['-m', entry.name, ...args];
    case 'code':
      return ['-c', entry.text, ...args];
  }
}

/** What people call a program: its script's base name, its module, or the beginning of its code. */
export function programName(entry: Entry): string {
  if (entry.kind === 'script') return basename(entry.path);
  if (entry.kind === 'module') return entry.name;
  const [line = ''] = entry.text.trim().split('\n', 1);
  return `-c ${line.length > 40 ? `${line.slice(0, 39)}…` : line}`;
}
