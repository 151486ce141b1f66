import type { EngineName } from '../../shared/manifest';
import { bundledSampler } from './bundledSampler';
import { cprofile } from './cprofile';
import type { Engine } from './engine';

export type { Engine, EngineTarget, Environment, RecordedProgram } from './engine';

const engines: Readonly<Record<EngineName, Engine>> = {
  'bundled-sampler': bundledSampler,
  cprofile,
};

/** The engine of that name. */
export function engineNamed(name: EngineName): Engine {
  return engines[name];
}
