/** The ways to record a Python program. Manifests, settings, the command line and the documents use these names. */
export const engineNames = [
  'bundled-sampler',
  'cprofile',
  'observer',
  'py-spy',
  'austin',
  'tachyon',
  'tracer',
  'viztracer',
  'memray',
  'tracemalloc',
] as const;
export type EngineName = (typeof engineNames)[number];

/** What the user may ask for: an engine, or the best one that can run (`src/recorder/preflight/chooseEngine.ts`). */
export const askedEngines = ['auto', ...engineNames] as const;
export type AskedEngine = (typeof askedEngines)[number];

/** How an engine looks: at moments, at every call, or at every allocation. */
export type EngineDepth = 'statistical' | 'deterministic' | 'trace' | 'memory';

/** What an engine can give and what it needs. The user interface, the README and the checks before a run read this. */
export interface EngineFacts {
  readonly name: EngineName;
  /** As people call it. */
  readonly label: string;
  readonly depth: EngineDepth;
  /** Knows the executing line, not only the function. */
  readonly hasLines: boolean;
  /** Knows when: its runs have a time axis. */
  readonly hasTimeAxis: boolean;
  /** Tells time on the processor from waiting. */
  readonly hasCpu: boolean;
  /** Tells who holds the GIL. */
  readonly hasGil: boolean;
  /** Sees pauses of the garbage collector. */
  readonly hasGc: boolean;
  /** Sees frames of compiled code. */
  readonly hasNative: boolean;
  /** Sees asyncio tasks as lanes of their own. */
  readonly hasTasks: boolean;
  /** Follows child processes. */
  readonly hasChildren: boolean;
  /** … but only forked ones, none that are started anew. */
  readonly hasForkedOnly: boolean;
  /** Can be put to a program that runs already. */
  readonly canAttach: boolean;
  /** Python minor version of 3 from which on it can; undefined: as for everything else. */
  readonly minPythonToAttach: number | undefined;
  /** Counts every call exactly. */
  readonly countsCalls: boolean;
  /** Can stop recording while the program goes on. */
  readonly canStopEarly: boolean;
  /** Python minor versions of 3, inclusive; undefined: no upper end is known. */
  readonly minPython: number;
  readonly maxPython: number | undefined;
  /** Python minor versions of 3 in between that it reads wrongly. */
  readonly misreadPythons: readonly number[];
  readonly onLinux: boolean;
  readonly onMac: boolean;
  readonly onWindows: boolean;
  /** Safe on free-threaded builds. */
  readonly onFreeThreaded: boolean;
  /** Its name on PyPI when it has to be installed; undefined: comes with Pyrolens or with Python. */
  readonly distribution: string | undefined;
  /** Oldest version of the tool that is driven, as `major.minor`. */
  readonly minToolVersion: string | undefined;
  /** The same from a Python minor version on, newest first, where newer Pythons need newer tools. */
  readonly minToolVersions: readonly (readonly [minPython: number, minToolVersion: string])[];
}

const none = {
  hasLines: false,
  hasTimeAxis: false,
  hasCpu: false,
  hasGil: false,
  hasGc: false,
  hasNative: false,
  hasTasks: false,
  hasChildren: false,
  hasForkedOnly: false,
  canAttach: false,
  minPythonToAttach: undefined,
  countsCalls: false,
  canStopEarly: false,
  minPython: 9,
  maxPython: undefined,
  misreadPythons: [],
  onLinux: true,
  onMac: true,
  onWindows: true,
  onFreeThreaded: false,
  distribution: undefined,
  minToolVersion: undefined,
  minToolVersions: [],
} as const;

const facts: Readonly<Record<EngineName, Omit<EngineFacts, 'name'>>> = {
  'bundled-sampler': {
    ...none,
    label: 'bundled sampler',
    depth: 'statistical',
    hasLines: true,
    hasTimeAxis: true,
    hasCpu: true,
    hasGc: true,
    hasTasks: true,
    hasChildren: true,
    canAttach: true,
    minPythonToAttach: 14,
    canStopEarly: true,
  },
  cprofile: { ...none, label: 'cProfile', depth: 'deterministic', countsCalls: true, canStopEarly: true },
  observer: {
    ...none,
    label: 'observer',
    depth: 'statistical',
    hasLines: true,
    hasTimeAxis: true,
    hasCpu: true,
    hasGil: true,
    hasGc: true,
    hasChildren: true,
    canAttach: true,
    canStopEarly: true,
    maxPython: 15,
    onMac: false,
    onWindows: false,
  },
  'py-spy': {
    ...none,
    label: 'py-spy',
    depth: 'statistical',
    hasLines: true,
    hasTimeAxis: true,
    hasNative: true,
    hasChildren: true,
    canAttach: true,
    canStopEarly: true,
    maxPython: 14,
    distribution: 'py-spy',
    minToolVersion: '0.4',
  },
  austin: {
    ...none,
    label: 'Austin',
    depth: 'statistical',
    hasLines: true,
    hasTimeAxis: true,
    hasCpu: true,
    hasGc: true,
    hasChildren: true,
    canAttach: true,
    canStopEarly: true,
    // Its picture of 3.12's code objects has a field of 3.13's (3.7.0 and 4.0.0): it reads eight bytes too far.
    misreadPythons: [12],
    distribution: 'austin-dist',
    minToolVersion: '3.7',
    minToolVersions: [
      [15, '4.1'],
      [14, '4.0'],
    ],
  },
  tachyon: {
    ...none,
    label: 'profiling.sampling',
    depth: 'statistical',
    hasLines: true,
    hasTimeAxis: true,
    hasGil: true,
    hasGc: true,
    hasChildren: true,
    canAttach: true,
    canStopEarly: true,
    minPython: 15,
    onFreeThreaded: true,
  },
  tracer: {
    ...none,
    label: 'bundled tracer',
    depth: 'trace',
    hasTimeAxis: true,
    hasGc: true,
    hasTasks: true,
    hasChildren: true,
    canStopEarly: true,
  },
  viztracer: {
    ...none,
    label: 'VizTracer',
    depth: 'trace',
    hasTimeAxis: true,
    hasGc: true,
    hasTasks: true,
    hasChildren: true,
    countsCalls: true,
    minPython: 10,
    distribution: 'viztracer',
    minToolVersion: '1.0',
  },
  memray: {
    ...none,
    label: 'memray',
    depth: 'memory',
    hasLines: true,
    hasNative: true,
    hasChildren: true,
    hasForkedOnly: true,
    canStopEarly: true,
    onWindows: false,
    distribution: 'memray',
    minToolVersion: '1.20',
  },
  tracemalloc: {
    ...none,
    label: 'tracemalloc',
    depth: 'memory',
    hasLines: true,
    hasChildren: true,
    canStopEarly: true,
  },
};

/** The engine's row of the table. */
export function engineFacts(name: EngineName): EngineFacts {
  return { name, ...facts[name] };
}

/** Oldest version of the engine's tool for a Python minor version; undefined: any does. */
export function minToolVersionFor(name: EngineName, minor: number): string | undefined {
  const { minToolVersion, minToolVersions } = facts[name];
  return minToolVersions.find(([minPython]) => minor >= minPython)?.[1] ?? minToolVersion;
}

/** The whole table, in the order of `engineNames`. */
export const engineTable: readonly EngineFacts[] = engineNames.map(engineFacts);
