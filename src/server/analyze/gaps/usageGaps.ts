import type { GapClass } from '../../../shared/gaps';
import type { Profile } from '../../../shared/profile';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { loopPlace } from './loopPlaces';
import { type Span, without } from './measuredLoops';

const minGapNs = 1e6;
/** Rows that follow one another are one stretch. */
const joinNs = 2e6;
/** The kernel's CPU times come in lumps: shorter stretches prove nothing. */
const leastStretchNs = 2e7;
const mostShare = 0.5;
/** Of all CPU time of a process, the share that makes a thread the one whose pages they were. */
const mainShare = 0.6;
/** A thread that waits for pages uses little of the CPU for itself. */
const ownCpuShare = 0.5;

const keptFromRunning: ReadonlySet<GapClass> = new Set([
  ...(['sched.runq', 'sched.frozen', 'rt.gil', 'unknown.offcpu', 'io.disk'] as const),
  ...(['run.python', 'run.serialize', 'run.import'] as const),
]);
/** What a stretch of faults may have been taken for. */
const facedPages: ReadonlySet<GapClass> = new Set(['run.python', 'sched.runq', 'unknown.offcpu', 'io.disk']);

/** A stretch of a process, with what the kernel counted in it. */
interface Usage extends Span {
  readonly pid: number;
  readonly lane: number;
  readonly kernelNs: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly throttledNs: number;
}

/** The gaps with what the kernel counted: stops by a container's limit, fresh pages, and pages from the disk. */
export function withUsages(search: HolderSearch, gaps: readonly Gap[]): Gap[] {
  const rows = readUsages(search.profile);
  if (rows.length === 0) return [...gaps];
  let told = withStops(search.profile, gaps, rows);
  for (const stretch of joined(rows.filter(({ majorFaults }) => majorFaults > 0))) {
    told = withFaults(search, told, majorStretch(search, stretch));
  }
  for (const stretch of joined(rows.filter(({ minorFaults, majorFaults }) => minorFaults > majorFaults))) {
    told = withFaults(search, told, minorStretch(search, stretch));
  }
  return told;
}

function withStops({ lanes }: Profile, gaps: readonly Gap[], rows: readonly Usage[]): Gap[] {
  const stops = rows.filter(({ throttledNs }) => throttledNs > 0);
  if (stops.length === 0) return [...gaps];
  return gaps.flatMap(gap => {
    if (!keptFromRunning.has(gap.gapClass)) return [gap];
    const pid = lanes[gap.lane]?.pid;
    return relabelled(
      gap,
      stops.filter(stop => stop.pid === pid),
      { gapClass: 'sched.quota', role: 'victim', confidence: 'strong', holder: undefined },
    );
  });
}

/** A gap cut at the edges of stretches, in which it is something else. */
function relabelled(gap: Gap, stretches: readonly Span[], change: Partial<Gap>): Gap[] {
  const inside = stretches
    .map(({ startNs, endNs }) => ({
      startNs: Math.max(startNs, gap.startNs),
      endNs: Math.min(endNs, gap.endNs),
    }))
    .filter(({ startNs, endNs }) => endNs - startNs >= minGapNs);
  if (inside.length === 0) return [gap];
  const outside = without(gap, inside).filter(({ startNs, endNs }) => endNs - startNs >= minGapNs);
  return [
    ...outside.map(span => ({ ...gap, ...span })),
    ...inside.map(span => ({ ...gap, ...span, ...change })),
  ];
}

/** A stretch of one lane that it spent on pages. */
interface FaultStretch extends Span {
  readonly lane: number;
  readonly gapClass: GapClass;
  readonly frame: number;
}

function minorStretch(search: HolderSearch, stretch: Usage): FaultStretch | undefined {
  const { clock } = search;
  if (stretch.endNs - stretch.startNs < leastStretchNs) return undefined;
  const cpuOf = (lane: number) => clock.cpuNs(lane, stretch.startNs, stretch.endNs);
  const allNs = clock.threadsOf(stretch.lane).reduce((sum, lane) => sum + cpuOf(lane), 0);
  const [lane] = [...clock.busiestOf(stretch.lane)].sort((a, b) => cpuOf(b) - cpuOf(a));
  if (lane === undefined || !(stretch.kernelNs >= allNs * mostShare)) return undefined;
  if (cpuOf(lane) < allNs * mainShare) return undefined;
  return { ...stretch, lane, gapClass: 'run.fault', frame: longestAtWork(search, lane, stretch).frame };
}

