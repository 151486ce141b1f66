import { laneEnd } from '../selection';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { loopPlace } from './loopPlaces';
import { explain, type ReasonReader, roleOf } from './offCpu';
import { type Reason, reasonOf, waitFor } from './reason';

const minGapNs = 1e6;

const betweenSteps = reasonOf({ gapClass: 'loop.idle', isOffCpu: false, isIdle: true, mayBlock: true });
const polling = waitFor('loop.idle', { isIdle: true });
const heldUp = waitFor(undefined, { mayBlock: false });

/** Neighbouring samples with one reason at one line. */
interface Stretch {
  readonly startNs: number;
  endNs: number;
  readonly reason: Reason;
  readonly frame: number;
  /** The stack with which it began. */
  readonly node: number;
  cpuNs: number;
  sampleCount: number;
}

/** The stretches in which a thread was off the CPU, outside of its event loop's steps. */
export function threadGaps(search: HolderSearch, reasons: ReasonReader, lane: number): Gap[] {
  const gaps: Gap[] = [];
  let open: Stretch | undefined;
  const { samples, lanes } = search.profile;
  const end = laneEnd(search.profile, lane);
  for (let i = lanes[lane]?.firstSample ?? 0; i < end; i++) {
    const node = samples.node[i] ?? -1;
    const reason = node < 0 ? undefined : reasonOutsideSteps(search, reasons, lane, i);
    const frame = node < 0 ? -1 : search.reader.ownFrame(node);
    const endNs = samples.endNs[i] ?? 0;
    const startNs = endNs - (samples.weightNs[i] ?? 0);
    const isMore =
      open !== undefined &&
      open.reason === reason &&
      open.frame === frame &&
      startNs <= open.endNs + minGapNs;
    if (open && !isMore) {
      if (open.endNs - open.startNs >= minGapNs) gaps.push(gapOfStretch(search, lane, open));
      open = undefined;
    }
    if (!reason?.isOffCpu) continue;
    open ??= { startNs, endNs, reason, frame, node, cpuNs: 0, sampleCount: 0 };
    open.endNs = endNs;
    open.cpuNs += samples.cpuNs[i] ?? Number.NaN;
    open.sampleCount++;
  }
  if (open && open.endNs - open.startNs >= minGapNs) gaps.push(gapOfStretch(search, lane, open));
  return gaps;
}

function reasonOutsideSteps(
  { reader, profile }: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  sample: number,
): Reason | undefined {
  const place = reader.place[profile.samples.node[sample] ?? -1] ?? 0;
  if (place === loopPlace.step) return undefined;
  if (place !== loopPlace.outside) return place === loopPlace.poll ? polling : betweenSteps;
  const reason = reasons.of(lane, sample);
  return !reason.isOffCpu && reasons.isHeldUp(sample) ? heldUp : reason;
}

function gapOfStretch(search: HolderSearch, lane: number, stretch: Stretch): Gap {
  const { startNs, endNs, frame, node, reason, cpuNs, sampleCount } = stretch;
  const where = { lane, startNs, endNs, victimFrame: frame, mayBlock: reason.mayBlock, cpuNs };
  const { gapClass, confidence, holder } = explain(search, reason.gapClass, where);
  const isMain = search.profile.lanes[lane]?.isMain === true && search.reader.isJob[node] !== 1;
  return {
    lane,
    startNs,
    endNs,
    gapClass,
    isLoopBlocked: false,
    role: roleOf(gapClass, { isMain, isIdle: reason.isIdle, isLoop: false }),
    confidence,
    victimFrame: frame,
    holder,
    cpuNs,
    sampleCount,
    task: -1,
    delayedTasks: 0,
    generation: -1,
  };
}
