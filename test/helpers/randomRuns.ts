/** Random recordings and the truth about them, computed slowly and obviously, for property tests. */
import fc from 'fast-check';
import { ProfileBuilder } from '../../src/server/parse/model/profileBuilder';
import { Slicer } from '../../src/server/slicer';
import { type Profile, sampleState } from '../../src/shared/profile';
import { infoOf } from './textProfile';

/** A frame by its function, its line and its sub-expression. */
export interface RandomFrame {
  readonly func: number;
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
}

export interface RandomSample {
  readonly gapNs: number;
  readonly weightNs: number;
  readonly isWaiting: boolean;
  readonly cpuNs: number;
  /** Root first. */
  readonly stack: readonly RandomFrame[];
  /** The lane is where it was at its sample before: `stack` is that one's. */
  readonly isStay: boolean;
}

export interface RandomLane {
  readonly isTask: boolean;
  readonly samples: readonly RandomSample[];
}

export type RandomRun = readonly RandomLane[];

/** Functions 0 … 5; several share one file, several one line (a comprehension and the function around it). */
const frame = fc.record({
  func: fc.integer({ min: 0, max: 5 }),
  line: fc.integer({ min: 1, max: 4 }),
  endLine: fc.integer({ min: 1, max: 6 }),
  column: fc.integer({ min: -1, max: 2 }),
});

const sample = fc.record({
  gapNs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
  ),
  weightNs: fc.integer({ min: 1, max: 50 }),
  isWaiting: fc.boolean(),
  cpuNs: fc.integer({ min: 0, max: 50 }),
  stack: fc.array(frame, { maxLength: 7 }),
  isStay: fc.boolean(),
});

/** Runs of up to four lanes, the first a thread; recursion and shared lines are frequent. */
export const randomRun: fc.Arbitrary<RandomRun> = fc
  .array(fc.record({ isTask: fc.boolean(), samples: fc.array(sample, { maxLength: 12 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map(lanes =>
    lanes.map((lane, index) => ({ isTask: lane.isTask && index > 0, samples: withStays(lane.samples) })),
  );

function withStays(samples: readonly RandomSample[]): readonly RandomSample[] {
  const last: { stack?: RandomSample['stack'] } = {};
  return samples.map(drawn => {
    last.stack = (drawn.isStay ? last.stack : undefined) ?? drawn.stack;
    return { ...drawn, stack: last.stack };
  });
}

/** The file of a random function: two files, one of them foreign code. */
export function fileOf(func: number): string {
  return func < 4 ? '/work/app.py' : '/usr/lib/python3.12/json/decoder.py';
}

/** The run as a profile, through the real builder. */
export async function profileOf(run: RandomRun): Promise<Profile> {
  const builder = new ProfileBuilder({ ownRoots: ['/work'] });
  let lastNs = 0;
  run.forEach((lane, index) => {
    const kind = lane.isTask ? 'task' : 'thread';
    const parent = lane.isTask ? 0 : -1;
    const id = builder.lane({ kind, parent, pid: 1, tid: index, name: `lane ${index}`, isMain: index === 0 });
    for (const { startNs, endNs, sample: drawn } of intervals(lane)) {
      let node = -1;
      for (const place of drawn.stack) {
        const func = builder.func(`f${place.func}`, fileOf(place.func), place.func);
        node = builder.node(node, builder.frame({ ...place, func, endColumn: place.column + 1 }));
      }
      const state = drawn.isWaiting ? sampleState.waiting : 0;
      const weightNs = endNs - startNs;
      builder.sample({ lane: id, endNs, weightNs, node, cpuNs: drawn.cpuNs, state, task: -1 });
      lastNs = Math.max(lastNs, endNs);
    }
  });
  return builder.finish({ info: infoOf(lastNs, true), endNs: lastNs }, new Slicer());
}

/** When each sample of a lane was. */
export function intervals(lane: RandomLane): { startNs: number; endNs: number; sample: RandomSample }[] {
  let timeNs = 0;
  return lane.samples.map(drawn => {
    const startNs = timeNs + drawn.gapNs;
    timeNs = startNs + drawn.weightNs;
    return { startNs, endNs: timeNs, sample: drawn };
  });
}

/** Total of the union of intervals: sort, then merge. */
export function unionNs(spans: readonly (readonly [number, number])[]): number {
  let [sum, untilNs] = [0, 0];
  for (const [startNs, endNs] of [...spans].sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, endNs - Math.max(startNs, untilNs));
    untilNs = Math.max(untilNs, endNs);
  }
  return sum;
}

/** The truth about one item: the samples on whose stacks a frame belongs to it. */
export function truthOf(run: RandomRun, belongs: (frame: RandomFrame) => boolean, isSelf = false) {
  const all = run.flatMap(lane => intervals(lane));
  const hits = all.filter(({ sample: drawn }) => {
    const leaf = drawn.stack.at(-1);
    return isSelf ? leaf !== undefined && belongs(leaf) : drawn.stack.some(belongs);
  });
  const span = (hit: (typeof hits)[number]) => [hit.startNs, hit.endNs] as const;
  const totalNs = unionNs(hits.map(span));
  return {
    totalNs,
    waitNs: totalNs - unionNs(hits.filter(hit => !hit.sample.isWaiting).map(span)),
    cpuNs: hits.reduce((sum, hit) => sum + hit.sample.cpuNs, 0),
    sampleCount: hits.length,
  };
}
