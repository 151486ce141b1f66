import { formatValue, timeUnits } from '../../src/shared/formatting';
import type { ValueUnit } from '../../src/shared/profile';

/** A mark of the ruler. */
export interface Tick {
  readonly ns: number;
  readonly text: string;
}

/** Round places (1, 2, 5 × 10ⁿ) of a range, at most `maxCount`, labelled in one unit with enough decimals. */
export function ticksFor(startNs: number, endNs: number, maxCount: number, unit: ValueUnit): Tick[] {
  const stepNs = roundStep((endNs - startNs) / Math.max(1, maxCount));
  const textOf = unit === 'nanoseconds' ? timeText(stepNs, endNs) : (at: number) => formatValue(at, unit);
  const ticks: Tick[] = [];
  for (let number = Math.ceil(startNs / stepNs); number * stepNs <= endNs; number++) {
    ticks.push({ ns: number * stepNs, text: textOf(number * stepNs) });
  }
  return ticks;
}

function timeText(stepNs: number, endNs: number): (ns: number) => string {
  const unit = [...timeUnits].reverse().find(candidate => candidate.sizeNs <= endNs * 0.999) ?? timeUnits[0];
  const decimals = Math.max(0, Math.ceil(-Math.log10(stepNs / unit.sizeNs) - 1e-9));
  return ns => `${(ns / unit.sizeNs).toFixed(decimals)} ${unit.unit}`;
}

function roundStep(atLeastNs: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(atLeastNs, 1e-3)));
  const factor = [1, 2, 5].find(candidate => candidate * magnitude >= atLeastNs * 0.999999) ?? 10;
  return factor * magnitude;
}
