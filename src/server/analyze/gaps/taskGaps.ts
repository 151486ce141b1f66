import type { GapClass } from '../../../shared/gaps';
import { sampleState } from '../../../shared/profile';
import { laneEnd } from '../selection';
import type { Gap } from './gap';
import type { HolderSearch } from './holders';

const minGapNs = 1e6;

interface Suspension {
  readonly startNs: number;
  endNs: number;
  readonly gapClass: GapClass;
  readonly frame: number;
  sampleCount: number;
}

/** The stretches in which a task was suspended, by what it awaited. */
export function taskGaps(search: HolderSearch, lane: number): Gap[] {
  const { samples, lanes } = search.profile;
  const gaps: Gap[] = [];
  let open: Suspension | undefined;
  const close = (): void => {
    if (open && open.endNs - open.startNs >= minGapNs) gaps.push(gapOf(lane, open));
    open = undefined;
  };
  const end = laneEnd(search.profile, lane);
  for (let i = lanes[lane]?.firstSample ?? 0; i < end; i++) {
    const node = samples.node[i] ?? -1;
    if (((samples.state[i] ?? 0) & sampleState.suspended) === 0 || node < 0) {
      close();
      continue;
    }
    const endNs = samples.endNs[i] ?? 0;
    const startNs = endNs - (samples.weightNs[i] ?? 0);
    const gapClass = search.reader.awaitOf(node);
    const frame = search.reader.ownFrame(node);
    const isSame = open?.gapClass === gapClass && open.frame === frame && startNs <= open.endNs + minGapNs;
    if (open && isSame) {
      open.endNs = endNs;
      open.sampleCount++;
      continue;
    }
    close();
    open = { startNs, endNs, gapClass, frame, sampleCount: 1 };
  }
  close();
  return gaps;
}

function gapOf(lane: number, { startNs, endNs, gapClass, frame, sampleCount }: Suspension): Gap {
  return {
    lane,
    startNs,
    endNs,
    gapClass,
    isLoopBlocked: false,
    role: gapClass === 'task.await.sleep' ? 'benign' : 'dependency',
    confidence: gapClass === 'task.await.future' ? 'likely' : 'strong',
    victimFrame: frame,
    holder: undefined,
    cpuNs: Number.NaN,
    sampleCount,
    task: lane,
    delayedTasks: 0,
    generation: -1,
  };
}
