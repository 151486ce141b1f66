import { join } from 'node:path';
import { type EngineName, engineFacts, minToolVersionFor } from '../../shared/engines';
import type { PythonFacts } from '../pythonProbe';

/**
 * What an engine needs to be there: nothing, a module that comes with Python, a program of its own, or a library with
 * compiled parts that has to fit the interpreter.
 */
export type EngineTool =
  | { readonly kind: 'none' }
  /** A process of ours. */
  | { readonly kind: 'bundled' }
  | { readonly kind: 'module'; readonly module: string }
  | { readonly kind: 'program'; readonly program: string }
  | { readonly kind: 'library'; readonly module: string };

const tools: Readonly<Record<EngineName, EngineTool>> = {
  'bundled-sampler': { kind: 'none' },
  cprofile: { kind: 'none' },
  observer: { kind: 'bundled' },
  'py-spy': { kind: 'program', program: 'py-spy' },
  austin: { kind: 'program', program: 'austin' },
  tachyon: { kind: 'module', module: 'profiling.sampling' },
  tracer: { kind: 'none' },
  viztracer: { kind: 'library', module: 'viztracer' },
  memray: { kind: 'library', module: 'memray' },
  tracemalloc: { kind: 'none' },
};

/** What an engine needs to be there. */
export function engineTool(engine: EngineName): EngineTool {
  return tools[engine];
}

/** True for tools that look into the program from a process of their own, which the system must permit. */
export function looksFromOutside(engine: EngineName): boolean {
  const { kind } = tools[engine];
  return kind === 'program' || kind === 'module' || kind === 'bundled';
}

/** Folder of an engine's tool below ours. A library belongs to one version of the interpreter, a program to all. */
export function toolFolder(toolsDir: string, engine: EngineName, python: PythonFacts): string {
  const [major = '', minor = ''] = python.version.split('.');
  const build = `cp${major}${minor}${python.isFreeThreaded ? 't' : ''}`;
  return join(toolsDir, `${engine}-${tools[engine].kind === 'library' ? build : process.arch}`);
}

/**
 * What to ask the package index for, best first. Austin's wheel claims to run where its program does not (4.0 needs
 * glibc 2.38), so its third generation is the second choice where it knows the Python. Empty: the engine needs no
 * installation.
 */
export function requirementsOf(engine: EngineName, python: Pick<PythonFacts, 'version'>): string[] {
  const { distribution } = engineFacts(engine);
  if (distribution === undefined) return [];
  const least = minToolVersionFor(engine, Number(python.version.split('.')[1])) ?? '0';
  const newest = `${distribution}>=${least}`;
  return engine === 'austin' && least.startsWith('3.') ? [newest, `${newest},<4`] : [newest];
}
