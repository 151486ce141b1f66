import type { GapClass } from '../../../shared/gaps';
import { sampleState } from '../../../shared/profile';
import { laneEnd } from '../selection';
import { inPieces, type Steps } from '../steps';
import type { Gap, GapSink } from './gap';
import type { HolderSearch } from './holders';

const minGapNs = 1e6;
const samplesPerStep = 8192;

interface Suspension {
  readonly startNs: number;
  endNs: number;
  readonly gapClass: GapClass;
  readonly frame: number;
  sampleCount: number;
}

/** The stretches in which a task was suspended, by what it awaited. */
export function* taskGaps(search: HolderSearch, lane: number, found: GapSink): Steps<void> {
  const finder = new TaskGapFinder(search, lane, found);
  const from = search.profile.lanes[lane]?.firstSample ?? 0;
  const part = { from, to: laneEnd(search.profile, lane), most: samplesPerStep };
  yield* inPieces(part, (first, end) => finder.read(first, end));
  finder.close();
}

class TaskGapFinder {
  private open: Suspension | undefined;

  constructor(
    private readonly search: HolderSearch,
    private readonly lane: number,
    private readonly found: GapSink,
  ) {}

  /** Reads the lane's next samples. */
  read(first: number, last: number): void {
    const { profile, reader } = this.search;
    const { node: nodes, state, endNs: endsNs, weightNs } = profile.samples;
    for (let i = first; i < last; i++) {
      const node = nodes[i] ?? -1;
      if (((state[i] ?? 0) & sampleState.suspended) === 0 || node < 0) {
        this.close();
        continue;
      }
      const endNs = endsNs[i] ?? 0;
      const startNs = endNs - (weightNs[i] ?? 0);
      const gapClass = reader.awaitOf(node);
      const frame = reader.ownFrame(node);
      const { open } = this;
      const isSame = open?.gapClass === gapClass && open.frame === frame;
      if (open && isSame && startNs <= open.endNs + minGapNs) {
        open.endNs = endNs;
        open.sampleCount++;
        continue;
      }
      this.close();
      this.open = { startNs, endNs, gapClass, frame, sampleCount: 1 };
    }
  }

  /** Ends the suspension that is going on. */
  close(): void {
    const { open } = this;
    if (open && open.endNs - open.startNs >= minGapNs) this.found(gapOf(this.lane, open));
    this.open = undefined;
  }
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
