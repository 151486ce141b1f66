import { readFileSync } from 'node:fs';
import { until } from './until';

/** Share of all processors' time that was idle since the first reading, from `/proc/stat`. */
function idleShare(before: readonly number[], after: readonly number[]): number {
  const spent = after.map((ticks, column) => ticks - (before[column] ?? 0));
  const total = spent.reduce((sum, ticks) => sum + ticks, 0);
  return total > 0 ? ((spent[3] ?? 0) + (spent[4] ?? 0)) / total : 0;
}

function processorTicks(): number[] {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  return first.trim().split(/\s+/).slice(1).map(Number);
}

/**
 * Waits until the processors are mostly idle, so that what is measured next is not the end of a window's start.
 * Linux only; a machine that stays busy is measured as it is.
 */
export async function untilQuiet(atLeastIdle = 0.85): Promise<void> {
  let before = processorTicks();
  const isQuiet = (): boolean => {
    const after = processorTicks();
    const isEnough = after.reduce((sum, ticks, column) => sum + ticks - (before[column] ?? 0), 0) >= 100;
    if (!isEnough) return false;
    const share = idleShare(before, after);
    before = after;
    return share >= atLeastIdle;
  };
  await until('a quiet machine', isQuiet).catch(() => undefined);
}
