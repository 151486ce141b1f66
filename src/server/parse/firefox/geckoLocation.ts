/** A function as the text of a frame's location names it. The line is that of its definition, 0 unknown. */
export interface GeckoLocation {
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
}

/**
 * Takes an unprocessed frame's location apart: `name (file:line:column)[source]` is a script's function,
 * `file:line:column` its top level, `name (in library) + 12` or `name (/path/of/library.so)` native code; anything
 * else is a label, which has a name only.
 */
export function geckoLocation(location: string): GeckoLocation {
  const text = location.replace(/\[\d{1,10}\]$/, '');
  const open = text.endsWith(')') ? text.lastIndexOf(' (') : -1;
  if (open < 0) {
    const place = placeOf(text);
    if (place) return { ...place, name: '(toplevel)' };
    const inside = text.indexOf(' (in ');
    return namedFunction(inside < 0 ? text : text.slice(0, inside), '', 0);
  }
  const name = text.slice(0, open);
  const place = placeOf(text.slice(open + 2, -1));
  return namedFunction(name, place?.file ?? '', place?.firstLine ?? 0);
}

/**
 * A function by its name and file. CPython's perf trampolines put both into the name of the symbol:
 * `py::name:file` (CPython's «perf_profiling» guide).
 */
export function namedFunction(name: string, file: string, firstLine: number): GeckoLocation {
  if (!name.startsWith('py::')) return { name, file, firstLine };
  const colon = name.indexOf(':', 4);
  if (colon < 0) return { name: name.slice(4), file, firstLine };
  return { name: name.slice(4, colon), file: name.slice(colon + 1), firstLine };
}

/** `file:line` or `file:line:column`; undefined for anything else. */
function placeOf(text: string): { file: string; firstLine: number } | undefined {
  const numbers: number[] = [];
  let rest = text;
  while (numbers.length < 2) {
    const colon = rest.lastIndexOf(':');
    const digits = rest.slice(colon + 1);
    if (colon < 1 || !/^\d{1,9}$/.test(digits)) break;
    numbers.push(Number(digits));
    rest = rest.slice(0, colon);
  }
  const firstLine = numbers.at(-1);
  return firstLine === undefined ? undefined : { file: rest, firstLine };
}
