import type { Lane, Profile } from '../../../shared/profile';
import { type FirefoxMarkers, firefoxMarkers, markerSchema } from './firefoxMarkers';
import { jsonText } from './inertText';
import { jsonList, jsonListOf, jsonTable } from './jsonPieces';
import { type ExportSource, linePlaces, trackName } from './source';
import { StackSums } from './stackSums';
import { traceIds } from './traceIds';

/**
 * Version of the processed format that is written: since 60 all threads share one stack table. Later Firefox Profilers
 * upgrade it when they read it. Facts: docs-developer/CHANGELOG-formats.md of firefox-devtools/profiler.
 */
const processedVersion = 61;
/** Version of Gecko's own format, which has no meaning here but must be there. */
const geckoVersion = 31;

/** One category of frames for each kind of function, behind the one that the viewer wants for all others. */
const categories = [
  { name: 'Other', color: 'grey', subcategories: ['Other'] },
  { name: 'Own code', color: 'orange', subcategories: ['Other'] },
  { name: 'Packages', color: 'blue', subcategories: ['Other'] },
  { name: 'Standard library', color: 'lightblue', subcategories: ['Other'] },
  { name: 'Native code', color: 'purple', subcategories: ['Other'] },
  { name: 'Interpreter', color: 'darkgrey', subcategories: ['Other'] },
];

const weightTypes = { nanoseconds: 'tracing-ms', bytes: 'bytes', count: 'samples' } as const;

/**
 * The profile in the Firefox Profiler's processed JSON format: a thread for each lane, weighted samples, executing
 * lines, CPU time, markers for waiting and for garbage collections. A sample stands at the beginning of its interval;
 * an empty one ends each stretch. Without a time axis the samples lie side by side by weight.
 */
export function* firefoxFile(source: ExportSource): Generator<string> {
  const { profile } = source;
  const markerNames = { waiting: profile.strings.length, gc: profile.strings.length + 1 };
  yield `{"meta":${jsonText(metaOf(source))},"libs":[],"shared":{"stringArray":`;
  const strings = [...profile.strings, 'Waiting', 'Garbage collection'];
  yield* jsonList(strings.length, index => jsonText(strings[index]));
  yield* sharedTables(profile);
  yield '},"threads":[';
  const ids = traceIds(profile);
  const sums = new StackSums(profile);
  for (const [index, lane] of profile.lanes.entries()) {
    const { pid, tid } = ids[index] ?? { pid: 1, tid: index + 1 };
    if (index > 0) yield ',';
    const facts = { ...threadFacts(profile, lane), processName: source.name, pid: String(pid), tid };
    yield `${jsonText({ ...facts, name: trackName(lane) }).slice(0, -1)},"samples":`;
    yield* samplesOf(profile, lane, sums);
    yield ',"markers":';
    yield* markerTable(firefoxMarkers(profile, index), markerNames);
    yield '}';
  }
  yield ']}';
}

function metaOf({ profile: { info }, name, startedAtMs }: ExportSource): object {
  const rateHz = info.rateHzReached || info.rateHzAsked;
  return {
    interval: rateHz > 0 ? 1000 / rateHz : 1,
    startTime: info.startEpochNs > 0 ? info.startEpochNs / 1e6 : startedAtMs,
    profilingStartTime: 0,
    profilingEndTime: info.durationNs / (info.unit === 'nanoseconds' ? 1e6 : 1),
    processType: 0,
    product: name,
    importedFrom: info.engine,
    stackwalk: 1,
    version: geckoVersion,
    preprocessedProfileVersion: processedVersion,
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    keepProfileThreadOrder: true,
    categories,
    markerSchema,
    sampleUnits: { time: info.unit === 'bytes' ? 'bytes' : 'ms', eventDelay: 'ms', threadCPUDelta: 'ns' },
  };
}

function* sharedTables(profile: Profile): Generator<string> {
  const { nodes, functions } = profile;
  const places = linePlaces(profile);
  const sources = sourcesOf(profile);
  yield ',"stackTable":';
  yield* jsonTable(nodes.length, {
    frame: node => places.ofFrame[nodes.frame[node] ?? 0] ?? 0,
    prefix: node => orNull(nodes.parent[node] ?? -1, -1),
  });
  yield ',"frameTable":';
  yield* jsonTable(places.length, {
    address: () => -1,
    inlineDepth: () => 0,
    category: place => 1 + (functions.kind[places.func[place] ?? 0] ?? 0),
    subcategory: () => 0,
    func: place => places.func[place] ?? 0,
    nativeSymbol: () => 'null',
    innerWindowID: () => 'null',
    line: place => orNull(places.line[place] ?? 0, 0),
    column: () => 'null',
  });
  yield ',"funcTable":';
  yield* jsonTable(functions.length, {
    name: func => functions.name[func] ?? 0,
    isJS: () => 'false',
    relevantForJS: () => 'false',
    resource: () => -1,
    source: func => orNull(sources.ofFile.get(functions.file[func] ?? -1) ?? -1, -1),
    lineNumber: func => orNull(functions.firstLine[func] ?? 0, 0),
    columnNumber: () => 'null',
  });
  yield ',"resourceTable":{"lib":[],"name":[],"host":[],"type":[],"length":0}';
  yield ',"nativeSymbols":{"libIndex":[],"address":[],"name":[],"functionSize":[],"length":0}';
  yield ',"sources":';
  yield* jsonTable(sources.files.length, {
    id: () => 'null',
    filename: index => sources.files[index] ?? 0,
    startLine: () => 1,
    startColumn: () => 1,
    sourceMapURL: () => 'null',
  });
}

