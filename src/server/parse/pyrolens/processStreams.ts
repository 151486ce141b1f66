/**
 * What the streams of one process have in common. An observed program may have two: the observer's, and that of its
 * hooks, which measure from inside what nobody sees from outside. Both know the same threads and tasks.
 */
import type { LaneKind } from '../../../shared/profile';
import type { LaneDraft } from '../model/laneOrder';
import type { ProfileBuilder } from '../model/profileBuilder';

/** On a busy machine a look may see so much later than it is stamped. */
const gcSlackNs = 50_000_000;
/** The hooks may tell so much later of a lane that it has ended. */
const latenessNs = 500_000_000;

/** How both streams tell a lane. */
export interface LaneKey {
  readonly kind: LaneKind;
  /** A thread's ident, or a task's address. */
  readonly identity: number;
  /** The operating system's number of a thread; 0 unknown. */
  readonly tid: number;
  readonly name: string;
}

/** A garbage collection on the absolute clock, as the builder takes it. */
export type GcPause = Parameters<ProfileBuilder['gcPause']>[0];

interface KnownLane {
  readonly index: number;
  readonly draft: LaneDraft | undefined;
}

/** The lanes and the collections of one process. */
export class ProcessStreams {
  private readonly lanes = new Map<string, KnownLane[]>();
  private readonly seenPauses: GcPause[] = [];
  private readonly exactPauses: GcPause[] = [];
  private readonly lanesEndNs = new Map<number, number>();

  constructor(private readonly builder: ProfileBuilder) {}

  /** Remembers a lane. Call it in the order of time. */
  add(key: LaneKey, index: number): void {
    const lane = { index, draft: this.builder.laneDraft(index) };
    for (const text of keysOf(key)) {
      const known = this.lanes.get(text);
      if (known) known.push(lane);
      else this.lanes.set(text, [lane]);
    }
  }

  /**
   * The lane that another stream met, of those that are alive at a moment the first; else the last one that had ended
   * lately, since the hooks tell late. -1 none. Ask in the order of time.
   */
  find(key: LaneKey, atNs: number): number {
    for (const text of keysOf(key)) {
      const recent = this.recent(text, atNs - latenessNs);
      const lane = recent.find(one => this.endOf(one) >= atNs) ?? recent.at(-1);
      if (lane) return lane.index;
    }
    return -1;
  }

  /** The lanes since the first that had not ended. Nobody asks for earlier moments any more: those before are forgotten. */
  private recent(text: string, atNs: number): readonly KnownLane[] {
    const known = this.lanes.get(text) ?? [];
    const first = known.findIndex(lane => this.endOf(lane) >= atNs);
    if (first < 0) return [];
    known.splice(0, first);
    return known;
  }

  /** A stream is over: its lanes go on no longer than it. */
  end(endNs: number): void {
    for (const lanes of this.lanes.values())
      for (const { index } of lanes) if (!this.lanesEndNs.has(index)) this.lanesEndNs.set(index, endNs);
  }

  /** `isExact`: measured from inside. Collections are given to the builder by `finish`. */
  addPause(pause: GcPause, isExact: boolean): void {
    (isExact ? this.exactPauses : this.seenPauses).push(pause);
  }

  /** Gives the builder each collection once, in the order of time: as it was measured, else as it was seen. */
  finish(): void {
    this.exactPauses.sort(byStart);
    const unmeasured = this.seenPauses.filter(seen => !this.isMeasured(seen));
    for (const pause of [...unmeasured, ...this.exactPauses].sort(byStart)) this.builder.gcPause(pause);
  }

  private isMeasured({ startNs, durationNs }: GcPause): boolean {
    const { exactPauses } = this;
    let [low, high] = [0, exactPauses.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((exactPauses[middle]?.startNs ?? 0) <= startNs + durationNs + gcSlackNs) low = middle + 1;
      else high = middle;
    }
    const last = exactPauses[low - 1];
    return last !== undefined && last.startNs + last.durationNs >= startNs;
  }

  private endOf({ index, draft }: KnownLane): number {
    return Math.min(
      draft?.endNs || Number.POSITIVE_INFINITY,
      this.lanesEndNs.get(index) ?? Number.POSITIVE_INFINITY,
    );
  }
}

/** Threads that the program's own `threading` does not know have no number of the system's inside. */
function keysOf({ kind, identity, tid, name }: LaneKey): string[] {
  if (kind === 'task') return [`task ${identity} ${name}`];
  return [...(tid > 0 ? [`tid ${tid}`] : []), `ident ${identity}`];
}

function byStart(a: GcPause, b: GcPause): number {
  return a.startNs - b.startNs;
}
