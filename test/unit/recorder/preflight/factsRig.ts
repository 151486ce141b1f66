import type { PreflightFacts } from '../../../../src/recorder/preflight/chooseEngine';
import type { MachineFacts } from '../../../../src/recorder/preflight/permissions';
import type { ReadyTool, ToolFinding } from '../../../../src/recorder/preflight/toolFinding';
import type { PythonFacts } from '../../../../src/recorder/pythonProbe';
import type { EngineName } from '../../../../src/shared/engines';
import { somePython } from './toolRig';

/** A user’s Linux with Yama as most distributions set it. */
const permissive: MachineFacts = {
  platform: 'linux',
  isRoot: false,
  ptraceScope: 1,
  hasPtraceRight: false,
  canHavePtraceRight: true,
  childProbe: 'allowed',
};
/** A tool of the environment’s. */
export const ready: ReadyTool = {
  state: 'ready',
  place: 'environment',
  command: ['/env/bin/tool'],
  pythonPath: undefined,
  version: '9.9',
};
const missing: ToolFinding = {
  state: 'missing',
  problem: { text: 'programMissing', facts: { engine: 'the tool', python: '/env/bin/python' } },
};

/** What differs from an ordinary machine on which every tool is there. */
export interface World {
  readonly python?: Partial<PythonFacts>;
  readonly machine?: Partial<MachineFacts>;
  /** Tools that are there; undefined: all. */
  readonly has?: readonly EngineName[];
  /** The kernel tells the observer what it needs; undefined: it does. */
  readonly isObservable?: boolean;
}

/** The facts of such a machine. */
export function factsOf({ python, machine, has, isObservable = true }: World): PreflightFacts {
  const bundled: readonly EngineName[] = ['bundled-sampler', 'cprofile', 'tracemalloc'];
  return {
    python: somePython(python),
    platform: machine?.platform ?? 'linux',
    isObservable,
    machine: async () => ({ ...permissive, ...machine }),
    findTool: async engine =>
      has === undefined || has.includes(engine) || bundled.includes(engine) ? ready : missing,
  };
}
