import type { ValueType, ValueUnit } from '../../../shared/profile';

/** One of a profile's sample types. */
export interface PprofValue {
  readonly name: string;
  readonly unit: ValueUnit;
  /** What one of its units is in ours. */
  readonly scale: number;
  /** Column in each sample's values. */
  readonly column: number;
}

const unitScales: Readonly<Record<string, readonly [ValueUnit, number]>> = {
  nanosecond: ['nanoseconds', 1],
  ns: ['nanoseconds', 1],
  microsecond: ['nanoseconds', 1e3],
  us: ['nanoseconds', 1e3],
  millisecond: ['nanoseconds', 1e6],
  ms: ['nanoseconds', 1e6],
  second: ['nanoseconds', 1e9],
  sec: ['nanoseconds', 1e9],
  s: ['nanoseconds', 1e9],
  minute: ['nanoseconds', 60e9],
  hour: ['nanoseconds', 3600e9],
  byte: ['bytes', 1],
  b: ['bytes', 1],
  kilobyte: ['bytes', 1024],
  kb: ['bytes', 1024],
  megabyte: ['bytes', 1024 ** 2],
  mb: ['bytes', 1024 ** 2],
  gigabyte: ['bytes', 1024 ** 3],
  gb: ['bytes', 1024 ** 3],
};

/** A sample type with its unit as the profile model knows it; what is neither time nor bytes is counted. */
export function pprofValue(name: string, unit: string, column: number): PprofValue {
  const key = unit.toLowerCase();
  const singular = [key, key.replace(/s$/, '')].find(each => Object.hasOwn(unitScales, each)) ?? '';
  const [known, scale] = unitScales[singular] ?? ['count', 1];
  return { name, unit: known, scale, column };
}

/** The measurements of a profile, and which of them is shown. */
export interface ValueChoice {
  readonly shown: PprofValue;
  readonly valueTypes: readonly ValueType[];
  readonly valueType: number;
  /** Column that says how many samples a row stands for, -1 none. */
  readonly countColumn: number;
  /** Column of the CPU time of the same samples, -1 none. */
  readonly cpuColumn: number;
}

/**
 * Chooses what to show: what was asked for, else the profile's own choice, else wall time, else the last type, as
 * pprof does. Types of which no sample has any are left out: Datadog writes nineteen, mostly zero.
 */
export function chooseValue(
  all: readonly PprofValue[],
  {
    asked,
    defaultName,
    isUsed,
  }: { asked: number | undefined; defaultName: string; isUsed: readonly boolean[] },
): ValueChoice | undefined {
  const used = all.filter(({ column }) => isUsed[column]);
  const offered = used.length > 0 ? used : all.slice(-1);
  const own = offered.find(({ name }) => defaultName !== '' && name === defaultName);
  const wall = offered.find(({ name }) => name === 'wall-time' || name === 'wall');
  const shown = (asked === undefined ? undefined : offered[asked]) ?? own ?? wall ?? offered.at(-1);
  if (shown === undefined) return undefined;
  const isMany = offered.length > 1;
  return {
    shown,
    valueTypes: isMany ? offered.map(({ name, unit }) => ({ name, unit })) : [],
    valueType: isMany ? offered.indexOf(shown) : 0,
    countColumn: countColumnOf(offered, shown),
    cpuColumn: shown.name === 'wall-time' ? (all.find(({ name }) => name === 'cpu-time')?.column ?? -1) : -1,
  };
}

/**
 * «cpu» has «samples» beside it, «wall-time» «wall-samples», «alloc_space» «alloc_objects», a lock's «delay»
 * «contentions»; what is a count says it itself.
 */
function countColumnOf(all: readonly PprofValue[], shown: PprofValue): number {
  if (shown.unit === 'count') return shown.column;
  const names = [
    shown.name.replace(/-(time|space)$/, '-samples'),
    shown.name.replace(/_space$/, '_objects').replace(/^delay$/, 'contentions'),
    'samples',
  ].filter(name => name !== shown.name);
  return all.find(({ name, unit }) => unit === 'count' && names.includes(name))?.column ?? -1;
}
