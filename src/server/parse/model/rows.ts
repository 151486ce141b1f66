import { GrowingFloat64 } from '../../columns/growingColumn';
import { boundedAmount, boundedTime } from './bounds';

/** Rows of numbers by the names of their columns, for small tables. */
export class Rows<Name extends string> {
  private readonly columns: ReadonlyMap<Name, GrowingFloat64>;

  constructor(private readonly names: readonly Name[]) {
    this.columns = new Map(names.map(name => [name, new GrowingFloat64()]));
  }

  get length(): number {
    return this.columns.values().next().value?.length ?? 0;
  }

  add(row: Readonly<Record<Name, number>>): void {
    for (const name of this.names) this.columns.get(name)?.push(row[name]);
  }

  /** Times relative to the start of the profile. */
  times(name: Name, startNs: number): Float64Array {
    return this.values(name).map(value => boundedTime(value - startNs));
  }

  /** Durations and counts. */
  amounts(name: Name): Float64Array {
    return this.values(name).map(boundedAmount);
  }

  /** Amounts of which some are unknown: those are, and stay, NaN. */
  unknowns(name: Name): Float64Array {
    return this.values(name).map(value => (Number.isNaN(value) ? value : boundedAmount(value)));
  }

  counts(name: Name): Int32Array {
    return Int32Array.from(this.amounts(name), value => Math.min(value, 0x7fffffff));
  }

  /** Indexes, -1 for none, which `newIndex` renames. */
  indexes(name: Name, newIndex?: Int32Array): Int32Array {
    return Int32Array.from(this.values(name), old => (newIndex ? (newIndex[old] ?? -1) : old));
  }

  private values(name: Name): Float64Array {
    return this.columns.get(name)?.toArray() ?? new Float64Array();
  }
}
