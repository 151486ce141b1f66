/**
 * The columnar profile model that every parser fills and every view reads.
 *
 * Everything that grows with the recording lives in typed arrays; strings are interned. Times are nanoseconds
 * on the recorded machine's monotonic clock, relative to `ProfileInfo.startNs`. Lines are 1-based, 0 is unknown.
 *
 *     strings <- functions <- frames <- nodes (one tree for the whole profile) <- samples (grouped by lane)
 */
export interface Profile {
  readonly info: ProfileInfo;
  readonly strings: readonly string[];
  readonly functions: FunctionTable;
  readonly frames: FrameTable;
  readonly nodes: NodeTable;
  readonly lanes: readonly Lane[];
  readonly samples: SampleTable;
  readonly gcPauses: GcPauseTable;
  /** Present only when the engine counted calls (cProfile). Such a profile has no samples. */
  readonly calls: CallTable | undefined;
  /** What was measured of each source file, by index into `strings`. */
  readonly files: readonly SourceFileFact[];
  /** How often each function was called, where the engine traced calls in time (VizTracer); NaN unknown. */
  readonly callCounts?: Float64Array | undefined;
  /** What event loops measured of themselves, where the recording was inside of them. */
  readonly loops?: LoopTables | undefined;
  /** Jobs of 5 ms and more that were handed to executors. */
  readonly handoffs?: HandoffTable | undefined;
  /** What waits were for, where the recorder read it from inside the program. */
  readonly waits?: WaitTable | undefined;
  /** What the kernel counted of the processes, where that was much. */
  readonly usages?: UsageTable | undefined;
}

/** What a sample's weight counts. Columns named «…Ns» hold this unit. */
export const valueUnits = ['nanoseconds', 'bytes', 'count'] as const;
export type ValueUnit = (typeof valueUnits)[number];

/** One of the measurements that a file holds: «cpu» in nanoseconds, «inuse_space» in bytes. */
export interface ValueType {
  readonly name: string;
  readonly unit: ValueUnit;
}

/** What is true of the profile as a whole. */
export interface ProfileInfo {
  /** The file format it was read from, as users know it. */
  readonly format: string;
  readonly engine: string;
  readonly engineVersion: string;
  /** Absolute start on the monotonic clock, and the same moment since the Unix epoch (0: unknown). */
  readonly startNs: number;
  readonly startEpochNs: number;
  /** Wall-clock duration of the recording: the one scale that shares refer to. */
  readonly durationNs: number;
  readonly hasTimeAxis: boolean;
  /** What a frame's line means: the executing line, the line of the `def`, or nothing. */
  readonly lineMeaning: 'executing' | 'definition' | 'none';
  readonly hasColumns: boolean;
  readonly hasCpu: boolean;
  readonly rateHzAsked: number;
  readonly rateHzReached: number;
  readonly python: string;
  /** CPU time the sampler itself used, 0 when unknown. */
  readonly samplerCpuNs: number;
  readonly unit: ValueUnit;
  /** Weights are measured times of traced calls, not samples: without a sampling error. */
  readonly isTraced: boolean;
  /** What was before the start was dropped: a call that begins with the run had begun before. */
  readonly startsMidway: boolean;
  /** The measurements in the file, and which of them this profile shows. Empty when there is only one. */
  readonly valueTypes: readonly ValueType[];
  readonly valueType: number;
  /** Sentences for the user: what the format or the recording lacks. */
  readonly limits: readonly string[];
}

/** Where the code of a function comes from. */
export const functionKinds = ['own', 'package', 'stdlib', 'native', 'runtime'] as const;
export type FunctionKind = (typeof functionKinds)[number];

export interface FunctionTable {
  readonly length: number;
  /** String indexes. */
  readonly name: Int32Array;
  readonly file: Int32Array;
  readonly firstLine: Int32Array;
  /** Index into `functionKinds`. */
  readonly kind: Uint8Array;
}

/** One executing place in a function. Columns are UTF-8 byte offsets, -1 unknown. */
export interface FrameTable {
  readonly length: number;
  readonly func: Int32Array;
  readonly line: Int32Array;
  readonly endLine: Int32Array;
  readonly column: Int32Array;
  readonly endColumn: Int32Array;
}

/**
 * The tree of stacks, keyed by frame, in depth-first order: a parent stands before its children and the
 * descendants of `i` are exactly `i + 1 … subtreeEnd[i] - 1`. Roots have parent -1.
 */
export interface NodeTable {
  readonly length: number;
  readonly parent: Int32Array;
  readonly frame: Int32Array;
  readonly depth: Uint16Array;
  readonly subtreeEnd: Int32Array;
}

export type LaneKind = 'thread' | 'task';

