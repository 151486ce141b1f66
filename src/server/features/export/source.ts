import type { Lane, Profile } from '../../../shared/profile';

/** What is exported: a profile and what people call it. */
export interface ExportSource {
  readonly profile: Profile;
  readonly name: string;
  /** When the recording began, milliseconds since the Unix epoch. */
  readonly startedAtMs: number;
}

/** Names of the lanes: with the process where there are several, with the thread's id where it has no name. */
export function laneTitles({ lanes }: Profile): string[] {
  const hasSeveral = lanes.some(lane => lane.pid !== lanes[0]?.pid);
  return lanes.map(lane => {
    const name = nameOf(lane);
    return hasSeveral && lane.pid > 0 ? `${name} (pid ${lane.pid})` : name;
  });
}

/** What a viewer that groups tracks by process calls a lane. */
export function trackName(lane: Lane): string {
  return lane.kind === 'task' ? `task ${lane.name}` : nameOf(lane);
}

function nameOf(lane: Lane): string {
  return lane.name || (lane.tid > 0 ? `Thread ${lane.tid}` : 'Thread');
}

/** The places that exported frames stand for: a function and its executing line; sub-expressions are merged. */
export interface LinePlaces {
  readonly length: number;
  readonly func: Int32Array;
  /** 0 unknown. */
  readonly line: Int32Array;
  readonly ofFrame: Int32Array;
}

/** Merges frames that differ only in their columns. */
export function linePlaces({ frames }: Profile): LinePlaces {
  const known = new Map<number, number>();
  const func: number[] = [];
  const line: number[] = [];
  const ofFrame = new Int32Array(frames.length);
  for (let frame = 0; frame < frames.length; frame++) {
    const key = (frames.func[frame] ?? 0) * 0x400000 + Math.min(frames.line[frame] ?? 0, 0x3fffff);
    let place = known.get(key);
    if (place === undefined) {
      func.push(frames.func[frame] ?? 0);
      place = line.push(frames.line[frame] ?? 0) - 1;
      known.set(key, place);
    }
    ofFrame[frame] = place;
  }
  return { length: func.length, func: Int32Array.from(func), line: Int32Array.from(line), ofFrame };
}
