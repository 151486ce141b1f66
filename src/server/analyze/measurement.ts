import { formatValue } from '../../shared/formatting';
import type { Profile } from '../../shared/profile';
import { isSampled, shareError } from './certainty';
import { type FunctionTimes, functionTimes } from './functionTimes';
import { functionTree } from './functionTree';
import { itemTimes } from './itemTimes';
import { type LineTimes, lineTimes } from './lineTimes';
import { type NodeTimes, nodeTimes } from './nodeTimes';
import { includesNode, resolveFilter, type SampleFilter, type Subset } from './selection';
import type { SourceWaits } from './waiting';

/** Everything that is derived from a profile and a filter, each part made when it is first asked for. */
export class Measurement {
  readonly subset: Subset;
  private madeTimes: NodeTimes | undefined;
  private madeLines: LineTimes | undefined;
  private madeScaleNs: number | undefined;
  private readonly madeFunctions = new Map<boolean, FunctionTimes>();

  constructor(
    readonly profile: Profile,
    readonly filter: SampleFilter,
    readonly sourceWaits: SourceWaits = () => 'unknown',
  ) {
    this.subset = resolveFilter(profile, filter);
  }

  get times(): NodeTimes {
    this.madeTimes ??= nodeTimes(this.profile, this.subset);
    return this.madeTimes;
  }

  get lines(): LineTimes {
    this.madeLines ??= lineTimes(this);
    return this.madeLines;
  }

  /** Times by function. With `ownCodeOnly`, foreign frames count for the own function that called them. */
  functions(ownCodeOnly = false): FunctionTimes {
    const known = this.madeFunctions.get(ownCodeOnly);
    if (known) return known;
    const tree = functionTree(this.profile, ownCodeOnly);
    const made = functionTimes(this.profile, this.subset, { times: this.times, tree });
    this.madeFunctions.set(ownCodeOnly, made);
    return made;
  }

  /** What 100 % is: the wall-clock duration of the run or range, or the time of the selected subtree. */
  get scaleNs(): number {
    this.madeScaleNs ??= this.subset.isWhole
      ? this.subset.rangeEndNs - this.subset.rangeStartNs
      : this.subtreeNs();
    return this.madeScaleNs;
  }

  private subtreeNs(): number {
    const { profile, subset, times } = this;
    const itemOfNode = new Int32Array(profile.nodes.length).map((_, node) =>
      includesNode(subset, node) ? 0 : -1,
    );
    return itemTimes({ profile, subset, times, itemOfNode, itemCount: 1, part: 'total' }).totalNs[0] ?? 0;
  }

  /** A weight in the profile's unit, as people read it. */
  text(value: number): string {
    return formatValue(value, this.profile.info.unit);
  }

  /** A time as a share of the scale. */
  share(ns: number): number {
    return this.scaleNs > 0 ? ns / this.scaleNs : 0;
  }

  /** Half width of the 95 % interval of a share; 0 where nothing was sampled. */
  shareError(share: number): number {
    return isSampled(this.profile) ? shareError(share, this.times.effectiveCount) : 0;
  }
}
