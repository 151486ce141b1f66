import { byteUnits, formatCount, timeUnits } from '../../src/shared/formatting';
import type { ValueUnit } from '../../src/shared/profile';

/** A mark of the ruler. */
export interface Tick {
  readonly ns: number;
  readonly text: string;
}

/**
 * Round places of a range, at most `maxCount`: 1, 2, 5 × 10ⁿ of the one unit that all labels are written in, with
 * enough decimals. Counts have no parts.
 */
export function ticksFor(startNs: number, endNs: number, maxCount: number, unit: ValueUnit): Tick[] {
  const { step, textOf } = scaleFor((endNs - startNs) / Math.max(1, maxCount), endNs, unit);
  const ticks: Tick[] = [];
  for (let number = Math.ceil(startNs / step); number * step <= endNs; number++) {
    ticks.push({ ns: number * step, text: textOf(number * step) });
  }
  return ticks;
}

function scaleFor(
  atLeast: number,
  end: number,
  kind: ValueUnit,
): { step: number; textOf(value: number): string } {
  if (kind === 'count') return { step: Math.max(1, roundStep(atLeast)), textOf: formatCount };
  const units = kind === 'nanoseconds' ? timeUnits : byteUnits;
  const { unit, size } = [...units].reverse().find(candidate => candidate.size <= end * 0.999) ?? units[0];
  const inUnit = roundStep(atLeast / size);
  const decimals = Math.max(0, Math.ceil(-Math.log10(inUnit) - 1e-9));
  return { step: inUnit * size, textOf: value => `${(value / size).toFixed(decimals)} ${unit}` };
}

function roundStep(atLeast: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1e-9)));
  const factor = [1, 2, 5].find(candidate => candidate * magnitude >= atLeast * 0.999999) ?? 10;
  return factor * magnitude;
}