/** A thread of a process, or a task below the thread whose event loop runs it. */
export interface Lane {
  readonly kind: LaneKind;
  /** Index of the owning thread's lane for a task, else -1. */
  readonly parent: number;
  readonly pid: number;
  /** OS thread id, 0 unknown. */
  readonly tid: number;
  readonly name: string;
  readonly isMain: boolean;
  /** Life of the lane relative to the start of the profile. */
  readonly startNs: number;
  readonly endNs: number;
  /** The lane's samples are `firstSample … firstSample + sampleCount - 1`, ordered by time. */
  readonly firstSample: number;
  readonly sampleCount: number;
}

/** `SampleTable.state` bits. */
export const sampleState = {
  /** The thread was off the CPU for most of the interval, or the task was suspended at an `await`. */
  waiting: 1,
  /** A task lane's sample: the task was suspended at an `await`. */
  suspended: 2,
  /** The wait was not measured: the engine knows no CPU time and a known waiting function was on top. */
  guessed: 4,
  /** The thread held the GIL at the moment of the look; only engines that know it set this. */
  holdsGil: 8,
  /** The thread had asked for the GIL and did not have it. */
  wantsGil: 16,
} as const;

/**
 * Why a thread was off the CPU at the moment of the look, as the kernel tells: `SampleTable.reason` holds indexes. Part of
 * the chunk format (`src/collectors/FORMAT.md`), so entries are only ever appended.
 */
export const waitReasons = [
  /** On the CPU, or the engine does not know. */
  'none',
  /** Off the CPU, and no rule says why. */
  'unknown',
  'timer.sleep',
  /** A lock, condition or queue inside the process. */
  'sync.lock',
  /** A lock that processes share, or a lock of a file. */
  'sync.mp',
  'rt.gil',
  /** Ready to run, and no processor was free for more than half of the interval. */
  'sched.runq',
  /** Stopped by a signal or a debugger. */
  'sched.frozen',
  /** In poll, select or epoll for several descriptors, or for one that tells nothing more. */
  'io.poll',
  /** Pipes and sockets inside the machine. */
  'ipc.pipe.read',
  'ipc.pipe.write',
  'io.net',
  'io.disk',
  'io.tty',
  'proc.wait',
  /** A page had to come from the disk. */
  'mem.major',
] as const;
export type WaitReason = (typeof waitReasons)[number];

/** Index of a reason in `waitReasons`. */
export function waitReasonIndex(reason: WaitReason): number {
  return waitReasons.indexOf(reason);
}

export interface SampleTable {
  readonly length: number;
  /** The interval a sample stands for is `(endNs - weightNs, endNs]`. */
  readonly endNs: Float64Array;
  readonly weightNs: Float64Array;
  /** Leaf node, -1 when no Python frame was there. */
  readonly node: Int32Array;
  /** CPU time used in the interval, NaN when unknown. Empty when no sample knows it. */
  readonly cpuNs: Float64Array;
  readonly state: Uint8Array;
  /** Index into `waitReasons`. Empty when no sample has a reason. */
  readonly reason: Uint8Array;
  /** Lane of the task that a thread was running, -1 when none. Empty when there are no tasks. */
  readonly task: Int32Array;
  /** How many samples a row stands for. Empty when each row is one sample. */
  readonly count: Float64Array;
}

export interface GcPauseTable {
  readonly length: number;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly generation: Uint8Array;
  readonly lane: Int32Array;
}

/**
 * Event loops as they measured themselves. A step is one callback or one task's run up to its next `await`; a round is the
 * steps between two polls. Steps, delays and rounds of 5 ms and more stand here; all of them are in the seconds.
 */
export interface LoopTables {
  readonly steps: LoopStepTable;
  readonly delays: LoopDelayTable;
  readonly rounds: LoopRoundTable;
  readonly seconds: LoopSecondTable;
  readonly missedWakes: MissedWakeTable;
}

/** `lane` is the loop's thread, `task` the lane of the task (-1 none), `frame` the function that it ran (-1 unknown). */
export interface LoopStepTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly cpuNs: Float64Array;
  /** How long it had waited to be run, at least; 0 when that was short. */
  readonly delayNs: Float64Array;
  readonly readyCount: Int32Array;
  readonly task: Int32Array;
  readonly frame: Int32Array;
}

/** Who was ready, or due, and was run late, at `startNs`. At most 16 of a round stand here. */
export interface LoopDelayTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly delayNs: Float64Array;
  readonly task: Int32Array;
  readonly frame: Int32Array;
}

export interface LoopRoundTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly stepCount: Int32Array;
  readonly cpuNs: Float64Array;
  readonly delayedCount: Int32Array;
  readonly readyCount: Int32Array;
}

