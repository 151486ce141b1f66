/** What a process says about itself, as far as it concerns its samples. */
export interface GeckoMeta {
  /** Zero of the process's times, on its own clock: since the epoch, or monotonic in CPython's files. */
  readonly startTimeMs: number;
  /** NaN unknown. */
  readonly intervalMs: number;
  /** Nanoseconds in a unit of CPU time; NaN when CPU time is unknown or counted in cycles. */
  readonly cpuUnitNs: number;
  /** Index of the category of stacks in which nothing happens, -1 when there is none. */
  readonly idleCategory: number;
  readonly platform: string;
  /** True for what CPython's `profiling.sampling` wrote. */
  readonly isTachyon: boolean;
  /** False where a function's line is merely the first one at which it was seen. */
  readonly trustsDefinitionLines: boolean;
  /** The program that wrote the file. */
  readonly producer: string;
}

type Facts = Readonly<Record<string, unknown>>;

/** Reads `meta`, believing nothing. */
export function geckoMeta(meta: Facts): GeckoMeta {
  const importer = textOf(meta['importedFrom']);
  const isTachyon = importer.startsWith('Tachyon');
  const intervalMs = numberOf(meta['interval']);
  const units = meta['sampleUnits'];
  return {
    startTimeMs: numberOf(meta['startTime']),
    intervalMs: intervalMs > 0 ? intervalMs : Number.NaN,
    cpuUnitNs: cpuUnit(isObject(units) ? textOf(units['threadCPUDelta']) : ''),
    idleCategory: idleCategory(meta['categories']),
    platform: textOf(meta['platform']),
    isTachyon,
    trustsDefinitionLines: !isTachyon && importer !== 'VMProf',
    producer: isTachyon ? 'profiling.sampling' : importer || textOf(meta['product']) || 'Firefox Profiler',
  };
}

/** Windows counts cycles, which are no time. */
function cpuUnit(name: string): number {
  if (name === 'ns') return 1;
  // Both the micro sign and the Greek letter are in use.
  return name === '\u00b5s' || name === '\u03bcs' || name === 'us' ? 1000 : Number.NaN;
}

function idleCategory(categories: unknown): number {
  if (!Array.isArray(categories)) return -1;
  return categories.findIndex((category: unknown) => isObject(category) && category['name'] === 'Idle');
}

function isObject(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
