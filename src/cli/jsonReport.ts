import { functionNumbers, recordedFunction } from '../server/features/functionFacts';
import { gapsOf } from '../server/features/gapsOf';
import { gapGroup } from '../server/features/gapsView';
import { runSummary } from '../server/features/runSummary';
import { systemObjects } from '../server/features/systemReport';
import type { OpenRun } from '../server/loadedRun';

const minShare = 0.005;

/** The report as data: the same numbers as the text, times in nanoseconds, shares of the run's wall clock. */
export function jsonReport(open: OpenRun): object {
  const { path, name, engine, python, durationNs, sampleCount, rateHzReached, notes, problems } =
    runSummary(open);
  return {
    path,
    name,
    engine,
    python,
    exit: open.run.manifest.exit ?? null,
    durationNs,
    sampleCount,
    rateHzReached,
    lines: lineRows(open),
    functions: functionRows(open),
    gaps: gapRows(open),
    systemCalls: systemObjects(open),
    notes,
    problems,
  };
}

function lineRows(open: OpenRun): object[] {
  const measurement = open.measure();
  const { profile } = measurement;
  if (profile.calls) return [];
  const { items, total, self, waitKind } = measurement.lines;
  const rows = Array.from({ length: items.length }, (_, item) => ({
    file: profile.strings[items.file[item] ?? -1] ?? '',
    line: items.line[item] ?? 0,
    totalNs: total.totalNs[item] ?? 0,
    selfNs: self.totalNs[item] ?? 0,
    waitNs: total.waitNs[item] ?? 0,
    waitKind: waitKind(item),
    share: measurement.share(total.totalNs[item] ?? 0),
  }));
  return rows
    .filter(row => row.share >= minShare)
    .sort((a, b) => b.selfNs - a.selfNs || b.totalNs - a.totalNs);
}

function functionRows(open: OpenRun): object[] {
  const measurement = open.measure();
  const { profile } = measurement;
  const rows = Array.from({ length: profile.functions.length }, (_, func) => {
    const { callCount, ...numbers } = functionNumbers(measurement, func);
    const { name, file, firstLine, kind } = recordedFunction(profile, func);
    const share = measurement.share(numbers.totalNs);
    return {
      name,
      file,
      firstLine,
      kind,
      ...numbers,
      callCount: Number.isNaN(callCount) ? null : callCount,
      share,
    };
  });
  return rows
    .filter(row => row.share >= minShare)
    .sort((a, b) => b.selfNs - a.selfNs || b.totalNs - a.totalNs);
}

/** What delayed an event loop or the main thread, most delay first; `file` and `line` are those to blame. */
function gapRows(open: OpenRun): object[] {
  const { strings } = open.run.profile;
  return gapsOf(open).groups.map(facts => {
    const { victim, holder, ...group } = gapGroup(open, facts);
    const place = (at: typeof victim) =>
      at && { file: strings[at.file] ?? '', line: at.line, function: at.name, text: at.text };
    return { ...group, victim: place(victim), holder: place(holder) };
  });
}
