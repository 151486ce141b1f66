import type { GapClass } from '../../../shared/gaps';
import type { HandoffTable, Profile } from '../../../shared/profile';
import type { Gap } from './gap';
import { type Span, Timeline, without } from './measuredLoops';

const waitingClasses: ReadonlySet<GapClass> = new Set(['sync.future', 'task.await.executor']);
/** The samples place an edge of a wait to this many of their intervals. */
const edgeIntervals = 2.5;
const minStageNs = 1e6;

/** One job of an executor. */
interface Handoff extends Span {
  readonly lane: number;
  readonly task: number;
  readonly facts: HandoffFacts;
  /** The stages in which its data moved from one process to the other. */
  readonly moves: readonly (Span & { readonly gapClass: GapClass })[];
}

/** What was measured of a job. */
export interface HandoffFacts {
  readonly queueNs: number;
  readonly runNs: number;
  /** Pickled, sent and unpickled, there and back. */
  readonly moveNs: number;
  readonly bytes: number;
}

/**
 * The gaps with each wait for an executor's job at that job's own edges; the time in which its data moved stands apart, so
 * that what is left is the work, and the queue before it.
 */
export function withHandoffs(profile: Profile, gaps: readonly Gap[]): Gap[] {
  const { handoffs, info } = profile;
  if (handoffs === undefined) return [...gaps];
  const byWaiter = handoffsByWaiter(handoffs);
  const reachNs = (edgeIntervals * 1e9) / (info.rateHzReached || info.rateHzAsked || 100);
  const exact = new Map<number, Gap[]>();
  const others = gaps.filter(gap => {
    const job = waitingClasses.has(gap.gapClass) ? mainJob(byWaiter.get(gap.lane), gap) : undefined;
    if (job === undefined) return true;
    const ofLane = exact.get(gap.lane) ?? [];
    exact.set(gap.lane, ofLane);
    ofLane.push(...stagesOf(atItsEdges(gap, job, reachNs), job));
    return false;
  });
  return [...others.flatMap(gap => besideExact(gap, exact.get(gap.lane))), ...[...exact.values()].flat()];
}

/** A gap without the time that jobs of its lane take, which is known more exactly. */
function besideExact(gap: Gap, jobs: readonly Gap[] | undefined): Gap[] {
  if (jobs === undefined) return [gap];
  const ordered = [...jobs].sort((a, b) => a.startNs - b.startNs);
  return partsOf(gap, ordered);
}

/** By the lane that waits: the task that submitted, or the thread where none did. */
function handoffsByWaiter(table: HandoffTable): ReadonlyMap<number, Timeline<Handoff>> {
  const byWaiter = new Map<number, Handoff[]>();
  for (let at = 0; at < table.length; at++) {
    const handoff = handoffAt(table, at);
    const waiter = handoff.task >= 0 ? handoff.task : handoff.lane;
    const known = byWaiter.get(waiter);
    if (known) known.push(handoff);
    else byWaiter.set(waiter, [handoff]);
  }
  return new Map([...byWaiter].map(([waiter, jobs]) => [waiter, new Timeline(jobs)]));
}

function handoffAt(table: HandoffTable, at: number): Handoff {
  const ns = (column: Float64Array) => column[at] ?? 0;
  const moves: (Span & { gapClass: GapClass })[] = [];
  let nowNs = ns(table.startNs) + ns(table.queueNs);
  const move = (gapClass: GapClass, column: Float64Array): void => {
    if (ns(column) >= minStageNs) moves.push({ gapClass, startNs: nowNs, endNs: nowNs + ns(column) });
    nowNs += ns(column);
  };
  move('handoff.pickle', table.requestPickleNs);
  move('handoff.pipe', table.requestSendNs);
  move('handoff.pickle', table.requestUnpickleNs);
  nowNs += ns(table.runNs);
  move('handoff.pickle', table.resultPickleNs);
  move('handoff.pipe', table.resultSendNs);
  move('handoff.pickle', table.resultUnpickleNs);
  const [queueNs, runNs] = [ns(table.queueNs), ns(table.runNs)];
  return {
    startNs: ns(table.startNs),
    endNs: nowNs,
    lane: table.lane[at] ?? -1,
    task: table.task[at] ?? -1,
    facts: {
      queueNs,
      runNs,
      moveNs: nowNs - ns(table.startNs) - queueNs - runNs,
      bytes: ns(table.requestBytes) + ns(table.resultBytes),
    },
    moves,
  };
}

/** The job that a wait was for: of several the one that lasted for most of it, and of those the last to end. */
function mainJob(jobs: Timeline<Handoff> | undefined, gap: Gap): Handoff | undefined {
  const [main] = (jobs?.overlapping(gap) ?? []).sort(
    (a, b) => overlapNs(b, gap) - overlapNs(a, gap) || b.endNs - a.endNs,
  );
  return main && overlapNs(main, gap) * 2 >= gap.endNs - gap.startNs ? main : undefined;
}

function atItsEdges(gap: Gap, job: Handoff, reachNs: number): Gap {
  const near = (ns: number, edgeNs: number) => (Math.abs(ns - edgeNs) <= reachNs ? edgeNs : ns);
  return {
    ...gap,
    startNs: near(gap.startNs, job.startNs),
    endNs: near(gap.endNs, job.endNs),
    confidence: 'exact',
    handoff: job.facts,
  };
}

function stagesOf(gap: Gap, job: Handoff): Gap[] {
  const moves = job.moves
    .map(({ gapClass, startNs, endNs }) => ({
      ...gap,
      gapClass,
      startNs: Math.max(startNs, gap.startNs),
      endNs: Math.min(endNs, gap.endNs),
      role: 'dependency' as const,
      holder: undefined,
      cpuNs: Number.NaN,
    }))
    .filter(({ startNs, endNs }) => endNs > startNs);
  return [...partsOf(gap, moves), ...moves];
}

/** What is left of a gap beside what is known more exactly. */
function partsOf(gap: Gap, others: readonly Span[]): Gap[] {
  return without(gap, others)
    .filter(({ startNs, endNs }) => endNs - startNs >= minStageNs)
    .map(span => ({ ...gap, ...span }));
}

function overlapNs(a: Span, b: Span): number {
  return Math.min(a.endNs, b.endNs) - Math.max(a.startNs, b.startNs);
}
