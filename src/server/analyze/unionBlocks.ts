import { GrowingFloat64, GrowingInt32 } from '../columns/growingColumn';
import type { Stays } from './stays';

/** Stays that begin in one block, at least. */
const leastStays = 16_384;
/** What the blocks of one kind of items may take at most, in bytes; and what one item of one block takes. */
const maxBytes = 48e6;
const entryBytes = 20;

/** Times by item: on any stack, and computing there. */
export interface UnionSums {
  readonly totalNs: Float64Array;
  readonly busyNs: Float64Array;
}

/** Whole blocks between two moments. */
export interface BlockRange {
  readonly first: number;
  readonly end: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** The moments between blocks in which about equally many stays begin: as many as there is memory for. */
export function unionBlockBounds(stays: Stays, itemCount: number): Float64Array {
  let perBlock = leastStays;
  while ((stays.length / perBlock) * itemCount * entryBytes > maxBytes) perBlock *= 2;
  const bounds: number[] = [];
  for (let stay = 0; stay < stays.length; stay += perBlock) {
    const startNs = stays.startNs[stay] ?? 0;
    if (bounds.length === 0 || startNs > (bounds.at(-1) ?? 0)) bounds.push(startNs);
  }
  return Float64Array.from(bounds);
}

/** How long items were covered in each of the blocks that follow one another. Items that were not are left out. */
export class UnionBlocks {
  private readonly firstEntry = new GrowingInt32();
  private readonly item = new GrowingInt32();
  private readonly totalNs = new GrowingFloat64();
  private readonly busyNs = new GrowingFloat64();

  constructor(private readonly boundNs: Float64Array) {
    this.firstEntry.push(0);
  }

  /** Takes the next block's sums over, and sets them to zero. */
  take({ totalNs, busyNs }: UnionSums): void {
    for (let item = 0; item < totalNs.length; item++) {
      if (totalNs[item] === 0) continue;
      this.item.push(item);
      this.totalNs.push(totalNs[item] ?? 0);
      this.busyNs.push(busyNs[item] ?? 0);
    }
    this.firstEntry.push(this.item.length);
    totalNs.fill(0);
    busyNs.fill(0);
  }

  /** The blocks that lie between two moments as a whole; undefined when none does. */
  inside(startNs: number, endNs: number): BlockRange | undefined {
    const { boundNs } = this;
    let first = 0;
    while (first < boundNs.length && (boundNs[first] ?? 0) < startNs) first++;
    let end = boundNs.length - 1;
    while (end > first && (boundNs[end] ?? 0) > endNs) end--;
    if (end <= first) return undefined;
    return { first, end, startNs: this.boundNs[first] ?? 0, endNs: this.boundNs[end] ?? 0 };
  }

  /** Adds the sums of some blocks. */
  addTo({ totalNs, busyNs }: UnionSums, { first, end }: BlockRange): void {
    const last = this.firstEntry.at(end);
    for (let entry = this.firstEntry.at(first); entry < last; entry++) {
      const item = this.item.at(entry);
      totalNs[item] = (totalNs[item] ?? 0) + this.totalNs.at(entry, 0);
      busyNs[item] = (busyNs[item] ?? 0) + this.busyNs.at(entry, 0);
    }
  }
}