function orNull(value: number, missing: number): string {
  return value === missing ? 'null' : String(value);
}

/** The files of all functions, each once; functions without one have no source. */
function sourcesOf({ functions, strings }: Profile): {
  files: readonly number[];
  ofFile: ReadonlyMap<number, number>;
} {
  const ofFile = new Map<number, number>();
  for (const file of functions.file) {
    if (strings[file] && !ofFile.has(file)) ofFile.set(file, ofFile.size);
  }
  return { files: [...ofFile.keys()], ofFile };
}

function threadFacts(profile: Profile, lane: Lane): object {
  return {
    processType: 'default',
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: profile.info.hasTimeAxis ? lane.startNs / 1e6 : 0,
    unregisterTime: profile.info.hasTimeAxis ? lane.endNs / 1e6 : null,
    pausedRanges: [],
    showMarkersInTimeline: lane.isMain,
    isMainThread: lane.isMain,
  };
}

/** A moment at which a stack begins. */
interface Row {
  readonly stack: number;
  readonly at: number;
  readonly weight: number;
  /** CPU time used since the row before. */
  readonly cpuNs: number;
}

function* samplesOf(profile: Profile, lane: Lane, sums: StackSums): Generator<string> {
  const { hasTimeAxis, unit, hasCpu } = profile.info;
  const rows = () => (hasTimeAxis ? timedRows(profile, lane) : summedRows(sums, lane));
  const scale = unit === 'nanoseconds' ? 1e6 : 1;
  let length = 0;
  for (const _ of rows()) length++;
  yield `{"weightType":"${weightTypes[unit]}","length":${length},"stack":`;
  yield* jsonListOf(rows(), row => orNull(row.stack, -1));
  yield ',"time":';
  yield* jsonListOf(rows(), row => row.at / scale);
  yield ',"weight":';
  yield* jsonListOf(rows(), row => row.weight / scale);
  if (hasCpu) {
    yield ',"threadCPUDelta":';
    yield* jsonListOf(rows(), row => Math.round(row.cpuNs));
  }
  yield '}';
}

/** The lane's samples at the beginnings of their intervals, gaps and the end as empty stacks without weight. */
function* timedRows({ samples }: Profile, lane: Lane): Generator<Row> {
  let [untilNs, cpuNs] = [Number.NaN, 0];
  for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
    const weight = samples.weightNs[i] ?? 0;
    // Fractions may make a sample begin a little before the last one's end.
    const at = Math.max((samples.endNs[i] ?? 0) - weight, Number.isNaN(untilNs) ? 0 : untilNs);
    if (at > untilNs) {
      yield { stack: -1, at: untilNs, weight: 0, cpuNs };
      cpuNs = 0;
    }
    yield { stack: samples.node[i] ?? -1, at, weight, cpuNs };
    cpuNs = samples.cpuNs[i] || 0;
    untilNs = Math.max(at, samples.endNs[i] ?? 0);
  }
  if (!Number.isNaN(untilNs)) yield { stack: -1, at: untilNs, weight: 0, cpuNs };
}

function* summedRows(sums: StackSums, lane: Lane): Generator<Row> {
  let [at, cpuBefore] = [0, 0];
  for (const { stack, weight, cpuNs } of sums.ofLane(lane)) {
    yield { stack, at, weight, cpuNs: cpuBefore };
    at += weight;
    cpuBefore = cpuNs;
  }
  if (at > 0) yield { stack: -1, at, weight: 0, cpuNs: cpuBefore };
}

function* markerTable(
  markers: FirefoxMarkers,
  names: { readonly waiting: number; readonly gc: number },
): Generator<string> {
  const intervalPhase = 1;
  yield* jsonTable(markers.length, {
    data: index => jsonText(markers.dataAt(index)),
    name: index => names[markers.kindAt(index)],
    startTime: index => (markers.startNs[index] ?? 0) / 1e6,
    endTime: index => (markers.endNs[index] ?? 0) / 1e6,
    phase: () => intervalPhase,
    category: () => 0,
  });
}
