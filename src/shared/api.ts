/**
 * The server's own requests, beside standard LSP (codeLens, hover, document sync). Control only: anything that
 * grows with a recording goes as a slab over the data pipe (`slab.ts`), answered here by its id.
 *
 * One interface; the host's typed caller and the server's typed handlers are both derived from it, so a mismatch
 * does not compile. Method names on the wire are `pyrolens/<key>`.
 */
import type { ExportFormat } from './exportFormats';
import type { Lane, ValueType, ValueUnit } from './profile';
export interface ServerApi {
  /** Path of the local socket or named pipe that carries slabs: frames of u32 slab id, u32 byte length, bytes. */
  dataPipe(params: Record<string, never>): { path: string };
  /** Reads a run and works out its first views for nothing but speed: the next run's come sooner. */
  rehearse(params: { path: string }): null;
  /** Reads a run (`run.pyrolens`) and keeps it loaded. Reports work-done progress, can be cancelled. */
  openRun(params: { path: string; valueType?: number }): RunSummary;
  /**
   * Reads what a recording that is under way has written so far, and keeps it loaded. Null: nothing yet, or nothing new
   * since the last time.
   */
  readLive(params: { path: string }): RunSummary | null;
  closeRun(params: { runId: string }): null;
  /** Makes a run the one whose numbers stand in the source editors; null clears them. */
  activateRun(params: { runId: string | null }): null;
  /**
   * Called once by the recorder's owner when the program has ended: stores the text of the measured source
   * files in the run folder, and answers what is true of the run since. `openRun` does not need it.
   */
  keepSources(params: { path: string }): { fileCount: number; summary: RunSummary };
  /** The active run's numbers for a document, placed on the lines of its present text. */
  documentTimings(params: { uri: string }): DocumentTimings | null;
  /** Narrows inline numbers, lenses and hovers to a subtree or lane; null unwinds. */
  select(params: { selection: Selection | null }): null;
  /** Where a recorded place is now: a local file, or the kept text of the run when the file is not here. */
  locate(params: { runId: string; file: number; line: number }): SourcePlace;
  /** The function of the active run at a document's line, for «Reveal in Flame Graph». */
  functionAt(params: { uri: string; line: number }): { runId: string; func: number } | null;
  /** Computes a view and sends it as a slab with the answered id over the data pipe. */
  view(params: { runId: string; query: ViewQuery }): { slabId: number };
  /** The costliest groups of a run's gaps. Reads the run when nobody has opened it. */
  topGaps(params: { path: string; limit: number }): { gaps: readonly GapHeadline[] };
  exportRun(params: { path: string; format: ExportFormat; target: string }): null;
  /** Plain text: hot lines and functions (also «Show Profile as Text» and the CLI). */
  textReport(params: { path: string }): { text: string };
}

/** A group of gaps in a few words, in the user's language. */
export interface GapHeadline {
  readonly title: string;
  /** The line to blame, `tokens.py:41`; empty unknown. */
  readonly place: string;
  /** By which it delayed an event loop or the main thread. */
  readonly delayNs: number;
  readonly totalNs: number;
  readonly count: number;
}

export type ApiMethod = keyof ServerApi;
export type ApiParams<M extends ApiMethod> = Parameters<ServerApi[M]>[0];
export type ApiResult<M extends ApiMethod> = ReturnType<ServerApi[M]>;

/** Server → client: line numbers of these documents changed (a run was activated, narrowed or cleared). */
export const timingsChangedNotification = 'pyrolens/timingsChanged';

/**
 * Carries a `RunSummary` while `openRun` still reads a large file: what was read so far can be asked for under its
 * run id, and `readShare` says how much that is.
 */
export const runPartlyReadNotification = 'pyrolens/runPartlyRead';

export interface RunSummary {
  readonly runId: string;
  readonly path: string;
  readonly name: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly python: string;
  readonly startedAtMs: number;
  readonly durationNs: number;
  /** 1 when the whole file was read; less in `runPartlyReadNotification`. */
  readonly readShare: number;
  readonly sampleCount: number;
  /** Numbers are sums of samples, so shares have an error: not for measured or counted calls, bytes or allocations. */
  readonly isSampled: boolean;
  /** What was before the start was dropped: a call that begins with the run had begun before. */
  readonly startsMidway: boolean;
  readonly rateHzAsked: number;
  readonly rateHzReached: number;
  /** CPU the sampler itself used, as a share of the run's duration; NaN when unknown is sent as null. */
  readonly overheadShare: number | null;
  readonly exitText: string;
  readonly commit: string;
  readonly changedFileCount: number;
  readonly hasTimeAxis: boolean;
  readonly unit: ValueUnit;
  /** The measurements that the file holds, and which of them is shown; empty when there is only one. */
  readonly valueTypes: readonly ValueType[];
  readonly valueType: number;
  readonly hasStacks: boolean;
  readonly hasCpu: boolean;
  readonly hasCalls: boolean;
  readonly lanes: readonly LaneSummary[];
  /** Made by another tool: there is no program to run again, and no folder of ours. */
  readonly isImported: boolean;
  /** Sentences for the user: what the format or the recording lacks, and what is to be taken with care. */
  readonly notes: readonly string[];
  /** What was damaged, skipped or missing, with its place. The first `maxProblems` of them. */
  readonly problems: readonly ProblemSummary[];
  /** How many there are in all. */
  readonly problemCount: number;
  readonly gcPauseCount: number;
  readonly gcPauseNs: number;
  readonly cpuNs: number | null;
}

/** More problems than this are a list nobody reads. */
export const maxProblems = 200;

