import { plannedTool } from '../recorder/preflight/chooseEngine';
import type { PythonFacts } from '../recorder/pythonProbe';
import type { EngineName } from '../shared/engines';
import type { ProfileOptions } from './commandLine';
import { requireEngine } from './requireEngine';
import { type NamedTool, toolAt } from './toolAt';

/** The engine for a program with its tool: the named tool unasked, else what the checks before a run find. */
export async function engineFor(
  { engine, tool }: Pick<ProfileOptions, 'engine' | 'tool'>,
  python: PythonFacts,
): Promise<{ engine: EngineName; substitute?: EngineName | undefined } & NamedTool> {
  if (tool !== undefined && engine !== 'auto') return { engine, ...(await toolAt(tool)) };
  const chosen = await requireEngine(engine, python);
  return { engine: chosen.engine, substitute: chosen.substitute, ...plannedTool(chosen.tool) };
}