function majorStretch(search: HolderSearch, stretch: Usage): FaultStretch | undefined {
  const lengthNs = stretch.endNs - stretch.startNs;
  const atWork = search.clock
    .threadsOf(stretch.lane)
    .map(lane => ({ lane, ...longestAtWork(search, lane, stretch) }))
    .sort((a, b) => b.ns - a.ns);
  const [first, second] = atWork;
  // Nobody knows whose pages they were when several threads were at work.
  if (!first || first.ns < lengthNs * mostShare || (second?.ns ?? 0) > lengthNs * (1 - mostShare))
    return undefined;
  const cpuNs = search.clock.cpuNs(first.lane, stretch.startNs, stretch.endNs);
  if (cpuNs - stretch.kernelNs > lengthNs * ownCpuShare) return undefined;
  return { ...stretch, lane: first.lane, gapClass: 'mem.major', frame: first.frame };
}

/** How long a lane was at lines that wait for nothing known, and at which of them for longest. */
function longestAtWork({ profile, clock, reader }: HolderSearch, lane: number, { startNs, endNs }: Span) {
  const byFrame = new Map<number, number>();
  let ns = 0;
  clock.eachOverlap(lane, startNs, endNs, (sample, overlapNs) => {
    const node = profile.samples.node[sample] ?? -1;
    if (node < 0 || reader.place[node] === loopPlace.poll) return;
    if (reader.waitOf(node).gapClass !== undefined) return;
    const frame = reader.ownFrame(node);
    ns += overlapNs;
    byFrame.set(frame, (byFrame.get(frame) ?? 0) + overlapNs);
  });
  const [longest] = [...byFrame].sort((a, b) => b[1] - a[1]);
  return { ns, frame: longest?.[0] ?? -1 };
}

/** The gaps of a lane with a stretch of faults in them, and as gaps of their own where nothing else is told. */
function withFaults(search: HolderSearch, gaps: readonly Gap[], stretch: FaultStretch | undefined): Gap[] {
  if (stretch === undefined) return [...gaps];
  const change = { gapClass: stretch.gapClass, role: 'culprit', holder: undefined } as const;
  const isBeside = ({ lane, startNs, endNs }: Gap) =>
    lane !== stretch.lane || endNs <= stretch.startNs || startNs >= stretch.endNs;
  const beside = gaps.filter(isBeside);
  const within = gaps.filter(gap => !isBeside(gap));
  const kept = within.flatMap(gap =>
    facedPages.has(gap.gapClass) ? relabelled(gap, [stretch], change) : [gap],
  );
  const covered = [...within].sort((a, b) => a.startNs - b.startNs);
  const rest = without(stretch, covered).filter(({ startNs, endNs }) => endNs - startNs >= minGapNs);
  return [...beside, ...kept, ...rest.flatMap(span => faultGap(search, stretch, span))];
}

function faultGap({ clock, profile, reader }: HolderSearch, stretch: FaultStretch, span: Span): Gap[] {
  let sampleCount = 0;
  let isInLoop = false;
  clock.eachOverlap(stretch.lane, span.startNs, span.endNs, sample => {
    sampleCount++;
    isInLoop ||= reader.place[profile.samples.node[sample] ?? -1] !== loopPlace.outside;
  });
  // Of a loop the steps tell, which are gaps already.
  if (isInLoop || sampleCount === 0) return [];
  const { lane, gapClass, frame } = stretch;
  return [
    {
      ...span,
      lane,
      gapClass,
      isLoopBlocked: false,
      role: 'culprit',
      confidence: 'strong',
      victimFrame: frame,
      holder: undefined,
      cpuNs: clock.cpuNs(lane, span.startNs, span.endNs),
      sampleCount,
      task: -1,
      delayedTasks: 0,
      generation: -1,
    },
  ];
}

/** Rows of one process that follow one another. */
function joined(rows: readonly Usage[]): Usage[] {
  const stretches: Usage[] = [];
  for (const row of [...rows].sort((a, b) => a.pid - b.pid || a.startNs - b.startNs)) {
    const last = stretches.at(-1);
    if (last?.pid !== row.pid || row.startNs > last.endNs + joinNs) {
      stretches.push(row);
      continue;
    }
    stretches[stretches.length - 1] = {
      ...last,
      endNs: Math.max(last.endNs, row.endNs),
      kernelNs: last.kernelNs + row.kernelNs,
      minorFaults: last.minorFaults + row.minorFaults,
      majorFaults: last.majorFaults + row.majorFaults,
    };
  }
  return stretches;
}

function readUsages({ usages: table, lanes }: Profile): Usage[] {
  return Array.from({ length: table?.length ?? 0 }, (_, at) => {
    const startNs = table?.startNs[at] ?? 0;
    const lane = table?.lane[at] ?? -1;
    return {
      pid: lanes[lane]?.pid ?? 0,
      lane,
      startNs,
      endNs: startNs + (table?.durationNs[at] ?? 0),
      kernelNs: table?.kernelNs[at] ?? 0,
      minorFaults: table?.minorFaults[at] ?? 0,
      majorFaults: table?.majorFaults[at] ?? 0,
      throttledNs: table?.throttledNs[at] ?? 0,
    };
  });
}
