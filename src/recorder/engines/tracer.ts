import { bundledSampler } from './bundledSampler';
import type { Engine } from './engine';

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
  }),
  hasBegun: runDir => bundledSampler.hasBegun(runDir),
  requestStop: program => bundledSampler.requestStop(program),
  countRecording: program => bundledSampler.countRecording(program),
  isPart: fileName => bundledSampler.isPart(fileName),
};
