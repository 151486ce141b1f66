/**
 * Every text of the server that a user can read, in English. The host hands over translations by English text
 * (`vscode.l10n`'s bundle) in the initialisation options; without them English is used. Placeholders are `{0}`, `{1}`.
 */
export const serverStringsEnglish = {
  unreadableHeader: 'This part was written by another version of Pyrolens and was left out.',
  truncated: 'The recording is cut off here: everything before it was kept.',
  damagedChunk: 'About a second of the recording is damaged and was left out.',
  damagedRest: 'The recording is damaged from here on: everything before it was kept.',
  noEnd: 'Process {0} ended without warning or still runs: up to a second at its end may be missing.',
  childrenWithoutEnd:
    '{0} child processes ended without warning: up to a second at their end may be missing.',
  refused: 'Process {0} was not sampled: {1}',
  tasksLeftOut:
    'There were too many suspended tasks to look at all of them: up to {0} were left out at a time.',
  testBody: 'Only the test’s body was recorded: no collection, no fixtures.',
  testBodyRepeated:
    'Only the test’s body was recorded, {0} times in a row because it is short: no collection, no fixtures.',
  testBodies:
    'Only the bodies of {0} tests were recorded, {1} runs in all because short ones are repeated: no collection, no fixtures.',
  notPstats: 'This file is not a cProfile result.',
  lanesLeftOut: 'There are more than {0} threads and tasks: the others were left out.',
  missingPart: 'The part «{0}» could not be read: {1}',
  unknownFormat: 'The part «{0}» is in no known format and was left out.',
  unpacksTooLarge: 'it unpacks to more than {0} MB, which no profile does',
  cutOffAt: 'The file ends in the midst of its data: everything before it was kept.',
  damagedAt: 'The file is damaged from here on: everything before it was kept.',
  framesMissing: '{0} functions have no name in the file: they are shown by their number.',
  weightsMissing: '{0} samples have no weight in the file.',
  closesUnmatched: '{0} calls end that never began, or never ended: their times may be wrong.',
  eventsUnordered: '{0} events lie before the one in front of them: they were moved to it.',
  rowsUnreadable: '{0} lines are not readable and were left out.',
  scaleneNative: 'native code',
  limitScalene: 'Scalene measures lines, not stacks: there are no callers, and the flame graph is flat.',
  limitPyinstrument: 'pyinstrument watches one thread: what other threads did is not in the file.',
  limitPySpy: 'py-spy’s speedscope files leave idle time out and have no clock: there is no timeline.',
  limitClocks: 'The threads in this file have no common clock: there is no timeline.',
  limitTracemalloc:
    'tracemalloc knows what Python’s own allocators gave out and what the program still held at the end, with the innermost {0} frames of each stack.',
  limitSums: 'The file holds sums without moments: there is no timeline.',
  limitDefinitions: 'The file knows where functions begin, not which of their lines ran.',
  traceDamaged: 'Damaged events were left out, at {0} places.',
  traceStray: '{0} ends of calls had no beginning and were left out.',
  traceTimeless: '{0} events had no time and were left out.',
  traceLanes: '{0} events were left out: they belong to more threads than can be shown.',
  traceCut: '{0} calls reached beyond the call that they began in: they were cut there.',
  traceOverflow: 'VizTracer’s buffer was full: the oldest calls were dropped while recording.',
  unnamed: '(no name)',
  traceTasks:
    'VizTracer recorded tasks only while they ran: how long each of them was suspended shows as gaps.',
  traceMoments: 'The file has counters, instants or object snapshots: they are not shown.',
  pySpyHoldsIdle:
    'py-spy’s traces keep a thread’s last stack open while it is idle or has ended: such time looks like work, and without «--idle» waiting does too.',
  linesSkipped: '{0} lines are no samples and were left out.',
  negativeSkipped: '{0} stacks have a negative count and were left out.',
  mergedThreads: 'All threads, merged',
  limitCollapsed: 'Collapsed stacks are sums: they count samples, and there is no time axis.',
  limitBaseNames: 'The file names its sources without their folders: some may not be found.',
  limitAustinCpu:
    'Austin’s CPU mode leaves out what is idle: the time axis lacks the moments when every thread waited.',
  limitAustinProcesses:
    'Austin’s text has no clock common to several processes: each is shown from where the file first names it.',
  limitAustinMemory:
    'Austin saw by how much the process grew or shrank between two samples: there is no time axis.',
  limitPerfRunning: 'perf saw threads only while they ran on a CPU: waiting is not recorded.',
  limitPerfLines: 'perf knows Python’s functions without lines: there are no numbers on the source.',
  limitPerfCount: 'perf counted «{0}», which is no time: there is no time axis.',
  stacksMissing: '{0} samples refer to stacks that the file does not contain: they were left out.',
  fileNamesOnly: 'This file names sources without their folders: lines are found by the name alone.',
  innermostLinesOnly:
    'V8 knows the line of the innermost function only: lines that call others show their own time.',
  unknownEvent: 'The file goes on with an event of an unknown kind ({0}): everything before it was kept.',
  lostReferences: '{0} frames are not defined in the file and stand as «<lost>».',
  memoryWithoutTime: 'Memory has no time axis: changes are added up by stack.',
  onlyCpuSampled: 'Only threads on the CPU were sampled: waiting is not recorded.',
  onlyGilSampled: 'Only threads that held the GIL were sampled: waiting is not recorded.',
  onlyExceptionsSampled: 'Only threads with an active exception were sampled.',
  onlyMainThread: 'Only the main thread was sampled.',
  tachyonKilled:
    'The profiler was ended before it had written its header and names: the file cannot be read.',
  tachyonVersion:
    'The file has version {0} of the format. Convert it with the Python that wrote it: python -m profiling.sampling replay --gecko.',
  totalsWithoutStacks: 'The file has totals by line and no stacks: no callers, no timeline.',
  statsOfSamples: 'The file has samples by line and no calls: no number of calls, no timeline.',
  pprofWithoutTime: 'This pprof file has no times of its samples: no timeline.',
  negativeValues: '{0} samples have a negative value, as in a difference of profiles, and were left out.',
  lostLocations: '{0} frames point to nothing in the file and were left out.',
  damagedMessages: '{0} entries of the file are damaged and were left out.',
  noSampleTypes: 'The file does not say what its samples measure: it may be cut off.',
  unsafePattern: 'The file drops or keeps frames by a pattern that is too complex: it was not applied.',
  sourcesChanged: 'Changed while the program ran, so that edits cannot be told: {0}.',
  distorted:
    'cProfile slows down code that makes many small calls: its times are too large for such functions.',
  underDebugger:
    'Distorted by the debugger: it was at work in the program, which ran slower than without it, and unevenly so.',
  stillRecording: 'The recording was not ended properly: it shows what was kept.',
  noSamplesInFile: 'The file holds no samples.',
  problemInPart: '{0} ({1})',
  problemAtByte: '{0} ({1}, byte {2})',
  notAFile: 'it is not a file',
  emptyFile: 'it is empty',
  unknownFile: 'it is in none of the formats that Pyrolens reads',
  packedDamaged: 'its packed data is damaged ({0})',
  noSamples: 'No samples: the program ended before the first one was taken.',
  processorsBusy: 'The processors were busy for {0} at most: the observer could not look during that time.',
  austinLines:
    'On Python 3.12 Austin books short calls on the line before: use another engine where single lines matter.',
  gilHeld: 'The interpreter was locked for {0} at most: the sampler could not look during that time.',
  exitCode: 'exit code {0}',
  exitSignal: 'ended by {0}',
  stopped: 'recording stopped by you',
  recording: 'recording',
  interrupted: 'interrupted',
  lensTotal: '{0} total',
  lensSelf: '{0} self',
  lensSamples: '{0} samples',
  lensSample: '{0} sample',
  lensCalls: '{0} calls',
  lensCall: '{0} call',
  editedSince: 'edited since',
  wholeRun: 'the run’s {0}',
  selectionOf: '{0}',
  hoverLine: 'This line was on the stack for **{0}**, {1} of {2}.',
  hoverFunction: '`{0}` ran for **{1}**, {2} of {3}, in {4} calls.',
  hoverDefinition: '`{0}` was on the stack for **{1}**, {2} of {3}.',
  hoverOneCall: '`{0}` ran for **{1}**, {2} of {3}, in one call.',
  hoverComputing: 'It was computing for nearly all of it.',
  hoverWaiting: 'For {0} of it, it only waited ({1}).',
  hoverContention:
    'For {0} of it, the thread was off the CPU though nothing here waits: for the GIL, or for a busy processor.',
  hoverWaitingGuessed:
    'For {0} of it, it only waited ({1}; judged by function names, CPU time is unknown here).',
  hoverStale: 'The line was edited since: the numbers belong to its former text.',
  rowTotal: 'Wall clock',
  rowAmount: 'Amount',
  rowSelf: 'In the line itself',
  rowSelfFunction: 'In the function itself',
  rowCpu: 'CPU time, all threads',
  rowWait: 'Waiting',
  rowSamples: 'Samples',
  rowCallers: 'Called from',
  rowCallees: 'Calls',
  columnWhat: 'What',
  columnTime: 'Time',
  columnShare: 'Share',
  hoverReveal: 'Reveal in flame graph',
  samplesError: '{0}, ± {1}',
  moreLanes: '{0} more',
  engineSampler: 'Pyrolens sampler',
  engineObserver: 'Pyrolens observer',
  waitNone: 'none',
  waitSleep: 'sleep',
  waitLock: 'lock',
  waitJoin: 'join',
  waitAwait: 'await',
  waitSelect: 'select',
  waitQueue: 'queue',
  waitProcess: 'process',
  waitIo: 'I/O',
  waitContention: 'GIL or busy processor',
  waitUnknown: 'unknown cause',
  reportSamples: '{0} samples at {1} Hz',
  reportLines: 'Hot lines (share of {0})',
  reportWaits: 'Waiting lines',
  reportFunctions: 'Functions',
  reportNotes: 'Notes',
  reportProblems: 'Left out',
  reportNothing: 'nothing above half a per cent',
  exportNeedsStacks: 'cProfile keeps no stacks: export as pstats, or record with the sampler',
  exportNeedsCalls: 'the run was sampled: it has no call counts',
  exportNothing: 'nothing was recorded',
  svgSearch: 'Search functions (/)',
  svgReset: 'Show everything (Esc)',
  svgTasks: '{0} suspended tasks are not shown.',
  svgDeep: 'Only the first {0} levels are shown.',
  openingRun: 'Pyrolens: reading the run',
} as const;

export type ServerStringKey = keyof typeof serverStringsEnglish;

let translations: Readonly<Record<string, string>> = {};

/** Sets the translations by English text. Called once, when the client says hello. */
export function translate(bundle: Readonly<Record<string, string>>): void {
  translations = bundle;
}

/** The text for a key in the user's language, with its placeholders filled. */
export function say(key: ServerStringKey, ...values: readonly (string | number)[]): string {
  const english = serverStringsEnglish[key];
  const template = translations[english] ?? english;
  return template.replace(/\{(\d)\}/g, (match, index: string) => String(values[Number(index)] ?? match));
}
