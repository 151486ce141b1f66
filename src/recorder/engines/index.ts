import type { EngineName } from '../../shared/engines';
import { PyrolensError } from '../../shared/failures';
import { bundledSampler } from './bundledSampler';
import { cprofile } from './cprofile';
import type { Engine } from './engine';
import { observer } from './observer';
import { pySpy } from './pySpy';

export type { Engine, EngineTarget, Entry, Environment, RecordedProgram } from './engine';
export { programWords } from './engine';
export { observerTool } from './observer';

const engines: Readonly<Partial<Record<EngineName, Engine>>> = {
  'bundled-sampler': bundledSampler,
  cprofile,
  observer,
  'py-spy': pySpy,
};

/** The engine of that name. */
export function engineNamed(name: EngineName): Engine {
  const engine = engines[name];
  if (engine === undefined) throw new PyrolensError('internal', { reason: `no engine ${name}` });
  return engine;
}
