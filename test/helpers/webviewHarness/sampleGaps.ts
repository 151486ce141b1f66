import { gapClasses, gapFamilies, gapRoles, listedGapNs } from '../../../src/shared/gaps';
import type { Profile } from '../../../src/shared/profile';
import type { GapGroup, GapPlace, GapsView, SystemView } from '../../../src/shared/views';
import { sourceLines } from './sampleProfile';
import { type Slice, slicesOf } from './sampleTimeline';

/** A run in which nothing waited. */
export const noGaps: GapsView = {
  kind: 'gaps',
  gaps: {
    length: 0,
    group: new Int32Array(),
    lane: new Int32Array(),
    startNs: new Float64Array(),
    endNs: new Float64Array(),
    family: new Uint8Array(),
    role: new Uint8Array(),
    holderLane: new Int32Array(),
  },
  groups: [],
  explainedShare: -1,
  note: '',
};

interface SampleGap {
  readonly lane: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly kind: keyof typeof kinds;
}

type Words = Pick<GapGroup, 'classId' | 'role' | 'confidence' | 'title' | 'sentence' | 'fix' | 'evidence'> & {
  readonly victim: readonly [name: string, file: string, line: number];
  readonly holder?: readonly [name: string, file: string, line: number];
  readonly holderLane?: string;
  /** Part of the time that delayed the loop. */
  readonly delayShare: number;
};

const kinds = {
  computing: {
    classId: 'run.python',
    role: 'culprit',
    confidence: 'exact',
    title: 'Event loop blocked by computing',
    sentence: 'score() computed for 320 ms without an await; 2 tasks were ready and had to wait.',
    fix: 'A faster algorithm or NumPy; else a process pool.',
    evidence: ['CPU 318 of 320 ms', 'one step of the loop', '9 times'],
    victim: ['score', 'tokens.py', 44],
    delayShare: 1,
  },
  sleeping: {
    classId: 'timer.sleep',
    role: 'culprit',
    confidence: 'strong',
    title: 'Event loop blocked by a sleep',
    sentence: 'time.sleep() in Agent.speak() stopped the loop for 62 ms; nothing else could run.',
    fix: 'Use await asyncio.sleep(), or wait for an event instead of polling.',
    evidence: ['clock_nanosleep', 'CPU 0.1 of 62 ms'],
    victim: ['Agent.speak', 'agent.py', 72],
    delayShare: 1,
  },
  gil: {
    classId: 'rt.gil',
    role: 'victim',
    confidence: 'likely',
    title: 'Waiting for the GIL',
    sentence: 'The worker was ready and waited for the GIL, held by MainThread in score().',
    fix: 'Move the computing to a process, or to a library that frees the GIL.',
    evidence: ['futex in the interpreter', 'MainThread on the CPU'],
    victim: ['transcribe', 'audio.py', 71],
    holder: ['score', 'tokens.py', 44],
    holderLane: 'MainThread',
    delayShare: 0.4,
  },
  queueEmpty: {
    classId: 'sync.queue.empty',
    role: 'dependency',
    confidence: 'exact',
    title: 'Waiting for work from a queue',
    sentence: 'audio-writer found the queue empty; its producer was busy in encode().',
    fix: '',
    evidence: ['Queue.get'],
    victim: ['get', 'audio.py', 52],
    delayShare: 0,
  },
  executor: {
    classId: 'task.await.executor',
    role: 'dependency',
    confidence: 'strong',
    title: 'Task waits for a worker thread',
    sentence: 'transcribe() awaited its worker for 340 ms: 212 ms of work, 96 ms waiting for the GIL.',
    fix: 'Send less, or split the work.',
    evidence: ['run_in_executor', 'future resolved by transcriber_0'],
    victim: ['Agent.transcribe', 'agent.py', 81],
    holder: ['fft', 'audio.py', 92],
    holderLane: 'transcriber_0',
    delayShare: 0,
  },
  network: {
    classId: 'task.await.net',
    role: 'dependency',
    confidence: 'likely',
    title: 'Task waits for the network',
    sentence: 'play() waited for 10.0.0.5:443 to answer.',
    fix: 'Overlap it with other work.',
    evidence: ['epoll', 'socket readable'],
    victim: ['Agent.play', 'agent.py', 88],
    delayShare: 0,
  },
  collecting: {
    classId: 'run.gc',
    role: 'culprit',
    confidence: 'exact',
    title: 'Full collection on the event loop',
    sentence: 'The garbage collector looked at 1.9 million objects for 46 ms.',
    fix: '__slots__, object pools, fewer cycles, gc.freeze() after start-up.',
    evidence: ['GC generation 2'],
    victim: ['encode', 'audio.py', 18],
    delayShare: 1,
  },
  unknown: {
    classId: 'unknown.offcpu',
    role: 'victim',
    confidence: 'unknown',
    title: 'Off the CPU, cause not recorded',
    sentence: 'The thread was off the CPU for 31 ms and nothing tells why.',
    fix: 'Record with the observer to see what it waited for.',
    evidence: ['CPU 0.0 of 31 ms'],
    victim: ['fib', 'audio.py', 103],
    delayShare: 0,
  },
} as const satisfies Readonly<Record<string, Words>>;

/** What the kernel said of the peer. */
const slowPeer: SystemView = {
  facts: [
    'Sending to 10.0.0.5:443 took 1.84 s; for 1.82 s of that (99%) the kernel made it wait.',
    'The send queue was full at 28 of 28 looks: 3.63 MB in it as a rule, 4.00 MB at most.',
  ],
  fixes: ['Make the receiver read faster.', 'Gather many small pieces in a buffer.'],
  queue: { atNs: [1e9, 2e9, 3e9, 4e9], bytes: [3_244_137, 3_928_980, 2_815_769, 4_194_304] },
};

