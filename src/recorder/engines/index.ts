import type { EngineName } from '../../shared/engines';
import { austin } from './austin';
import { bundledSampler } from './bundledSampler';
import { cprofile } from './cprofile';
import type { Engine } from './engine';
import { memray } from './memray';
import { observer } from './observer';
import { pySpy } from './pySpy';
import { tachyon } from './tachyon';
import { tracemalloc } from './tracemalloc';
import { tracer } from './tracer';
import { viztracer } from './viztracer';

export type { AttachedTarget, Engine, EngineTarget, Entry, Environment, RecordedProgram } from './engine';
export { programName, programWords } from './engine';

const engines: Readonly<Record<EngineName, Engine>> = {
  'bundled-sampler': bundledSampler,
  cprofile,
  observer,
  'py-spy': pySpy,
  austin,
  tachyon,
  tracer,
  viztracer,
  memray,
  tracemalloc,
};

/** The engine of that name. */
export function engineNamed(name: EngineName): Engine {
  return engines[name];
}
