import type { CodeLens } from 'vscode-languageserver';
import { commands } from '../../shared/contributions';
import { formatCount, formatValue } from '../../shared/formatting';
import type { ProfileInfo } from '../../shared/profile';
import { say } from '../strings';
import { callsText } from './amounts';
import type { DocumentQuery } from './documentTimings';
import { defLine } from './documentView';
import { type FunctionNumbers, functionNumbers } from './functionFacts';
import { gapCount } from './lineGaps';
import { lineStart } from './positions';

/**
 * One lens above each function whose share reaches the threshold (0 … 1). Which functions have one depends on the
 * run alone, so that no lens comes or goes while the user types; only a deleted function loses its own.
 */
export function codeLenses(query: DocumentQuery, threshold: number): CodeLens[] {
  const { measurement, view, open } = query;
  const { functions, strings } = measurement.profile;
  const lenses: CodeLens[] = [];
  for (let func = 0; func < functions.length; func++) {
    if (functions.file[func] !== view.file) continue;
    const numbers = functionNumbers(measurement, func);
    const share = measurement.share(numbers.totalNs);
    if (share <= 0 || share < threshold) continue;
    const recorded = defLine(view, strings[functions.name[func] ?? 0] ?? '', functions.firstLine[func] ?? 0);
    const place = recorded === undefined ? undefined : view.map.toPresent(recorded);
    if (place === undefined) continue;
    lenses.push({
      range: lineStart(place.line),
      command: {
        title: lensTitle(numbers, measurement.profile.info, {
          isStale: place.isStale,
          gapCount: gapsIn(query, func),
        }),
        command: commands.revealInFlameGraph,
        arguments: [{ runId: open.run.id, func }],
      },
    });
  }
  return lenses.sort((a, b) => a.range.start.line - b.range.start.line);
}

/** `1.84 s total · 0.31 s self · 412 samples`, or with calls where they were counted. */
export function lensTitle(
  numbers: FunctionNumbers,
  { unit, isTraced }: Pick<ProfileInfo, 'unit' | 'isTraced'>,
  { isStale, gapCount }: { isStale: boolean; gapCount: number },
): string {
  const parts = [
    say('lensTotal', formatValue(numbers.totalNs, unit)),
    say('lensSelf', formatValue(numbers.selfNs, unit)),
  ];
  const { callCount, sampleCount } = numbers;
  if (!Number.isNaN(callCount)) {
    parts.push(callsText(callCount));
  } else if (!isTraced && unit === 'nanoseconds') {
    parts.push(say(sampleCount === 1 ? 'lensSample' : 'lensSamples', formatCount(sampleCount)));
  }
  if (gapCount > 0) parts.push(say(gapCount === 1 ? 'lensGap' : 'lensGaps', formatCount(gapCount)));
  if (isStale) parts.push(say('editedSince'));
  return parts.join(' · ');
}

/** Gaps that are blamed on the lines on which the function was seen. */
function gapsIn({ open, view, measurement }: DocumentQuery, func: number): number {
  const { frames, functions } = measurement.profile;
  const firstLine = functions.firstLine[func] ?? 0;
  let lastLine = firstLine;
  for (let frame = 0; frame < frames.length; frame++) {
    if (frames.func[frame] === func) lastLine = Math.max(lastLine, frames.line[frame] ?? 0);
  }
  return gapCount(open, view.file, firstLine, lastLine);
}
