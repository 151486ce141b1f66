import { effectiveCount, shareError } from '../../../src/server/analyze/certainty';
import { flameLayout } from '../../../src/server/analyze/flameLayout';
import { functionTimes } from '../../../src/server/analyze/functionTimes';
import { functionTree } from '../../../src/server/analyze/functionTree';
import { type Neighbour, neighbours } from '../../../src/server/analyze/neighbours';
import { nodeTimes } from '../../../src/server/analyze/nodeTimes';
import { rangeMetrics } from '../../../src/server/analyze/rangeMetrics';
import { resolveFilter } from '../../../src/server/analyze/selection';
import type { FlameQuery, FrameQuery, FunctionsQuery, RunSummary, ViewQuery } from '../../../src/shared/api';
import type { Profile } from '../../../src/shared/profile';
import type { FlameView, FrameView, FunctionsView, NeighbourTable, View } from '../../../src/shared/views';
import { functionStrings } from './functionStrings';
import { noGaps } from './sampleGaps';
import { sourceLines } from './sampleProfile';
import { timelineView } from './sampleTimeline';

/** Answers a query with the server's own analysis; only the packing into tables is the harness's. */
export function viewOf(profile: Profile, query: ViewQuery): View {
  if (query.kind === 'flame') return flameView(profile, query);
  if (query.kind === 'functions') return functionsView(profile, query);
  if (query.kind === 'timeline') return timelineView(profile, query);
  return query.kind === 'gaps' ? noGaps : frameView(profile, query);
}

/** What the panel is told of the run. */
export function summaryOf(profile: Profile): RunSummary {
  const { info } = profile;
  const cpuOf = (lane: Profile['lanes'][number]): number => {
    const cpu = profile.samples.cpuNs.subarray(lane.firstSample, lane.firstSample + lane.sampleCount);
    return cpu.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
  };
  const lanes = profile.lanes.map((lane, index) => ({ ...lane, index, cpuNs: cpuOf(lane) }));
  const threads = lanes.filter(lane => lane.kind === 'thread');
  return {
    runId: 'sample',
    path: '/home/ada/voice/run.pyrolens',
    name: 'voice_agent.py',
    engine: info.engine,
    engineVersion: info.engineVersion,
    python: info.python,
    startedAtMs: 0,
    durationNs: info.durationNs,
    sampleCount: threads.reduce((sum, lane) => sum + lane.sampleCount, 0),
    isSampled: true,
    startsMidway: false,
    rateHzAsked: info.rateHzAsked,
    rateHzReached: info.rateHzReached,
    overheadShare: info.samplerCpuNs / info.durationNs,
    exitText: 'exit code 0',
    commit: 'a1b2c3d4e5f6',
    changedFileCount: 2,
    readShare: 1,
    unit: 'nanoseconds',
    valueTypes: [],
    valueType: 0,
    hasTimeAxis: true,
    hasStacks: true,
    hasCpu: info.hasCpu,
    hasCalls: false,
    lanes,
    isImported: false,
    problems: [],
    problemCount: 0,
    notes: ['2 of 3 worker processes were still running when the recording was stopped.'],
    gcPauseCount: profile.gcPauses.length,
    gcPauseNs: profile.gcPauses.durationNs.reduce((sum, value) => sum + value, 0),
    cpuNs: threads.reduce((sum, lane) => sum + lane.cpuNs, 0),
  };
}

function flameView(profile: Profile, query: FlameQuery): FlameView {
  const { boxes, totalNs, rowCount, scaleNs } = flameLayout(profile, query);
  const { strings, indexOf } = functionStrings(profile, boxes.func);
  const texts: string[] = [];
  const lineText = Int32Array.from(boxes.func, (func, box) => {
    const file = profile.strings[profile.functions.file[func] ?? -1] ?? '';
    const text = sourceLines[`${file.split('/').pop()}:${boxes.line[box]}`];
    return text === undefined ? -1 : texts.push(text) - 1;
  });
  const func = boxes.func.map(id => indexOf(id));
  return {
    kind: 'flame',
    unit: 'nanoseconds',
    order: query.order,
    totalNs,
    rowCount,
    scaleNs,
    boxes: { ...boxes, func },
    functions: strings,
    lineText,
    lineTexts: texts,
  };
}

