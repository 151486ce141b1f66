/**
 * Messages between the result editor's webview and the extension host. The host relays views unread: a request's
 * answer is the slab's own `ArrayBuffer`. Every request is settled, by a slab or by a failure.
 */
import type { FlameOrder, RunSummary, Selection, ViewQuery } from './api';

export type ToPanel =
  /** First message, and again whenever the run was read anew. */
  | {
      readonly type: 'run';
      readonly summary: RunSummary;
      readonly strings: PanelStrings;
      readonly options: PanelOptions;
      readonly live: LiveState;
    }
  | {
      readonly type: 'loading';
      readonly message: string;
      readonly share: number | null;
      /** Text of the button that sends `cancel`, when it means something else than giving up. */
      readonly button?: string;
      /** Sent along with the first one, so that «Cancel» is translated too. */
      readonly strings?: PanelStrings;
    }
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly action: { readonly label: string; readonly command: string } | null;
    }
  | { readonly type: 'slab'; readonly id: number; readonly slab: ArrayBuffer }
  | { readonly type: 'viewFailed'; readonly id: number; readonly message: string }
  /** From a CodeLens or «Reveal in Flame Graph»: focus this function. */
  | { readonly type: 'focusFunction'; readonly func: number }
  /** From the list of profiles: choose this group of gaps. */
  | { readonly type: 'focusGap'; readonly group: number }
  /** A command that stands for a key of the panel. */
  | { readonly type: 'key'; readonly key: string }
  /** The narrowing was undone elsewhere («Pyrolens: Show Whole Run Again»): unmark the selected frame. */
  | { readonly type: 'selectionCleared' }
  | { readonly type: 'options'; readonly options: PanelOptions };

export type FromPanel =
  /** `isRestored`: the tab was open before, and came back with its window. */
  | { readonly type: 'ready'; readonly isRestored: boolean }
  | { readonly type: 'view'; readonly id: number; readonly query: ViewQuery }
  /** A frame was clicked or Ctrl/Cmd+Enter pressed. `takeFocus` moves the focus into the source editor. */
  | { readonly type: 'reveal'; readonly file: number; readonly line: number; readonly takeFocus: boolean }
  | { readonly type: 'select'; readonly selection: Selection | null }
  | { readonly type: 'cancel' }
  /** Show another of the measurements in the file (`RunSummary.valueTypes`). */
  | { readonly type: 'valueType'; readonly valueType: number }
  | { readonly type: 'command'; readonly command: string };

/** Whether the run is still being recorded, and whether its picture follows. */
export type LiveState = 'ended' | 'following' | 'paused';

export interface PanelOptions {
  readonly order: FlameOrder;
  readonly ownCodeOnly: boolean;
}

/** Every text of the webview, translated on the host. Placeholders are `{0}`, `{1}`. Keys are listed in one place. */
export type PanelStrings = Readonly<Record<PanelStringKey, string>>;

