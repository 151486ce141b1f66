import type { GapClass } from '../../shared/gaps';
import type { Profile } from '../../shared/profile';
import type { GapGroupFacts } from '../analyze/gaps/gapGroups';
import type { HandoffFacts } from '../analyze/gaps/handoffGaps';
import { type CountedCall, countedCalls } from '../analyze/systems/countedCalls';
import type { HotCall } from '../analyze/systems/hotCall';
import { hotCalls } from '../analyze/systems/hotCalls';
import { type Payload, payloads } from '../analyze/systems/payloads';
import type { OpenRun } from '../loadedRun';
import { gapsOf, type RunGaps } from './gapsOf';

/** What the system did with the program's calls. */
export interface RunSystems {
  readonly calls: readonly HotCall[];
  readonly payloads: readonly Payload[];
  /** Where a tracer counted them. */
  readonly counted: readonly CountedCall[];
}

const known = new WeakMap<RunGaps, RunSystems>();

/** The calls of a run that waited for the system, and what was moved between processes; worked out once. */
export function systemsOf(open: OpenRun): RunSystems {
  const gaps = gapsOf(open);
  const { profile } = open.run;
  let made = known.get(gaps);
  if (made === undefined) {
    const counted = countedCalls(profile, node => gaps.reader.ownFrame(node));
    made = { calls: callsOf(profile, gaps), payloads: payloads(profile), counted };
    known.set(gaps, made);
  }
  return made;
}

function callsOf(profile: Profile, gaps: RunGaps): HotCall[] {
  const { reader } = gaps;
  const calls = hotCalls(profile, node => (reader.isIdle(node) ? -1 : reader.ownFrame(node)));
  return calls.filter(call => isFelt(profile, gaps, call));
}

/** Who has no room to write is kept from its work; who reads may be a server without any. */
function isFelt(profile: Profile, { groups }: RunGaps, { direction, frame }: HotCall): boolean {
  if (direction === 'write') return true;
  return groups.some(({ delayNs, victimFrame }) => delayNs > 0 && isSameLine(profile, victimFrame, frame));
}

function isSameLine({ frames, functions }: Profile, one: number, other: number): boolean {
  const fileOf = (frame: number) => functions.file[frames.func[frame] ?? -1];
  return frames.line[one] === frames.line[other] && fileOf(one) === fileOf(other);
}

/** The calls at a recorded line, and the jobs that it gave to other processes. */
export function systemsOfLine(open: OpenRun, file: number, line: number): RunSystems {
  const { frames, functions } = open.run.profile;
  const isHere = ({ frame }: { frame: number }) =>
    frames.line[frame] === line && functions.file[frames.func[frame] ?? -1] === file;
  const { calls, payloads: jobs, counted } = systemsOf(open);
  return { calls: calls.filter(isHere), payloads: jobs.filter(isHere), counted: counted.filter(isHere) };
}

const transferring = /(?:^|\.)(?:io\.(?:net|disk|tty)|ipc\.pipe\.\w+)$/;
const handing: ReadonlySet<GapClass> = new Set([
  'sync.future',
  'handoff.pickle',
  'handoff.pipe',
  'task.await.executor',
]);

/** What a group of gaps has to do with the system: the calls at its line, or the jobs that it waited for. */
export function systemsOfGroup(open: OpenRun, group: GapGroupFacts): RunSystems {
  const { gapClass, victimFrame } = group;
  if (transferring.test(gapClass) && victimFrame >= 0) {
    const isHere = ({ frame }: { readonly frame: number }) =>
      isSameLine(open.run.profile, victimFrame, frame);
    const { calls, counted } = systemsOf(open);
    return { calls: calls.filter(isHere), payloads: [], counted: counted.filter(isHere) };
  }
  return { calls: [], payloads: handing.has(gapClass) ? jobsOf(open, group) : [], counted: [] };
}

function jobsOf(open: OpenRun, { members, victimFrame }: GapGroupFacts): Payload[] {
  const { gaps } = gapsOf(open);
  // Each stage of a job is a gap of its own.
  const jobs = new Set<HandoffFacts>([...members].flatMap(member => gaps.at(member).handoff ?? []));
  const sums = { frame: victimFrame, jobCount: jobs.size, runNs: 0, moveNs: 0, bytes: 0 };
  for (const { runNs, moveNs, bytes } of jobs) {
    sums.runNs += runNs;
    sums.moveNs += moveNs;
    sums.bytes += bytes;
  }
  return sums.bytes > 0 ? [sums] : [];
}
