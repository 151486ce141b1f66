import type { ValueUnit } from './profile';

/**
 * The slabs that answer a `ViewQuery`, as typed tables. Built by the server's `analyze`, read by the webview.
 * Every table carries its own strings so that a slab needs nothing else.
 */
export type View = FlameView | FunctionsView | FrameView | TimelineView | GapsView;

/** Flag bits of a flame box. */
export const boxFlag = {
  /** Stands for boxes too narrow to draw; its `sampleCount` says how many. */
  hidden: 1,
  /** The wall time of this box is mostly waiting. */
  waiting: 2,
  /** A lane's root box: no source. */
  lane: 4,
} as const;

/** Boxes ordered by row, then by x. `x` is ns: time since the run's start, or accumulated weight (left-heavy). */
export interface FlameView {
  readonly kind: 'flame';
  readonly order: 'timeOrder' | 'leftHeavy';
  /** What all columns named «…Ns» count. */
  readonly unit: ValueUnit;
  /** Extent of the whole x axis, whatever the window. */
  readonly totalNs: number;
  readonly rowCount: number;
  /** What 100 % is: the run's wall-clock duration, or the range's. */
  readonly scaleNs: number;
  readonly boxes: {
    readonly length: number;
    readonly startNs: Float64Array;
    readonly endNs: Float64Array;
    readonly row: Uint16Array;
    /** Index into `functions`, -1 for hidden fillers. */
    readonly func: Int32Array;
    readonly selfNs: Float64Array;
    readonly cpuNs: Float64Array;
    readonly waitNs: Float64Array;
    readonly sampleCount: Int32Array;
    /** The box's hottest executing line (in time order, its line), 0 unknown. */
    readonly line: Int32Array;
    readonly lane: Int32Array;
    readonly parent: Int32Array;
    readonly flags: Uint8Array;
  };
  readonly functions: FunctionStrings;
  /** Source text by box, for frames wide enough: index into `lineTexts`, -1 none. */
  readonly lineText: Int32Array;
  readonly lineTexts: readonly string[];
}

/** Names of the functions a slab mentions. `id` is the profile's function index. */
export interface FunctionStrings {
  readonly length: number;
  readonly id: Int32Array;
  readonly file: Int32Array;
  /** The line to open: the function's first, else the first that was seen executing, 0 unknown. */
  readonly firstLine: Int32Array;
  readonly kind: Uint8Array;
  readonly names: readonly string[];
  readonly files: readonly string[];
  /** Short place for people: `tokens.py:41`. */
  readonly places: readonly string[];
}

/** The three metrics of a stretch of time. Lanes and functions do not narrow them. */
export interface RangeMetrics {
  readonly wallNs: number;
  /** CPU time of all threads, -1 unknown. */
  readonly cpuNs: number;
  /** The main thread's part of the stretch on the CPU, 0–1; -1 unknown. */
  readonly mainBusyShare: number;
  readonly gcPauseCount: number;
  readonly gcPauseNs: number;
}

/** The top-functions table, in the order of `ranking.ts`. Wall times are counted once over lanes. */
export interface FunctionsView {
  readonly kind: 'functions';
  /** Of the query's range. */
  readonly metrics: RangeMetrics;
  /** What all columns named «…Ns» count. */
  readonly unit: ValueUnit;
  readonly scaleNs: number;
  readonly functions: FunctionStrings;
  readonly totalNs: Float64Array;
  readonly selfNs: Float64Array;
  readonly waitNs: Float64Array;
  readonly cpuNs: Float64Array;
  readonly sampleCount: Int32Array;
  readonly shareError: Float64Array;
  /** NaN when the engine does not count. */
  readonly callCount: Float64Array;
}

export interface FrameView {
  readonly kind: 'frame';
  /** What all columns named «…Ns» count. */
  readonly unit: ValueUnit;
  readonly scaleNs: number;
  readonly func: number;
  readonly functions: FunctionStrings;
  readonly callers: NeighbourTable;
  readonly callees: NeighbourTable;
  /** Hot lines of the function itself. */
  readonly lines: {
    readonly line: Int32Array;
    readonly totalNs: Float64Array;
    readonly selfNs: Float64Array;
    readonly text: readonly string[];
  };
}

export interface NeighbourTable {
  /** Index into `functions`. */
  readonly func: Int32Array;
  readonly totalNs: Float64Array;
  readonly callCount: Float64Array;
}

/** What a slice of the timeline is. Gaps lie over the slices: they are in `GapsView`. */
export const sliceStates = [
  /** On the CPU, or not known to wait. */
  'running',
  /** Waits, with nobody delayed: a worker without work, a loop with nothing due, a task at an `await`. */
  'idle',
  /** Waits. */
  'waiting',
  /** Several slices too narrow to draw, more than half of their time running. */
  'mixed',
] as const;

export const timelineLaneKinds = ['thread', 'loop', 'task'] as const;

