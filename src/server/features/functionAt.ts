import type { DocumentQuery } from './documentTimings';
import { functionNumbers } from './functionFacts';

/**
 * The measured function at a 1-based present line: the one that was seen executing there and took most time, else
 * the nearest that begins above. Undefined when nothing of the document was measured above that line.
 */
export function functionAtLine(query: DocumentQuery, line: number): number | undefined {
  return executingAt(query, line) ?? beginningAbove(query, line);
}

function executingAt({ measurement, view }: DocumentQuery, line: number): number | undefined {
  const { frames, functions } = measurement.profile;
  if (measurement.profile.info.lineMeaning !== 'executing') return undefined;
  const recorded = view.map.toRecorded(line);
  const candidates = new Set<number>();
  for (let frame = 0; frame < frames.length; frame++) {
    const func = frames.func[frame] ?? -1;
    if (frames.line[frame] === recorded && functions.file[func] === view.file) candidates.add(func);
  }
  return [...candidates].sort((a, b) => totalNs(b) - totalNs(a) || b - a)[0];

  function totalNs(func: number): number {
    return functionNumbers(measurement, func).totalNs;
  }
}

function beginningAbove({ measurement, view }: DocumentQuery, line: number): number | undefined {
  const { functions } = measurement.profile;
  let [best, bestLine] = [undefined as number | undefined, -1];
  for (let func = 0; func < functions.length; func++) {
    if (functions.file[func] !== view.file || functionNumbers(measurement, func).totalNs <= 0) continue;
    const first = view.map.toPresent(functions.firstLine[func] ?? 0)?.line ?? -1;
    if (first <= line && first > bestLine) [best, bestLine] = [func, first];
  }
  return best;
}