/** Stretches of about a second, or longer while nothing happened: while one lasts, its loop is measured. */
export interface LoopSecondTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly roundCount: Int32Array;
  readonly stepCount: Int32Array;
  readonly busyNs: Float64Array;
  readonly pollNs: Float64Array;
  readonly cpuNs: Float64Array;
  readonly longestNs: Float64Array;
  readonly longestDelayNs: Float64Array;
  readonly readyCount: Int32Array;
}

/**
 * Jobs from `submit` to the result, in stages that follow one another without a gap. A pool of threads only queues and runs.
 * `lane` is the thread that submitted, `task` the lane of its task (-1 none), `frame` the line (-1 unknown).
 */
export interface HandoffTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly task: Int32Array;
  readonly frame: Int32Array;
  /** The thread that ran it, -1 for another process; then that one's id. */
  readonly workerLane: Int32Array;
  readonly workerPid: Int32Array;
  readonly startNs: Float64Array;
  readonly queueNs: Float64Array;
  readonly requestPickleNs: Float64Array;
  /** From one process to the other, until it is read. */
  readonly requestSendNs: Float64Array;
  readonly requestUnpickleNs: Float64Array;
  readonly runNs: Float64Array;
  readonly resultPickleNs: Float64Array;
  readonly resultSendNs: Float64Array;
  readonly resultUnpickleNs: Float64Array;
  readonly requestBytes: Float64Array;
  readonly resultBytes: Float64Array;
}

/**
 * Callbacks that another thread put into a loop while it polled, without waking it: from then until the loop woke up. `frame`
 * is the line that did so (-1 unknown), `holderLane` its thread (-1 unknown).
 */
export interface MissedWakeTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly holderLane: Int32Array;
  readonly frame: Int32Array;
}

/** What `WaitTable.kind` is about. Part of the chunk format (`src/collectors/FORMAT.md`): entries are only ever appended. */
export const waitKinds = [
  'lock',
  'reentrantLock',
  /** A lock that processes share. */
  'sharedLock',
  /** A condition, as that of an event, a queue or a semaphore: whoever notified ended the wait. */
  'signal',
  /** The end of another thread. */
  'join',
  /** No wait: the lane stood inside a lock that processes share. */
  'holdsSharedLock',
] as const;
export type WaitKind = (typeof waitKinds)[number];

/**
 * Waits whose object was known. They are at least as long as they stand here: the recorder saw their beginning and end between
 * two looks. `holderLane` had the lock, notified, or is what ended (-1 unknown); `frame` is the line at which it entered the
 * lock, or notified (-1 unknown). Equal numbers are one object; `name` says how the program calls it, or what it is.
 */
export interface WaitTable {
  readonly length: number;
  readonly lane: Int32Array;
  /** Index into `waitKinds`. */
  readonly kind: Uint8Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly object: Float64Array;
  readonly name: Int32Array;
  readonly holderLane: Int32Array;
  readonly frame: Int32Array;
}

/** Stretches of whole processes: `lane` is a thread of theirs. Times of the kernel come in lumps of some milliseconds. */
export interface UsageTable {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  /** CPU time in the kernel. */
  readonly kernelNs: Float64Array;
  /** Pages that were fresh, and pages that had to come from the disk. */
  readonly minorFaults: Float64Array;
  readonly majorFaults: Float64Array;
  /** How long a limit of the container stopped it. */
  readonly throttledNs: Float64Array;
}

/** Exact counts by function, and by caller edge, from a deterministic engine. */
export interface CallTable {
  readonly callCount: Float64Array;
  readonly primitiveCallCount: Float64Array;
  readonly selfNs: Float64Array;
  readonly totalNs: Float64Array;
  readonly edges: {
    readonly length: number;
    readonly caller: Int32Array;
    readonly callee: Int32Array;
    readonly callCount: Float64Array;
    readonly selfNs: Float64Array;
    readonly totalNs: Float64Array;
  };
  /** Why the numbers must not be trusted, or the empty string. */
  readonly unreliableReason: string;
}

/** A source file as it was when its first function was met. */
export interface SourceFileFact {
  readonly file: number;
  readonly modifiedNs: number;
  readonly sizeBytes: number;
}

/** A damaged, skipped or missing part of a recording, with its place. */
export interface Problem {
  readonly message: string;
  readonly part: string;
  /** Byte offset in the part, -1 when it concerns the whole part. */
  readonly offset: number;
}

/** What a parser answers: as much of a profile as could be read, and what could not. */
export interface ParseResult {
  readonly profile: Profile;
  readonly problems: readonly Problem[];
}
