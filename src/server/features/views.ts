import type { FlameQuery, FrameQuery, FunctionsQuery, ViewQuery } from '../../shared/api';
import { inertCode } from '../../shared/inertText';
import { functionKinds } from '../../shared/profile';
import { selfRank } from '../../shared/ranking';
import type { FlameView, FrameView, FunctionsView, NeighbourTable, View } from '../../shared/views';
import { flameLayout } from '../analyze/flameLayout';
import type { Measurement } from '../analyze/measurement';
import { type Neighbour, neighbours } from '../analyze/neighbours';
import { rangeMetrics } from '../analyze/rangeMetrics';
import type { SampleFilter } from '../analyze/selection';
import type { OpenRun } from '../loadedRun';
import { FunctionCollector, functionNumbers } from './functionFacts';
import { gapsView } from './gapsView';
import { timelineView } from './timelineView';

/** Computes the view that a query asks for. */
export function computeView(open: OpenRun, query: ViewQuery): View {
  if (query.kind === 'flame') return flameView(open, query);
  if (query.kind === 'functions') return functionsView(open, query);
  if (query.kind === 'timeline') return timelineView(open, query);
  if (query.kind === 'gaps') return gapsView(open);
  return frameView(open, query);
}

/** Source text is sent for boxes that take at least this part of the picture. */
const lineTextShare = 1 / 60;

function flameView(open: OpenRun, query: FlameQuery): FlameView {
  const { profile } = open.run;
  const layout = flameLayout(profile, query);
  const collector = new FunctionCollector(profile);
  const { boxes } = layout;
  const func = boxes.func.map(id => collector.add(id));
  const texts = new LineTexts(open);
  const [windowStartNs, windowEndNs] =
    query.windowEndNs > query.windowStartNs ? [query.windowStartNs, query.windowEndNs] : [0, layout.totalNs];
  const wideNs = (windowEndNs - windowStartNs) * lineTextShare;
  const lineText = new Int32Array(boxes.length).map((_, box) => {
    const isWide = (boxes.endNs[box] ?? 0) - (boxes.startNs[box] ?? 0) >= wideNs;
    const id = boxes.func[box] ?? -1;
    return isWide && id >= 0 ? texts.index(profile.functions.file[id] ?? -1, boxes.line[box] ?? 0) : -1;
  });
  return {
    kind: 'flame',
    order: query.order,
    unit: profile.info.unit,
    totalNs: layout.totalNs,
    rowCount: layout.rowCount,
    scaleNs: layout.scaleNs,
    boxes: { ...boxes, func },
    functions: collector.strings(),
    lineText,
    lineTexts: texts.texts,
  };
}

/** Interns the source lines that a view shows, trimmed and cut to a sensible length. */
class LineTexts {
  readonly texts: string[] = [];
  private readonly known = new Map<string, number>();

  constructor(private readonly open: OpenRun) {}

  /** Index of a line's text, -1 when there is none. */
  index(file: number, line: number): number {
    const text = this.text(file, line);
    if (text === '') return -1;
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const index = this.texts.push(text) - 1;
    this.known.set(text, index);
    return index;
  }

  text(file: number, line: number): string {
    return inertCode((this.open.recordedLines(file)[line - 1] ?? '').trim().slice(0, 200));
  }
}

function functionsView(open: OpenRun, query: FunctionsQuery): FunctionsView {
  const measurement = open.measure(query);
  const { profile } = open.run;
  const own = functionKinds.indexOf('own');
  const rankOf = (row: { func: number; selfNs: number; waitNs: number }): number =>
    selfRank(profile.functions.kind[row.func] === own, row.selfNs, row.waitNs);
  const rows = Array.from({ length: profile.functions.length }, (_, func) => func)
    .filter(func => !query.ownCodeOnly || profile.functions.kind[func] === own)
    .map(func => ({ func, ...functionNumbers(measurement, func, query.ownCodeOnly) }))
    .filter(row => row.totalNs > 0 || row.callCount > 0)
    .sort((a, b) => rankOf(b) - rankOf(a) || b.totalNs - a.totalNs || a.func - b.func);
  const collector = new FunctionCollector(profile);
  for (const row of rows) collector.add(row.func);
  return {
    kind: 'functions',
    metrics: rangeMetrics(profile, query),
    unit: profile.info.unit,
    scaleNs: measurement.scaleNs,
    functions: collector.strings(),
    totalNs: Float64Array.from(rows, row => row.totalNs),
    selfNs: Float64Array.from(rows, row => row.selfNs),
    waitNs: Float64Array.from(rows, row => row.waitNs),
    cpuNs: Float64Array.from(rows, row => row.cpuNs ?? Number.NaN),
    sampleCount: Int32Array.from(rows, row => row.sampleCount),
    shareError: Float64Array.from(rows, row => measurement.shareError(measurement.share(row.totalNs))),
    callCount: Float64Array.from(rows, row => row.callCount),
  };
}

function frameView(open: OpenRun, query: FrameQuery): FrameView {
  const filter: SampleFilter = { ...query, path: query.path ?? [], ownCodeOnly: false };
  const measurement = open.measure(filter);
  const { profile } = open.run;
  const { subset, times } = measurement;
  const found = neighbours(profile, query.func, { subset, times });
  const collector = new FunctionCollector(profile);
  const func = collector.add(query.func);
  const callers = neighbourTable(found.callers, collector);
  const callees = neighbourTable(found.callees, collector);
  return {
    kind: 'frame',
    unit: profile.info.unit,
    scaleNs: measurement.scaleNs,
    func,
    functions: collector.strings(),
    callers,
    callees,
    lines: frameLines(open, measurement, query.func),
  };
}

function neighbourTable(found: readonly Neighbour[], collector: FunctionCollector): NeighbourTable {
  return {
    func: Int32Array.from(found, neighbour => collector.add(neighbour.func)),
    totalNs: Float64Array.from(found, neighbour => neighbour.totalNs),
    callCount: Float64Array.from(found, neighbour => neighbour.callCount),
  };
}

/** The lines of one function, hottest first. */
function frameLines(open: OpenRun, measurement: Measurement, func: number): FrameView['lines'] {
  const { profile } = open.run;
  const rows = functionLines(measurement, func);
  const texts = new LineTexts(open);
  const file = profile.functions.file[func] ?? -1;
  return {
    line: Int32Array.from(rows, row => row.line),
    totalNs: Float64Array.from(rows, row => row.totalNs),
    selfNs: Float64Array.from(rows, row => row.selfNs),
    text: rows.map(row => texts.text(file, row.line)),
  };
}

interface LineRow {
  readonly line: number;
  readonly totalNs: number;
  readonly selfNs: number;
}

/** Lines on which a function was seen, with the lines' own numbers, hottest first. */
function functionLines(measurement: Measurement, func: number): LineRow[] {
  const { profile } = measurement;
  if (profile.info.lineMeaning !== 'executing') return [];
  const { items, total, self } = measurement.lines;
  const seen = new Set<number>();
  for (let frame = 0; frame < profile.frames.length; frame++) {
    if (profile.frames.func[frame] === func) seen.add(items.ofFrame[frame] ?? -1);
  }
  seen.delete(-1);
  return [...seen]
    .map(item => ({
      line: items.line[item] ?? 0,
      totalNs: total.totalNs[item] ?? 0,
      selfNs: self.totalNs[item] ?? 0,
    }))
    .filter(row => row.totalNs > 0)
    .sort((a, b) => b.totalNs - a.totalNs || a.line - b.line);
}