function functionsView(profile: Profile, query: FunctionsQuery): FunctionsView {
  const subset = resolveFilter(profile, query);
  const times = nodeTimes(profile, subset);
  const tree = functionTree(profile, query.ownCodeOnly);
  const { total, self } = functionTimes(profile, subset, { times, tree });
  const ids = Array.from(total.totalNs.keys())
    .filter(id => (total.totalNs[id] ?? 0) > 0)
    .sort((a, b) => (self.totalNs[b] ?? 0) - (self.totalNs[a] ?? 0));
  const pick = (column: Float64Array): Float64Array => Float64Array.from(ids, id => column[id] ?? 0);
  const scaleNs = query.path.length > 0 ? scaleOf(total.totalNs, query.path) : profile.info.durationNs;
  const samples = Int32Array.from(ids, id => total.sampleCount[id] ?? 0);
  const observations = effectiveCount(times.sampleCount, times.sampleCount);
  return {
    kind: 'functions',
    metrics: rangeMetrics(profile, query),
    unit: 'nanoseconds',
    scaleNs,
    functions: functionStrings(profile, Int32Array.from(ids)).strings,
    totalNs: pick(total.totalNs),
    selfNs: pick(self.totalNs),
    waitNs: pick(total.waitNs),
    cpuNs: pick(total.cpuNs),
    sampleCount: samples,
    shareError: Float64Array.from(ids, id => shareError((total.totalNs[id] ?? 0) / scaleNs, observations)),
    callCount: new Float64Array(ids.length).fill(Number.NaN),
  };
}

function scaleOf(totalNs: Float64Array, path: readonly number[]): number {
  return totalNs[path[path.length - 1] ?? 0] ?? 1;
}

function frameView(profile: Profile, query: FrameQuery): FrameView {
  const subset = resolveFilter(profile, { ...query, path: query.path ?? [], ownCodeOnly: false });
  const times = nodeTimes(profile, subset);
  const found = neighbours(profile, query.func, { subset, times });
  const { total } = functionTimes(profile, subset, { times, tree: functionTree(profile) });
  const scaleNs = query.path?.length ? scaleOf(total.totalNs, query.path) : profile.info.durationNs;
  const all = [query.func, ...found.callers.map(item => item.func), ...found.callees.map(item => item.func)];
  const { strings, indexOf } = functionStrings(profile, Int32Array.from(all));
  const table = (items: readonly Neighbour[]): NeighbourTable => ({
    func: Int32Array.from(items, item => indexOf(item.func)),
    totalNs: Float64Array.from(items, item => item.totalNs),
    callCount: Float64Array.from(items, item => item.callCount),
  });
  return {
    kind: 'frame',
    unit: 'nanoseconds',
    scaleNs,
    func: query.func,
    functions: strings,
    callers: table(found.callers),
    callees: table(found.callees),
    lines: linesOf(profile, query.func, times.total.wallNs),
  };
}

function linesOf(profile: Profile, func: number, totalNs: Float64Array): FrameView['lines'] {
  const byLine = new Map<number, number>();
  for (let node = 0; node < profile.nodes.length; node++) {
    const frame = profile.nodes.frame[node] ?? 0;
    if (profile.frames.func[frame] !== func) continue;
    const line = profile.frames.line[frame] ?? 0;
    byLine.set(line, (byLine.get(line) ?? 0) + (totalNs[node] ?? 0));
  }
  const sorted = [...byLine].sort((a, b) => b[1] - a[1]);
  const file = profile.strings[profile.functions.file[func] ?? -1]?.split('/').pop() ?? '';
  return {
    line: Int32Array.from(sorted, ([line]) => line),
    totalNs: Float64Array.from(sorted, ([, ns]) => ns),
    selfNs: Float64Array.from(sorted, ([, ns]) => ns),
    text: sorted.map(([line]) => sourceLines[`${file}:${line}`] ?? ''),
  };
}
