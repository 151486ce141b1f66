import { type AskedEngine, type EngineName, engineFacts } from '../../shared/engines';
import type { EngineOffer, Said } from '../../shared/preflight';
import type { Environment } from '../engines/engine';
import { withPythonPath } from '../engines/engine';
import type { PythonFacts } from '../pythonProbe';
import { misfitOf } from './engineFit';
import { looksFromOutside, requirementsOf } from './engineTools';
import { findTool } from './findTool';
import { readMachineFacts } from './machineFacts';
import { isObservable } from './observable';
import { barrierTo, type MachineFacts } from './permissions';
import type { ReadyTool, ToolFinding } from './toolFinding';

/** What the checks before a run look at. What costs a process is found out only when it is asked for. */
export interface PreflightFacts {
  readonly python: PythonFacts;
  readonly platform: string;
  /** This machine tells the observer what it needs. */
  readonly isObservable: boolean;
  machine(): Promise<MachineFacts>;
  findTool(engine: EngineName): Promise<ToolFinding>;
}

/** The engine that a program is run under, and the command that starts its tool. */
export interface ChosenEngine {
  readonly kind: 'chosen';
  readonly engine: EngineName;
  readonly tool: ReadyTool;
  readonly why: Said;
  /** Takes its place where it turns out not to be able to look; only where the user did not choose. */
  readonly substitute?: EngineName;
}

/** Why an engine cannot run, and what helps, best first. */
export interface RefusedEngine {
  readonly kind: 'refused';
  readonly engine: EngineName;
  readonly cause: Said;
  readonly offers: readonly EngineOffer[];
}

export type EngineVerdict = ChosenEngine | RefusedEngine;

/** The facts as they are here and now. */
export function preflightFacts(python: PythonFacts, toolsDir: string): PreflightFacts {
  let machine: Promise<MachineFacts> | undefined;
  const search = { python, toolsDir, environment: process.env };
  return {
    python,
    platform: process.platform,
    isObservable: isObservable(),
    machine() {
      machine ??= readMachineFacts(python.command);
      return machine;
    },
    findTool: engine => findTool(engine, search),
  };
}

/** What `auto` takes on Linux: `observer`, or the bundled sampler as everywhere else. */
const autoOnLinux: EngineName = 'bundled-sampler';

/**
 * Decides which engine a program is run under. An engine that was asked for is honoured or refused, never replaced.
 * `auto` is the bundled sampler wherever that is safe: it needs no rights and no installation, and it alone knows CPU
 * time, garbage collection and tasks, which people would lose without having asked. On free-threaded builds, which it
 * cannot look at, `auto` is the standard library's sampler. `onLinux`: what `auto` takes there where it fits; whether it
 * may look shows when it does, and then the bundled sampler is its substitute.
 */
export async function chooseEngine(
  asked: AskedEngine,
  facts: PreflightFacts,
  onLinux: EngineName = autoOnLinux,
): Promise<EngineVerdict> {
  if (asked !== 'auto') return judgeEngine(asked, facts, { text: 'whyAsked', facts: {} });
  const outside = await outsideEngineFor(facts, onLinux);
  if (outside) return outside;
  const bundled = await judgeEngine('bundled-sampler', facts, { text: 'whyAuto', facts: {} });
  if (bundled.kind === 'chosen' || bundled.cause.text !== 'freeThreaded') return bundled;
  const tachyon = await judgeEngine('tachyon', facts, { text: 'whyAutoFreeThreaded', facts: {} });
  const isThere = tachyon.kind === 'chosen' || tachyon.cause.text !== 'pythonTooOldFor';
  return isThere ? tachyon : { ...bundled, cause: { text: 'freeThreadedAuto', facts: {} } };
}

/** No process is started to find out: that would cost every run what a few need. */
async function outsideEngineFor(
  facts: PreflightFacts,
  engine: EngineName,
): Promise<ChosenEngine | undefined> {
  const isFit = facts.isObservable && facts.python.implementation === 'cpython' && !misfitOf(engine, facts);
  if (!looksFromOutside(engine) || !isFit) return undefined;
  const tool = await facts.findTool(engine);
  if (tool.state !== 'ready') return undefined;
  const why = { text: 'whyAutoOutside', facts: {} } as const;
  return { kind: 'chosen', engine, tool, why, substitute: 'bundled-sampler' };
}

/** Whether an engine can run: it fits the interpreter and the system, its tool is there, and it is permitted to look. */
export async function judgeEngine(
  engine: EngineName,
  facts: PreflightFacts,
  why: Said,
): Promise<EngineVerdict> {
  const refuse = (cause: Said, offers = [instead(engine, facts)]): RefusedEngine => ({
    ...{ kind: 'refused', engine, cause, offers },
  });
  const misfit = misfitOf(engine, facts);
  if (misfit) return refuse(misfit);
  const barrier = looksFromOutside(engine) ? barrierTo('launched', await facts.machine()) : undefined;
  if (barrier) return refuse({ text: barrier, facts: { engine: engineFacts(engine).label } });
  const tool = await facts.findTool(engine);
  if (tool.state === 'ready') return { kind: 'chosen', engine, tool, why };
  const isOffered = requirementsOf(engine, facts.python).length > 0;
  return refuse(tool.problem, [
    ...(isOffered ? [{ kind: 'install', engine } as const] : []),
    instead(engine, facts),
  ]);
}

/** What can be used in place of an engine, without any installation. */
function instead(engine: EngineName, facts: PreflightFacts): EngineOffer {
  const { depth } = engineFacts(engine);
  const candidates: EngineName[] = depth === 'memory' ? ['tracemalloc'] : ['bundled-sampler', 'tachyon'];
  const other = candidates.find(name => name !== engine && misfitOf(name, facts) === undefined);
  return other ? { kind: 'useInstead', engine: other } : { kind: 'selectInterpreter' };
}

/** What a launch plan says of an engine's tool. */
export interface PlannedTool {
  readonly tool: readonly string[];
  readonly toolVersion: string;
  readonly env: Readonly<Record<string, string | null>>;
}

/**
 * An engine's tool for a launch plan, with the changes to the program's environment: a library in our own folder is
 * found through `PYTHONPATH`, where it goes before the program's own.
 */
export function plannedTool(
  { command, version, pythonPath }: ReadyTool,
  changes: PlannedTool['env'] = {},
  inherited: Environment = process.env,
): PlannedTool {
  const plain = { tool: command, toolVersion: version, env: changes };
  if (pythonPath === undefined) return plain;
  const own = 'PYTHONPATH' in changes ? changes['PYTHONPATH'] : inherited['PYTHONPATH'];
  const env = withPythonPath({ PYTHONPATH: own ?? undefined }, pythonPath);
  return { ...plain, env: { ...changes, PYTHONPATH: env['PYTHONPATH'] ?? null } };
}
