import { formatCount, formatDuration } from '../../shared/formatting';
import { gapClasses, gapFamilies, gapRoles } from '../../shared/gaps';
import { inert, inertCode } from '../../shared/inertText';
import type { GapGroup, GapPlace, GapsView } from '../../shared/views';
import type { Gap } from '../analyze/gaps/gap';
import type { GapGroupFacts } from '../analyze/gaps/gapGroups';
import type { OpenRun } from '../loadedRun';
import { say } from '../strings';
import { drawnGaps } from './drawnGaps';
import { functionPlace, shortPlace } from './functionFacts';
import { gapsOf } from './gapsOf';
import { gapEvidence, gapFix, gapSentence, gapTitle } from './gapTexts';

const maxLaneNames = 8;
const maxTextLength = 120;
const maxGaps = 100_000;

/** The gaps of a run with their explanations, for the timeline and the list beside it. */
export function gapsView(open: OpenRun): GapsView {
  const made = known.get(open) ?? makeView(open);
  known.set(open, made);
  return made;
}

const known = new WeakMap<OpenRun, GapsView>();

function makeView(open: OpenRun): GapsView {
  const { gaps: all, groups, explainedShare } = gapsOf(open);
  const groupOfAll = new Int32Array(all.length).fill(-1);
  groups.forEach(({ members }, index) => {
    for (const member of members) groupOfAll[member] = index;
  });
  const drawn = drawnGaps(all, groupOfAll, maxGaps);
  const gaps = Array.from(drawn, index => all[index] as Gap);
  return {
    kind: 'gaps',
    gaps: {
      length: gaps.length,
      group: Int32Array.from(drawn, index => groupOfAll[index] ?? -1),
      lane: Int32Array.from(gaps, gap => gap.lane),
      startNs: Float64Array.from(gaps, gap => gap.startNs),
      endNs: Float64Array.from(gaps, gap => gap.endNs),
      family: Uint8Array.from(gaps, familyOf),
      role: Uint8Array.from(gaps, gap => gapRoles.indexOf(gap.role)),
      holderLane: Int32Array.from(gaps, gap => gap.holder?.lane ?? -1),
    },
    groups: groups.map(facts => gapGroup(open, facts)),
    explainedShare: Number.isNaN(explainedShare) ? -1 : explainedShare,
    note: [note(open), leftOut(all.length - gaps.length)].filter(text => text !== '').join(' '),
  };
}

function leftOut(count: number): string {
  return count > 0 ? say('gapsLeftOut', formatCount(count)) : '';
}

function familyOf({ gapClass }: Gap): number {
  return gapFamilies.indexOf(gapClasses[gapClass]);
}

/** One group with its texts. */
export function gapGroup(open: OpenRun, facts: GapGroupFacts): GapGroup {
  const { profile } = open.run;
  const victim = gapPlace(open, facts.victimFrame);
  const holder = facts.holder ? gapPlace(open, facts.holder.frame) : null;
  const act = gapPlace(open, facts.holder?.actFrame ?? -1);
  const laneName = (lane: number): string => inert(profile.lanes[lane]?.name ?? '');
  return {
    family: gapClasses[facts.gapClass],
    classId:
      facts.isLoopBlocked && facts.gapClass !== 'loop.busy'
        ? `loop.blocked(${facts.gapClass})`
        : facts.gapClass,
    role: facts.role,
    confidence: facts.confidence,
    count: facts.members.length,
    totalNs: facts.totalNs,
    longestNs: facts.longestNs,
    medianNs: facts.medianNs,
    delayNs: facts.delayNs,
    title: gapTitle(facts),
    sentence: gapSentence(profile, facts, { victim, holder }),
    fix: gapFix(facts),
    evidence: gapEvidence(facts, { victim, act }, taskNames(open, facts)),
    victim,
    holder,
    holderLane: facts.holder ? laneName(facts.holder.lane) : '',
    laneNames: facts.lanes.slice(0, maxLaneNames).map(laneName),
  };
}

function taskNames(open: OpenRun, { members }: GapGroupFacts): string[] {
  const { gaps } = gapsOf(open);
  const tasks = new Set(members.map(member => gaps[member]?.task ?? -1));
  tasks.delete(-1);
  return [...tasks].map(task => inert(open.run.profile.lanes[task]?.name ?? ''));
}

/** The place of a frame, null when there is none. */
export function gapPlace(open: OpenRun, frame: number): GapPlace | null {
  const { frames, functions } = open.run.profile;
  if (frame < 0) return null;
  const func = frames.func[frame] ?? -1;
  const { name, file: path, firstLine } = functionPlace(open.run.profile, func);
  const file = functions.file[func] ?? -1;
  const line = frames.line[frame] || firstLine;
  const text = (open.recordedLines(file)[line - 1] ?? '').trim().slice(0, maxTextLength);
  return { file, line, place: shortPlace(path, line), name, text: inertCode(text) };
}

/** What the recording could not show. */
function note(open: OpenRun): string {
  const { info } = open.run.profile;
  if (!info.hasTimeAxis) return say('gapsNoClock');
  if (info.isTraced) return '';
  if (!info.hasCpu) return say('gapsNoCpu');
  const rateHz = Math.round(info.rateHzReached);
  return rateHz > 0 ? say('gapsRate', rateHz, formatDuration(2e9 / rateHz)) : '';
}
