/** Every engine with a tool and an interpreter that it can record here. */
import { join } from 'node:path';
import type { EngineName } from '../../../src/shared/engines';
import {
  austin3Tool,
  austin4Tool,
  type EngineTool,
  packageTool,
  pySpyTool,
} from '../../helpers/engineTools.mjs';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { localPythons } from '../../helpers/localPythons';
import { builtObserver } from '../../helpers/observed';
import { installProfilers } from '../../helpers/profilers.mjs';

/** An engine, as tests launch it. */
export interface EngineCase {
  readonly title: string;
  readonly engine: EngineName;
  /** Where the tool cannot read every name. */
  readonly scriptName?: string;
  /** `undefined` where this machine has no tool or no interpreter for it. */
  readonly found: (EngineTool & { readonly interpreter: readonly string[] }) | undefined;
}

/** A Python of this machine, `python3` where that version is not here. */
export function pythonOf(minor: string): string {
  return localPythons().find(({ version }) => version === minor)?.path ?? 'python3';
}

/** Austin reads only names that Python keeps in bytes. */
export const austinScriptName = 'größe "test".py';
/** The one that most engines are tried on. */
export const interpreter = [join(installProfilers(), 'python')];
export const austin4 = await austin4Tool();

/** Austin misreads 3.12. */
const readable = [pythonOf('3.11')];
const newest = (await findInterpreters()).find(({ version }) => version.startsWith('3.15.'));

/** Tools that look from outside. */
export const outsideCases: readonly EngineCase[] = [
  {
    title: 'the observer',
    engine: 'observer',
    found: { tool: [process.execPath, await builtObserver()], interpreter },
  },
  { title: 'py-spy', engine: 'py-spy', found: { ...pySpyTool(), interpreter } },
  {
    title: 'Austin 3.7',
    engine: 'austin',
    scriptName: austinScriptName,
    found: { ...austin3Tool(), interpreter: readable },
  },
  {
    title: 'Austin 4',
    engine: 'austin',
    scriptName: austinScriptName,
    found: austin4 && { ...austin4, interpreter: readable },
  },
  {
    title: 'profiling.sampling',
    engine: 'tachyon',
    found: newest && { tool: [], interpreter: newest.command },
  },
];

/** Those that run in the program itself. */
export const insideCases: readonly EngineCase[] = [
  { title: 'the bundled sampler', engine: 'bundled-sampler', found: { tool: [], interpreter } },
  { title: 'the bundled tracer', engine: 'tracer', found: { tool: [], interpreter } },
  { title: 'VizTracer', engine: 'viztracer', found: { ...packageTool('viztracer', '3.12'), interpreter } },
  { title: 'cProfile', engine: 'cprofile', found: { tool: [], interpreter } },
  { title: 'memray', engine: 'memray', found: { ...packageTool('memray', '3.12'), interpreter } },
  { title: 'tracemalloc', engine: 'tracemalloc', found: { tool: [], interpreter } },
];