/** Gaps of the sample profile, with the texts that a server would give them. */
export function sampleGaps(profile: Profile): GapsView {
  const gaps = gapsOf(profile).sort((a, b) => a.startNs - b.startNs);
  const names = [...new Set(gaps.map(gap => gap.kind))];
  const groups = names
    .map(kind => ({
      kind,
      group: groupOf(
        profile,
        kind,
        gaps.filter(gap => gap.kind === kind),
      ),
    }))
    .sort((a, b) => b.group.delayNs - a.group.delayNs || b.group.totalNs - a.group.totalNs);
  const order = groups.map(({ kind }) => kind);
  const wordsOf = (gap: SampleGap): Words => kinds[gap.kind];
  const isListed = (gap: SampleGap): boolean => gap.endNs - gap.startNs >= listedGapNs;
  return {
    kind: 'gaps',
    gaps: {
      length: gaps.length,
      group: Int32Array.from(gaps, gap => (isListed(gap) ? order.indexOf(gap.kind) : -1)),
      lane: Int32Array.from(gaps, gap => gap.lane),
      startNs: Float64Array.from(gaps, gap => gap.startNs),
      endNs: Float64Array.from(gaps, gap => gap.endNs),
      family: Uint8Array.from(gaps, gap => gapFamilies.indexOf(familyOf(gap.kind))),
      role: Uint8Array.from(gaps, gap => gapRoles.indexOf(wordsOf(gap).role as 'culprit')),
      holderLane: Int32Array.from(gaps, gap => laneNamed(profile, wordsOf(gap).holderLane)),
    },
    groups: groups.map(({ group }) => group),
    explainedShare: 0.972,
    note: '',
  };
}

function laneNamed(profile: Profile, name: string | undefined): number {
  return profile.lanes.findIndex(lane => lane.name === name);
}

function familyOf(kind: keyof typeof kinds): (typeof gapFamilies)[number] {
  return gapClasses[kinds[kind].classId];
}

function gapsOf(profile: Profile): SampleGap[] {
  const slices = slicesOf(profile);
  const nameOf = ({ func }: Slice): string => profile.strings[profile.functions.name[func] ?? -1] ?? '';
  const laneOf = ({ lane }: Slice): string => profile.lanes[lane]?.name ?? '';
  const scoring = blocksOf(
    slices.filter(slice => laneOf(slice) === 'MainThread' && scoringNames.has(nameOf(slice))),
  );
  const found: SampleGap[] = scoring.map(block => ({
    ...block,
    lane: laneNamed(profile, 'MainThread'),
    kind: 'computing',
  }));
  for (const slice of slices) {
    const kind = kindOf(laneOf(slice), nameOf(slice), slice.state);
    if (kind) found.push({ lane: slice.lane, startNs: slice.startNs, endNs: slice.endNs, kind });
  }
  const working = slices.filter(slice => laneOf(slice) === 'transcriber_0' && nameOf(slice) === 'fft');
  for (const slice of working.slice(0, 6)) {
    const middleNs = (slice.startNs + slice.endNs) / 2;
    found.push({ ...slice, endNs: middleNs, kind: 'gil' });
  }
  return found;
}

const scoringNames = new Set(['score', 'distance', 'normalize', '<lambda>']);

function kindOf(lane: string, name: string, state: number): keyof typeof kinds | undefined {
  if (lane === 'MainThread' && state === 2) return name === 'Agent.speak' ? 'sleeping' : undefined;
  if (lane === 'MainThread' && name === 'encode') return 'collecting';
  if (lane === 'transcriber_0' && name === 'fib') return 'unknown';
  if (lane === 'audio-writer') return 'queueEmpty';
  if (lane === 'transcribe') return 'executor';
  return lane === 'speak' ? 'network' : undefined;
}

/** Slices that follow each other, joined. */
function blocksOf(slices: readonly Slice[]): { startNs: number; endNs: number }[] {
  const blocks: { startNs: number; endNs: number }[] = [];
  for (const { startNs, endNs } of slices) {
    const last = blocks[blocks.length - 1];
    if (last && startNs - last.endNs < 1e6) last.endNs = endNs;
    else blocks.push({ startNs, endNs });
  }
  return blocks;
}

function groupOf(profile: Profile, kind: keyof typeof kinds, gaps: readonly SampleGap[]): GapGroup {
  const words: Words = kinds[kind];
  const durations = gaps.map(gap => gap.endNs - gap.startNs).sort((a, b) => a - b);
  const totalNs = durations.reduce((sum, durationNs) => sum + durationNs, 0);
  const lanes = [...new Set(gaps.map(gap => gap.lane))];
  return {
    ...words,
    classId: words.delayShare === 1 ? `loop.blocked(${words.classId})` : words.classId,
    family: familyOf(kind),
    count: gaps.length,
    totalNs,
    longestNs: durations.at(-1) ?? 0,
    medianNs: durations[durations.length >> 1] ?? 0,
    delayNs: totalNs * words.delayShare,
    victim: placeOf(profile, words.victim),
    holder: words.holder ? placeOf(profile, words.holder) : null,
    holderLane: words.holderLane ?? '',
    laneNames: lanes.map(lane => profile.lanes[lane]?.name ?? ''),
    system: kind === 'network' ? slowPeer : null,
  };
}

function placeOf(profile: Profile, [name, file, line]: readonly [string, string, number]): GapPlace {
  const known = profile.strings.findIndex(text => text.endsWith(`/${file}`));
  return { file: known, line, place: `${file}:${line}`, name, text: sourceLines[`${file}:${line}`] ?? '' };
}
