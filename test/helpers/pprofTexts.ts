/** What «go tool pprof» prints, read back: `-raw` and any number of `-top`, one behind the other. */

import { Measurement } from '../../src/server/analyze/measurement';
import { wholeRun } from '../../src/server/analyze/selection';
import type { Profile } from '../../src/shared/profile';

/** Self and total of a function as pprof calls them. */
export interface FlatAndCum {
  readonly flat: number;
  readonly cum: number;
}

export interface RawSample {
  readonly values: readonly number[];
  /** Root first as `name:line`, joined by `;`; a location's inlined functions are frames of their own. */
  readonly stack: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The whole of `pprof -raw`. */
export interface RawPprof {
  /** Names and units of the values, and which of them the profile shows first. */
  readonly types: readonly { readonly name: string; readonly unit: string; readonly isDefault: boolean }[];
  readonly samples: readonly RawSample[];
  /** What stands before the samples, by its name: `Period`, `Duration` … */
  readonly facts: Readonly<Record<string, string>>;
}

/** The functions of every `pprof -top` in a text, by the sample type that it shows. */
export function readTops(text: string): Map<string, Map<string, FlatAndCum>> {
  const tops = new Map<string, Map<string, FlatAndCum>>();
  for (const top of text.split(/^Type: /m).slice(1)) {
    const rows = top.matchAll(
      /^ *(\d+)(?:ns|B)? +\S+ +\S+ +(\d+)(?:ns|B)? +\S+ +(.+?)(?: \((?:partial-)?inline\))?$/gm,
    );
    const functions = [...rows].map(
      ([, flat, cum, name = '']) => [name, { flat: Number(flat), cum: Number(cum) }] as const,
    );
    tops.set(top.slice(0, top.indexOf('\n')), new Map(functions));
  }
  return tops;
}

/** Reads `pprof -raw`, up to the end of its locations. */
export function readRaw(text: string): RawPprof {
  const [head = '', rest = ''] = text.split(/^Samples:\n/m);
  const [samples = '', locations = ''] = rest.split(/^Locations\n/m);
  const [types = '', ...lines] = samples.split('\n');
  const frames = readLocations(locations.slice(0, locations.indexOf('\nMappings')));
  return {
    facts: Object.fromEntries(
      [...head.matchAll(/^(\w+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
    ),
    types: types.trim().split(/ +/).map(readType),
    samples: readSamples(lines, frames),
  };
}

function readType(text: string): RawPprof['types'][number] {
  const [, name = '', unit = '', mark] = /^(.*)\/(\w+)(\[dflt\])?$/.exec(text) ?? [];
  return { name, unit, isDefault: mark !== undefined };
}

function readSamples(lines: readonly string[], frames: ReadonlyMap<string, string>): RawSample[] {
  const samples: { values: number[]; stack: string; labels: Record<string, string> }[] = [];
  for (const line of lines) {
    const [, values, ids = ''] = /^([-\d ]+): ([\d ]*)$/.exec(line) ?? [];
    if (values === undefined) {
      for (const [, key = '', value = ''] of line.matchAll(/(\S+):\[(.*?)\]/g))
        Object.assign(samples.at(-1)?.labels ?? {}, { [key]: value });
      continue;
    }
    const path = ids.trim().split(' ').filter(Boolean).reverse();
    const stack = path.map(id => frames.get(id) ?? '?').join(';');
    samples.push({ values: values.trim().split(/ +/).map(Number), stack, labels: {} });
  }
  return samples;
}

/** The frames of each location, root first: pprof prints the innermost first, one line each. */
function readLocations(text: string): Map<string, string> {
  const frames = new Map<string, string>();
  let id = '';
  for (const line of text.split('\n')) {
    const [, begins, name, at] =
      /^ +(?:(\d+): 0x\w+ (?:M=\d+ )?)?(.*) \S*:(\d+):\d+ s=\d+(?:\(.*\))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    const inner = begins === undefined ? `;${frames.get(id)}` : '';
    id = begins ?? id;
    frames.set(id, `${name}:${at}${inner}`);
  }
  return frames;
}

/** What our own analysis says about every function of a profile without a time axis, in the profile's unit. */
export function ownFlatAndCum(profile: Profile): Map<string, FlatAndCum> {
  const { self, total } = new Measurement(profile, wholeRun).functions();
  const names = [...profile.functions.name].map(name => profile.strings[name] ?? '');
  return new Map(
    names.map((name, func) => [name, { flat: self.totalNs[func] ?? 0, cum: total.totalNs[func] ?? 0 }]),
  );
}
