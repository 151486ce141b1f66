import type { FlameQuery } from '../../shared/api';
import type { Profile } from '../../shared/profile';
import { type BoxColumns, boxColumns } from './flameBoxes';
import { leftHeavy } from './leftHeavy';
import { rangeOf } from './selection';
import { timeOrder } from './timeOrder';

/** A laid-out flame graph; functions are the profile's indexes. */
export interface FlameLayout {
  readonly boxes: BoxColumns;
  readonly totalNs: number;
  readonly rowCount: number;
  readonly scaleNs: number;
}

/** Lays out the flame graph that a query asks for. */
export function flameLayout(profile: Profile, query: FlameQuery): FlameLayout {
  const [rangeStartNs, rangeEndNs] = rangeOf(profile, query);
  const bounded = {
    ...query,
    minWidthNs: Math.max(query.minWidthNs, leastWidthNs(profile, rangeEndNs - rangeStartNs)),
  };
  const layout = query.order === 'leftHeavy' ? leftHeavy(profile, bounded) : timeOrder(profile, bounded);
  const boxes = boxColumns(layout.boxes);
  return {
    boxes,
    totalNs: layout.totalNs,
    rowCount: boxes.row.reduce((most, row) => Math.max(most, row + 1), 0),
    scaleNs: query.order === 'leftHeavy' ? rangeEndNs - rangeStartNs : profile.info.durationNs,
  };
}

const manySamples = 200_000;
const finestPart = 100_000;

/** In a large run nobody gets boxes of any width: millions of them would fill the memory of three processes. */
function leastWidthNs(profile: Profile, rangeNs: number): number {
  return profile.samples.length > manySamples ? rangeNs / finestPart : 0;
}
