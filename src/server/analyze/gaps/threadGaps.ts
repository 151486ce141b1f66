import { inPieces, type Steps } from '../steps';
import type { Gap, GapSink } from './gap';
import type { HolderSearch } from './holders';
import { explain, roleOf } from './offCpu';
import { spanOrder } from './spanOrder';
import type { Stretch, StretchTable } from './threadStretches';

const gapsPerStep = 256;

/**
 * The gaps that stretches of threads are. All lanes together in the order of time: what is asked of the other threads then
 * lies where the last question was.
 */
export function* threadGaps(search: HolderSearch, stretches: StretchTable, found: GapSink): Steps<void> {
  const order = yield* spanOrder(stretches);
  yield* inPieces({ from: 0, to: order.length, most: gapsPerStep }, (from, to) => {
    for (let at = from; at < to; at++) found(gapOfStretch(search, stretches.at(order[at] ?? 0)));
  });
}

function gapOfStretch(search: HolderSearch, stretch: Stretch): Gap {
  const { lane, startNs, endNs, frame, node, reason, cpuNs, sampleCount } = stretch;
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
