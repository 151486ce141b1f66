import type { EngineName } from '../../shared/engines';
import { PyrolensError } from '../../shared/failures';
import { bundledSampler } from './bundledSampler';
import { cprofile } from './cprofile';
import type { Engine } from './engine';
import { pySpy } from './pySpy';

export type { Engine, EngineTarget, Entry, Environment, RecordedProgram } from './engine';
export { programName, programWords } from './engine';

const engines: Readonly<Partial<Record<EngineName, Engine>>> = {
  'bundled-sampler': bundledSampler,
  cprofile,
  'py-spy': pySpy,
};

/** The engine of that name. */
export function engineNamed(name: EngineName): Engine {
  const engine = engines[name];
  if (engine === undefined) throw new PyrolensError('internal', { reason: `no engine ${name}` });
  return engine;
}
