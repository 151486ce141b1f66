import { inert } from '../../shared/inertText';
import { type FunctionKind, functionKinds, type Profile } from '../../shared/profile';
import type { FunctionStrings } from '../../shared/views';
import { isSampled } from '../analyze/certainty';
import type { Measurement } from '../analyze/measurement';

/** What people call a function, and where it is. */
export interface FunctionPlace {
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
  readonly kind: FunctionKind;
  /** `tokens.py:41`; empty for code without a file. */
  readonly place: string;
}

/** Name and place of a function of the profile for the user: inert, whatever was recorded. */
export function functionPlace(profile: Profile, func: number): FunctionPlace {
  const { name, file, place, ...facts } = recordedFunction(profile, func);
  return { name: inert(name), file: inert(file), place: inert(place), ...facts };
}

/** The same as it was recorded: for files that we write. */
export function recordedFunction(profile: Profile, func: number): FunctionPlace {
  const { functions, strings } = profile;
  const file = strings[functions.file[func] ?? -1] ?? '';
  const firstLine = functions.firstLine[func] ?? 0;
  return {
    name: strings[functions.name[func] ?? -1] ?? '',
    file,
    firstLine,
    kind: functionKinds[functions.kind[func] ?? 0] ?? 'own',
    place: shortPlace(file, firstLine),
  };
}

/** `tokens.py:41`. */
export function shortPlace(file: string, line: number): string {
  if (file === '' || file === '~') return '';
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return line > 0 ? `${base}:${line}` : base;
}

/** One function's numbers, from samples or from counted calls. */
export interface FunctionNumbers {
  readonly totalNs: number;
  readonly selfNs: number;
  readonly waitNs: number;
  readonly cpuNs: number | null;
  readonly sampleCount: number;
  /** NaN when the engine does not count. */
  readonly callCount: number;
}

/** The numbers of a function in a measurement. */
export function functionNumbers(
  measurement: Measurement,
  func: number,
  ownCodeOnly = false,
): FunctionNumbers {
  const { calls, callCounts, info } = measurement.profile;
  if (calls) {
    return {
      totalNs: calls.totalNs[func] ?? 0,
      selfNs: calls.selfNs[func] ?? 0,
      waitNs: 0,
      cpuNs: null,
      sampleCount: 0,
      callCount: calls.callCount[func] ?? 0,
    };
  }
  const { total, self } = measurement.functions(ownCodeOnly);
  return {
    totalNs: total.totalNs[func] ?? 0,
    selfNs: self.totalNs[func] ?? 0,
    waitNs: total.waitNs[func] ?? 0,
    cpuNs: info.hasCpu ? (total.cpuNs[func] ?? 0) : null,
    sampleCount: isSampled(measurement.profile) ? (total.sampleCount[func] ?? 0) : 0,
    callCount: (callCounts?.[func] || undefined) ?? Number.NaN,
  };
}

/** Collects the functions that a slab mentions and gives them numbers of their own. */
export class FunctionCollector {
  private readonly index = new Map<number, number>();

  constructor(private readonly profile: Profile) {}

  /** The function's index in the slab; -1 stays -1. */
  add(func: number): number {
    if (func < 0) return -1;
    const known = this.index.get(func);
    if (known !== undefined) return known;
    this.index.set(func, this.index.size);
    return this.index.size - 1;
  }

  /** The strings of all functions added. */
  strings(): FunctionStrings {
    const ids = [...this.index.keys()];
    const places = ids.map(func => functionPlace(this.profile, func));
    const { functions } = this.profile;
    return {
      length: ids.length,
      id: Int32Array.from(ids),
      file: Int32Array.from(ids, func => functions.file[func] ?? -1),
      firstLine: linesToOpen(this.profile, ids),
      kind: Uint8Array.from(ids, func => functions.kind[func] ?? 0),
      names: places.map(place => place.name),
      files: places.map(place => place.file),
      places: places.map(place => place.place),
    };
  }
}

/** The first line of each function; where a format does not tell it, the first that was seen executing. 0 unknown. */
function linesToOpen({ functions, frames }: Profile, ids: readonly number[]): Int32Array {
  const lines = Int32Array.from(ids, func => functions.firstLine[func] ?? 0);
  const unknown = new Map<number, number>();
  lines.forEach((line, at) => {
    if (line === 0) unknown.set(ids[at] ?? -1, at);
  });
  if (unknown.size === 0) return lines;
  for (let frame = 0; frame < frames.length; frame++) {
    const at = unknown.get(frames.func[frame] ?? -1);
    const line = frames.line[frame] ?? 0;
    if (at === undefined || line === 0) continue;
    const known = lines[at] ?? 0;
    if (known === 0 || line < known) lines[at] = line;
  }
  return lines;
}
