import { GrowingInt32 } from '../../columns/growingColumn';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { PprofLocations } from './pprofTables';

/** Turns the locations of samples into nodes. What a stack has in common with the one before is taken over. */
export class PprofStack {
  /** References to locations that are not in the file. */
  lostCount = 0;
  /** The locations of the stack before, root first, with the node up to each. */
  private readonly path = new GrowingInt32();
  private readonly nodes = new GrowingInt32();
  /** From which depth on a frame was met that pruning keeps. */
  private keptFrom = Number.POSITIVE_INFINITY;
  /** What was called by the last location of the path is left out. */
  private isPruned = false;

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly locations: PprofLocations,
  ) {}

  /** The node of a stack, -1 for the empty one. */
  node(leafFirst: GrowingInt32): number {
    const { path, nodes } = this;
    let depth = 0;
    for (let i = leafFirst.length - 1; i >= 0; i--) {
      const location = leafFirst.at(i);
      if (location < 0) {
        this.lostCount++;
        continue;
      }
      if (depth === path.length || path.at(depth) !== location) this.replace(depth, location);
      depth++;
      if (this.isPruned && depth === path.length) break;
    }
    return depth === 0 ? -1 : nodes.at(depth - 1);
  }

  /** Puts a location in the place of one of the path and all that it called. */
  private replace(depth: number, location: number): void {
    const { first, frames, prunes } = this.locations;
    if (this.keptFrom >= depth) this.keptFrom = Number.POSITIVE_INFINITY;
    const prunedAt = prunes.at(location);
    this.isPruned = prunedAt >= 0 && this.keptFrom < depth;
    if (prunedAt < 0) this.keptFrom = Math.min(this.keptFrom, depth);
    const start = first.at(location);
    const end = this.isPruned ? start + prunedAt : first.at(location + 1);
    let node = depth === 0 ? -1 : this.nodes.at(depth - 1);
    for (let at = start; at < end; at++) node = this.builder.node(node, frames.at(at));
    this.path.length = this.nodes.length = depth;
    this.path.push(location);
    this.nodes.push(node);
  }
}