/** A problem for the user: its sentence and where it was met. */
export interface ProblemSummary {
  readonly message: string;
  /** Name of the file. */
  readonly part: string;
  /** Byte in the unpacked file, -1 when the problem concerns the whole part. */
  readonly offset: number;
}

/** Values of `lane` in queries and selections that stand for several lanes. */
export const allThreads = -1;
/** All suspended asyncio tasks together: what was awaited. */
export const allTasks = -2;

/** A lane as front ends list it. */
export interface LaneSummary extends Omit<Lane, 'firstSample'> {
  readonly index: number;
  readonly cpuNs: number | null;
}

/** What inline numbers and tables are narrowed to. `lane` is an index, `allThreads` or `allTasks`. */
export interface Selection {
  readonly runId: string;
  readonly lane: number;
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  /** Index into the function tree's path: the functions from the root to the selected frame; empty = all. */
  readonly path: readonly number[];
  /** The path was taken from a view of own code only. */
  readonly ownCodeOnly?: boolean;
  /** What 100 % is, in words, for the status item: «score() · 868 ms». */
  readonly label: string;
}

/** Numbers of one source line, all in the active selection's scale. */
export interface LineTiming {
  /** 1-based line in the document's present text. */
  readonly line: number;
  /** Wall time during which the line was on a stack of any lane, counted once however many lanes. */
  readonly totalNs: number;
  readonly selfNs: number;
  /** Part of `totalNs` during which it only waited. */
  readonly waitNs: number;
  /** CPU time, summed over threads (CPU adds up, wall time does not); null unknown. */
  readonly cpuNs: number | null;
  readonly sampleCount: number;
  /** `totalNs` over the scale's 100 %. */
  readonly share: number;
  /** Half width of the 95 % interval of `share`. */
  readonly shareError: number;
  readonly isStale: boolean;
  /** True when the numbers concern a whole function (deterministic engines know only the `def` line). */
  readonly isDefinition: boolean;
  /** The hottest sub-expressions, 3.11+: UTF-16 columns on present text, 0-based, with their part of `totalNs`. */
  readonly spans: readonly { startColumn: number; endLine: number; endColumn: number; totalNs: number }[];
  readonly waitKind: WaitKind;
  /** The gaps for which this line is to blame; null when nobody was delayed by it. */
  readonly gap: LineGap | null;
}

/** Gaps of one kind at a line. */
export interface LineGap {
  /** «Event loop blocked: sleep», in the user's language. */
  readonly title: string;
  readonly isLoopBlocked: boolean;
  readonly count: number;
  readonly totalNs: number;
  readonly longestNs: number;
}

/** What a wait was for, from the waiting function's name; `unknown` when nothing tells. */
export const waitKinds = [
  'none',
  'sleep',
  'lock',
  'join',
  'await',
  'select',
  'queue',
  'process',
  'io',
  /** Off the CPU at a place where nothing waits: for the GIL, or for a busy processor. */
  'contention',
  'unknown',
] as const;
export type WaitKind = (typeof waitKinds)[number];

export interface DocumentTimings {
  readonly runId: string;
  readonly uri: string;
  /** What shares refer to, in nanoseconds and words. */
  readonly scaleNs: number;
  readonly scaleLabel: string;
  readonly unit: ValueUnit;
  readonly lines: readonly LineTiming[];
  /** False when the text at recording time is unknown, so that nothing can be said about edits. */
  readonly hasSnapshot: boolean;
}

export interface SourcePlace {
  /** A `file:` URI, or `pyrolens-source:` for the text kept with the run. */
  readonly uri: string;
  /** 1-based line in the present text. */
  readonly line: number;
  readonly isKeptText: boolean;
  readonly isStale: boolean;
}

/** What a view asks for. Times are nanoseconds from the run's start. */
export type ViewQuery = FlameQuery | FunctionsQuery | FrameQuery | TimelineQuery | GapsQuery;

/** How the boxes of a flame graph lie: one behind the other in time, or the largest first with equal stacks merged. */
export type FlameOrder = 'timeOrder' | 'leftHeavy';

/** With `allThreads`, left-heavy gives each lane a root of its own and time order stacks lanes below each other. */
export interface FlameQuery {
  readonly kind: 'flame';
  readonly order: FlameOrder;
  readonly lane: number;
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  /** Boxes narrower than this are merged into «hidden» fillers. In left-heavy order, weight; else time. */
  readonly minWidthNs: number;
  /** Left-heavy: lay out only this part of the x axis (same unit as x), after zooming. */
  readonly windowStartNs: number;
  readonly windowEndNs: number;
  readonly ownCodeOnly: boolean;
}

/** The table of functions in the selection. */
export interface FunctionsQuery {
  readonly kind: 'functions';
  readonly lane: number;
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  /** Functions from the root to the selected frame; empty = all. */
  readonly path: readonly number[];
  readonly ownCodeOnly: boolean;
}

/** Details of one function in the selection: its callers and callees. */
export interface FrameQuery {
  readonly kind: 'frame';
  readonly func: number;
  /** Functions from the root to the selected frame, as in `FunctionsQuery`; absent or empty = all. */
  readonly path?: readonly number[];
  readonly lane: number;
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
}

/** The lanes of the whole run below each other; slices of the part in view. */
export interface TimelineQuery {
  readonly kind: 'timeline';
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  /** Slices narrower than this are merged into `mixed` ones. */
  readonly minWidthNs: number;
}

/** All gaps of the run. */
export interface GapsQuery {
  readonly kind: 'gaps';
}
