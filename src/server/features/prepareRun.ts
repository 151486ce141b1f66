import { isPrepared, preparingFunctions, preparingLines } from '../analyze/rangeSums';
import type { Steps } from '../analyze/steps';
import type { OpenRun } from '../loadedRun';
import type { Slicer } from '../slicer';
import { preparingTimeline } from './timelineView';

/** What of a large run can be worked out before it is asked for. */
export type Preparation = 'functions' | 'lines' | 'timeline';

const makers: Readonly<Record<Preparation, (open: OpenRun) => Steps<void>>> = {
  functions: open => preparingFunctions(open.measure()),
  lines: open => preparingLines(open.measure()),
  timeline: preparingTimeline,
};

const prepared = new WeakMap<OpenRun, Partial<Record<Preparation, Promise<void>>>>();

/**
 * Works out in slices, once, what answers about a large run rest on; nothing for a small one. A run that is still recorded is
 * another one in a second. Throws `Cancelled`.
 */
export function prepareRun(open: OpenRun, kind: Preparation, slicer: Slicer): Promise<void> {
  const { profile, manifest } = open.run;
  if (!isPrepared(profile) || manifest.state === 'recording') return Promise.resolve();
  const known = prepared.get(open) ?? {};
  prepared.set(open, known);
  const work = known[kind] ?? slicer.finish(makers[kind](open));
  known[kind] = work;
  work.catch(() => {
    if (known[kind] === work) delete known[kind];
  });
  return work;
}
