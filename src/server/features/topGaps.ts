import type { GapHeadline } from '../../shared/api';
import type { OpenRun } from '../loadedRun';
import { gapsOf } from './gapsOf';
import { gapPlace } from './gapsView';
import { groupTitle } from './groupTitle';

/** The first groups of a run's gaps, as lists of runs name them. Numbered as in `GapsView.groups`. */
export function topGaps(open: OpenRun, limit: number): GapHeadline[] {
  return gapsOf(open)
    .groups.slice(0, Math.max(0, limit))
    .map(facts => ({
      title: groupTitle(open, facts),
      place: gapPlace(open, facts.victimFrame)?.place ?? '',
      delayNs: facts.delayNs,
      totalNs: facts.totalNs,
      count: facts.members.length,
    }));
}
