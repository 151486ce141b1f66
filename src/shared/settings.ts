import { checkEngineArguments, type EngineArguments } from './engineArguments';
import { type AskedEngine, askedEngines, type EngineName } from './engines';
import { checkPathMappings, type PathMapping } from './pathMapping';

/** Settings by key below `pyrolens.`, with their defaults. A test compares this table with package.json both ways. */
export const settingDefaults = {
  python: '',
  engine: 'auto' as AskedEngine,
  engineArguments: {} as EngineArguments,
  'sampler.rate': 100,
  'observer.rate': 1000,
  'tracer.lastSeconds': 10,
  'inline.enabled': true,
  'inline.threshold': 0.5,
  'inline.maxLines': 300,
  'inline.tint': true,
  'codeLens.enabled': true,
  'codeLens.threshold': 1,
  'result.openAfterRun': true,
  'live.enabled': true,
  'run.clearTerminal': true,
  'storage.keepRuns': 50,
  pathMappings: [] as readonly PathMapping[],
} as const;

export type SettingKey = keyof typeof settingDefaults;
type Widen<T> = T extends readonly unknown[]
  ? T
  : T extends boolean
    ? boolean
    : T extends number
      ? number
      : T extends string
        ? string
        : T;
export type Settings = {
  readonly [K in Exclude<SettingKey, 'engine'>]: Widen<(typeof settingDefaults)[K]>;
} & {
  readonly engine: AskedEngine;
};

/** The setting that says how often an engine looks, where nobody chose a rate for the run. */
export function rateSettingOf(engine: EngineName): 'observer.rate' | 'sampler.rate' {
  return engine === 'observer' ? 'observer.rate' : 'sampler.rate';
}

const limits: Partial<Record<SettingKey, readonly [number, number]>> = {
  'sampler.rate': [1, 1000],
  'observer.rate': [1, 5000],
  'tracer.lastSeconds': [1, 600],
  'inline.threshold': [0, 100],
  'inline.maxLines': [1, 2000],
  'codeLens.threshold': [0, 100],
  'storage.keepRuns': [1, 10000],
};

/** Turns whatever the user's settings hold into a valid `Settings`: wrong types fall back, numbers are clamped. */
export function checkSettings(read: (key: SettingKey) => unknown): Settings {
  const checked = {} as Record<SettingKey, unknown>;
  for (const key of Object.keys(settingDefaults) as SettingKey[]) {
    const fallback = settingDefaults[key];
    const value = read(key);
    if (key === 'pathMappings') checked[key] = checkPathMappings(value);
    else if (key === 'engineArguments') checked[key] = checkEngineArguments(value);
    else if (key === 'engine') checked[key] = askedEngines.find(name => name === value) ?? fallback;
    else checked[key] = typeof value === typeof fallback ? clamp(key, value) : fallback;
  }
  return checked as unknown as Settings;
}

function clamp(key: SettingKey, value: unknown): unknown {
  const limit = limits[key];
  if (typeof value !== 'number' || limit === undefined) return value;
  return Number.isFinite(value) ? Math.min(limit[1], Math.max(limit[0], value)) : settingDefaults[key];
}
