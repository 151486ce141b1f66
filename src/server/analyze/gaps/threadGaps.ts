import { laneEnd } from '../selection';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';
import { explain, type Reason, ReasonReader, roleOf } from './offCpu';
import { loopPlace } from './stackReader';

const minGapNs = 1e6;

const heldUp: Reason = { gapClass: undefined, isOffCpu: true, isIdle: false, mayBlock: false };
const polling: Reason = { gapClass: 'loop.idle', isOffCpu: true, isIdle: true, mayBlock: true };

/** Neighbouring samples with one reason at one line. */
interface Stretch {
  readonly startNs: number;
  endNs: number;
  readonly reason: Reason;
  readonly frame: number;
  sampleCount: number;
}

/** The stretches in which a thread was off the CPU, outside of its event loop's steps. */
export function threadGaps(search: HolderSearch, lane: number): Gap[] {
  const gaps: Gap[] = [];
  let open: Stretch | undefined;
  const close = (): void => {
    if (open && open.endNs - open.startNs >= minGapNs) gaps.push(gapOfStretch(search, lane, open));
    open = undefined;
  };
  const reasons = new ReasonReader(search);
  const { samples, lanes } = search.profile;
  const end = laneEnd(search.profile, lane);
  for (let i = lanes[lane]?.firstSample ?? 0; i < end; i++) {
    const node = samples.node[i] ?? -1;
    const reason = node < 0 ? undefined : reasonOutsideSteps(search, reasons, lane, i);
    if (!reason?.isOffCpu) {
      close();
      continue;
    }
    const endNs = samples.endNs[i] ?? 0;
    const startNs = endNs - (samples.weightNs[i] ?? 0);
    const frame = search.reader.ownFrame(node);
    if (open && isSame(open, reason, frame) && startNs <= open.endNs + minGapNs) {
      open.endNs = endNs;
      open.sampleCount++;
      continue;
    }
    close();
    open = { startNs, endNs, reason, frame, sampleCount: 1 };
  }
  close();
  return gaps;
}

function reasonOutsideSteps(
  search: HolderSearch,
  reasons: ReasonReader,
  lane: number,
  sample: number,
): Reason | undefined {
  const place = search.reader.place[search.profile.samples.node[sample] ?? -1] ?? 0;
  if (place === loopPlace.step) return undefined;
  if (place === loopPlace.outside) {
    const reason = reasons.of(lane, sample);
    const isHeldUp = !reason.isOffCpu && reasons.isHeldUp(sample);
    return isHeldUp ? heldUp : reason;
  }
  return place === loopPlace.poll ? polling : undefined;
}

function isSame(open: Stretch, reason: Reason, frame: number): boolean {
  const { gapClass, isIdle, mayBlock } = open.reason;
  return (
    gapClass === reason.gapClass &&
    isIdle === reason.isIdle &&
    mayBlock === reason.mayBlock &&
    open.frame === frame
  );
}

function gapOfStretch(search: HolderSearch, lane: number, stretch: Stretch): Gap {
  const { startNs, endNs, frame, reason, sampleCount } = stretch;
  const where = { lane, startNs, endNs, victimFrame: frame, mayBlock: reason.mayBlock };
  const { gapClass, confidence, holder } = explain(search, reason.gapClass, where);
  const { isMain = false } = search.profile.lanes[lane] ?? {};
  // Field by field: a spread would make each of millions of gaps a slow object.
  return {
    gapClass,
    confidence,
    holder,
    lane,
    startNs,
    endNs,
    isLoopBlocked: false,
    role: roleOf(gapClass, { isMain, isIdle: reason.isIdle, isLoop: false }),
    victimFrame: frame,
    cpuNs: search.clock.cpuNs(lane, startNs, endNs),
    sampleCount,
    task: -1,
    delayedTasks: 0,
    generation: -1,
  };
}