/** Lanes below each other, and what each did: ordered by row, then by start. */
export interface TimelineView {
  readonly kind: 'timeline';
  /** The whole run's length: the axis, whatever part was asked for. */
  readonly totalNs: number;
  readonly rows: {
    readonly length: number;
    /** Index into `RunSummary.lanes`. */
    readonly lane: Int32Array;
    /** Index into `timelineLaneKinds`: a thread that runs an event loop is a `loop`. */
    readonly laneKind: Uint8Array;
    readonly pid: Int32Array;
    readonly startNs: Float64Array;
    readonly endNs: Float64Array;
  };
  readonly slices: {
    readonly length: number;
    readonly row: Int32Array;
    readonly startNs: Float64Array;
    readonly endNs: Float64Array;
    /** Index into `sliceStates`. */
    readonly state: Uint8Array;
    /** The innermost function of own code (else the innermost one): index into `functions`, -1 none. */
    readonly func: Int32Array;
    /** The line it executed for most of the slice, 0 unknown. */
    readonly line: Int32Array;
  };
  readonly functions: FunctionStrings;
  /** Cores used by the program, in equal bins over the whole axis; empty when CPU time is unknown. */
  readonly cpuCores: Float32Array;
  /** The most callbacks and tasks that were ready at once in an event loop; 0 when no loop measured itself. */
  readonly mostReady: number;
  /** What was counted, in equal bins over the part that was asked for; empty where it is unknown. */
  readonly counters: {
    readonly startNs: number;
    readonly endNs: number;
    readonly cpuCores: Float32Array;
    readonly readyCount: Float32Array;
  };
  readonly gcPauses: { readonly startNs: Float64Array; readonly durationNs: Float64Array };
}

/**
 * The gaps of a run. `groups` are gaps of one class at one place and are ranked: by the delay that reached an event loop
 * or the main thread, not by length. `gaps` are ordered by start.
 */
export interface GapsView {
  readonly kind: 'gaps';
  readonly gaps: {
    readonly length: number;
    /** Index into `groups`, -1 for gaps that are drawn but not listed. */
    readonly group: Int32Array;
    /** Index into `RunSummary.lanes`. */
    readonly lane: Int32Array;
    readonly startNs: Float64Array;
    readonly endNs: Float64Array;
    /** Indexes into `gapFamilies`, `gapRoles`. */
    readonly family: Uint8Array;
    readonly role: Uint8Array;
    /** The lane that held what this gap waited for, -1 unknown. */
    readonly holderLane: Int32Array;
  };
  readonly groups: readonly GapGroup[];
  /** Part of all off-CPU time that a class other than «unknown» explains, 0–1; NaN is sent as -1: there was none. */
  readonly explainedShare: number;
  /** Why there are none, or what would tell more; empty when there is nothing to say. */
  readonly note: string;
}

/** A place in the recorded source. */
export interface GapPlace {
  /** Index into the profile's strings, as `reveal` takes it. */
  readonly file: number;
  readonly line: number;
  /** `tokens.py:41`. */
  readonly place: string;
  /** Name of the function. */
  readonly name: string;
  /** The line's text, empty when it is unknown. */
  readonly text: string;
}

/** Gaps of one class at one place, with their explanation in the user's language. */
export interface GapGroup {
  readonly family: string;
  /** The class id, and for a blocked loop the one of what it did meanwhile. */
  readonly classId: string;
  readonly role: string;
  readonly confidence: string;
  readonly count: number;
  readonly totalNs: number;
  readonly longestNs: number;
  readonly medianNs: number;
  /** The part of `totalNs` that delayed an event loop or the main thread: what groups are ranked by. */
  readonly delayNs: number;
  /** «Event loop blocked by a sleep»: a few words. */
  readonly title: string;
  /** Whole sentence with the evidence's numbers. */
  readonly sentence: string;
  /** What to do first; empty when there is nothing to do here. */
  readonly fix: string;
  /** Facts that led to the class. */
  readonly evidence: readonly string[];
  /** The line that waited or blocked; null when no own line is known. */
  readonly victim: GapPlace | null;
  /** The line that was executed meanwhile by who held it up; null unknown. */
  readonly holder: GapPlace | null;
  /** Name of the holder's lane, empty unknown. */
  readonly holderLane: string;
  readonly laneNames: readonly string[];
  /** What the system did with the calls at the line; null where nothing is known. */
  readonly system: SystemView | null;
}

/** What was seen of the calls of one line that move data, in the user's language. */
export interface SystemView {
  /** Times, how full the queue was, and bytes. */
  readonly facts: readonly string[];
  /** What helps, in the order of the evidence. */
  readonly fixes: readonly string[];
  /** How much lay in the queue when threads waited for room in it; null where that is not known. */
  readonly queue: { readonly atNs: readonly number[]; readonly bytes: readonly number[] } | null;
}
