import { readdir } from 'node:fs/promises';
import { isProcessAlive } from '../processAlive';
import { bundledSampler } from './bundledSampler';
import type { Engine } from './engine';

const keepingName = /^keeping-(\d+)-([0-9a-f]+)$/;

/**
 * The in-process tracer: injected, stopped and counted as the sampler is, whose place it takes
 * (`src/collectors/FORMAT.md`, «Environment of the target»). It cannot be put to a program that runs already.
 */
export const tracer: Engine = {
  name: 'tracer',
  version: bundledSampler.version,
  commandLine: target => bundledSampler.commandLine(target),
  environment: (target, inherited) => ({
    ...bundledSampler.environment(target, inherited),
    PYROLENS_TRACE: inherited['PYROLENS_TRACE'] === 'full' ? 'full' : 'adaptive',
    ...(target.options.lastSeconds === undefined
      ? {}
      : { PYROLENS_LAST_S: String(Math.round(target.options.lastSeconds)) }),
  }),
  hasBegun: async runDir => (await keepingNames(runDir)).length > 0 || bundledSampler.hasBegun(runDir),
  requestStop: program => bundledSampler.requestStop(program),
  countRecording: async program =>
    (await keepingNames(program.runDir)).length + (await bundledSampler.countRecording(program)),
  isPart: fileName => bundledSampler.isPart(fileName),
};

/** The signs of the living processes that keep their last seconds, of each process the newest: it may have become another program. */
export async function keepingNames(runDir: string): Promise<string[]> {
  const newest = new Map<number, { readonly name: string; readonly start: number }>();
  for (const name of await readdir(runDir)) {
    const [, pidText, startText = ''] = keepingName.exec(name) ?? [];
    const [pid, start] = [Number(pidText), Number.parseInt(startText, 16)];
    if (pidText === undefined || !isProcessAlive(pid)) continue;
    if ((newest.get(pid)?.start ?? -1) < start) newest.set(pid, { name, start });
  }
  return [...newest.values()].map(({ name }) => name);
}

/** The file that such a process writes. */
export function keptPartName(keeping: string): string {
  return `${keeping.replace('keeping', 'samples')}.chunks`;
}
