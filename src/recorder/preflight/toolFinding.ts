import type { Said } from '../../shared/preflight';
import type { Environment } from '../engines/engine';
import type { PythonFacts } from '../pythonProbe';

/** Where a tool was found: bundled with Pyrolens, part of the interpreter, the user's environment, our folder, PATH. */
export type ToolPlace = 'bundled' | 'interpreter' | 'environment' | 'toolsFolder' | 'path';

/** A tool that can be used. */
export interface ReadyTool {
  readonly state: 'ready';
  readonly place: ToolPlace;
  /** Command that starts it; empty where none is needed. */
  readonly command: readonly string[];
  /** Folder that has to be on the program's `PYTHONPATH`. */
  readonly pythonPath: string | undefined;
  /** Empty where the tool is part of Pyrolens. */
  readonly version: string;
}

/** A tool that is there and cannot be used. */
export interface UnusableTool {
  readonly state: 'unusable';
  readonly place: ToolPlace;
  readonly problem: Said;
}

export type ToolFinding = ReadyTool | UnusableTool | { readonly state: 'missing'; readonly problem: Said };

/** Where to look. */
export interface ToolSearch {
  readonly python: PythonFacts;
  /** Our own tools: the extension's storage, or the data folder of the command line. */
  readonly toolsDir: string;
  readonly environment: Environment;
  /** How long a tool may think about its version. */
  readonly timeoutMs?: number;
}