/** English text by key: the source of the translations, and what the webview's tests use. */
export const panelStringsEnglish = {
  leftHeavy: 'Left-heavy',
  timeOrder: 'Time order',
  filter: 'Filter: name, /regex/, path:src',
  ownCode: 'Own code',
  allThreads: 'All threads',
  topFunctions: 'Top functions',
  details: 'Details',
  callers: 'Callers',
  callees: 'Callees',
  lines: 'Lines',
  functionColumn: 'Function',
  selfColumn: 'Self',
  selfSortHint: 'Time in the function itself. What library functions merely waited is sorted after all work.',
  totalColumn: 'Total',
  cpuColumn: 'CPU',
  waitColumn: 'Waiting',
  callsColumn: 'Calls',
  samplesColumn: 'Samples',
  export: 'Export…',
  live: 'Recording',
  livePaused: 'Recording, picture paused',
  pauseLive: 'Pause the Picture',
  resumeLive: 'Follow Again',
  stopRecording: 'Stop Profiling',
  partlyRead: '{0} of the file read so far',
  samples: '{0} samples',
  rate: '{0} Hz reached of {1}',
  wall: 'wall',
  cpu: 'CPU',
  waiting: 'waiting',
  self: 'self',
  total: 'total',
  ofRun: '{0} of the run’s {1}',
  uncertainty: '{0} samples, ± {1}',
  tooFewSamples: 'Only {0} samples: shares are ± {1}.',
  noStacks:
    'cProfile counts calls and keeps no stacks, so there is no flame graph. Profile the file with sampling to get one.',
  noStacksInFile: 'A {0} profile holds calls and no stacks, so there is no flame graph.',
  profileWithSampling: 'Profile with sampling',
  noTimeline: 'No timeline: {0} does not record when things happened. Sampling engines and tracers do.',
  noTimelineUnit: 'No timeline: what this profile counts is not time. Record time to see one.',
  noTimeAxis: 'There is no time order: this {0} profile does not say when its samples were taken.',
  noMatches: 'Nothing matches «{0}».',
  matches: 'Matching functions: {0} · {1} of the run',
  matchCount: 'Matching functions: {0}',
  loading: 'Reading the run…',
  cancel: 'Cancel',
  clickHint: 'Click: open the line · Enter: zoom · Escape: back',
  hidden: '{0} narrower frames: zoom in to see them',
  ownKind: 'own code',
  packageKind: 'packages',
  stdlibKind: 'standard library',
  nativeKind: 'native',
  runtimeKind: 'runtime',
  keys: 'Keys',
  keysText:
    'Arrows walk frames · Space select · Enter zoom · Ctrl/Cmd+Enter open source · Escape one step back · + − 0 zoom · W A S D pan and zoom · / filter · 1 left-heavy · 2 time order · t show or hide the timeline · . , next and previous gap · In the timeline: arrows walk gaps, Enter opens the line that waited, Space narrows to the gap or the part in view · ? this list',
  flameLabel:
    'Flame graph. Use the arrow keys to walk its frames, Enter to zoom, Control Enter to open the source, Escape to go back.',
  flameFallback: 'The table «Top functions» beside this graph holds the same numbers.',
  noSamples: 'No samples: the program ended before the first one was taken.',
  selected: 'In {0}: 100 % = {1}. Escape shows the whole run again.',
  thread: 'thread',
  task: 'task',
  process: 'process {0}',
  exit: 'exit code {0}',
  overhead: 'sampling cost {0} of a core',
  gcPauses: '{0} garbage collections, {1} paused',
  wallCard: 'Wall clock',
  cpuCard: 'CPU time',
  memoryCard: 'Memory pressure',
  notes: 'About this recording',
  problems: 'Damaged or left out',
  problemPlace: '{0}, byte {1}',
  moreProblems: 'and {0} more',
  noSamplesInFile: 'The file holds no samples.',
  openAnother: 'Open Another Profile…',
  copied: 'Copied',
  view: 'View',
  lane: 'Threads and tasks',
  valueType: 'What is counted',
  suspendedTasks: 'Suspended tasks',
  more: 'More',
  close: 'Close',
  openLine: 'Open {0}',
  waitingLegend: 'waiting',
  ofSelection: '{0} of {1} in {2}',
  frameSpoken: '{0}, {1}. Self {2}, total {3}, {4}. Depth {5}, {6} callees.',
  hiddenSpoken: '{0} narrower frames. Enter zooms in.',
  functionSpoken: '{0}, {1}. Self {2}, total {3}, {4}.',
  focused: '{0} is shown in the flame graph.',
  notInFlame: '{0} is not in the flame graph.',
  filterInvalid: 'Not a regular expression: {0}',
  unwound: 'The whole run again.',
  userWaits: 'the user waits',
  inRange: 'in the selected stretch',
  ofOneCore: '{0} of one core',
  mainThread: 'Main thread {0} on the CPU.',
  longestWait: 'Longest wait:',
  worstDelay: 'Delayed most by:',
  mostWork: 'Most computing:',
  cpuUnknown: 'This engine measures no CPU time.',
  collections: '{0} collections',
  noCollections: 'no garbage collections',
  paused: '{0} of the run paused.',
  pausedInRange: '{0} of the stretch paused.',
  gcCheap: 'The garbage collector hardly matters here.',
  gcFix: 'Fewer objects help: __slots__, pools, gc.freeze().',
  toggleCards: 'Show or hide the verdicts',
  splitter: 'Room for flame graph and tables',
  minimap: 'Overview',
  noSelection: 'Choose a frame or a function to see its callers, callees and lines.',
  noNeighbours: 'none',
  lineNumber: 'line {0}',
  commit: 'commit {0}',
  changedFiles: '+{0} changed files',
  ofRange: '{0} of the selected {1}',
  rangeSelected: 'Everything is narrowed to {0}. Escape shows the whole run again.',
  clearRange: 'Show the Whole Run Again',
  timeline: 'Timeline',
  timelineLabel:
    'Timeline of threads and tasks. Use the arrow keys to walk the gaps, Enter to open the line that waited, Space to narrow every number to the gap or else to the part in view, period and comma for the next and previous listed gap, Escape to go back.',
  timelineFallback: 'The list «Gaps» holds the same gaps.',
  toggleTimeline: 'Show or hide the timeline (t)',
  wholeRun: 'whole run',
  wholeRunTitle:
    'CPU cores used over the whole run, with marks for listed gaps. Drag to select a stretch of time.',
  gcRow: 'garbage collection',
  cpuRow: 'CPU',
  cpuAndGcRow: 'CPU · GC',
  lagRow: 'loop lag',
  readyRow: 'ready queue',
  rowMost: 'max {0}',
  coreCount: '{0} cores',
  allTasks: 'Show All {0} Tasks',
  busiestTasks: 'Show the Busiest Tasks Only',
  lifetime: '{0}: {1} of samples from {2} to {3}',
  mixedSlice: 'many short stretches: zoom in to see them',
  running: 'running',
  idle: 'idle: nothing to do',
  sliceWaiting: 'waiting',
  beganBefore: 'had begun before the recording',
  sliceHint: 'Click: open the line',
  gapHint: 'Click: open the line that waited · Double-click: zoom',
  gaps: 'Gaps',
  gapsLabel:
    'Gaps, the costliest first. Use the arrow keys to choose one, Enter to open the line that waited.',
  gapSpoken: '{0}, {1}, on {2}. {3}',
  gapGroupSpoken: '{0}, {1}. Delay {2}, {3} times, longest {4}. {5}',
  noMoreGaps: 'No gap there.',
  noGaps: 'No gap longer than 5 ms was found.',
  explained: '{0} of waiting explained',
  moreGaps: 'and {0} rarer ones',
  gapCount: '×{0}',
  gapLongest: 'longest {0}',
  gapDelay: 'Delay',
  gapDelayTitle: 'Time by which an event loop or the main thread was delayed',
  gapTotalTitle: 'Time waited; no event loop and not the main thread was delayed',
  gapTotal: 'Waited',
  gapMedian: 'Typical',
  gapVictim: 'Blamed line',
  gapHolder: 'Held by',
  gapFix: 'What helps',
  gapEvidence: 'Evidence',
  gapSystem: 'What the system did',
  gapMoreFixes: 'What else helps',
  gapQueueLength: 'Queue length over time, {0} at most',
  gapLanes: 'On',
  gapAt: 'This one',
  gapAtPlace: '{0} at {1}',
  gapNone: 'Choose a gap to see why it happened and what helps.',
  copyAsText: 'Copy as Text',
  gapRoleCulprit: 'culprit',
  gapRoleVictim: 'victim',
  gapRoleDependency: 'depends on other work',
  gapRoleBenign: 'harms nobody',
  gapExact: 'exact',
  gapStrong: 'strong evidence',
  gapLikely: 'likely',
  gapUnsure: 'cause unknown',
  familyRunning: 'computing',
  familyScheduler: 'no core free',
  familyInterpreter: 'GIL',
  familySync: 'lock or queue',
  familyIpc: 'pipe',
  familyIo: 'I/O',
  familyChild: 'subprocess',
  familyTimer: 'sleep',
  familyMemory: 'GC',
  familyAsync: 'await',
  familyUnknown: 'unknown',
  gapSerialize: 'serializing',
  gapImport: 'import',
  gapFrozen: 'paused',
  gapLock: 'lock',
  gapSignal: 'signal',
  gapQueue: 'queue',
  gapQueueEmpty: 'queue empty',
  gapQueueFull: 'queue full',
  gapFuture: 'future',
  gapJoin: 'join',
  gapProcessLock: 'process lock',
  gapPipeRead: 'pipe read',
  gapPipeFull: 'pipe full',
  gapNetwork: 'network',
  gapDns: 'DNS',
  gapDisk: 'disk',
  gapTerminal: 'terminal',
  gapIdle: 'idle',
  gapBusyLoop: 'busy loop',
  gapEvent: 'event',
  gapTask: 'task',
  gapExecutor: 'executor',
} as const;
export type PanelStringKey = keyof typeof panelStringsEnglish;
