/**
 * What markers tell of a thread's states. CPython's `profiling.sampling` writes intervals named «On CPU», «Off CPU»,
 * «Has GIL», «No GIL», «GC Collecting»; Firefox's own garbage collector pauses are «GCMinor» and «GCSlice».
 */
import type { ByteStrings } from '../bytes/byteStrings';
import { timeOrder } from '../model/timeOrder';
import type { GeckoTables } from './geckoProcess';

/** Stretches of time, ordered by start, in the file's milliseconds. */
export interface Intervals {
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** A thread's states as its markers have them. */
export interface MarkedStates {
  readonly onCpu: Intervals;
  readonly offCpu: Intervals;
  readonly hasGil: Intervals;
  readonly gc: Intervals;
}

const names: Readonly<Record<string, keyof MarkedStates>> = {
  'On CPU': 'onCpu',
  'Off CPU': 'offCpu',
  'Has GIL': 'hasGil',
  'GC Collecting': 'gc',
  GCMinor: 'gc',
  GCSlice: 'gc',
};

/** Sorts a thread's markers by what they tell; `shared` has the strings when the thread has none of its own. */
export function markedStates(own: GeckoTables, shared: GeckoTables, strings: ByteStrings): MarkedStates {
  const table = own.tables.get('markers');
  const found: Record<keyof MarkedStates, [number, number][]> = { onCpu: [], offCpu: [], hasGil: [], gc: [] };
  const ids = own.strings.length > 0 ? own.strings : shared.strings;
  const [name, start, end] = [table?.index('name'), table?.number('startTime'), table?.number('endTime')];
  const stateOfId = new Map<number, keyof MarkedStates | undefined>();
  for (let i = 0; i < (name?.length ?? 0); i++) {
    const id = ids[name?.[i] ?? -1] ?? -1;
    if (id < 0) continue;
    if (!stateOfId.has(id)) stateOfId.set(id, stateOf(strings.text(id)));
    const state = stateOfId.get(id);
    const [from, to] = [start?.[i] ?? Number.NaN, end?.[i] ?? Number.NaN];
    if (state && to >= from) found[state].push([from, to]);
  }
  return {
    onCpu: intervalsOf(found.onCpu),
    offCpu: intervalsOf(found.offCpu),
    hasGil: intervalsOf(found.hasGil),
    gc: intervalsOf(found.gc),
  };
}

function stateOf(name: string): keyof MarkedStates | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

function intervalsOf(pairs: readonly (readonly [number, number])[]): Intervals {
  const start = Float64Array.from(pairs, pair => pair[0]);
  const end = Float64Array.from(pairs, pair => pair[1]);
  const order = timeOrder(start);
  if (order === undefined) return { start, end };
  return {
    start: Float64Array.from(order, index => start[index] as number),
    end: Float64Array.from(order, index => end[index] as number),
  };
}

/** Answers for rising moments which interval they lie in. */
export class IntervalCursor {
  private next = 0;

  constructor(private readonly intervals: Intervals) {}

  /**
   * Start of the latest interval that holds the moment, -Infinity when none does. Both ends count, because a
   * recording's last sample lies on the end of the last interval: of two states that meet, the later start is true.
   */
  startAt(timeMs: number): number {
    const { start, end } = this.intervals;
    while (this.next < start.length && (start[this.next] as number) <= timeMs) this.next++;
    const last = this.next - 1;
    const isInside = last >= 0 && timeMs <= (end[last] as number);
    return isInside ? (start[last] as number) : Number.NEGATIVE_INFINITY;
  }
}
