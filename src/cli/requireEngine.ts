import { type ChosenEngine, chooseEngine, preflightFacts } from '../recorder/preflight/chooseEngine';
import type { PythonFacts } from '../recorder/pythonProbe';
import type { AskedEngine } from '../shared/engines';
import { PyrolensError } from '../shared/failures';
import { toolsFolder } from './dataFolder';
import { adviceFor } from './engineWords';

/** The engine for a program. Fails with `engineRefused`: why it cannot run, and what to type instead. */
export async function requireEngine(asked: AskedEngine, python: PythonFacts): Promise<ChosenEngine> {
  const verdict = await chooseEngine(asked, preflightFacts(python, toolsFolder()));
  if (verdict.kind === 'chosen') return verdict;
  const { text, facts } = verdict.cause;
  throw new PyrolensError('engineRefused', { ...facts, text, advice: adviceFor(verdict.offers[0]) });
}
