import { allThreads, type FlameOrder, type RunSummary } from '../src/shared/api';
import { type LiveState, type PanelStrings, panelStringsEnglish } from '../src/shared/panelMessages';
import type { FrameView, FunctionsView } from '../src/shared/views';
import type { Range } from './canvas/range';
import type { Viewport } from './canvas/viewport';
import type { BoxIndex, FrameRef } from './flame/boxes';
import type { GapIndex } from './gaps/gapIndex';
import type { SliceIndex } from './gaps/sliceIndex';
import type { SortOrder } from './tables/columns';

/** What the panel as a whole is doing. */
export type Phase =
  | {
      readonly kind: 'loading';
      readonly message: string;
      readonly share: number | null;
      /** Text of the button that ends it. */
      readonly button: string;
    }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly action: { readonly label: string; readonly command: string } | null;
    }
  | { readonly kind: 'ready' };

/** The frame that the numbers are narrowed to, with what the texts need of it. */
export interface SelectedFrame {
  readonly ref: FrameRef;
  readonly name: string;
  readonly durationNs: number;
  /** The stretch of time that counts, for a frame chosen in time order; null is the whole run. */
  readonly range: Range | null;
}

/** The pictures at hand: the whole axis, and a finer one of the part in view. */
export interface FlamePictures {
  /** Which layout they show: `layoutKey` of the wish that brought them. */
  readonly layoutKey: string;
  readonly overview: BoxIndex | null;
  readonly detail: { readonly index: BoxIndex; readonly startNs: number; readonly endNs: number } | null;
}

/** The same for the timeline. */
export interface TimelinePictures {
  readonly overview: SliceIndex | null;
  readonly detail: { readonly index: SliceIndex; readonly startNs: number; readonly endNs: number } | null;
}

/** What is selected of the gaps: indexes into the view, -1 none. A gap that is not listed has no group. */
export interface ChosenGap {
  readonly gap: number;
  readonly group: number;
}

export const noGap: ChosenGap = { gap: -1, group: -1 };

export type TabId = 'gaps' | 'functions' | 'details';

/** Everything the panel shows. The part that survives hiding and reloading is `KeptState`. */
export interface PanelState extends KeptState {
  readonly phase: Phase;
  readonly summary: RunSummary | null;
  /** Whether the run is still being recorded, and whether its picture follows. */
  readonly live: LiveState;
  readonly strings: PanelStrings;
  readonly pictures: FlamePictures;
  readonly timeline: TimelinePictures;
  /** Null before they came, and for runs that have none. */
  readonly gaps: GapIndex | null;
  readonly chosenGap: ChosenGap;
  /** The frame that the keyboard is on. */
  readonly cursor: FrameRef | null;
  readonly functions: FunctionsView | null;
  readonly frame: FrameView | null;
  /** Share of the run that the filter's functions were on any stack; null unknown. */
  readonly matchedShare: number | null;
  /** Why a view could not be had; empty when it could. */
  readonly viewFailure: string;
  /** For screen readers. */
  readonly announcement: string;
}

/** What `vscode.setState` keeps. */
export interface KeptState {
  readonly order: FlameOrder;
  readonly lane: number;
  readonly ownCodeOnly: boolean;
  readonly filter: string;
  /** Null shows everything. */
  readonly viewport: Viewport | null;
  readonly selected: SelectedFrame | null;
  /** The stretch of time that flame graph, tables and inline numbers are about; null is the whole run. */
  readonly range: Range | null;
  /** The function whose boxes are marked and whose details are shown, -1 none. */
  readonly functionId: number;
  readonly sort: SortOrder;
  readonly tab: TabId;
  /** The user chose the tab: it stays. */
  readonly isTabChosen: boolean;
  readonly isTimelineOpen: boolean;
  /** The part of the run that the timeline shows; null shows everything. */
  readonly timelineViewport: Viewport | null;
  readonly areAllTasksShown: boolean;
  /** Share of the room that the flame graph has beside or above the tables. */
  readonly split: number;
  readonly areCardsOpen: boolean;
}

/** A panel that has heard nothing yet. */
export const initialState: PanelState = {
  phase: {
    kind: 'loading',
    message: panelStringsEnglish.loading,
    share: null,
    button: panelStringsEnglish.cancel,
  },
  summary: null,
  live: 'ended',
  strings: panelStringsEnglish,
  order: 'leftHeavy',
  lane: allThreads,
  ownCodeOnly: false,
  filter: '',
  viewport: null,
  selected: null,
  range: null,
  functionId: -1,
  sort: { column: 'self', isDescending: true },
  tab: 'functions',
  isTabChosen: false,
  isTimelineOpen: true,
  timelineViewport: null,
  areAllTasksShown: false,
  split: 0.6,
  areCardsOpen: true,
  pictures: { layoutKey: '', overview: null, detail: null },
  timeline: { overview: null, detail: null },
  gaps: null,
  chosenGap: noGap,
  cursor: null,
  functions: null,
  frame: null,
  matchedShare: null,
  viewFailure: '',
  announcement: '',
};

const keptKeys = [
  'order',
  'lane',
  'ownCodeOnly',
  'filter',
  'viewport',
  'selected',
  'range',
  'functionId',
  'sort',
  'tab',
  'isTabChosen',
  'isTimelineOpen',
  'timelineViewport',
  'areAllTasksShown',
  'split',
  'areCardsOpen',
] as const satisfies readonly (keyof KeptState)[];

/** The part of the state to keep, with the run it belongs to. */
export function keepState(state: PanelState): { runId: string; kept: KeptState } | undefined {
  if (!state.summary) return undefined;
  const kept = Object.fromEntries(keptKeys.map(key => [key, state[key]])) as unknown as KeptState;
  return { runId: state.summary.runId, kept };
}

/** Reads kept state of this run; whatever has not the shape of ours is left at its default. */
export function restoreState(stored: unknown, runId: string): Partial<KeptState> {
  const record = stored as { runId?: unknown; kept?: unknown } | null | undefined;
  if (record?.runId !== runId || typeof record.kept !== 'object' || record.kept === null) return {};
  const kept = record.kept as Record<string, unknown>;
  const entries = keptKeys.filter(key => isLike(kept[key], initialState[key])).map(key => [key, kept[key]]);
  return Object.fromEntries(entries) as Partial<KeptState>;
}

function isLike(value: unknown, example: unknown): boolean {
  if (value === undefined) return false;
  if (example === null) return value === null || typeof value === 'object';
  return value !== null && typeof value === typeof example;
}

/** True when a run has lanes that only tasks are on. */
export function hasTaskLanes(summary: RunSummary): boolean {
  return summary.lanes.some(lane => lane.kind === 'task');
}

/** True when lanes can be drawn below each other on a clock. */
export function hasTimeline(summary: RunSummary | null): summary is RunSummary {
  return Boolean(summary?.hasTimeAxis && summary.hasStacks && summary.unit === 'nanoseconds');
}

/** True when flame graph and table have their answers: what is asked first is answered first, and these count most. */
export function isFirstServed({
  functions,
  viewFailure,
}: Pick<PanelState, 'functions' | 'viewFailure'>): boolean {
  return functions !== null || viewFailure !== '';
}

/** The stretch of time that numbers are narrowed to: a frame's own, else the selected range; null is the whole run. */
export function rangeInForce({ selected, range }: Pick<PanelState, 'selected' | 'range'>): Range | null {
  return selected?.range ?? range;
}

/** The x axis's whole length, 0 before the first picture. */
export function totalNsOf(state: PanelState): number {
  return state.pictures.overview?.view.totalNs ?? 0;
}
