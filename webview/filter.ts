import type { FunctionStrings } from '../src/shared/views';

/** What a filter text means: nothing, a test of functions, or a mistake with the engine's reason. */
export type Filter =
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'match'; readonly matches: (target: FilterTarget) => boolean };

export interface FilterTarget {
  readonly name: string;
  readonly file: string;
}

const prefixes = { 'path:': pathOf, 'module:': moduleOf } as const;

/** Reads `literal`, `/regex/`, `path:…` and `module:…`, the last two with a literal or a regex; case never counts. */
export function parseFilter(text: string): Filter {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'none' };
  const prefix = (['path:', 'module:'] as const).find(known => trimmed.toLowerCase().startsWith(known));
  const rest = prefix ? trimmed.slice(prefix.length).trim() : trimmed;
  if (rest === '' || rest === '/') return { kind: 'none' };
  const test = textTest(rest);
  if (typeof test === 'string') return { kind: 'invalid', reason: test };
  const read = prefix ? prefixes[prefix] : undefined;
  return { kind: 'match', matches: target => test(read ? read(target) : target.name) };
}

/** One byte per function of a view: 1 where the filter matches. Null when the filter hides nothing. */
export function matchFunctions(filter: Filter, functions: FunctionStrings): Uint8Array | null {
  if (filter.kind !== 'match') return null;
  const matches = new Uint8Array(functions.length);
  for (let func = 0; func < functions.length; func++) {
    const file = functions.files[func] ?? '';
    if (filter.matches({ name: functions.names[func] ?? '', file })) matches[func] = 1;
  }
  return matches;
}

function textTest(text: string): ((value: string) => boolean) | string {
  if (!text.startsWith('/')) {
    const wanted = text.toLowerCase();
    return value => value.toLowerCase().includes(wanted);
  }
  try {
    const regex = new RegExp(text.replace(/^\/|\/i?$/g, ''), 'i');
    return value => regex.test(value);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function pathOf(target: FilterTarget): string {
  return target.file.replaceAll('\\', '/');
}

/** `src/agent/tokens.py` is the module `src.agent.tokens`, a package's `__init__.py` the package itself. */
function moduleOf(target: FilterTarget): string {
  return pathOf(target)
    .replace(/\.pyi?$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}
