import type { ValueUnit } from './profile';

/**
 * The slabs that answer a `ViewQuery`, as typed tables. Built by the server's `analyze`, read by the webview.
 * Every table carries its own strings so that a slab needs nothing else.
 */
export type View = FlameView | FunctionsView | FrameView;

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

/** The top-functions table, in the order of `ranking.ts`. Wall times are counted once over lanes. */
export interface FunctionsView {
  readonly kind: 'functions';
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
