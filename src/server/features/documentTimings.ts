import type { DocumentTimings, LineTiming } from '../../shared/api';
import type { Settings } from '../../shared/settings';
import { isSampled } from '../analyze/certainty';
import { carryColumn, utf16Column } from '../analyze/columns';
import type { LineSpan } from '../analyze/lineTimes';
import type { Measurement } from '../analyze/measurement';
import type { OpenRun } from '../loadedRun';
import { type DocumentView, defLine } from './documentView';
import { functionNumbers } from './functionFacts';
import { lineGap } from './lineGaps';

/** What a feature needs to speak about a document. */
export interface DocumentQuery {
  readonly open: OpenRun;
  readonly measurement: Measurement;
  readonly view: DocumentView;
  /** What 100 % is, in words. */
  readonly scaleLabel: string;
}

/** The numbers of a document's lines above the threshold, hottest kept when there are too many, in line order. */
export function documentTimings(query: DocumentQuery, settings: Settings): DocumentTimings {
  const threshold = settings['inline.threshold'] / 100;
  const lines = allLineTimings(query)
    .filter(line => line.share > 0 && line.share >= threshold)
    .sort((a, b) => b.totalNs - a.totalNs)
    .slice(0, settings['inline.maxLines'])
    .sort((a, b) => a.line - b.line);
  return {
    runId: query.open.run.id,
    uri: query.view.uri,
    scaleNs: query.measurement.scaleNs,
    scaleLabel: query.scaleLabel,
    unit: query.measurement.profile.info.unit,
    lines,
    hasSnapshot: query.view.recordedLines !== undefined,
  };
}

/** Every measured line of a document at its present place, in no order; at most one per line. */
export function allLineTimings(query: DocumentQuery): LineTiming[] {
  const { measurement } = query;
  const timings =
    measurement.profile.info.lineMeaning === 'definition'
      ? definitionTimings(query)
      : executingTimings(query);
  const byLine = new Map<number, LineTiming>();
  for (const timing of timings) {
    const other = byLine.get(timing.line);
    byLine.set(timing.line, other === undefined ? timing : hotter(timing, other));
  }
  return [...byLine.values()];
}

/** Two recorded lines that now stand on one: the hotter speaks for both, and neither is exact any more. */
function hotter(a: LineTiming, b: LineTiming): LineTiming {
  const winner = a.totalNs >= b.totalNs ? a : b;
  return { ...winner, isStale: true, spans: [] };
}

function executingTimings(query: DocumentQuery): LineTiming[] {
  const { lines } = query.measurement;
  return (lines.items.byFile.get(query.view.file) ?? []).flatMap(item => {
    const timing = lineTiming(query, item);
    return timing === undefined ? [] : [timing];
  });
}

function lineTiming(query: DocumentQuery, item: number): LineTiming | undefined {
  const { measurement, view } = query;
  const { lines } = measurement;
  const totalNs = lines.total.totalNs[item] ?? 0;
  const recordedLine = lines.items.line[item] ?? 0;
  const place = view.map.toPresent(recordedLine);
  const isOutside = place === undefined || place.line > view.presentLines.length;
  if (totalNs <= 0 || isOutside) return undefined;
  const share = measurement.share(totalNs);
  const spans = lines.spans(item);
  return {
    line: place.line,
    totalNs,
    selfNs: lines.self.totalNs[item] ?? 0,
    waitNs: lines.total.waitNs[item] ?? 0,
    cpuNs: measurement.profile.info.hasCpu ? (lines.total.cpuNs[item] ?? 0) : null,
    sampleCount: isSampled(measurement.profile) ? (lines.total.sampleCount[item] ?? 0) : 0,
    share,
    shareError: measurement.shareError(share),
    isStale: place.isStale,
    isDefinition: false,
    spans: place.isSameText ? spans.flatMap(span => presentSpan(view, recordedLine, span)) : [],
    waitKind: lines.waitKind(item),
    gap: lineGap(query.open, view.file, recordedLine),
  };
}

/** A sub-expression at its present columns; nothing when its end was edited or does not follow. */
function presentSpan(view: DocumentView, recordedLine: number, span: LineSpan): LineTiming['spans'] {
  const end = view.map.toPresent(Math.max(span.endLine, recordedLine));
  const start = view.map.toPresent(recordedLine);
  if (start === undefined || end === undefined || !end.isSameText) return [];
  const carried = (line: number, present: number, utf8Column: number) => {
    const presentText = view.presentLines[present - 1] ?? '';
    const recordedText = view.recordedLines?.[line - 1] ?? presentText;
    return carryColumn(recordedText, presentText, utf16Column(recordedText, utf8Column));
  };
  const startColumn = carried(recordedLine, start.line, span.column);
  const endColumn = carried(Math.max(span.endLine, recordedLine), end.line, span.endColumn);
  return [{ startColumn, endLine: end.line, endColumn, totalNs: span.totalNs }];
}

/** Engines that know only the `def` line speak only there. */
function definitionTimings({ measurement, view }: DocumentQuery): LineTiming[] {
  const { profile } = measurement;
  const { functions, strings } = profile;
  const timings: LineTiming[] = [];
  for (let func = 0; func < functions.length; func++) {
    if (functions.file[func] !== view.file) continue;
    const numbers = functionNumbers(measurement, func);
    if (numbers.totalNs <= 0 && !(numbers.callCount > 0)) continue;
    const recorded = defLine(view, strings[functions.name[func] ?? 0] ?? '', functions.firstLine[func] ?? 0);
    const place = recorded === undefined ? undefined : view.map.toPresent(recorded);
    if (place === undefined) continue;
    timings.push({
      line: place.line,
      totalNs: numbers.totalNs,
      selfNs: numbers.selfNs,
      waitNs: numbers.waitNs,
      cpuNs: numbers.cpuNs,
      sampleCount: numbers.sampleCount,
      share: measurement.share(numbers.totalNs),
      shareError: measurement.shareError(measurement.share(numbers.totalNs)),
      isStale: place.isStale,
      isDefinition: true,
      spans: [],
      waitKind: 'none',
      gap: null,
    });
  }
  return timings;
}
