import { type EngineName, engineFacts, engineNames } from '../../shared/engines';
import { type EngineOffer, engineGives, type PreflightTextKey, type Said } from '../../shared/preflight';
import type { PythonFacts } from '../pythonProbe';
import { chooseEngine, type EngineVerdict, judgeEngine, type PreflightFacts } from './chooseEngine';
import { barrierTo, type MachineFacts } from './permissions';
import type { ReadyTool } from './toolFinding';

/** Everything that the checks before a run look at, for a person. */
export interface DoctorReport {
  readonly python: PythonFacts;
  readonly machine: MachineFacts;
  /** What forbids to look into programs from outside; null: nothing does. */
  readonly permissions: { readonly launched: Said | null; readonly strangers: Said | null };
  /** What `auto` comes to. */
  readonly auto: EngineVerdict;
  readonly engines: readonly EngineReport[];
  readonly toolsDir: string;
}

/** One engine: ready or why not, and what it would give. */
export interface EngineReport {
  readonly engine: EngineName;
  readonly label: string;
  readonly gives: readonly PreflightTextKey[];
  /** Set when it can run. */
  readonly tool: ReadyTool | null;
  /** Set when it cannot. */
  readonly cause: Said | null;
  readonly offers: readonly EngineOffer[];
}

/** Examines every engine for an interpreter. */
export async function examine(facts: PreflightFacts, toolsDir: string): Promise<DoctorReport> {
  const [machine, auto, engines] = await Promise.all([
    facts.machine(),
    chooseEngine('auto', facts),
    reportEngines(facts),
  ]);
  const barrier = (watched: 'launched' | 'sameUser'): Said | null => {
    const text = barrierTo(watched, machine);
    return text ? { text, facts: {} } : null;
  };
  const permissions = { launched: barrier('launched'), strangers: barrier('sameUser') };
  return { python: facts.python, machine, permissions, auto, engines, toolsDir };
}

/** The engines alone. */
export function reportEngines(facts: PreflightFacts): Promise<EngineReport[]> {
  return Promise.all(engineNames.map(engine => reportEngine(engine, facts)));
}

async function reportEngine(engine: EngineName, facts: PreflightFacts): Promise<EngineReport> {
  const verdict = await judgeEngine(engine, facts, { text: 'whyAsked', facts: {} });
  const isChosen = verdict.kind === 'chosen';
  return {
    engine,
    label: engineFacts(engine).label,
    gives: engineGives(engine),
    tool: isChosen ? verdict.tool : null,
    cause: isChosen ? null : verdict.cause,
    offers: isChosen ? [] : verdict.offers,
  };
}
