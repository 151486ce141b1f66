import type { GapGroupFacts } from '../analyze/gaps/gapGroups';
import type { OpenRun } from '../loadedRun';
import { gapTitle } from './gapTexts';
import { systemsOfGroup } from './systemsOf';
import { systemTitle } from './systemTexts';

/** What a group of gaps is in a few words: what the kernel saw of it, or else its class. */
export function groupTitle(open: OpenRun, facts: GapGroupFacts): string {
  const seen = facts.isLoopBlocked ? '' : systemTitle(systemsOfGroup(open, facts));
  return seen || gapTitle(facts);
}
