import { isPrepared, preparingFunctions, preparingLines } from '../analyze/rangeSums';
import type { OpenRun } from '../loadedRun';
import type { Slicer } from '../slicer';

const makers = { functions: preparingFunctions, lines: preparingLines };
type Kind = keyof typeof makers;

const prepared = new WeakMap<OpenRun, Partial<Record<Kind, Promise<void>>>>();

/**
 * Works out in slices, once, what the functions or lines of a large run are measured with; nothing for a small one. A run that is
 * still recorded is another one in a second. Throws `Cancelled`.
 */
export function prepareSums(open: OpenRun, kind: Kind, slicer: Slicer): Promise<void> {
  const { profile, manifest } = open.run;
  if (!isPrepared(profile) || manifest.state === 'recording') return Promise.resolve();
  const known = prepared.get(open) ?? {};
  prepared.set(open, known);
  const work = known[kind] ?? slicer.finish(makers[kind](open.measure()));
  known[kind] = work;
  work.catch(() => {
    if (known[kind] === work) delete known[kind];
  });
  return work;
}
