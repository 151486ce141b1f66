import type { EngineName } from '../../shared/manifest';

/** What an engine needs to know to start a program. */
export interface EngineTarget {
  /** The interpreter and the arguments that belong to it (`conda run …`), never the script. */
  readonly interpreter: readonly string[];
  readonly script: string;
  readonly args: readonly string[];
  readonly runDir: string;
  /** Folder of the bundled Python collectors. */
  readonly collectorsDir: string;
  readonly rateHz: number;
}

/** A program that an engine is recording. */
export interface RecordedProgram {
  readonly runDir: string;
  readonly pid: number;
}

/** The environment of a process; `undefined` values are left out by Node. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One way to record a Python program. Engines hold no state: everything is in the run folder. */
export interface Engine {
  readonly name: EngineName;
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
}
