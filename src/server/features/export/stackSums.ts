import type { Lane, Profile } from '../../../shared/profile';

/** What was measured of one stack in one lane. */
export interface StackSum {
  /** The stack's number in the tree that was asked for, -1 for the empty stack. */
  readonly stack: number;
  /** In the profile's unit. */
  readonly weight: number;
  /** 0 when unknown. */
  readonly cpuNs: number;
  readonly count: number;
}

/**
 * Sums the samples of one lane after the other by stack. Its columns are made once and cleared by what was touched,
 * so that thousands of short lanes cost no more than their samples.
 */
export class StackSums {
  private readonly weight: Float64Array;
  private readonly cpuNs: Float64Array;
  private readonly count: Float64Array;

  /** `ofNode` maps the profile's nodes to stacks; without it each node is a stack. */
  constructor(
    private readonly profile: Profile,
    private readonly ofNode?: { readonly map: Int32Array; readonly length: number },
  ) {
    const length = (ofNode?.length ?? profile.nodes.length) + 1;
    this.weight = new Float64Array(length);
    this.cpuNs = new Float64Array(length);
    this.count = new Float64Array(length);
  }

  /** The stacks of a lane, in the tree's order; the empty one comes first. */
  *ofLane(lane: Lane): Generator<StackSum> {
    for (const at of this.add(lane)) {
      const [weight = 0, cpuNs = 0, count = 0] = [this.weight[at], this.cpuNs[at], this.count[at]];
      this.weight[at] = 0;
      this.cpuNs[at] = 0;
      this.count[at] = 0;
      yield { stack: at - 1, weight, cpuNs, count };
    }
  }

  private add(lane: Lane): Int32Array {
    const { samples } = this.profile;
    const touched = new Set<number>();
    for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
      const node = samples.node[i] ?? -1;
      const at = 1 + (node < 0 ? -1 : this.ofNode === undefined ? node : (this.ofNode.map[node] ?? -1));
      touched.add(at);
      this.weight[at] = (this.weight[at] ?? 0) + (samples.weightNs[i] ?? 0);
      this.cpuNs[at] = (this.cpuNs[at] ?? 0) + (samples.cpuNs[i] || 0);
      this.count[at] = (this.count[at] ?? 0) + (samples.count[i] ?? 1);
    }
    return Int32Array.from(touched).sort();
  }
}
